/* SPDX-License-Identifier: MIT
 *
 * One output a thread, summed in double precision.
 */
#if defined(__HIP_PLATFORM_AMD__) && !defined(__HIPCC_RTC__)
#include <hip/hip_runtime.h>
#endif

__constant__ float filter[FILTER * FILTER];

extern "C" __global__ void
convolution_reference(float *out, const float *in)
{
	const int x = blockIdx.x * blockDim.x + threadIdx.x;
	const int y = blockIdx.y;
	double sum = 0.0;

	for (int i = 0; i < FILTER; i++)
		for (int j = 0; j < FILTER; j++)
			sum += (double)filter[i * FILTER + j] *
			       in[(long)(y + i) * (WIDTH + FILTER - 1) + x + j];
	out[(long)y * WIDTH + x] = (float)sum;
}
