/* SPDX-License-Identifier: MIT
 *
 * C += A * B on the tensor cores: A and B in bfloat16, C in single precision,
 * all row-major, with sizes that the tiles divide. A block computes
 * BLOCK_M x BLOCK_N of C over one slice of K. Tiles of A and B arrive in shared
 * memory through asynchronous copies, STAGES deep; each of the
 * WARPS_M x WARPS_N warps multiplies its part in pieces of 16 x 8 x 16.
 *
 * Everything that the language has no words for is inline PTX, so that no
 * header is needed.
 */
typedef unsigned short bfloat16;

/* Defined only where it applies: without SWIZZLE. */
#ifndef PAD
#define PAD 0
#endif

#define WARPS (WARPS_M * WARPS_N)
#define THREADS (WARPS * 32)
#define WARP_M (BLOCK_M / WARPS_M)
#define WARP_N (BLOCK_N / WARPS_N)
#define PIECES_M (WARP_M / 16)
#define PIECES_N (WARP_N / 8)
#define PIECES_K (BLOCK_K / 16)
#define SLICE (K / SPLIT_K)
#define STEPS (SLICE / BLOCK_K)

/* Shared memory is addressed in chunks of eight elements, 16 bytes: the unit
 * of the copies and of a row of the 8 x 8 matrices that warps load. */
#define CHUNK 8
#define CHUNKS_A (BLOCK_K / CHUNK)
#define CHUNKS_B (BLOCK_N / CHUNK)
#define STRIDE_A (BLOCK_K + PAD)
#define STRIDE_B (BLOCK_N + PAD)
#define TILE_A (BLOCK_M * STRIDE_A)
#define TILE_B (BLOCK_K * STRIDE_B)
#define LOADS_A (BLOCK_M * CHUNKS_A / THREADS)
#define LOADS_B (BLOCK_K * CHUNKS_B / THREADS)
#define FRAGMENTS (PREFETCH ? 2 : 1)

struct fragments {
	unsigned int a[PIECES_M][4];
	unsigned int b[PIECES_N][2];
};

__device__ __forceinline__ void
copy_async(bfloat16 *to, const bfloat16 *from)
{
	unsigned int at = (unsigned int)__cvta_generic_to_shared(to);

	asm volatile("cp.async.cg.shared.global.L2::128B [%0], [%1], 16;"
	             :
	             : "r"(at), "l"(__cvta_generic_to_global(from))
	             : "memory");
}

__device__ __forceinline__ void
copy_commit()
{
	asm volatile("cp.async.commit_group;" : : : "memory");
}

/* All but the newest `Pending` groups of this thread's copies have arrived. */
template <int Pending>
__device__ __forceinline__ void
copy_wait()
{
	asm volatile("cp.async.wait_group %0;" : : "n"(Pending) : "memory");
}

/* Four 8 x 8 matrices; lane i names row i % 8 of matrix i / 8. */
__device__ __forceinline__ void
load_matrices(unsigned int &r0, unsigned int &r1, unsigned int &r2,
              unsigned int &r3, const bfloat16 *row)
{
	unsigned int at = (unsigned int)__cvta_generic_to_shared(row);

	asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 "
	             "{%0, %1, %2, %3}, [%4];"
	             : "=r"(r0), "=r"(r1), "=r"(r2), "=r"(r3)
	             : "r"(at)
	             : "memory");
}

__device__ __forceinline__ void
load_transposed(unsigned int &r0, unsigned int &r1, unsigned int &r2,
                unsigned int &r3, const bfloat16 *row)
{
	unsigned int at = (unsigned int)__cvta_generic_to_shared(row);

	asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 "
	             "{%0, %1, %2, %3}, [%4];"
	             : "=r"(r0), "=r"(r1), "=r"(r2), "=r"(r3)
	             : "r"(at)
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

/* Where a chunk of a tile lies. Eight rows of the same chunk are read
 * together; the exclusive or spreads them over all banks. */
template <int Chunks, int Stride>
__device__ __forceinline__ int
place(int row, int chunk)
{
	constexpr int rows = Chunks < 8 ? 8 / Chunks : 1;
	constexpr int mask = (Chunks < 8 ? Chunks : 8) - 1;

	if (SWIZZLE)
		chunk ^= row / rows & mask;
	return row * Stride + chunk * CHUNK;
}

__device__ __forceinline__ void
copy_tiles(bfloat16 *tile_a, bfloat16 *tile_b, const bfloat16 *a,
           const bfloat16 *b, int k0)
{
#pragma unroll
	for (int i = 0; i < LOADS_A; i++) {
		const int at = i * THREADS + threadIdx.x;
		const int row = at / CHUNKS_A;
		const int chunk = at % CHUNKS_A;

		copy_async(&tile_a[place<CHUNKS_A, STRIDE_A>(row, chunk)],
		           &a[(long)row * K + k0 + chunk * CHUNK]);
	}
#pragma unroll
	for (int i = 0; i < LOADS_B; i++) {
		const int at = i * THREADS + threadIdx.x;
		const int row = at / CHUNKS_B;
		const int chunk = at % CHUNKS_B;

		copy_async(&tile_b[place<CHUNKS_B, STRIDE_B>(row, chunk)],
		           &b[(long)(k0 + row) * N + chunk * CHUNK]);
	}
}

/* The part of the tiles that one warp needs for 16 steps along K. */
__device__ __forceinline__ void
load_fragments(fragments &to, const bfloat16 *tile_a, const bfloat16 *tile_b,
               int row, int column, int k)
{
	const int lane = threadIdx.x % 32;

#pragma unroll
	for (int i = 0; i < PIECES_M; i++)
		load_matrices(to.a[i][0], to.a[i][1], to.a[i][2], to.a[i][3],
		              &tile_a[place<CHUNKS_A, STRIDE_A>(
				      row + i * 16 + lane % 16,
				      k / CHUNK + lane / 16)]);
#pragma unroll
	for (int j = 0; j < PIECES_N; j += 2)
		load_transposed(to.b[j][0], to.b[j][1], to.b[j + 1][0],
		                to.b[j + 1][1],
		                &tile_b[place<CHUNKS_B, STRIDE_B>(
					k + lane % 16,
					column / CHUNK + j + lane / 16)]);
}

__device__ __forceinline__ void
multiply(float (&sum)[PIECES_M][PIECES_N][4], const fragments &from)
{
#pragma unroll
	for (int i = 0; i < PIECES_M; i++)
#pragma unroll
		for (int j = 0; j < PIECES_N; j++)
			multiply_piece(sum[i][j], from.a[i], from.b[j]);
}

__device__ __forceinline__ void
multiply_tiles(float (&sum)[PIECES_M][PIECES_N][4], const bfloat16 *tile_a,
               const bfloat16 *tile_b, int row, int column)
{
	fragments part[FRAGMENTS];

	if (PREFETCH)
		load_fragments(part[0], tile_a, tile_b, row, column, 0);
#pragma unroll
	for (int k = 0; k < PIECES_K; k++) {
		if (!PREFETCH)
			load_fragments(part[0], tile_a, tile_b, row, column,
			               k * 16);
		else if (k + 1 < PIECES_K)
			load_fragments(part[(k + 1) % FRAGMENTS], tile_a,
			               tile_b, row, column, (k + 1) * 16);
		multiply(sum, part[k % FRAGMENTS]);
	}
}

/* A lane holds two neighbours in row lane / 4 of a piece, and the same two
 * eight rows below. */
__device__ __forceinline__ void
add_result(float *c, const float (&sum)[PIECES_M][PIECES_N][4])
{
	const int lane = threadIdx.x % 32;

#pragma unroll
	for (int i = 0; i < PIECES_M; i++)
#pragma unroll
		for (int j = 0; j < PIECES_N; j++)
#pragma unroll
			for (int half = 0; half < 2; half++) {
				const int row = i * 16 + half * 8 + lane / 4;
				const int column = j * 8 + lane % 4 * 2;
				const float left = sum[i][j][half * 2];
				const float right = sum[i][j][half * 2 + 1];
				float *at = &c[(long)row * N + column];

				if (SPLIT_K > 1) {
					atomicAdd(at, left);
					atomicAdd(at + 1, right);
				} else {
					float2 old = *(float2 *)at;

					old.x += left;
					old.y += right;
					*(float2 *)at = old;
				}
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
gemm(float *c, const bfloat16 *a, const bfloat16 *b)
{
	extern __shared__ __align__(128) bfloat16 tiles[];
	bfloat16 *tiles_b = tiles + STAGES * TILE_A;
	const int warp = threadIdx.x / 32;
	const int row = warp / WARPS_N * WARP_M;
	const int column = warp % WARPS_N * WARP_N;
	float sum[PIECES_M][PIECES_N][4] = {};
	int tile_m, tile_n;

	tile_of_block(&tile_m, &tile_n);
	a += (long)tile_m * BLOCK_M * K + blockIdx.y * SLICE;
	b += (long)blockIdx.y * SLICE * N + tile_n * BLOCK_N;
	c += ((long)tile_m * BLOCK_M + row) * N + tile_n * BLOCK_N + column;

#pragma unroll
	for (int stage = 0; stage < STAGES - 1; stage++) {
		if (stage < STEPS)
			copy_tiles(tiles + stage * TILE_A,
			           tiles_b + stage * TILE_B, a, b,
			           stage * BLOCK_K);
		copy_commit();
	}
	for (int step = 0; step < STEPS; step++) {
		const int now = step % STAGES;
		const int ahead = step + STAGES - 1;
		const int free = ahead % STAGES;

		/* The tiles of this step are here for all threads, and all
		 * warps have left those of the step before, which are
		 * overwritten next. Groups are committed even if empty: the
		 * wait counts them. */
		copy_wait<STAGES - 2>();
		__syncthreads();
		if (ahead < STEPS)
			copy_tiles(tiles + free * TILE_A,
			           tiles_b + free * TILE_B, a, b,
			           ahead * BLOCK_K);
		copy_commit();
		multiply_tiles(sum, tiles + now * TILE_A,
		               tiles_b + now * TILE_B, row, column);
	}
	add_result(c, sum);
}
