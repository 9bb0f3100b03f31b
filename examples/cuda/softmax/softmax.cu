/* SPDX-License-Identifier: MIT
 *
 * Softmax over the rows of a ROWS x COLUMNS matrix. TEAM threads work on a row
 * and a block on ROWS_PER_BLOCK rows. KEEP holds a thread's part of the row in
 * registers between the passes; otherwise the row is read again.
 */
#if defined(__HIP_PLATFORM_AMD__) && !defined(__HIPCC_RTC__)
#include <hip/hip_runtime.h>
#endif
#if defined(__HIPCC_RTC__) || defined(__HIP_PLATFORM_AMD__)
#define SHUFFLE_XOR(value, by) __shfl_xor(value, by)
#else
#define SHUFFLE_XOR(value, by) __shfl_xor_sync(0xffffffffu, value, by)
#endif

#define LANES 32
#define THREADS (TEAM * ROWS_PER_BLOCK)
#define STEPS (COLUMNS / (TEAM * VECTOR))
#define WARPS_OF_TEAM (TEAM > LANES ? TEAM / LANES : 1)

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

struct pair {
	float largest;
	float sum; /* of exp(x - largest) */
};

__device__ __forceinline__ pair
join(pair a, pair b)
{
	pair both;

	both.largest = fmaxf(a.largest, b.largest);
	both.sum = a.sum * __expf(a.largest - both.largest) +
	           b.sum * __expf(b.largest - both.largest);
	return both;
}

/* The same pair for all threads of a team. */
__device__ __forceinline__ pair
join_team(pair mine)
{
	__shared__ pair rest[ROWS_PER_BLOCK][WARPS_OF_TEAM];
	const int row = threadIdx.x / TEAM;
	const int warp = threadIdx.x % TEAM / LANES;

#pragma unroll
	for (int by = (TEAM < LANES ? TEAM : LANES) / 2; by > 0; by /= 2) {
		pair other;

		other.largest = SHUFFLE_XOR(mine.largest, by);
		other.sum = SHUFFLE_XOR(mine.sum, by);
		mine = join(mine, other);
	}
	if (WARPS_OF_TEAM == 1)
		return mine;
	if (threadIdx.x % LANES == 0)
		rest[row][warp] = mine;
	__syncthreads();
	mine = rest[row][0];
#pragma unroll
	for (int i = 1; i < WARPS_OF_TEAM; i++)
		mine = join(mine, rest[row][i]);
	return mine;
}

__device__ __forceinline__ pair
look_at(pair seen, const pack &value)
{
	pair here;

	here.largest = value.part[0];
#pragma unroll
	for (int v = 1; v < VECTOR; v++)
		here.largest = fmaxf(here.largest, value.part[v]);
	here.sum = 0.0f;
#pragma unroll
	for (int v = 0; v < VECTOR; v++)
		here.sum += __expf(value.part[v] - here.largest);
	return join(seen, here);
}

__device__ __forceinline__ pack
load(const float *from)
{
	pack value;

	value.whole = *(const vector_t *)from;
	return value;
}

constexpr int unroll = UNROLL;

extern "C" __global__ void __launch_bounds__(THREADS)
softmax(float *out, const float *in)
{
	const int team = threadIdx.x / TEAM;
	const int first = threadIdx.x % TEAM * VECTOR;
	const long row = ((long)blockIdx.x * ROWS_PER_BLOCK + team) * COLUMNS;
	pack kept[KEEP ? STEPS : 1];
	pair seen = { -3.0e38f, 0.0f };

#pragma unroll unroll
	for (int i = 0; i < STEPS; i++) {
		pack value = load(&in[row + first + i * TEAM * VECTOR]);

		if (KEEP)
			kept[i] = value;
		seen = look_at(seen, value);
	}
	seen = join_team(seen);
	const float scale = 1.0f / seen.sum;
#pragma unroll unroll
	for (int i = 0; i < STEPS; i++) {
		const long at = row + first + i * TEAM * VECTOR;
		pack value = KEEP ? kept[i] : load(&in[at]);

#pragma unroll
		for (int v = 0; v < VECTOR; v++)
			value.part[v] =
				__expf(value.part[v] - seen.largest) * scale;
		*(vector_t *)&out[at] = value.whole;
	}
}
