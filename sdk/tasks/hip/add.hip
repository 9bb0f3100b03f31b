// SPDX-License-Identifier: MIT
//
// The checker's sample kernel: a sum of two vectors. FAULT 1 computes something
// else, FAULT 2 writes where nothing is.
extern "C" __global__ void
add(float *out, const float *a, const float *b)
{
	int i = blockIdx.x * blockDim.x + threadIdx.x;

	if (i < N)
		out[i] = FAULT == 1 ? a[i] - b[i] : a[i] + b[i];
	if (FAULT == 2 && i == 0)
		*(volatile int *)16 = 1;
}
