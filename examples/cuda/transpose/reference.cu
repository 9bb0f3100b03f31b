/* SPDX-License-Identifier: MIT */
#if defined(__HIP_PLATFORM_AMD__) && !defined(__HIPCC_RTC__)
#include <hip/hip_runtime.h>
#endif

extern "C" __global__ void
transpose_reference(float *out, const float *in)
{
	const int x = blockIdx.x * blockDim.x + threadIdx.x;
	const int y = blockIdx.y;

	out[(long)x * ROWS + y] = in[(long)y * COLUMNS + x];
}
