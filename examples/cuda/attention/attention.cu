/* SPDX-License-Identifier: MIT
 *
 * Attention in single precision: out = softmax(q * k^T / sqrt(DIM)) * v for
 * each of HEADS heads, all of them LENGTH x DIM and row-major. A block keeps
 * BLOCK_Q queries and walks the keys and values BLOCK_K at a time; the softmax
 * goes along (the largest score so far and the sum relative to it), so the
 * scores never leave the multiprocessor.
 *
 * A team of THREADS_K neighbouring threads, part of one warp, shares its
 * queries: they split the keys for the scores and the columns for the output.
 */
#if defined(__HIP_PLATFORM_AMD__) && !defined(__HIPCC_RTC__)
#include <hip/hip_runtime.h>
#endif
#if defined(__HIPCC_RTC__) || defined(__HIP_PLATFORM_AMD__)
#define SHUFFLE_XOR(value, by) __shfl_xor(value, by)
/* More than is needed, but always there. */
#define SYNC_WARP() __syncthreads()
#else
#define SHUFFLE_XOR(value, by) __shfl_xor_sync(0xffffffffu, value, by)
#define SYNC_WARP() __syncwarp()
#define COPY_ASYNC 1
#endif

/* Defined only where it applies: with something staged. */
#ifndef BUFFERS
#define BUFFERS 1
#endif

#define THREADS (THREADS_Q * THREADS_K)
#define ROWS (BLOCK_Q / THREADS_Q)
#define KEYS (BLOCK_K / THREADS_K)
#define PARTS (DIM / (THREADS_K * VECTOR))
#define STEPS (LENGTH / BLOCK_K)
#define STRIDE (DIM + PAD)
#define STRIDE_W (BLOCK_K + PAD)
#define TILE_K (STAGE_K ? BLOCK_K * STRIDE : 0)
#define TILE_V (STAGE_V ? BLOCK_K * STRIDE : 0)
#define STAGED (STAGE_K || STAGE_V)

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

constexpr int unroll = UNROLL;

/* What a thread knows about its queries. */
struct state {
	float largest[ROWS];
	float sum[ROWS]; /* of this thread's keys, relative to `largest` */
	pack out[ROWS][PARTS];
};

__device__ __forceinline__ void
copy(float *to, const float *from)
{
#ifdef COPY_ASYNC
	unsigned int at = (unsigned int)__cvta_generic_to_shared(to);

	asm volatile("cp.async.ca.shared.global [%0], [%1], %2;"
	             :
	             : "r"(at), "l"(__cvta_generic_to_global(from)),
	               "n"(VECTOR * 4)
	             : "memory");
#else
	*(vector_t *)to = *(const vector_t *)from;
#endif
}

__device__ __forceinline__ void
copy_commit()
{
#ifdef COPY_ASYNC
	asm volatile("cp.async.commit_group;" : : : "memory");
#endif
}

/* All but the newest `Pending` groups of this thread's copies have arrived. */
template <int Pending>
__device__ __forceinline__ void
copy_wait()
{
#ifdef COPY_ASYNC
	asm volatile("cp.async.wait_group %0;" : : "n"(Pending) : "memory");
#endif
}

__device__ __forceinline__ pack
load(const float *from)
{
	pack value;

	value.whole = *(const vector_t *)from;
	return value;
}

template <int Rows>
__device__ __forceinline__ void
copy_tile(float *tile, const float *from)
{
#pragma unroll 4
	for (int at = threadIdx.x * VECTOR; at < Rows * DIM;
	     at += THREADS * VECTOR)
		copy(&tile[at / DIM * STRIDE + at % DIM], &from[at]);
}

__device__ __forceinline__ void
copy_step(float *tiles, const float *k, const float *v, int step)
{
	float *tile = tiles + step % BUFFERS * (TILE_K + TILE_V);

	if (STAGE_K)
		copy_tile<BLOCK_K>(tile, k + (long)step * BLOCK_K * DIM);
	if (STAGE_V)
		copy_tile<BLOCK_K>(tile + TILE_K,
		                   v + (long)step * BLOCK_K * DIM);
}

/* Row i of a team's queries, and the thread's j-th key. */
__device__ __forceinline__ int
row_of(int i)
{
	return threadIdx.x / THREADS_K + i * THREADS_Q;
}

__device__ __forceinline__ int
key_of(int j)
{
	return threadIdx.x % THREADS_K + j * THREADS_K;
}

__device__ __forceinline__ void
multiply(float (&score)[ROWS][KEYS], const float *queries, const float *keys,
         int stride)
{
#pragma unroll unroll
	for (int d = 0; d < DIM; d += VECTOR) {
		pack left[ROWS];
		pack right[KEYS];

#pragma unroll
		for (int i = 0; i < ROWS; i++)
			left[i] = load(&queries[row_of(i) * STRIDE + d]);
#pragma unroll
		for (int j = 0; j < KEYS; j++)
			right[j] = load(&keys[key_of(j) * stride + d]);
#pragma unroll
		for (int i = 0; i < ROWS; i++)
#pragma unroll
			for (int j = 0; j < KEYS; j++)
#pragma unroll
				for (int e = 0; e < VECTOR; e++)
					score[i][j] += left[i].part[e] *
					               right[j].part[e];
	}
}

/* The largest score of a query so far; the team agrees. */
__device__ __forceinline__ float
largest_of(float largest, const float (&score)[KEYS])
{
#pragma unroll
	for (int j = 0; j < KEYS; j++)
		largest = fmaxf(largest, score[j]);
#pragma unroll
	for (int by = THREADS_K / 2; by > 0; by /= 2)
		largest = fmaxf(largest, SHUFFLE_XOR(largest, by));
	return largest;
}

/* What was summed up relative to the former largest score. */
__device__ __forceinline__ void
rescale(state &mine, int i, float largest)
{
	const float factor = __expf(mine.largest[i] - largest);

	mine.largest[i] = largest;
	mine.sum[i] *= factor;
#pragma unroll
	for (int p = 0; p < PARTS; p++)
#pragma unroll
		for (int e = 0; e < VECTOR; e++)
			mine.out[i][p].part[e] *= factor;
}

/* Turns scores into weights, which go to shared memory for the whole team. */
__device__ __forceinline__ void
weigh(state &mine, float *weights, float (&score)[ROWS][KEYS])
{
	const float scale = rsqrtf((float)DIM);

#pragma unroll
	for (int i = 0; i < ROWS; i++) {
#pragma unroll
		for (int j = 0; j < KEYS; j++)
			score[i][j] *= scale;

		const float largest = largest_of(mine.largest[i], score[i]);

		if (!LAZY || largest > mine.largest[i])
			rescale(mine, i, largest);
#pragma unroll
		for (int j = 0; j < KEYS; j++) {
			const float weight = __expf(score[i][j] - largest);

			mine.sum[i] += weight;
			weights[row_of(i) * STRIDE_W + key_of(j)] = weight;
		}
	}
}

__device__ __forceinline__ void
accumulate(state &mine, const float *weights, const float *values, int stride)
{
	const int first = threadIdx.x % THREADS_K * VECTOR;

#pragma unroll unroll
	for (int j = 0; j < BLOCK_K; j += VECTOR) {
		pack weight[ROWS];

#pragma unroll
		for (int i = 0; i < ROWS; i++)
			weight[i] = load(&weights[row_of(i) * STRIDE_W + j]);
#pragma unroll
		for (int e = 0; e < VECTOR; e++)
#pragma unroll
			for (int p = 0; p < PARTS; p++) {
				const pack value = load(
					&values[(j + e) * stride + first +
				                p * THREADS_K * VECTOR]);

#pragma unroll
				for (int i = 0; i < ROWS; i++)
#pragma unroll
					for (int f = 0; f < VECTOR; f++)
						mine.out[i][p].part[f] +=
							weight[i].part[e] *
							value.part[f];
			}
	}
}

__device__ __forceinline__ void
store(float *out, const state &mine)
{
	const int first = threadIdx.x % THREADS_K * VECTOR;

#pragma unroll
	for (int i = 0; i < ROWS; i++) {
		float sum = mine.sum[i];

#pragma unroll
		for (int by = THREADS_K / 2; by > 0; by /= 2)
			sum += SHUFFLE_XOR(sum, by);
#pragma unroll
		for (int p = 0; p < PARTS; p++) {
			pack value = mine.out[i][p];

#pragma unroll
			for (int e = 0; e < VECTOR; e++)
				value.part[e] /= sum;
			*(vector_t *)&out[row_of(i) * DIM + first +
			                  p * THREADS_K * VECTOR] = value.whole;
		}
	}
}

/* One block of keys and values. */
__device__ __forceinline__ void
attend(state &mine, const float *queries, float *weights, const float *keys,
       const float *values)
{
	float score[ROWS][KEYS] = {};

	multiply(score, queries, keys, STAGE_K ? STRIDE : DIM);
	weigh(mine, weights, score);
	SYNC_WARP();
	accumulate(mine, weights, values, STAGE_V ? STRIDE : DIM);
	SYNC_WARP();
}

extern "C" __global__ void __launch_bounds__(THREADS, MIN_BLOCKS)
attention(float *out, const float *q, const float *k, const float *v)
{
	extern __shared__ __align__(16) float queries[];
	float *weights = queries + BLOCK_Q * STRIDE;
	float *tiles = weights + BLOCK_Q * STRIDE_W;
	const long head = (long)blockIdx.y * LENGTH * DIM;
	const long first = head + (long)blockIdx.x * BLOCK_Q * DIM;
	state mine = {};

#pragma unroll
	for (int i = 0; i < ROWS; i++)
		mine.largest[i] = -3.0e38f;
	k += head;
	v += head;
	copy_tile<BLOCK_Q>(queries, q + first);
	if (BUFFERS == 2)
		copy_step(tiles, k, v, 0);
	copy_commit();
	for (int step = 0; step < STEPS; step++) {
		const float *tile = tiles + step % BUFFERS * (TILE_K + TILE_V);
		const long from = (long)step * BLOCK_K * DIM;
		const int ahead = step + BUFFERS - 1;

		if (ahead < STEPS)
			copy_step(tiles, k, v, ahead);
		copy_commit();
		copy_wait<BUFFERS - 1>();
		if (STAGED || step == 0)
			__syncthreads();
		attend(mine, queries, weights, STAGE_K ? tile : k + from,
		       STAGE_V ? tile + TILE_K : v + from);
		/* The tile is overwritten next. */
		if (STAGED)
			__syncthreads();
	}
	store(out + first, mine);
}
