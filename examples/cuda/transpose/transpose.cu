/* SPDX-License-Identifier: MIT
 *
 * out = in^T for a row-major matrix of ROWS x COLUMNS floats. A block moves a
 * TILE_X x TILE_Y tile, through shared memory so that both the loads and the
 * stores are coalesced.
 */
#if defined(__HIP_PLATFORM_AMD__) && !defined(__HIPCC_RTC__)
#include <hip/hip_runtime.h>
#endif

#define THREADS (THREADS_X * THREADS_Y)
#define STRIDE (TILE_X + PAD)

__device__ __forceinline__ void
tile_of_block(int *x, int *y)
{
	const int across = COLUMNS / TILE_X;
	const int down = ROWS / TILE_Y;

	if (DIAGONAL) {
		/* Neighbouring blocks write to different memory channels. */
		int at = blockIdx.x;

		*y = at % down;
		*x = (at / down + *y) % across;
	} else {
		*x = blockIdx.x % across;
		*y = blockIdx.x / across;
	}
}

extern "C" __global__ void __launch_bounds__(THREADS)
transpose(float *out, const float *in)
{
	__shared__ float tile[TILE_Y * STRIDE];
	const int tx = threadIdx.x % THREADS_X;
	const int ty = threadIdx.x / THREADS_X;
	/* The same threads, lined up along the rows of the output. */
	const int ux = threadIdx.x % THREADS_OUT;
	const int uy = threadIdx.x / THREADS_OUT;
	int bx, by;

	tile_of_block(&bx, &by);
	in += (long)by * TILE_Y * COLUMNS + bx * TILE_X;
	out += (long)bx * TILE_X * ROWS + by * TILE_Y;
#pragma unroll
	for (int y = ty; y < TILE_Y; y += THREADS_Y)
#pragma unroll
		for (int x = tx * VECTOR; x < TILE_X; x += THREADS_X * VECTOR)
#pragma unroll
			for (int v = 0; v < VECTOR; v++)
				tile[y * STRIDE + x + v] =
					in[(long)y * COLUMNS + x + v];
	__syncthreads();
#pragma unroll
	for (int x = uy; x < TILE_X; x += THREADS / THREADS_OUT)
#pragma unroll
		for (int y = ux * VECTOR_OUT; y < TILE_Y;
		     y += THREADS_OUT * VECTOR_OUT)
#pragma unroll
			for (int v = 0; v < VECTOR_OUT; v++)
				out[(long)x * ROWS + y + v] =
					tile[(y + v) * STRIDE + x];
}
