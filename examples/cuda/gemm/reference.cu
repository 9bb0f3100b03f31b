/* SPDX-License-Identifier: MIT
 *
 * The same product, one element a thread, summed in double precision.
 */
#if defined(__HIP_PLATFORM_AMD__) && !defined(__HIPCC_RTC__)
#include <hip/hip_runtime.h>
#endif

extern "C" __global__ void
gemm_reference(float *c, const float *a, const float *b)
{
	const int row = blockIdx.y * blockDim.y + threadIdx.y;
	const int column = blockIdx.x * blockDim.x + threadIdx.x;
	double sum = c[(long)row * N + column];

	for (int k = 0; k < K; k++)
		sum += (double)a[(long)row * K + k] * b[(long)k * N + column];
	c[(long)row * N + column] = (float)sum;
}
