/* SPDX-License-Identifier: MIT
 *
 * One block, summed in double precision in a fixed order.
 */
#if defined(__HIP_PLATFORM_AMD__) && !defined(__HIPCC_RTC__)
#include <hip/hip_runtime.h>
#endif

extern "C" __global__ void
reduction_reference(float *out, float *partial, unsigned int *ticket,
                    const float *in)
{
	__shared__ double rest[1024];
	double sum = 0.0;

	for (long i = threadIdx.x; i < N; i += 1024)
		sum += in[i];
	rest[threadIdx.x] = sum;
	__syncthreads();
	for (int by = 512; by > 0; by /= 2) {
		if (threadIdx.x < by)
			rest[threadIdx.x] += rest[threadIdx.x + by];
		__syncthreads();
	}
	if (threadIdx.x == 0)
		*out = (float)rest[0];
}
