/* SPDX-License-Identifier: MIT
 *
 * Hopper's instructions (compute capability 9.0, compiled for sm_90a) that the
 * language has no words for: barriers in shared memory that count bytes, tensor
 * maps and the copies that follow them, the matrix product of a warp group.
 */

/* ---------------------------------------------------------------- barriers */

__device__ __forceinline__ void
barrier_start(unsigned int barrier, unsigned int arrivals)
{
	asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;"
	             :
	             : "r"(barrier), "r"(arrivals)
	             : "memory");
}

__device__ __forceinline__ void
barrier_arrive(unsigned int barrier)
{
	asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];"
	             :
	             : "r"(barrier)
	             : "memory");
}

/* The barrier at the same place of another block of the cluster. Nothing that
 * this thread wrote is handed over, so no wider order is asked for: it would
 * cost more than the step it ends. */
__device__ __forceinline__ void
barrier_arrive_at(unsigned int barrier, unsigned int rank)
{
	asm volatile("{\n"
	             ".reg .b32 remote;\n"
	             "mapa.shared::cluster.u32 remote, %0, %1;\n"
	             "mbarrier.arrive.shared::cluster.b64 _, [remote];\n"
	             "}"
	             :
	             : "r"(barrier), "r"(rank)
	             : "memory");
}

/* Arrives, and lets the phase end only after `bytes` more have been copied. */
__device__ __forceinline__ void
barrier_expect(unsigned int barrier, unsigned int bytes)
{
	asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;"
	             :
	             : "r"(barrier), "r"(bytes)
	             : "memory");
}

__device__ __forceinline__ void
barrier_wait(unsigned int barrier, unsigned int parity)
{
	unsigned int done;

	do {
		asm volatile("{\n"
		             ".reg .pred over;\n"
		             "mbarrier.try_wait.parity.shared::cta.b64 over, "
		             "[%1], %2;\n"
		             "selp.u32 %0, 1, 0, over;\n"
		             "}"
		             : "=r"(done)
		             : "r"(barrier), "r"(parity)
		             : "memory");
	} while (!done);
}

/* Barriers that this thread started are seen by all, the copy engine too. */
__device__ __forceinline__ void
barriers_publish()
{
	asm volatile("fence.mbarrier_init.release.cluster;" : : : "memory");
}

/* What these threads wrote into shared memory is seen by the tensor cores and
 * by the copy engine. */
__device__ __forceinline__ void
publish_shared()
{
	asm volatile("fence.proxy.async.shared::cta;" : : : "memory");
}

/* ---------------------------------------------------------------- clusters */

__device__ __forceinline__ unsigned int
cluster_rank()
{
	unsigned int rank;

	asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
	return rank;
}

__device__ __forceinline__ void
cluster_wait()
{
	asm volatile("barrier.cluster.arrive.aligned;\n"
	             "barrier.cluster.wait.aligned;"
	             :
	             :
	             : "memory");
}

/* ------------------------------------------------------------- tensor maps */

/* Before CUDA 12.7 the assembler does not divide the stride by 16 itself. */
#if __CUDACC_VER_MAJOR__ * 100 + __CUDACC_VER_MINOR__ < 1207
#define STRIDE_SHIFT 4
#else
#define STRIDE_SHIFT 0
#endif

/* The type of the elements, as tensor maps number them. */
enum { ELEMENT_16_BITS = 1, ELEMENT_FLOAT = 7 };

template <int Type>
__device__ __forceinline__ void
map_fixed_fields(unsigned int map)
{
	asm volatile("tensormap.replace.tile.rank.shared::cta.b1024.b32 "
	             "[%0], 2;\n"
	             "tensormap.replace.tile.elemtype.shared::cta.b1024.b32 "
	             "[%0], %1;\n"
	             "tensormap.replace.tile.interleave_layout.shared::cta"
	             ".b1024.b32 [%0], 0;\n"
	             "tensormap.replace.tile.swizzle_mode.shared::cta"
	             ".b1024.b32 [%0], 3;\n"
	             "tensormap.replace.tile.fill_mode.shared::cta.b1024.b32 "
	             "[%0], 0;"
	             :
	             : "r"(map), "n"(Type)
	             : "memory");
}

template <int Dimension>
__device__ __forceinline__ void
map_dimension(unsigned int map, unsigned int size, unsigned int box)
{
	asm volatile("tensormap.replace.tile.global_dim.shared::cta.b1024.b32 "
	             "[%0], %1, %2;\n"
	             "tensormap.replace.tile.box_dim.shared::cta.b1024.b32 "
	             "[%0], %1, %3;\n"
	             "tensormap.replace.tile.element_stride.shared::cta"
	             ".b1024.b32 [%0], %1, %4;"
	             :
	             : "r"(map), "n"(Dimension), "r"(size), "r"(box), "r"(1)
	             : "memory");
}

template <int Dimension>
__device__ __forceinline__ void
map_stride(unsigned int map, unsigned long long bytes)
{
	asm volatile("tensormap.replace.tile.global_stride.shared::cta.b1024"
	             ".b64 [%0], %1, %2;"
	             :
	             : "r"(map), "n"(Dimension), "l"(bytes >> STRIDE_SHIFT)
	             : "memory");
}

/* Describes a row-major matrix as slabs of Width columns, 128 bytes: one copy
 * brings `box_rows` rows of `box_slabs` slabs, slab after slab, the 16-byte
 * pieces of row r exchanged by r % 8. Called by a whole warp; `scratch` is 128
 * bytes of shared memory, `map` as much of global memory. */
template <typename Element, int Type>
__device__ __forceinline__ void
map_matrix(void *map, void *scratch, const Element *matrix, unsigned int rows,
           unsigned int columns, unsigned int box_rows, unsigned int box_slabs)
{
	constexpr unsigned int width = 128 / sizeof(Element);
	const unsigned int at = shared_address(scratch);
	const int lane = threadIdx.x % 32;

	((unsigned int *)scratch)[lane] = 0;
	__syncwarp();
	if (lane == 0) {
		asm volatile("tensormap.replace.tile.global_address.shared::cta"
		             ".b1024.b64 [%0], %1;"
		             :
		             : "r"(at), "l"(__cvta_generic_to_global(matrix))
		             : "memory");
		map_fixed_fields<Type>(at);
		map_dimension<0>(at, width, width);
		map_dimension<1>(at, rows, box_rows);
		map_dimension<2>(at, columns / width, box_slabs);
		map_stride<0>(at, (unsigned long long)columns * sizeof(Element));
		map_stride<1>(at, 128);
	}
	__syncwarp();
	asm volatile("tensormap.cp_fenceproxy.global.shared::cta.tensormap::"
	             "generic.release.gpu.sync.aligned [%0], [%1], 128;\n"
	             "fence.proxy.tensormap::generic.acquire.gpu [%2], 128;"
	             :
	             : "l"(__cvta_generic_to_global(map)), "r"(at), "l"(map)
	             : "memory");
}

/* A box from `row` and `slab` on; the barrier counts its bytes. */
__device__ __forceinline__ void
copy_box(unsigned int to, const void *map, int row, int slab,
         unsigned int barrier)
{
	asm volatile("cp.async.bulk.tensor.3d.shared::cluster.global.tile"
	             ".mbarrier::complete_tx::bytes [%0], [%1, {%2, %3, %4}], "
	             "[%5];"
	             :
	             : "r"(to), "l"(map), "r"(0), "r"(row), "r"(slab),
	               "r"(barrier)
	             : "memory");
}

/* The same box into every block of `blocks`, a bit for each rank. */
__device__ __forceinline__ void
copy_box_to(unsigned short blocks, unsigned int to, const void *map, int row,
            int slab, unsigned int barrier)
{
	asm volatile("cp.async.bulk.tensor.3d.shared::cluster.global.tile"
	             ".mbarrier::complete_tx::bytes.multicast::cluster "
	             "[%0], [%1, {%2, %3, %4}], [%5], %6;"
	             :
	             : "r"(to), "l"(map), "r"(0), "r"(row), "r"(slab),
	               "r"(barrier), "h"(blocks)
	             : "memory");
}

/* Into the last-level cache; a multiple of 16 bytes. */
__device__ __forceinline__ void
prefetch_bytes(const void *from, unsigned int bytes)
{
	asm volatile("cp.async.bulk.prefetch.L2.global [%0], %1;"
	             :
	             : "l"(__cvta_generic_to_global(from)), "r"(bytes)
	             : "memory");
}

/* Adds a box of shared memory to global memory. */
__device__ __forceinline__ void
add_box(const void *map, int row, int slab, unsigned int from)
{
	asm volatile("cp.reduce.async.bulk.tensor.3d.global.shared::cta.add"
	             ".tile.bulk_group [%0, {%1, %2, %3}], [%4];\n"
	             "cp.async.bulk.commit_group;"
	             :
	             : "l"(map), "r"(0), "r"(row), "r"(slab), "r"(from)
	             : "memory");
}

/* All but the newest `Pending` boxes of this thread have left shared memory. */
template <int Pending>
__device__ __forceinline__ void
add_wait()
{
	asm volatile("cp.async.bulk.wait_group.read %0;"
	             :
	             : "n"(Pending)
	             : "memory");
}

/* -------------------------------------------------------------- warp groups */

template <int Registers>
__device__ __forceinline__ void
registers_raise()
{
	asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" : : "n"(Registers));
}

template <int Registers>
__device__ __forceinline__ void
registers_lower()
{
	asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" : : "n"(Registers));
}

__device__ __forceinline__ void
products_begin()
{
	asm volatile("wgmma.fence.sync.aligned;" : : : "memory");
}

__device__ __forceinline__ void
products_commit()
{
	asm volatile("wgmma.commit_group.sync.aligned;" : : : "memory");
}

template <int Pending>
__device__ __forceinline__ void
products_wait()
{
	asm volatile("wgmma.wait_group.sync.aligned %0;"
	             :
	             : "n"(Pending)
	             : "memory");
}

/* Describes an operand in shared memory whose rows of 128 bytes are swizzled.
 * `group` is from eight rows to the next eight, `slab` from 64 columns to the
 * next 64 where the columns are not the summed dimension. */
__device__ __forceinline__ unsigned long long
operand(unsigned int address, unsigned int group, unsigned int slab)
{
	return (unsigned long long)((address & 0x3ffff) >> 4) |
	       (unsigned long long)(slab >> 4) << 16 |
	       (unsigned long long)(group >> 4) << 32 | 1ull << 62;
}

/* One product of 64 x Columns x 16, added to the sums: A described by rows along
 * K, B by rows along N, which the last two digits of the instruction say. */
#define SUMS_8(i) \
	"+f"(sum[i]), "+f"(sum[i + 1]), "+f"(sum[i + 2]), "+f"(sum[i + 3]), \
		"+f"(sum[i + 4]), "+f"(sum[i + 5]), "+f"(sum[i + 6]), \
		"+f"(sum[i + 7])
#define SUMS_32(i) SUMS_8(i), SUMS_8(i + 8), SUMS_8(i + 16), SUMS_8(i + 24)
#define NAMES_32 \
	"%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, " \
	"%15, %16, %17, %18, %19, %20, %21, %22, %23, %24, %25, %26, %27, " \
	"%28, %29, %30, %31"
#define NAMES_64 \
	NAMES_32 ", %32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, " \
	"%43, %44, %45, %46, %47, %48, %49, %50, %51, %52, %53, %54, %55, " \
	"%56, %57, %58, %59, %60, %61, %62, %63"
#define NAMES_128 \
	NAMES_64 ", %64, %65, %66, %67, %68, %69, %70, %71, %72, %73, %74, " \
	"%75, %76, %77, %78, %79, %80, %81, %82, %83, %84, %85, %86, %87, " \
	"%88, %89, %90, %91, %92, %93, %94, %95, %96, %97, %98, %99, %100, " \
	"%101, %102, %103, %104, %105, %106, %107, %108, %109, %110, %111, " \
	"%112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, " \
	"%123, %124, %125, %126, %127"
#define PRODUCT(columns, names, a, b) \
	"{\n.reg .pred add;\nsetp.eq.u32 add, 0, 0;\n" \
	"wgmma.mma_async.sync.aligned.m64n" columns "k16.f32.bf16.bf16 {" \
	names "}, %" a ", %" b ", add, 1, 1, 0, 1;\n}"

__device__ __forceinline__ void
product(float (&sum)[32], unsigned long long a, unsigned long long b)
{
	asm volatile(PRODUCT("64", NAMES_32, "32", "33")
	             : SUMS_32(0)
	             : "l"(a), "l"(b)
	             : "memory");
}

__device__ __forceinline__ void
product(float (&sum)[64], unsigned long long a, unsigned long long b)
{
	asm volatile(PRODUCT("128", NAMES_64, "64", "65")
	             : SUMS_32(0), SUMS_32(32)
	             : "l"(a), "l"(b)
	             : "memory");
}

__device__ __forceinline__ void
product(float (&sum)[128], unsigned long long a, unsigned long long b)
{
	asm volatile(PRODUCT("256", NAMES_128, "128", "129")
	             : SUMS_32(0), SUMS_32(32), SUMS_32(64), SUMS_32(96)
	             : "l"(a), "l"(b)
	             : "memory");
}

/* Keeps the compiler from moving reads of the sums before the wait. */
template <int Count>
__device__ __forceinline__ void
products_settle(float (&sum)[Count])
{
#pragma unroll
	for (int i = 0; i < Count; i++)
		asm volatile("" : "+f"(sum[i]) : : "memory");
}
