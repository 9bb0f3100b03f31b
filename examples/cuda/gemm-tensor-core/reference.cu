/* SPDX-License-Identifier: MIT
 *
 * The same product, one element a thread, summed in double precision.
 */
__device__ __forceinline__ float
widen(unsigned short bits)
{
	return __uint_as_float((unsigned int)bits << 16);
}

extern "C" __global__ void
gemm_reference(float *c, const unsigned short *a, const unsigned short *b)
{
	const int row = blockIdx.y * blockDim.y + threadIdx.y;
	const int column = blockIdx.x * blockDim.x + threadIdx.x;
	double sum = c[(long)row * N + column];

	for (int k = 0; k < K; k++)
		sum += (double)widen(a[(long)row * K + k]) *
		       widen(b[(long)k * N + column]);
	c[(long)row * N + column] = (float)sum;
}
