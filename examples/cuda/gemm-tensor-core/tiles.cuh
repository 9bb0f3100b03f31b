/* SPDX-License-Identifier: MIT
 *
 * What both ways of multiplying share: the order of the tiles, copies into shared
 * memory that a thread does not wait for, additions to C.
 */

/* Blocks walk the tiles in groups of GROUP_M rows, so that blocks that run
 * together share tiles of A and B in the last-level cache. */
__device__ __forceinline__ void
tile_of(int index, int rows, int columns, int *row, int *column)
{
	const int first = index / (GROUP_M * columns) * GROUP_M;
	const int height = rows - first < GROUP_M ? rows - first : GROUP_M;
	const int inside = index % (GROUP_M * columns);

	*row = first + inside % height;
	*column = inside / height;
}

__device__ __forceinline__ unsigned int
shared_address(const void *pointer)
{
	return (unsigned int)__cvta_generic_to_shared(pointer);
}

/* Sixteen bytes, to an address in shared memory. */
__device__ __forceinline__ void
copy_async(unsigned int to, const bfloat16 *from)
{
	asm volatile("cp.async.cg.shared.global.L2::128B [%0], [%1], 16;"
	             :
	             : "r"(to), "l"(__cvta_generic_to_global(from))
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

/* Two neighbours of C, eight bytes; `old` is what they were. */
__device__ __forceinline__ void
add_pair(float *at, float2 old, float left, float right)
{
	*(float2 *)at = make_float2(old.x + left, old.y + right);
}

__device__ __forceinline__ void
add_atomic(float *at, float left, float right)
{
#if __CUDA_ARCH__ >= 900
	asm volatile("red.global.add.v2.f32 [%0], {%1, %2};"
	             :
	             : "l"(__cvta_generic_to_global(at)), "f"(left), "f"(right)
	             : "memory");
#else
	atomicAdd(at, left);
	atomicAdd(at + 1, right);
#endif
}
