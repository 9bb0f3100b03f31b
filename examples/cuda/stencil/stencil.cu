/* SPDX-License-Identifier: MIT
 *
 * STEPS steps of the heat equation on a HEIGHT x WIDTH grid whose border stays
 * as it is, in one launch. Time is blocked: a block reads a tile with a halo of
 * BLOCK_T cells, advances it BLOCK_T steps on its own (the halo is computed
 * redundantly and shrinks by one cell a step) and writes the tile back.
 *
 * One round of tiles follows the other without a barrier over the whole grid.
 * Blocks draw pieces of work in order, all tiles of the first round, then those
 * of the second; a piece waits until its tile and the eight around it have
 * finished the round before. Whoever is waited for has drawn a lower number, so
 * it is already running: there is always progress, however few blocks are
 * resident.
 *
 * `sync` holds the next number, the blocks that are done, and for each tile its
 * finished rounds; it is zero again when the kernel ends.
 */
#if defined(__HIP_PLATFORM_AMD__) && !defined(__HIPCC_RTC__)
#include <hip/hip_runtime.h>
#endif

#define THREADS (THREADS_X * THREADS_Y)
#define AREA_X (THREADS_X * CELLS_X)
#define AREA_Y (THREADS_Y * CELLS_Y)
#define TILE_X (AREA_X - 2 * BLOCK_T)
#define TILE_Y (AREA_Y - 2 * BLOCK_T)
#define TILES_X ((WIDTH + TILE_X - 1) / TILE_X)
#define TILES_Y ((HEIGHT + TILE_Y - 1) / TILE_Y)
#define TILES (TILES_X * TILES_Y)
#define ROUNDS (STEPS / BLOCK_T)

/* One cell more on each side: the edge of the area reads neighbours that it
 * does not have. What it makes of them is never used, because a wrong value
 * moves inwards one cell a step and the halo is BLOCK_T cells wide. */
#define STRIDE (AREA_X + 2 + PAD)
#define PLANE ((AREA_Y + 2) * STRIDE)
#define PLANES (DOUBLE_BUFFER ? 2 : 1)

/* The share of the difference to its neighbours that a cell takes on in one
 * step; below 1/4 the scheme is stable. */
#define RATE 0.2f

constexpr int unroll_t = UNROLL_T;

/* A thread owns CELLS_Y neighbouring rows, in CELLS_X columns that lie
 * THREADS_X apart: neighbouring threads own neighbouring columns. */
struct cells {
	float value[CELLS_Y][CELLS_X];
};

__device__ __forceinline__ int
column_of(int j)
{
	return threadIdx.x % THREADS_X + j * THREADS_X;
}

__device__ __forceinline__ int
row_of(int i)
{
	return threadIdx.x / THREADS_X * CELLS_Y + i;
}

/* Where a cell of the area lies in shared memory. */
__device__ __forceinline__ int
place(int row, int column)
{
	return (row + 1) * STRIDE + column + 1;
}

__device__ __forceinline__ void
load(cells &mine, float *plane, const float *from, int top, int left)
{
#pragma unroll
	for (int i = 0; i < CELLS_Y; i++)
#pragma unroll
		for (int j = 0; j < CELLS_X; j++) {
			const int y = top + row_of(i);
			const int x = left + column_of(j);
			const bool inside = x >= 0 && x < WIDTH && y >= 0 &&
			                    y < HEIGHT;
			float value = 0.0f;

			if (inside)
				value = from[(long)y * WIDTH + x];
			mine.value[i][j] = value;
			plane[place(row_of(i), column_of(j))] = value;
		}
}

/* One step of a thread's cells, from the plane `now`. With KEEP a cell and its
 * upper and lower neighbour come from registers as far as the thread owns
 * them. */
__device__ __forceinline__ void
advance(cells &mine, const float *now, int top, int left)
{
	cells fresh;

#pragma unroll
	for (int i = 0; i < CELLS_Y; i++)
#pragma unroll
		for (int j = 0; j < CELLS_X; j++) {
			const int y = top + row_of(i);
			const int x = left + column_of(j);
			const int at = place(row_of(i), column_of(j));
			const bool moves = x > 0 && x < WIDTH - 1 && y > 0 &&
			                   y < HEIGHT - 1;
			const float here = KEEP ? mine.value[i][j] : now[at];
			const int up = i > 0 ? i - 1 : 0;
			const int down = i < CELLS_Y - 1 ? i + 1 : i;
			const float above = KEEP && up < i
			                            ? mine.value[up][j]
			                            : now[at - STRIDE];
			const float below = KEEP && down > i
			                            ? mine.value[down][j]
			                            : now[at + STRIDE];
			const float around =
				(above + below) + (now[at - 1] + now[at + 1]);

			fresh.value[i][j] =
				moves ? here + RATE * (around - 4.0f * here)
				      : here;
		}
	mine = fresh;
}

__device__ __forceinline__ void
publish(const cells &mine, float *next)
{
#pragma unroll
	for (int i = 0; i < CELLS_Y; i++)
#pragma unroll
		for (int j = 0; j < CELLS_X; j++)
			next[place(row_of(i), column_of(j))] =
				mine.value[i][j];
}

__device__ __forceinline__ void
store(const cells &mine, float *to, int top, int left)
{
#pragma unroll
	for (int i = 0; i < CELLS_Y; i++)
#pragma unroll
		for (int j = 0; j < CELLS_X; j++) {
			const int row = row_of(i);
			const int column = column_of(j);
			const bool mine_to_write =
				row >= BLOCK_T && row < AREA_Y - BLOCK_T &&
				column >= BLOCK_T && column < AREA_X - BLOCK_T;

			if (mine_to_write && left + column < WIDTH &&
			    top + row < HEIGHT)
				to[(long)(top + row) * WIDTH + left + column] =
					mine.value[i][j];
		}
}

/* BLOCK_T steps of one tile. */
__device__ __forceinline__ void
advance_tile(float *to, const float *from, float *planes, int top, int left)
{
	cells mine;

	load(mine, planes, from, top, left);
	__syncthreads();
#pragma unroll unroll_t
	for (int t = 0; t < BLOCK_T; t++) {
		float *now = planes + t % PLANES * PLANE;
		float *next = planes + (t + 1) % PLANES * PLANE;

		advance(mine, now, top, left);
		if (t + 1 == BLOCK_T)
			break;
		if (!DOUBLE_BUFFER)
			__syncthreads();
		publish(mine, next);
		__syncthreads();
	}
	store(mine, to, top, left);
}

/* Tiles are walked in bands of BAND rows, so that tiles that are worked on
 * together share their halos in the last-level cache. */
__device__ __forceinline__ void
tile_of_number(int number, int *tile_y, int *tile_x)
{
	const int first = number / (BAND * TILES_X) * BAND;
	const int height = TILES_Y - first < BAND ? TILES_Y - first : BAND;
	const int inside = number % (BAND * TILES_X);

	*tile_y = first + inside % height;
	*tile_x = inside / height;
}

/* Until the tiles around this one have finished `rounds` rounds: then their
 * results can be read, and what they read can be overwritten. */
__device__ __forceinline__ void
wait_for_neighbours(const volatile unsigned int *finished, int tile_y,
                    int tile_x, unsigned int rounds)
{
	if (rounds > 0 && threadIdx.x < 9) {
		const int y = tile_y + (int)threadIdx.x / 3 - 1;
		const int x = tile_x + (int)threadIdx.x % 3 - 1;

		if (y >= 0 && y < TILES_Y && x >= 0 && x < TILES_X)
			while (finished[y * TILES_X + x] < rounds)
				;
		__threadfence();
	}
	__syncthreads();
}

/* Even and odd rounds take turns between two buffers; the last one ends in
 * `out`. */
__device__ __forceinline__ float *
result_of(int round, float *out, float *scratch)
{
	return (ROUNDS - 1 - round) % 2 == 0 ? out : scratch;
}

/* The block that comes last leaves `sync` as it was. */
__device__ __forceinline__ void
clean_up(unsigned int *sync)
{
	__shared__ bool last;

	if (threadIdx.x == 0)
		last = atomicAdd(&sync[1], 1u) == gridDim.x - 1;
	__syncthreads();
	if (!last)
		return;
	for (int i = threadIdx.x; i < TILES + 2; i += THREADS)
		sync[i] = 0;
}

extern "C" __global__ void __launch_bounds__(THREADS, MIN_BLOCKS)
stencil(float *out, float *scratch, unsigned int *sync, const float *in)
{
	extern __shared__ float planes[];
	__shared__ unsigned int drawn;
	unsigned int *finished = sync + 2;

	for (;;) {
		int round, number, tile_y, tile_x;

		if (threadIdx.x == 0)
			drawn = atomicAdd(&sync[0], 1u);
		__syncthreads();
		if (drawn >= TILES * ROUNDS)
			break;
		round = drawn / TILES;
		number = drawn % TILES;
		tile_of_number(number, &tile_y, &tile_x);
		wait_for_neighbours(finished, tile_y, tile_x, round);
		advance_tile(result_of(round, out, scratch),
		             round == 0 ? in
		                        : result_of(round - 1, out, scratch),
		             planes, tile_y * TILE_Y - BLOCK_T,
		             tile_x * TILE_X - BLOCK_T);
		/* All of the tile is written before it counts as finished;
		 * also, all threads have read `drawn` and the planes. */
		__syncthreads();
		if (threadIdx.x == 0) {
			__threadfence();
			atomicExch(&finished[tile_y * TILES_X + tile_x],
			           (unsigned int)round + 1);
		}
	}
	clean_up(sync);
}
