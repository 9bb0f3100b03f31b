/* SPDX-License-Identifier: MIT
 *
 * The product with mma.sync, for compute capability 8.0 and newer: each of the
 * WARPS_M x WARPS_N warps multiplies its part of the tile in pieces of
 * 16 x 8 x 16 from registers. All threads of a block copy the tiles, over one
 * slice of K.
 */

constexpr int THREADS = WARPS_M * WARPS_N * 32;
constexpr int WARP_M = BLOCK_M / WARPS_M;
constexpr int WARP_N = BLOCK_N / WARPS_N;
constexpr int PIECES_M = WARP_M / 16;
constexpr int PIECES_N = WARP_N / 8;
constexpr int PIECES_K = BLOCK_K / 16;
constexpr int SLICE = K / SPLIT_K;
constexpr int STEPS = SLICE / BLOCK_K;

/* Shared memory is addressed in chunks of eight elements, 16 bytes: the unit
 * of the copies and of a row of the 8 x 8 matrices that warps load. */
constexpr int CHUNK = 8;
constexpr int CHUNKS_A = BLOCK_K / CHUNK;
constexpr int CHUNKS_B = BLOCK_N / CHUNK;
constexpr int PAD = SWIZZLE ? 0 : 16; /* bytes, as all below */
constexpr int ROW_A = BLOCK_K * 2 + PAD;
constexpr int ROW_B = BLOCK_N * 2 + PAD;
constexpr int TILE_A = BLOCK_M * ROW_A;
constexpr int TILE_B = BLOCK_K * ROW_B;

/* A thread copies the same chunk of every so many rows. */
constexpr int LEAP_A = THREADS / CHUNKS_A;
constexpr int LEAP_B = THREADS / CHUNKS_B;

/* What one warp needs for 16 steps along K. */
struct fragments {
	unsigned int a[PIECES_M][4];
	unsigned int b[PIECES_N][2];
};

typedef float sums[PIECES_M][PIECES_N][4];

/* ------------------------------------------------------------- instructions */

/* Four 8 x 8 matrices; lane i names row i % 8 of matrix i / 8. */
__device__ __forceinline__ void
load_matrices(unsigned int &r0, unsigned int &r1, unsigned int &r2,
              unsigned int &r3, unsigned int row)
{
	asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 "
	             "{%0, %1, %2, %3}, [%4];"
	             : "=r"(r0), "=r"(r1), "=r"(r2), "=r"(r3)
	             : "r"(row)
	             : "memory");
}

__device__ __forceinline__ void
load_transposed(unsigned int &r0, unsigned int &r1, unsigned int &r2,
                unsigned int &r3, unsigned int row)
{
	asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 "
	             "{%0, %1, %2, %3}, [%4];"
	             : "=r"(r0), "=r"(r1), "=r"(r2), "=r"(r3)
	             : "r"(row)
	             : "memory");
}

__device__ __forceinline__ void
multiply_piece(float (&c)[4], const unsigned int (&a)[4],
               const unsigned int (&b)[2])
{
	asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
	             "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
	             "{%0, %1, %2, %3};"
	             : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
	             : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]),
	               "r"(b[1]));
}

/* --------------------------------------------------------------------- tiles */

/* Where a chunk of a tile lies. Eight rows of the same chunk are read
 * together; the exclusive or spreads them over all banks. It is the same again
 * every eight rows. */
template <int Chunks, int Row>
__device__ __forceinline__ unsigned int
place(int row, int chunk)
{
	constexpr int rows = Chunks < 8 ? 8 / Chunks : 1;
	constexpr int mask = (Chunks < 8 ? Chunks : 8) - 1;

	if (SWIZZLE)
		chunk ^= row / rows & mask;
	return row * Row + chunk * 16;
}

template <int Chunks, int Row>
__device__ __forceinline__ unsigned int
place_below(int row, int chunk, int leap)
{
	return leap % 8 == 0 ? place<Chunks, Row>(row, chunk) + leap * Row
	                     : place<Chunks, Row>(row + leap, chunk);
}

/* The stages of the pipeline; what a thread copies next, and where its lane's
 * rows lie in a stage: they are worked out once. */
struct pipeline {
	unsigned int tiles_a, tiles_b;
	const bfloat16 *from_a, *from_b;
	unsigned int rows_a[PIECES_K], rows_b[PIECES_N / 2];

	__device__ __forceinline__
	pipeline(unsigned int memory, const bfloat16 *a, const bfloat16 *b,
	         int row, int column)
	{
		const int lane = threadIdx.x % 32;

		tiles_a = memory;
		tiles_b = memory + STAGES * TILE_A;
		from_a = a + (long)(threadIdx.x / CHUNKS_A) * K +
		         threadIdx.x % CHUNKS_A * CHUNK;
		from_b = b + (long)(threadIdx.x / CHUNKS_B) * N +
		         threadIdx.x % CHUNKS_B * CHUNK;
#pragma unroll
		for (int k = 0; k < PIECES_K; k++)
			rows_a[k] = place<CHUNKS_A, ROW_A>(row + lane % 16,
			                                   k * 2 + lane / 16);
#pragma unroll
		for (int j = 0; j < PIECES_N / 2; j++)
			rows_b[j] = place<CHUNKS_B, ROW_B>(
				lane % 16, column / CHUNK + j * 2 + lane / 16);
	}

	/* The block's threads fetch the next tiles. */
	__device__ __forceinline__ void
	fetch(int stage)
	{
		const unsigned int to_a = tiles_a + stage * TILE_A;
		const unsigned int to_b = tiles_b + stage * TILE_B;

#pragma unroll
		for (int leap = 0; leap < BLOCK_M; leap += LEAP_A)
			copy_async(to_a + place_below<CHUNKS_A, ROW_A>(
						  threadIdx.x / CHUNKS_A,
						  threadIdx.x % CHUNKS_A, leap),
			           from_a + (long)leap * K);
#pragma unroll
		for (int leap = 0; leap < BLOCK_K; leap += LEAP_B)
			copy_async(to_b + place_below<CHUNKS_B, ROW_B>(
						  threadIdx.x / CHUNKS_B,
						  threadIdx.x % CHUNKS_B, leap),
			           from_b + (long)leap * N);
		from_a += BLOCK_K;
		from_b += (long)BLOCK_K * N;
	}

	__device__ __forceinline__ void
	load(fragments &to, int stage, int k) const
	{
		const unsigned int a = tiles_a + stage * TILE_A + rows_a[k];
		const unsigned int b = tiles_b + stage * TILE_B +
		                       k * 16 * ROW_B;

#pragma unroll
		for (int i = 0; i < PIECES_M; i++)
			load_matrices(to.a[i][0], to.a[i][1], to.a[i][2],
			              to.a[i][3], a + i * 16 * ROW_A);
#pragma unroll
		for (int j = 0; j < PIECES_N; j += 2)
			load_transposed(to.b[j][0], to.b[j][1],
			                to.b[j + 1][0], to.b[j + 1][1],
			                b + rows_b[j / 2]);
	}
};

__device__ __forceinline__ void
multiply(sums &sum, const fragments &from)
{
#pragma unroll
	for (int i = 0; i < PIECES_M; i++)
#pragma unroll
		for (int j = 0; j < PIECES_N; j++)
			multiply_piece(sum[i][j], from.a[i], from.b[j]);
}

/* Groups of copies are committed even if empty: the wait counts them. After it
 * the tiles of the next step are here for all threads, and no warp reads those
 * of the last, which are overwritten next. */
__device__ __forceinline__ void
wait_for_tiles()
{
	copy_wait<STAGES - 2>();
	__syncthreads();
}

/* All steps along K; the first STAGES - 1 are being fetched. */
__device__ __forceinline__ void
multiply_steps(sums &sum, pipeline &tiles)
{
	fragments part[PREFETCH ? 2 : 1];
	int now = 0;
	int free = STAGES - 1;

	if (PREFETCH) {
		wait_for_tiles();
		tiles.load(part[0], 0, 0);
	}
	for (int step = 0; step < STEPS; step++) {
		const int next = now + 1 == STAGES ? 0 : now + 1;

		if (!PREFETCH)
			wait_for_tiles();
		if (step + STAGES - 1 < STEPS)
			tiles.fetch(free);
		copy_commit();
#pragma unroll
		for (int k = 0; k < PIECES_K; k++) {
			if (!PREFETCH) {
				tiles.load(part[0], now, k);
			} else if (k + 1 < PIECES_K) {
				tiles.load(part[(k + 1) % 2], now, k + 1);
			} else {
				wait_for_tiles();
				tiles.load(part[0], next, 0);
			}
			multiply(sum, part[PREFETCH ? k % 2 : 0]);
		}
		free = now;
		now = next;
	}
}

/* A lane holds two neighbours in row lane / 4 of a piece, and the same two
 * eight rows below. The old values of 16 rows are loaded together. */
__device__ __forceinline__ void
add_sums(float *c, const sums &sum)
{
	const int lane = threadIdx.x % 32;

	c += (long)(lane / 4) * N + lane % 4 * 2;
#pragma unroll
	for (int i = 0; i < PIECES_M; i++) {
		float2 old[PIECES_N][2];

#pragma unroll
		for (int j = 0; SPLIT_K == 1 && j < PIECES_N * 2; j++)
			old[j / 2][j % 2] = *(const float2 *)&c[
				(long)(i * 16 + j % 2 * 8) * N + j / 2 * 8];
#pragma unroll
		for (int j = 0; j < PIECES_N * 2; j++) {
			float *at = &c[(long)(i * 16 + j % 2 * 8) * N +
			               j / 2 * 8];
			const float left = sum[i][j / 2][j % 2 * 2];
			const float right = sum[i][j / 2][j % 2 * 2 + 1];

			if (SPLIT_K == 1)
				add_pair(at, old[j / 2][j % 2], left, right);
			else
				add_atomic(at, left, right);
		}
	}
}

__device__ __forceinline__ void
multiply_matrices(float *c, const bfloat16 *a, const bfloat16 *b)
{
	extern __shared__ __align__(128) unsigned char memory[];
	const int warp = threadIdx.x / 32;
	const int part_row = warp / WARPS_N * WARP_M;
	const int part_column = warp % WARPS_N * WARP_N;
	sums sum = {};
	int row, column;

	tile_of(blockIdx.x, M / BLOCK_M, N / BLOCK_N, &row, &column);
	row *= BLOCK_M;
	column *= BLOCK_N;
	pipeline tiles(shared_address(memory),
	               a + (long)row * K + blockIdx.y * SLICE,
	               b + (long)blockIdx.y * SLICE * N + column, part_row,
	               part_column);
	for (int stage = 0; stage < STAGES - 1; stage++) {
		if (stage < STEPS)
			tiles.fetch(stage);
		copy_commit();
	}
	multiply_steps(sum, tiles);
	add_sums(&c[(long)(row + part_row) * N + column + part_column], sum);
}
