/* SPDX-License-Identifier: MIT
 *
 * Two-dimensional convolution of a float32 image with a FILTER x FILTER kernel
 * in constant memory. `in` has a border of FILTER - 1, so no output needs a
 * special case. A block computes (BLOCK_X * TILE_X) x (BLOCK_Y * TILE_Y) outputs;
 * neighbouring threads own neighbouring columns.
 */
#if defined(__HIP_PLATFORM_AMD__) && !defined(__HIPCC_RTC__)
#include <hip/hip_runtime.h>
#endif

#define IN_WIDTH (WIDTH + FILTER - 1)
#define AREA_X (BLOCK_X * TILE_X)
#define AREA_Y (BLOCK_Y * TILE_Y)
#define LOCAL_X (AREA_X + FILTER - 1)
#define LOCAL_Y (AREA_Y + FILTER - 1)
#define STRIDE (LOCAL_X + (USE_PADDING ? 1 - LOCAL_X % 2 : 0))

__constant__ float filter[FILTER * FILTER];

constexpr int unroll_x = UNROLL_X;
constexpr int unroll_y = UNROLL_Y;

extern "C" __global__ void __launch_bounds__(BLOCK_X * BLOCK_Y)
convolution(float *out, const float *in)
{
	const int left = blockIdx.x * AREA_X;
	const int top = blockIdx.y * AREA_Y;
	float sum[TILE_Y][TILE_X] = {};
#if USE_SHARED
	__shared__ float local[LOCAL_Y * STRIDE];

	for (int y = threadIdx.y; y < LOCAL_Y; y += BLOCK_Y)
		for (int x = threadIdx.x; x < LOCAL_X; x += BLOCK_X)
			local[y * STRIDE + x] =
				in[(long)(top + y) * IN_WIDTH + left + x];
	__syncthreads();
#define INPUT(y, x) local[(y)*STRIDE + (x)]
#elif USE_READ_ONLY
	in += (long)top * IN_WIDTH + left;
#define INPUT(y, x) __ldg(&in[(y)*IN_WIDTH + (x)])
#else
	in += (long)top * IN_WIDTH + left;
#define INPUT(y, x) in[(y)*IN_WIDTH + (x)]
#endif

#pragma unroll unroll_y
	for (int i = 0; i < FILTER; i++)
#pragma unroll unroll_x
		for (int j = 0; j < FILTER; j++)
#pragma unroll
			for (int ty = 0; ty < TILE_Y; ty++)
#pragma unroll
				for (int tx = 0; tx < TILE_X; tx++)
					sum[ty][tx] +=
						filter[i * FILTER + j] *
						INPUT(threadIdx.y +
					                      ty * BLOCK_Y + i,
					              threadIdx.x +
					                      tx * BLOCK_X + j);
#pragma unroll
	for (int ty = 0; ty < TILE_Y; ty++)
#pragma unroll
		for (int tx = 0; tx < TILE_X; tx++) {
			const int x = left + threadIdx.x + tx * BLOCK_X;
			const int y = top + threadIdx.y + ty * BLOCK_Y;

			if (x < WIDTH && y < HEIGHT)
				out[(long)y * WIDTH + x] = sum[ty][tx];
		}
}
