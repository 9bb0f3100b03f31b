/* SPDX-License-Identifier: MIT
 *
 * Small kernels for what a device must show once: outputs of two bytes that it
 * compares itself, more dynamic shared memory than a block has by default,
 * clusters of blocks, and a symbol in constant memory.
 */
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#if TYPE == 1
typedef __half number;
#define NARROW(x) __float2half(x)
#elif TYPE == 2
typedef __nv_bfloat16 number;
#define NARROW(x) __float2bfloat16(x)
#else
typedef float number;
#define NARROW(x) (x)
#endif

__constant__ float factors[64];

/* Each block reverses its part by way of dynamic shared memory, at the far end
 * of what it was given. */
extern "C" __global__ void
features(number *out, const float *in, int n)
{
	extern __shared__ float dynamic[];
	float *part = dynamic + SHARED / 4 - 256;
	int base = (int)(blockIdx.x * 256);
	int i = (int)threadIdx.x;
	float value;

	part[255 - i] = in[base + i];
	__syncthreads();
	value = part[i] * factors[i % 64];
#if WRONG
	if (base + i == 700001)
		value += 3.0f;
#endif
#if CLUSTER > 1
	/* Every block of the cluster must be there. */
	asm volatile("barrier.cluster.arrive.aligned;\n"
	             "barrier.cluster.wait.aligned;" ::: "memory");
	unsigned blocks;
	asm volatile("mov.u32 %0, %%cluster_nctaid.x;" : "=r"(blocks));
	if (blocks != CLUSTER)
		value = -1.0f;
#endif
	if (base + i < n)
		out[base + i] = NARROW(value);
}

extern "C" __global__ void
features_reference(number *out, const float *in, int n)
{
	int i = (int)(blockIdx.x * 256 + threadIdx.x);
	int other = (int)(blockIdx.x * 256 + 255 - threadIdx.x);

	if (i < n)
		out[i] = NARROW(in[other] * factors[threadIdx.x % 64]);
}
