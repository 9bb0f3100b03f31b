/* SPDX-License-Identifier: MIT
 *
 * A harmless kernel of which one variant in ten goes wrong, in twelve ways. The
 * numbers of the ways are known to tests/device/run, too.
 */
#define FAULT (VARIANT % 10 == 0 ? VARIANT / 10 % 12 + 1 : 0)

#if FAULT == 10
/* One count a block, so that no block sees another's within a launch. */
__device__ unsigned launches[1024 * 1024 / 256];
#elif FAULT == 11
__device__ volatile int never;
#elif FAULT == 12
/* Twice as many types at every level: no compiler gets to the end. */
template <int depth, unsigned long long number> struct tree {
	static constexpr int value = tree<depth - 1, 2 * number>::value +
	                             tree<depth - 1, 2 * number + 1>::value;
};
template <unsigned long long number> struct tree<0, number> {
	static constexpr int value = 1;
};
#endif

extern "C" __global__ void
scale(float *out, const float *in, int n)
{
	int i = (int)(blockIdx.x * blockDim.x + threadIdx.x);
#if FAULT == 5
	extern __shared__ float room[];
#endif

	if (i >= n)
		return;
	/* Every variant is code of its own, so that none is measured for
	 * another. */
	out[i] = in[i] * 2.0f + (n < 0 ? (float)VARIANT : 1.0f);
#if FAULT == 1 /* illegal address */
	((volatile float *)out)[(1ull << 40) + (unsigned)i] = 1.0f;
#elif FAULT == 2 /* misaligned */
	*(volatile double *)((char *)out + 4) = 1.0;
#elif FAULT == 3 /* trap */
	if (i == 777)
		__trap();
#elif FAULT == 4 /* out of the device heap's memory, and not looking */
	*(volatile float *)malloc((size_t)1 << 36) = 1.0f;
#elif FAULT == 5 /* too much shared memory */
	room[threadIdx.x] = out[i];
	__syncthreads();
	out[i] = room[threadIdx.x];
#elif FAULT == 7
#error "this variant does not compile"
#elif FAULT == 8 /* wrong output */
	if (i == 12345)
		out[i] += 1.0f;
#elif FAULT == 9 /* NaN output */
	if (i % 1000 == 7)
		out[i] = sqrtf(-1.0f - in[i]);
#elif FAULT == 10 /* right the first time only */
	unsigned before = launches[blockIdx.x];

	__syncthreads();
	if (threadIdx.x == 0)
		launches[blockIdx.x] = before + 1;
	if (before > 0)
		out[i] += (float)before;
#elif FAULT == 11 /* endless loop */
	while (never == 0)
		;
#elif FAULT == 12
	out[i] += (float)tree<40, 1>::value;
#endif
}
