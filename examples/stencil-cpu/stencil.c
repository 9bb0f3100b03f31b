/* SPDX-License-Identifier: MIT
 *
 * Heat conduction on a grid of NY x NX points: STEPS time steps, in each of
 * which a point moves towards the mean of its four neighbours. The border keeps
 * its values. Everything in capital letters comes from the task.
 *
 * Time is blocked: a tile is copied with a halo of TIME_BLOCK points into a
 * buffer that stays in cache, advanced TIME_BLOCK steps there, each on one ring
 * of points fewer, and its inner part is written to the other grid.
 */

#define RATE 0.2f

#if defined(__clang__)
#define UNROLLED(n) UNROLL_PRAGMA(unroll n)
#else
#define UNROLLED(n) UNROLL_PRAGMA(GCC unroll n)
#endif
#define UNROLL_PRAGMA(text) _Pragma(#text)

#define WIDE (TILE_X + 2 * TIME_BLOCK)
#define HIGH (TILE_Y + 2 * TIME_BLOCK)

#if VECTOR > 1
typedef float lanes __attribute__((vector_size(4 * VECTOR), aligned(4)));

static inline lanes
load(const float *from)
{
	return *(const lanes *)from;
}
#endif

static inline float
moved(const float *at, int stride)
{
	return at[0] + RATE * (at[-stride] + at[stride] + at[-1] + at[1] -
	                       4.0f * at[0]);
}

/* Points x0 … x1-1 of one row. */
static void
advance_row(const float *from, float *to, int x0, int x1)
{
	int x = x0;

#if VECTOR > 1
	UNROLLED(UNROLL)
	for (; x + VECTOR <= x1; x += VECTOR) {
		const float *at = from + x;
		const lanes middle = load(at);

		*(lanes *)(to + x) =
			middle + RATE * (load(at - WIDE) + load(at + WIDE) +
			                 load(at - 1) + load(at + 1) -
			                 4.0f * middle);
	}
#endif
	UNROLLED(UNROLL)
	for (; x < x1; x++)
		to[x] = moved(from + x, WIDE);
}

static int
larger(int a, int b)
{
	return a > b ? a : b;
}

static int
smaller(int a, int b)
{
	return a < b ? a : b;
}

/* One tile, TIME_BLOCK steps. Buffer point (y, x) is grid point
 * (top + y, left + x); points outside the grid are never read. */
static void
advance_tile(const float *from, float *to, int y0, int x0)
{
	float buffers[2][HIGH * WIDE] __attribute__((aligned(64)));
	const int top = y0 - TIME_BLOCK, left = x0 - TIME_BLOCK;
	const int y_low = larger(top, 0), x_low = larger(left, 0);
	const int y_high = smaller(top + HIGH, NY);
	const int x_high = smaller(left + WIDE, NX);
	int now = 0;

	/* Both, because border points are read from either and written to
	 * none. */
	for (int y = y_low; y < y_high; y++)
		for (int x = x_low; x < x_high; x++) {
			const float value = from[y * NX + x];

			buffers[0][(y - top) * WIDE + x - left] = value;
			buffers[1][(y - top) * WIDE + x - left] = value;
		}
	for (int step = 1; step <= TIME_BLOCK; step++, now = 1 - now) {
		const int ya = larger(top + step, 1) - top;
		const int yb = smaller(top + HIGH - step, NY - 1) - top;
		const int xa = larger(left + step, 1) - left;
		const int xb = smaller(left + WIDE - step, NX - 1) - left;

		for (int y = ya; y < yb; y++)
			advance_row(buffers[now] + y * WIDE,
			            buffers[1 - now] + y * WIDE, xa, xb);
	}
	for (int y = y0; y < y0 + TILE_Y; y++)
		for (int x = x0; x < x0 + TILE_X; x++)
			to[y * NX + x] =
				buffers[now][(y - top) * WIDE + x - left];
}

static void
advance_grid(const float *from, float *to)
{
#if THREADS > 1
#pragma omp parallel for collapse(2) num_threads(THREADS) schedule(static)
#endif
	for (int y = 0; y < NY; y += TILE_Y)
		for (int x = 0; x < NX; x += TILE_X)
			advance_tile(from, to, y, x);
}

void
stencil(const float *start, float *grid)
{
	static float other[NY * NX] __attribute__((aligned(64)));
	const float *from = start;
	/* Chosen so that the last pass writes to `grid`. */
	float *to = STEPS / TIME_BLOCK % 2 != 0 ? grid : other;

	for (int step = 0; step < STEPS; step += TIME_BLOCK) {
		advance_grid(from, to);
		from = to;
		to = to == grid ? other : grid;
	}
}
