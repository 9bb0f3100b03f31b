/* SPDX-License-Identifier: MIT
 *
 * One query a thread, in double precision. The largest score is found first,
 * then every score is computed a second time.
 */
#if defined(__HIP_PLATFORM_AMD__) && !defined(__HIPCC_RTC__)
#include <hip/hip_runtime.h>
#endif

__device__ __forceinline__ double
score_of(const float *query, const float *key)
{
	double sum = 0.0;

	for (int d = 0; d < DIM; d++)
		sum += (double)query[d] * key[d];
	return sum / sqrt((double)DIM);
}

extern "C" __global__ void
attention_reference(float *out, const float *q, const float *k, const float *v)
{
	const long head = (long)blockIdx.y * LENGTH * DIM;
	const long query = (long)blockIdx.x * blockDim.x + threadIdx.x;
	const long mine = head + query * DIM;
	double total[DIM] = {};
	double largest = -1e300;
	double sum = 0.0;

	for (int i = 0; i < LENGTH; i++)
		largest = fmax(largest, score_of(q + mine, k + head + i * DIM));
	for (int i = 0; i < LENGTH; i++) {
		const double weight =
			exp(score_of(q + mine, k + head + i * DIM) - largest);

		sum += weight;
		for (int d = 0; d < DIM; d++)
			total[d] += weight * v[head + i * DIM + d];
	}
	for (int d = 0; d < DIM; d++)
		out[mine + d] = (float)(total[d] / sum);
}
