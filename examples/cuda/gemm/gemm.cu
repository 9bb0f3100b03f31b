/* SPDX-License-Identifier: MIT
 *
 * C += A * B in single precision, row-major, with sizes that the tiles divide.
 * A block computes a BLOCK_M x BLOCK_N tile over one slice of K; a thread holds
 * THREAD_M x THREAD_N of it in registers. Tiles of A and B go through shared
 * memory; A is stored transposed there so that a thread reads its rows side by
 * side.
 */
#if defined(__HIP_PLATFORM_AMD__) && !defined(__HIPCC_RTC__)
#include <hip/hip_runtime.h>
#endif

#define THREADS_M (BLOCK_M / THREAD_M)
#define THREADS_N (BLOCK_N / THREAD_N)
#define THREADS (THREADS_M * THREADS_N)
#define SLICE (K / SPLIT_K)
#define LOADS_A (BLOCK_M * BLOCK_K / (THREADS * VECTOR))
#define LOADS_B (BLOCK_K * BLOCK_N / (THREADS * VECTOR))
#define STRIDE_A (BLOCK_M + PAD)
#define STRIDE_B (BLOCK_N + PAD)
#define BUFFERS (DOUBLE_BUFFER ? 2 : 1)

/* A thread's rows and columns come in runs of up to four, and neighbouring
 * threads own neighbouring runs: shared memory is read without conflicts. */
#define RUN_M (THREAD_M < 4 ? THREAD_M : 4)
#define RUN_N (THREAD_N < 4 ? THREAD_N : 4)

/* A pragma takes a constant, not a macro. */
constexpr int unroll_k = UNROLL_K;

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

__device__ __forceinline__ int
row_of(int thread, int i)
{
	return i / RUN_M * (THREADS_M * RUN_M) + thread * RUN_M + i % RUN_M;
}

__device__ __forceinline__ int
column_of(int thread, int j)
{
	return j / RUN_N * (THREADS_N * RUN_N) + thread * RUN_N + j % RUN_N;
}

__device__ __forceinline__ void
fetch(const float *a, const float *b, int k0, pack *from_a, pack *from_b)
{
#pragma unroll
	for (int i = 0; i < LOADS_A; i++) {
		int at = (i * THREADS + threadIdx.x) * VECTOR;

		from_a[i].whole = *(const vector_t *)
			&a[(at / BLOCK_K) * K + k0 + at % BLOCK_K];
	}
#pragma unroll
	for (int i = 0; i < LOADS_B; i++) {
		int at = (i * THREADS + threadIdx.x) * VECTOR;

		from_b[i].whole = *(const vector_t *)
			&b[(k0 + at / BLOCK_N) * N + at % BLOCK_N];
	}
}

__device__ __forceinline__ void
store(float *tile_a, float *tile_b, const pack *from_a, const pack *from_b)
{
#pragma unroll
	for (int i = 0; i < LOADS_A; i++) {
		int at = (i * THREADS + threadIdx.x) * VECTOR;

#pragma unroll
		for (int v = 0; v < VECTOR; v++)
			tile_a[(at % BLOCK_K + v) * STRIDE_A + at / BLOCK_K] =
				from_a[i].part[v];
	}
#pragma unroll
	for (int i = 0; i < LOADS_B; i++) {
		int at = (i * THREADS + threadIdx.x) * VECTOR;

#pragma unroll
		for (int v = 0; v < VECTOR; v++)
			tile_b[at / BLOCK_N * STRIDE_B + at % BLOCK_N + v] =
				from_b[i].part[v];
	}
}

__device__ __forceinline__ void
multiply(const float *tile_a, const float *tile_b, int row, int column,
         float (&sum)[THREAD_M][THREAD_N])
{
#pragma unroll unroll_k
	for (int k = 0; k < BLOCK_K; k++) {
		float left[THREAD_M];
		float right[THREAD_N];

#pragma unroll
		for (int i = 0; i < THREAD_M; i++)
			left[i] = tile_a[k * STRIDE_A + row_of(row, i)];
#pragma unroll
		for (int j = 0; j < THREAD_N; j++)
			right[j] = tile_b[k * STRIDE_B + column_of(column, j)];
#pragma unroll
		for (int i = 0; i < THREAD_M; i++)
#pragma unroll
			for (int j = 0; j < THREAD_N; j++)
				sum[i][j] += left[i] * right[j];
	}
}

/* Blocks walk the tiles in groups of GROUP_M rows, so that blocks that run
 * together share tiles of A and B in the last-level cache. */
__device__ __forceinline__ void
tile_of_block(int *tile_m, int *tile_n)
{
	const int rows = M / BLOCK_M;
	const int columns = N / BLOCK_N;
	int group = blockIdx.x / (GROUP_M * columns);
	int first = group * GROUP_M;
	int height = rows - first < GROUP_M ? rows - first : GROUP_M;
	int inside = blockIdx.x % (GROUP_M * columns);

	*tile_m = first + inside % height;
	*tile_n = inside / height;
}

extern "C" __global__ void __launch_bounds__(THREADS, MIN_BLOCKS)
gemm(float *c, const float *a, const float *b)
{
	__shared__ __align__(16) float tile_a[BUFFERS][BLOCK_K * STRIDE_A];
	__shared__ __align__(16) float tile_b[BUFFERS][BLOCK_K * STRIDE_B];
	const int row = threadIdx.x / THREADS_N;
	const int column = threadIdx.x % THREADS_N;
	const int first_k = blockIdx.y * SLICE;
	float sum[THREAD_M][THREAD_N] = {};
	pack from_a[LOADS_A];
	pack from_b[LOADS_B];
	int tile_m, tile_n;

	tile_of_block(&tile_m, &tile_n);
	a += (long)tile_m * BLOCK_M * K;
	b += tile_n * BLOCK_N;
	c += (long)tile_m * BLOCK_M * N + tile_n * BLOCK_N;

	fetch(a, b, first_k, from_a, from_b);
	store(tile_a[0], tile_b[0], from_a, from_b);
	__syncthreads();
	for (int k0 = 0; k0 < SLICE; k0 += BLOCK_K) {
		const int now = DOUBLE_BUFFER ? k0 / BLOCK_K % 2 : 0;
		const int next = DOUBLE_BUFFER ? 1 - now : 0;
		const bool more = k0 + BLOCK_K < SLICE;

		if (DOUBLE_BUFFER && more)
			fetch(a, b, first_k + k0 + BLOCK_K, from_a, from_b);
		multiply(tile_a[now], tile_b[now], row, column, sum);
		if (!DOUBLE_BUFFER) {
			if (more)
				fetch(a, b, first_k + k0 + BLOCK_K, from_a,
				      from_b);
			__syncthreads();
		}
		if (more)
			store(tile_a[next], tile_b[next], from_a, from_b);
		__syncthreads();
	}
#pragma unroll
	for (int i = 0; i < THREAD_M; i++)
#pragma unroll
		for (int j = 0; j < THREAD_N; j++) {
			float *to = &c[(long)row_of(row, i) * N +
			               column_of(column, j)];

			if (SPLIT_K > 1)
				atomicAdd(to, sum[i][j]);
			else
				*to += sum[i][j];
		}
}
