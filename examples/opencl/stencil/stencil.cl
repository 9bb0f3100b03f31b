/* SPDX-License-Identifier: MIT
 *
 * One step of a seven-point stencil on a WIDTH x HEIGHT x DEPTH grid whose border
 * is copied. A work group owns a column of BLOCK_X * TILE_X by BLOCK_Y cells and
 * walks LAYERS layers of it, keeping the layers below and above in registers.
 * With USE_LOCAL the present layer and its rim lie in local memory.
 */
#define AREA_X (BLOCK_X * TILE_X)
#define LAYER (WIDTH * HEIGHT)

static int
is_border(int x, int y, int z)
{
	return x == 0 || y == 0 || z == 0 || x == WIDTH - 1 ||
	       y == HEIGHT - 1 || z == DEPTH - 1;
}

#if USE_LOCAL
#define ROW (AREA_X + 2)
#define AT(dx, dy) plane[(ly + 1 + (dy)) * ROW + lx + 1 + (dx)]

/* The group's area of a layer with a rim of one, as far as there is any. */
static void
stage(__local float *plane, __global const float *layer, int x0, int y0)
{
	int item = (int)(get_local_id(1) * BLOCK_X + get_local_id(0));

	for (int i = item; i < ROW * (BLOCK_Y + 2); i += BLOCK_X * BLOCK_Y) {
		int x = x0 - 1 + i % ROW;
		int y = y0 - 1 + i / ROW;

		if (x >= 0 && x < WIDTH && y >= 0 && y < HEIGHT)
			plane[i] = layer[y * WIDTH + x];
	}
}
#else
#define AT(dx, dy) in[at + (dy) * WIDTH + (dx)]
#endif

__kernel __attribute__((reqd_work_group_size(BLOCK_X, BLOCK_Y, 1))) void
stencil(__global float *out, __global const float *in, float centre, float side)
{
#if USE_LOCAL
	__local float plane[ROW * (BLOCK_Y + 2)];
#endif
	const int x0 = (int)get_group_id(0) * AREA_X;
	const int y0 = (int)get_group_id(1) * BLOCK_Y;
	const int z0 = (int)get_group_id(2) * LAYERS;
	const int ly = (int)get_local_id(1);
	const int y = y0 + ly;
	float below[TILE_X];
	float here[TILE_X];

	for (int t = 0; t < TILE_X; t++) {
		int at = y * WIDTH + x0 + t * BLOCK_X + (int)get_local_id(0);

		below[t] = z0 > 0 ? in[(z0 - 1) * LAYER + at] : 0.0f;
		here[t] = in[z0 * LAYER + at];
	}
	for (int z = z0; z < z0 + LAYERS; z++) {
#if USE_LOCAL
		barrier(CLK_LOCAL_MEM_FENCE);
		stage(plane, in + z * LAYER, x0, y0);
		barrier(CLK_LOCAL_MEM_FENCE);
#endif
#pragma unroll TILE_X
		for (int t = 0; t < TILE_X; t++) {
			int lx = t * BLOCK_X + (int)get_local_id(0);
			int at = z * LAYER + y * WIDTH + x0 + lx;
			float above = z + 1 < DEPTH ? in[at + LAYER] : 0.0f;
			float value = here[t];

			if (!is_border(x0 + lx, y, z))
				value = centre * here[t] +
				        side * (below[t] + above + AT(-1, 0) +
				                AT(1, 0) + AT(0, -1) + AT(0, 1));
			out[at] = value;
			below[t] = here[t];
			here[t] = above;
		}
	}
}
