/* SPDX-License-Identifier: MIT
 *
 * C = A * B in single precision, row-major, with sizes that the tiles divide. A
 * work group computes BLOCK_M x BLOCK_N elements from tiles of A and B in local
 * memory; a work item holds THREAD_M x THREAD_N of them in registers, spread so
 * that neighbouring items own neighbouring columns.
 */
#define ITEMS_M (BLOCK_M / THREAD_M)
#define ITEMS_N (BLOCK_N / THREAD_N)
#define ITEMS (ITEMS_M * ITEMS_N)
#define STRIDE_A (BLOCK_K + PAD)
#define STRIDE_B (BLOCK_N + PAD)

static void
fetch(__global const float *a, __global const float *b, __local float *tile_a,
      __local float *tile_b, int k0, int item)
{
	for (int i = item; i < BLOCK_M * BLOCK_K; i += ITEMS)
		tile_a[i / BLOCK_K * STRIDE_A + i % BLOCK_K] =
			a[i / BLOCK_K * K + k0 + i % BLOCK_K];
	for (int i = item; i < BLOCK_K * BLOCK_N; i += ITEMS)
		tile_b[i / BLOCK_N * STRIDE_B + i % BLOCK_N] =
			b[(k0 + i / BLOCK_N) * N + i % BLOCK_N];
}

__kernel __attribute__((reqd_work_group_size(ITEMS_N, ITEMS_M, 1))) void
gemm(__global float *c, __global const float *a, __global const float *b)
{
	__local float tile_a[BLOCK_M * STRIDE_A];
	__local float tile_b[BLOCK_K * STRIDE_B];
	const int column = (int)get_local_id(0);
	const int row = (int)get_local_id(1);
	float sum[THREAD_M][THREAD_N];

	a += (int)get_group_id(1) * BLOCK_M * K;
	b += (int)get_group_id(0) * BLOCK_N;
	c += (int)get_group_id(1) * BLOCK_M * N +
	     (int)get_group_id(0) * BLOCK_N;
	for (int i = 0; i < THREAD_M; i++)
		for (int j = 0; j < THREAD_N; j++)
			sum[i][j] = 0.0f;
	for (int k0 = 0; k0 < K; k0 += BLOCK_K) {
		fetch(a, b, tile_a, tile_b, k0, row * ITEMS_N + column);
		barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll UNROLL_K
		for (int k = 0; k < BLOCK_K; k++)
			for (int i = 0; i < THREAD_M; i++)
				for (int j = 0; j < THREAD_N; j++)
					sum[i][j] +=
						tile_a[(row + i * ITEMS_M) *
					                       STRIDE_A + k] *
						tile_b[k * STRIDE_B + column +
					               j * ITEMS_N];
		barrier(CLK_LOCAL_MEM_FENCE);
	}
	for (int i = 0; i < THREAD_M; i++)
		for (int j = 0; j < THREAD_N; j++)
			c[(row + i * ITEMS_M) * N + column + j * ITEMS_N] =
				sum[i][j];
}
