/* SPDX-License-Identifier: MIT
 *
 * The product with wgmma, for compute capability 9.0: one warp group of a block
 * fetches tiles into a ring of STAGES, the CONSUMERS others multiply them
 * straight from shared memory. Two barriers a stage keep them apart, so nobody
 * waits for the whole block.
 *
 * Shared memory holds slabs of 64 columns: rows of 128 bytes whose 16-byte
 * pieces are exchanged by row % 8, the layout that both the copy engine and the
 * tensor cores know. A tile of A is BLOCK_M rows of BLOCK_K / 64 slabs, one of
 * B is BLOCK_K rows of BLOCK_N / 64 slabs.
 */
#include "hopper.cuh"

/* Defined only where they apply: where the copy engine fetches. */
#ifndef CLUSTER
#define CLUSTER 1
#endif
#ifndef EARLY_C
#define EARLY_C 0
#endif

#define COPY_threads 1
#define COPY_tensor 2
#define ADD_load 1
#define ADD_atomic 2
#define ADD_tensor 3

constexpr int GROUP = 128; /* threads of a warp group */
constexpr int THREADS = GROUP * (1 + CONSUMERS);
constexpr bool BY_ENGINE = CHOICE(COPY_, COPY) == COPY_tensor;
constexpr int ADDITION = CHOICE(ADD_, ADD);

constexpr int ROW = 128;  /* bytes of a row of a slab */
constexpr int ROWS_8 = 8 * ROW;
constexpr int WIDTH = 64; /* columns of a slab */
constexpr int SLABS_A = BLOCK_K / WIDTH;
constexpr int SLABS_B = BLOCK_N / WIDTH;
constexpr int SLAB_A = BLOCK_M * ROW;
constexpr int SLAB_B = BLOCK_K * ROW;
constexpr int TILE_A = SLABS_A * SLAB_A;
constexpr int TILE_B = SLABS_B * SLAB_B;

/* What a warp group multiplies: PIECES times 64 x BLOCK_N. */
constexpr int PART_M = BLOCK_M / CONSUMERS;
constexpr int PIECES = PART_M / 64;
constexpr int SUMS = BLOCK_N / 2;
constexpr int STEPS = K / BLOCK_K;

/* The blocks of a cluster compute tiles below each other: they share B. */
constexpr int ROWS = M / (BLOCK_M * CLUSTER);
constexpr int COLUMNS = N / BLOCK_N;
constexpr int BLOCKS =
	PERSISTENT ? MIN_BLOCKS * MULTIPROCESSORS : ROWS * COLUMNS * CLUSTER;

/* Registers move from the warp group that fetches to those that multiply; all
 * in steps of eight. */
constexpr int ENTRY_REGISTERS = 65536 / (MIN_BLOCKS * THREADS) / 8 * 8;
constexpr int FEW_REGISTERS = BY_ENGINE ? 40 : 56;
constexpr int ALL_REGISTERS =
	((1 + CONSUMERS) * ENTRY_REGISTERS - FEW_REGISTERS) / CONSUMERS / 8 * 8;
constexpr int MANY_REGISTERS = ALL_REGISTERS < 240 ? ALL_REGISTERS : 240;
constexpr bool TRADE_REGISTERS = ENTRY_REGISTERS < 256;

/* Sums on their way to memory: two boxes of 16 rows of 32 for each warp. */
constexpr int BOX = 16 * ROW;
constexpr int BOXES = ADDITION == ADD_tensor ? 2 * 4 * CONSUMERS : 0;

/* Tensor maps: of A, of B, and of C for each warp that adds. */
constexpr int MAPS = 2 + 4 * CONSUMERS;

struct control {
	unsigned char scratch[2][128];
	unsigned long long full[STAGES];
	unsigned long long empty[STAGES];
};

static_assert(sizeof(control) <= 1024, "the task counts that many");

/* Of each block its own, and in it of each warp that uses one, so that nobody
 * waits for another's. */
__device__ __align__(128) unsigned char maps[BLOCKS][MAPS][128];

/* A place in the ring; `phase` changes with every turn. */
struct place {
	int stage = 0;
	unsigned int phase = 0;

	__device__ __forceinline__ void
	advance()
	{
		if (++stage == STAGES) {
			stage = 0;
			phase ^= 1;
		}
	}
};

struct ring {
	unsigned int full, empty; /* barriers, eight bytes each */
	unsigned int a, b;        /* tiles */

	__device__ __forceinline__ void
	wait_full(const place &at) const
	{
		barrier_wait(full + at.stage * 8, at.phase);
	}

	__device__ __forceinline__ void
	wait_empty(const place &at) const
	{
		barrier_wait(empty + at.stage * 8, at.phase ^ 1);
	}

	/* Once by each warp that read the stage, to all who write into it. */
	__device__ __forceinline__ void
	leave(int stage) const
	{
		const int lane = threadIdx.x % 32;

		if (CLUSTER > 1 && lane < CLUSTER)
			barrier_arrive_at(empty + stage * 8, lane);
		else if (CLUSTER == 1 && lane == 0)
			barrier_arrive(empty + stage * 8);
	}
};

/* ----------------------------------------------------------------- fetching */

/* One thread asks the copy engine for a tile of A or of B; of B each block of a
 * cluster brings an equal part to all of them. */
template <bool IsB>
__device__ __forceinline__ void
fetch_by_engine(const ring &tiles, const place &at, const unsigned char *map,
                int row, int column, int rank)
{
	constexpr int part = SLABS_B / CLUSTER;
	const unsigned int full = tiles.full + at.stage * 8;
	const unsigned int to = IsB ? tiles.b + at.stage * TILE_B
	                            : tiles.a + at.stage * TILE_A;

	barrier_expect(full, IsB ? TILE_B : TILE_A);
	if (IsB && CLUSTER > 1)
		copy_box_to((1 << CLUSTER) - 1, to + rank * part * SLAB_B, map,
		            row, column / WIDTH + rank * part, full);
	else
		copy_box(to, map, row, column / WIDTH, full);
}

/* A warp group copies; a thread always brings the same piece of every 16th
 * row, so its place inside eight rows never changes. */
__device__ __forceinline__ void
fetch_by_threads(const ring &tiles, const place &at, const bfloat16 *a,
                 const bfloat16 *b)
{
	const int row = threadIdx.x % GROUP / 8;
	const int piece = threadIdx.x % 8;
	const int inside = row * ROW + (piece ^ row % 8) * 16;
	const unsigned int to_a = tiles.a + at.stage * TILE_A + inside;
	const unsigned int to_b = tiles.b + at.stage * TILE_B + inside;

	a += (long)row * K + piece * 8;
	b += (long)row * N + piece * 8;
#pragma unroll
	for (int slab = 0; slab < SLABS_A; slab++)
#pragma unroll
		for (int i = 0; i < BLOCK_M / 16; i++)
			copy_async(to_a + slab * SLAB_A + i * 16 * ROW,
			           a + (long)i * 16 * K + slab * WIDTH);
#pragma unroll
	for (int slab = 0; slab < SLABS_B; slab++)
#pragma unroll
		for (int i = 0; i < BLOCK_K / 16; i++)
			copy_async(to_b + slab * SLAB_B + i * 16 * ROW,
			           b + (long)i * 16 * N + slab * WIDTH);
}

/* A stage that this thread has fetched is handed over STAGES - 2 steps later:
 * one step less than fits, because the stage before the one in use is given
 * back only when the next is being multiplied. */
constexpr int LAG = STAGES - 2;

template <int Pending>
__device__ __forceinline__ void
hand_over(const ring &tiles, place &at)
{
	copy_wait<Pending>();
	publish_shared();
	barrier_arrive(tiles.full + at.stage * 8);
	at.advance();
}

__device__ __forceinline__ void
fetch_all(const ring &tiles, const bfloat16 *a, const bfloat16 *b,
          int first_work, int stride)
{
	place at, behind;
	int ahead = 0;

	for (int work = first_work; work < ROWS * COLUMNS; work += stride) {
		int row, column;

		tile_of(work, ROWS, COLUMNS, &row, &column);
		for (int step = 0; step < STEPS; step++) {
			tiles.wait_empty(at);
			fetch_by_threads(
				tiles, at,
				a + (long)row * BLOCK_M * K + step * BLOCK_K,
				b + (long)step * BLOCK_K * N +
					column * BLOCK_N);
			copy_commit();
			at.advance();
			if (++ahead > LAG) {
				hand_over<LAG>(tiles, behind);
				ahead--;
			}
		}
	}
	copy_wait<0>();
	while (ahead-- > 0)
		hand_over<0>(tiles, behind);
}

/* One step's share of a tile of C, so that it comes without haste. */
__device__ __forceinline__ void
prefetch_rows(const float *c, int step)
{
	const int end = (step + 1) * BLOCK_M / STEPS;

	for (int row = step * BLOCK_M / STEPS; row < end; row++)
		prefetch_bytes(&c[(long)row * N], BLOCK_N * sizeof(float));
}

/* A warp for A and another for B, each with a tensor map that it makes. */
template <bool IsB>
__device__ __forceinline__ void
order_all(const ring &tiles, control *control, const bfloat16 *matrix,
          const float *c, int first_work, int stride)
{
	unsigned char *map = maps[blockIdx.x][IsB];
	const int rank = CLUSTER > 1 ? cluster_rank() : 0;
	place at;

	map_matrix<bfloat16, ELEMENT_16_BITS>(
		map, control->scratch[IsB], matrix, IsB ? K : M, IsB ? N : K,
		IsB ? BLOCK_K : BLOCK_M, IsB ? SLABS_B / CLUSTER : SLABS_A);
	for (int work = first_work; threadIdx.x % 32 == 0 &&
	                            work < ROWS * COLUMNS;
	     work += stride) {
		int row, column;

		tile_of(work, ROWS, COLUMNS, &row, &column);
		row = (row * CLUSTER + rank) * BLOCK_M;
		column *= BLOCK_N;
		for (int step = 0; step < STEPS; step++) {
			const int k = step * BLOCK_K;

			tiles.wait_empty(at);
			fetch_by_engine<IsB>(tiles, at, map, IsB ? k : row,
			                     IsB ? column : k, rank);
			if (EARLY_C && !IsB)
				prefetch_rows(&c[(long)row * N + column], step);
			at.advance();
		}
	}
	__syncwarp();
}

/* -------------------------------------------------------------- multiplying */

__device__ __forceinline__ void
multiply_stage(float (&sum)[PIECES][SUMS], const ring &tiles, int stage,
               int first_row)
{
	const unsigned long long a = operand(
		tiles.a + stage * TILE_A + first_row * ROW, ROWS_8, 0);
	const unsigned long long b =
		operand(tiles.b + stage * TILE_B, ROWS_8, SLAB_B);

	products_begin();
#pragma unroll
	for (int k = 0; k < BLOCK_K; k += 16)
#pragma unroll
		for (int i = 0; i < PIECES; i++)
			product(sum[i],
			        a + (k / WIDTH * SLAB_A + k % WIDTH * 2 +
			             i * 64 * ROW) / 16,
			        b + k * ROW / 16);
	products_commit();
}

/* All products of one tile. A stage is left when those of the next have been
 * ordered, so that the tensor cores never run dry. */
__device__ __forceinline__ void
multiply_tile(float (&sum)[PIECES][SUMS], const ring &tiles, place &at,
              int first_row)
{
	int previous = 0;

	for (int step = 0; step < STEPS; step++) {
		tiles.wait_full(at);
		multiply_stage(sum, tiles, at.stage, first_row);
		products_wait<1>();
		if (step > 0)
			tiles.leave(previous);
		previous = at.stage;
		at.advance();
	}
	products_wait<0>();
#pragma unroll
	for (int i = 0; i < PIECES; i++)
		products_settle(sum[i]);
	tiles.leave(previous);
}

/* ------------------------------------------------------------------- adding */

/* Sum 4 j + 2 half + i of a lane belongs to row lane / 4 + 8 half of its warp's
 * 16 rows, and to column 8 j + 2 (lane % 4) + i. */
__device__ __forceinline__ void
add_direct(float *c, const float (&sum)[SUMS])
{
	const int lane = threadIdx.x % 32;

	c += (long)(lane / 4) * N + lane % 4 * 2;
#pragma unroll
	for (int first = 0; first < SUMS; first += 16) {
		float2 old[8];

		if (ADDITION == ADD_load)
#pragma unroll
			for (int i = 0; i < 8; i++)
				old[i] = *(const float2 *)&c[
					(long)(i % 2) * 8 * N + first * 2 +
					i / 2 * 8];
#pragma unroll
		for (int i = 0; i < 8; i++) {
			float *at = &c[(long)(i % 2) * 8 * N + first * 2 +
			               i / 2 * 8];
			const float left = sum[first + i * 2];
			const float right = sum[first + i * 2 + 1];

			if (ADDITION == ADD_load)
				add_pair(at, old[i], left, right);
			else
				add_atomic(at, left, right);
		}
	}
}

/* A warp writes boxes of its 16 rows into shared memory, the copy engine adds
 * them to C; one box is filled while the other leaves. */
__device__ __forceinline__ void
add_boxes(const unsigned char *map, unsigned char *boxes, int row, int column,
          const float (&sum)[SUMS])
{
	const int lane = threadIdx.x % 32;
	const int in_row = lane / 4;

#pragma unroll
	for (int slab = 0; slab < BLOCK_N / 32; slab++) {
		unsigned char *box = boxes + slab % 2 * BOX;

		if (lane == 0)
			add_wait<1>();
		__syncwarp();
#pragma unroll
		for (int i = 0; i < 8; i++) {
			const int piece = i / 2 * 2 + lane % 4 / 2;
			const int at = (in_row + i % 2 * 8) * ROW +
			               (piece ^ in_row) * 16 + lane % 2 * 8;

			*(float2 *)(box + at) =
				make_float2(sum[slab * 16 + i * 2],
			                    sum[slab * 16 + i * 2 + 1]);
		}
		publish_shared();
		__syncwarp();
		if (lane == 0)
			add_box(map, row, column / 32 + slab,
			        shared_address(box));
	}
}

__device__ __forceinline__ void
multiply_all(const ring &tiles, unsigned char *boxes, float *c, int first_work,
             int stride)
{
	const int warp = threadIdx.x / 32;
	const int first_row = threadIdx.x / GROUP * PART_M;
	const int rank = CLUSTER > 1 ? cluster_rank() : 0;
	unsigned char *map = maps[blockIdx.x][2 + warp];
	place at;

	boxes += warp * 2 * BOX;
	if (ADDITION == ADD_tensor)
		map_matrix<float, ELEMENT_FLOAT>(map, boxes, c, M, N, 16, 1);
	for (int work = first_work; work < ROWS * COLUMNS; work += stride) {
		float sum[PIECES][SUMS] = {};
		int row, column;

		multiply_tile(sum, tiles, at, first_row);
		tile_of(work, ROWS, COLUMNS, &row, &column);
		row = (row * CLUSTER + rank) * BLOCK_M + first_row +
		      warp % 4 * 16;
		column *= BLOCK_N;
#pragma unroll
		for (int i = 0; i < PIECES; i++)
			if (ADDITION == ADD_tensor)
				add_boxes(map, boxes, row + i * 64, column,
				          sum[i]);
			else
				add_direct(&c[(long)(row + i * 64) * N + column],
				           sum[i]);
	}
	if (ADDITION == ADD_tensor && threadIdx.x % 32 == 0)
		add_wait<0>();
}

/* -------------------------------------------------------------------- a block */

__device__ __forceinline__ void
start_barriers(control *control)
{
	for (int stage = 0; stage < STAGES; stage++) {
		barrier_start(shared_address(&control->full[stage]),
		              BY_ENGINE ? 2 : GROUP);
		barrier_start(shared_address(&control->empty[stage]),
		              CLUSTER * CONSUMERS * GROUP / 32);
	}
	barriers_publish();
}

__device__ __forceinline__ void
block_wait()
{
	if (CLUSTER > 1)
		cluster_wait();
	else
		__syncthreads();
}

__device__ __forceinline__ void
multiply_matrices(float *c, const bfloat16 *a, const bfloat16 *b)
{
	extern __shared__ __align__(1024) unsigned char memory[];
	const unsigned int gap = -shared_address(memory) & 1023;
	control *shared = (control *)(memory + gap);
	unsigned char *boxes = memory + gap + 1024;
	const ring tiles = { shared_address(shared->full),
		             shared_address(shared->empty),
		             shared_address(boxes) + BOXES * BOX,
		             shared_address(boxes) + BOXES * BOX +
		                     STAGES * TILE_A };
	const int group = threadIdx.x / GROUP;
	const int first_work = blockIdx.x / CLUSTER;
	const int stride = gridDim.x / CLUSTER;

	if (threadIdx.x == 0)
		start_barriers(shared);
	block_wait();
	if (group == CONSUMERS) {
		if constexpr (TRADE_REGISTERS)
			registers_lower<FEW_REGISTERS>();
		if (!BY_ENGINE)
			fetch_all(tiles, a, b, first_work, stride);
		else if (threadIdx.x % GROUP < 32)
			order_all<false>(tiles, shared, a, c, first_work,
			                 stride);
		else if (threadIdx.x % GROUP < 64)
			order_all<true>(tiles, shared, b, c, first_work,
			                stride);
	} else {
		if constexpr (TRADE_REGISTERS)
			registers_raise<MANY_REGISTERS>();
		multiply_all(tiles, boxes, c, first_work, stride);
	}
	/* A block of a cluster that has ended can be reached no more. */
	if (CLUSTER > 1)
		cluster_wait();
}
