/* SPDX-License-Identifier: MIT
 *
 * C = A * B for row-major float32 matrices, A of M x K, B of K x N. Everything
 * in capital letters comes from the task: problem sizes and parameters.
 */

#define PASTE(a, b) a##b
#define VALUE_OF(prefix, name) PASTE(prefix, name)
#define ORDER_ijk 1
#define ORDER_ikj 2
#define ORDER_block 3
#define ORDER_IS(which) (VALUE_OF(ORDER_, ORDER) == ORDER_##which)

#if defined(__clang__)
#define UNROLLED(n) UNROLL_PRAGMA(unroll n)
#else
#define UNROLLED(n) UNROLL_PRAGMA(GCC unroll n)
#endif
#define UNROLL_PRAGMA(text) _Pragma(#text)

#if VECTOR > 1
/* Lies at any address that a float may lie at. */
typedef float lanes __attribute__((vector_size(4 * VECTOR), aligned(4)));
#else
typedef float lanes;
#endif

#if !ORDER_IS(ijk)
static inline lanes
load(const float *from)
{
	return *(const lanes *)from;
}

static inline void
add_to(float *to, lanes value)
{
	*(lanes *)to += value;
}
#endif

#if ORDER_IS(ijk)

/* One element of C after the other: a dot product of a row and a column. */
static void
multiply_tile(const float *a, const float *b, int stride_b, float *c)
{
	for (int i = 0; i < TILE_M; i++)
		for (int j = 0; j < TILE_N; j++) {
			float sum = 0;

			UNROLLED(UNROLL)
			for (int k = 0; k < TILE_K; k++)
				sum += a[i * K + k] * b[k * stride_b + j];
			c[i * N + j] += sum;
		}
}

#elif ORDER_IS(ikj)

/* One element of A after the other: a row of C gets a multiple of a row of B. */
static void
multiply_tile(const float *a, const float *b, int stride_b, float *c)
{
	for (int i = 0; i < TILE_M; i++)
		for (int k = 0; k < TILE_K; k++) {
			const float factor = a[i * K + k];

			UNROLLED(UNROLL)
			for (int j = 0; j < TILE_N; j += VECTOR)
				add_to(&c[i * N + j],
				       factor * load(&b[k * stride_b + j]));
		}
}

#else

/* A block of C stays in registers while k runs over the tile. */
static void
multiply_tile(const float *a, const float *b, int stride_b, float *c)
{
	for (int j = 0; j < TILE_N; j += COLUMNS * VECTOR)
		for (int i = 0; i < TILE_M; i += ROWS) {
			lanes sums[ROWS][COLUMNS] = { 0 };

			UNROLLED(UNROLL)
			for (int k = 0; k < TILE_K; k++) {
				const float *row = &b[k * stride_b + j];

				UNROLLED(ROWS)
				for (int r = 0; r < ROWS; r++) {
					const float factor = a[(i + r) * K + k];

					UNROLLED(COLUMNS)
					for (int s = 0; s < COLUMNS; s++)
						sums[r][s] +=
							factor *
							load(row + s * VECTOR);
				}
			}
			UNROLLED(ROWS)
			for (int r = 0; r < ROWS; r++)
				UNROLLED(COLUMNS)
				for (int s = 0; s < COLUMNS; s++)
					add_to(&c[(i + r) * N + j + s * VECTOR],
					       sums[r][s]);
		}
}

#endif

#if PACK
/* A tile of B with its rows one behind the other. */
static const float *
packed(const float *b, float *copy)
{
	for (int k = 0; k < TILE_K; k++)
		for (int j = 0; j < TILE_N; j++)
			copy[k * TILE_N + j] = b[k * N + j];
	return copy;
}
#endif

/* All of C that lies in TILE_M rows. */
static void
multiply_rows(const float *a, const float *b, float *c)
{
#if PACK
	float copy[TILE_K * TILE_N] __attribute__((aligned(64)));
#endif
	for (int i = 0; i < TILE_M * N; i++)
		c[i] = 0;
	for (int k = 0; k < K; k += TILE_K)
		for (int j = 0; j < N; j += TILE_N)
#if PACK
			multiply_tile(a + k, packed(b + k * N + j, copy),
			              TILE_N, c + j);
#else
			multiply_tile(a + k, b + k * N + j, N, c + j);
#endif
}

void
matmul(const float *a, const float *b, float *c)
{
#if THREADS > 1
#pragma omp parallel for num_threads(THREADS) schedule(static)
#endif
	for (int i = 0; i < M; i += TILE_M)
		multiply_rows(a + i * K, b, c + i * N);
}
