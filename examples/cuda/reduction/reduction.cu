/* SPDX-License-Identifier: MIT
 *
 * The sum of N floats, in one launch: each block adds its share into a partial
 * sum, the block that finishes last adds the partial sums. `ticket` counts
 * finished blocks and is back at zero when the kernel ends.
 */
#if defined(__HIP_PLATFORM_AMD__) && !defined(__HIPCC_RTC__)
#include <hip/hip_runtime.h>
#endif
#if defined(__HIPCC_RTC__) || defined(__HIP_PLATFORM_AMD__)
#define SHUFFLE_DOWN(value, by) __shfl_down(value, by)
#else
#define SHUFFLE_DOWN(value, by) __shfl_down_sync(0xffffffffu, value, by)
#endif

#define LANES 32

#if VECTOR == 4
typedef float4 vector_t;
#elif VECTOR == 2
typedef float2 vector_t;
#else
typedef float vector_t;
#endif

union pack {
	vector_t whole;
	float part[VECTOR];
};

__device__ __forceinline__ float
add_block(float sum)
{
	__shared__ float rest[THREADS];

	if (SHUFFLE) {
#pragma unroll
		for (int by = LANES / 2; by > 0; by /= 2)
			sum += SHUFFLE_DOWN(sum, by);
		if (threadIdx.x % LANES == 0)
			rest[threadIdx.x / LANES] = sum;
		__syncthreads();
		if (threadIdx.x == 0)
			for (int i = 1; i < THREADS / LANES; i++)
				sum += rest[i];
		__syncthreads();
		return sum;
	}
	rest[threadIdx.x] = sum;
	__syncthreads();
	for (int by = THREADS / 2; by > 0; by /= 2) {
		if (threadIdx.x < by)
			rest[threadIdx.x] += rest[threadIdx.x + by];
		__syncthreads();
	}
	sum = rest[0];
	__syncthreads();
	return sum;
}

__device__ __forceinline__ float
add_share(const float *in)
{
	const long all = (long)gridDim.x * THREADS * VECTOR;
	long at = ((long)blockIdx.x * THREADS + threadIdx.x) * VECTOR;
	float sum[ACCUMULATORS] = {};
	float total = 0.0f;

	for (; at < N; at += all * ACCUMULATORS)
#pragma unroll
		for (int i = 0; i < ACCUMULATORS; i++) {
			pack value;

			if (at + i * all >= N)
				break;
			value.whole = *(const vector_t *)&in[at + i * all];
#pragma unroll
			for (int v = 0; v < VECTOR; v++)
				sum[i] += value.part[v];
		}
#pragma unroll
	for (int i = 0; i < ACCUMULATORS; i++)
		total += sum[i];
	return total;
}

extern "C" __global__ void __launch_bounds__(THREADS)
reduction(float *out, float *partial, unsigned int *ticket, const float *in)
{
	__shared__ bool last;
	float sum = add_block(add_share(in));

	if (threadIdx.x == 0) {
		partial[blockIdx.x] = sum;
		__threadfence();
		last = atomicAdd(ticket, 1u) == gridDim.x - 1;
	}
	__syncthreads();
	if (!last)
		return;
	__threadfence();
	sum = 0.0f;
	for (int i = threadIdx.x; i < gridDim.x; i += THREADS)
		sum += ((volatile float *)partial)[i];
	sum = add_block(sum);
	if (threadIdx.x == 0) {
		*out = sum;
		*ticket = 0;
	}
}
