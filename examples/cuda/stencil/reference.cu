/* SPDX-License-Identifier: MIT
 *
 * The same steps in double precision. Each block advances a TILE x TILE tile
 * with a halo of STEPS cells on its own, so blocks need not meet; a thread owns
 * every THREADS-th cell.
 */
#if defined(__HIP_PLATFORM_AMD__) && !defined(__HIPCC_RTC__)
#include <hip/hip_runtime.h>
#endif

#define TILE 32
#define AREA (TILE + 2 * STEPS)
#define THREADS 256
#define CELLS (AREA * AREA / THREADS)

__device__ __forceinline__ double
advanced(const double *area, int cell, int top, int left)
{
	const int row = cell / AREA;
	const int column = cell % AREA;
	const int y = top + row;
	const int x = left + column;
	const double here = area[cell];

	/* The grid's border stays; the area's edge lies in the halo. */
	if (x <= 0 || x >= WIDTH - 1 || y <= 0 || y >= HEIGHT - 1 || row == 0 ||
	    row == AREA - 1 || column == 0 || column == AREA - 1)
		return here;
	return here + (double)0.2f * (area[cell - AREA] + area[cell + AREA] +
	                              area[cell - 1] + area[cell + 1] -
	                              4.0 * here);
}

extern "C" __global__ void
stencil_reference(float *out, float *scratch, unsigned int *sync,
                  const float *in)
{
	__shared__ double area[AREA * AREA];
	const int top = blockIdx.y * TILE - STEPS;
	const int left = blockIdx.x * TILE - STEPS;
	double fresh[CELLS];

	for (int i = 0; i < CELLS; i++) {
		const int cell = i * THREADS + threadIdx.x;
		const int y = top + cell / AREA;
		const int x = left + cell % AREA;
		const bool inside = x >= 0 && x < WIDTH && y >= 0 && y < HEIGHT;

		area[cell] = inside ? in[(long)y * WIDTH + x] : 0.0;
	}
	__syncthreads();
	for (int t = 0; t < STEPS; t++) {
		for (int i = 0; i < CELLS; i++)
			fresh[i] = advanced(area, i * THREADS + threadIdx.x,
			                    top, left);
		__syncthreads();
		for (int i = 0; i < CELLS; i++)
			area[i * THREADS + threadIdx.x] = fresh[i];
		__syncthreads();
	}
	for (int i = threadIdx.x; i < TILE * TILE; i += THREADS) {
		const int row = i / TILE;
		const int column = i % TILE;

		out[(long)(blockIdx.y * TILE + row) * WIDTH +
		    blockIdx.x * TILE + column] =
			(float)area[(row + STEPS) * AREA + column + STEPS];
	}
}
