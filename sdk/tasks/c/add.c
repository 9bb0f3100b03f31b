/* SPDX-License-Identifier: MIT
 *
 * The checker's sample kernel: a sum of two vectors. FAULT 1 computes something
 * else, FAULT 2 writes where nothing is.
 */
void
add(float *out, const float *a, const float *b)
{
	for (int start = 0; start < N; start += BLOCK)
		for (int i = start; i < start + BLOCK; i++)
			out[i] = FAULT == 1 ? a[i] - b[i] : a[i] + b[i];
	if (FAULT == 2)
		*(volatile int *)(BLOCK - BLOCK) = 1;
}
