/* SPDX-License-Identifier: MIT
 *
 * C += A * B on the tensor cores: A and B in bfloat16, C in single precision,
 * all row-major, with sizes that the tiles divide. A block computes tiles of
 * BLOCK_M x BLOCK_N of C; tiles of A and B arrive in shared memory, STAGES deep.
 * INSTRUCTION chooses how they are multiplied.
 *
 * Everything that the language has no words for is inline PTX, so that no
 * vendor's header is needed.
 */
typedef unsigned short bfloat16;

/* A parameter's word as a number: CHOICE(COPY_, tensor) is COPY_tensor. */
#define CHOICE_JOINED(family, word) family##word
#define CHOICE(family, word) CHOICE_JOINED(family, word)

#define INSTRUCTION_mma 1
#define INSTRUCTION_wgmma 2

#include "tiles.cuh"
#if CHOICE(INSTRUCTION_, INSTRUCTION) == INSTRUCTION_wgmma
#include "wgmma.cuh"
#else
#include "mma.cuh"
#endif

extern "C" __global__ void __launch_bounds__(THREADS, MIN_BLOCKS)
gemm(float *c, const bfloat16 *a, const bfloat16 *b)
{
	multiply_matrices(c, a, b);
}
