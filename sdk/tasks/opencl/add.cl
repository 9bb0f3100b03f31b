// SPDX-License-Identifier: MIT
//
// The checker's sample kernel: a sum of two vectors. FAULT 1 computes something
// else, FAULT 2 writes where nothing is.
__kernel void
add(__global float *out, __global const float *a, __global const float *b)
{
	int i = get_global_id(0);

	if (i < N)
		out[i] = FAULT == 1 ? a[i] - b[i] : a[i] + b[i];
	if (FAULT == 2 && i == 0)
		*(volatile __global int *)16 = 1;
}
