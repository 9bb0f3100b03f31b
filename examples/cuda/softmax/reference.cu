/* SPDX-License-Identifier: MIT
 *
 * One thread a row, in double precision.
 */
#if defined(__HIP_PLATFORM_AMD__) && !defined(__HIPCC_RTC__)
#include <hip/hip_runtime.h>
#endif

extern "C" __global__ void
softmax_reference(float *out, const float *in)
{
	const long row = ((long)blockIdx.x * blockDim.x + threadIdx.x) * COLUMNS;
	double largest = in[row];
	double sum = 0.0;

	for (int i = 1; i < COLUMNS; i++)
		largest = in[row + i] > largest ? in[row + i] : largest;
	for (int i = 0; i < COLUMNS; i++)
		sum += exp((double)in[row + i] - largest);
	for (int i = 0; i < COLUMNS; i++)
		out[row + i] = (float)(exp((double)in[row + i] - largest) / sum);
}
