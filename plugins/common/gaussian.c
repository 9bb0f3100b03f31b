/* SPDX-License-Identifier: MIT */
#include "plugins/common/gaussian.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK WW_GAUSSIAN_BLOCK
#define JITTER 1e-6
#define LEAST_VARIANCE 1e-9

/* Before anything is known: parameters reach the further the more there are, as
 * the product of all is to tell something; single effects count a little more
 * than joint ones, and little is rough or noise. */
static void
expect(struct ww_gaussian *process)
{
	double *weights = process->expected + process->factors.n;
	uint32_t i;

	for (i = 0; i < process->factors.n; i++)
		process->expected[i] = log(0.5 * sqrt(process->factors.n));
	weights[WW_WEIGHT_ALONE] = log(0.4);
	weights[WW_WEIGHT_PAIRS] = log(0.3);
	weights[WW_WEIGHT_ALL] = log(0.3);
	weights[WW_WEIGHT_NOISE] = log(0.01);
	weights[WW_WEIGHT_ROUGH] = log(0.03);
	memcpy(process->learnt, process->expected, sizeof process->learnt);
}

int
ww_gaussian_start(struct ww_gaussian *process, const struct ww_space *space)
{
	memset(process, 0, sizeof *process);
	if (!ww_factors_start(&process->factors, space))
		return 0;
	expect(process);
	ww_gaussian_set(process);
	return 1;
}

void
ww_gaussian_clear(struct ww_gaussian *process)
{
	ww_factors_clear(&process->factors);
	free(process->codes);
	free(process->values);
	free(process->lower);
	free(process->solved);
	free(process->alpha);
	free(process->inverse);
	free(process->watched);
	free(process->n_seen);
	free(process->shadows);
	memset(process, 0, sizeof *process);
}

void
ww_gaussian_set(struct ww_gaussian *process)
{
	const double *logs = process->learnt + process->factors.n;
	double *weights = process->weights;
	int i;

	for (i = 0; i < WW_WEIGHTS; i++)
		weights[i] = exp(logs[i]);
	ww_factors_set(&process->factors, process->learnt,
	               weights[WW_WEIGHT_ROUGH] /
	                       (1 + weights[WW_WEIGHT_ROUGH]));
	process->n_lower = 0;
	for (size_t k = 0; k * BLOCK < process->n_watched; k++)
		process->n_seen[k] = 0;
}

/* -- covariance -------------------------------------------------------------- */

static double
covariance(const struct ww_gaussian *process, const uint32_t *a,
           const uint32_t *b)
{
	const double *weights = process->weights;
	double n = process->factors.n;
	double sum = 0, squares = 0, product = 1;
	double pairs;
	uint32_t i;

	for (i = 0; i < process->factors.n; i++) {
		double alike = ww_factor_alike(&process->factors.of[i], a[i],
		                               b[i]);

		sum += alike;
		squares += alike * alike;
		product *= alike;
	}
	pairs = n > 1 ? (sum * sum - squares) / (n * (n - 1)) : 0;
	return weights[WW_WEIGHT_ALONE] * sum / n +
	       weights[WW_WEIGHT_PAIRS] * pairs +
	       weights[WW_WEIGHT_ALL] * product;
}

/* Of a configuration with itself. */
static double
whole_variance(const struct ww_gaussian *process)
{
	const double *weights = process->weights;

	return weights[WW_WEIGHT_ALONE] + weights[WW_WEIGHT_ALL] +
	       (process->factors.n > 1 ? weights[WW_WEIGHT_PAIRS] : 0);
}

/* Four sums, so that additions need not wait for one another. */
static double
dot(const double *a, const double *b, size_t n)
{
	double sums[4] = { 0 };
	size_t i;

	for (i = 0; i + 4 <= n; i += 4) {
		sums[0] += a[i] * b[i];
		sums[1] += a[i + 1] * b[i + 1];
		sums[2] += a[i + 2] * b[i + 2];
		sums[3] += a[i + 3] * b[i + 3];
	}
	for (; i < n; i++)
		sums[0] += a[i] * b[i];
	return sums[0] + sums[1] + sums[2] + sums[3];
}

/* Adds the rows of the Cholesky factor that are missing. */
static int
decompose(struct ww_gaussian *process)
{
	size_t width = process->factors.n;
	size_t i, k;

	for (i = process->n_lower; i < process->n; i++) {
		double *row = process->lower + i * process->capacity;

		for (k = 0; k <= i; k++) {
			const double *other = process->lower +
			                      k * process->capacity;
			double rest = covariance(process,
			                         process->codes + i * width,
			                         process->codes + k * width);

			rest -= dot(row, other, k);
			if (k < i) {
				row[k] = rest / other[k];
				continue;
			}
			rest += process->weights[WW_WEIGHT_NOISE] + JITTER;
			if (!(rest > 0))
				return 0;
			row[i] = sqrt(rest);
		}
		process->n_lower = i + 1;
	}
	return 1;
}

int
ww_gaussian_solve(struct ww_gaussian *process)
{
	size_t n = process->n;
	size_t i, k;

	if (!decompose(process))
		return 0;
	for (i = 0; i < n; i++) {
		const double *row = process->lower + i * process->capacity;

		process->solved[i] = (process->values[i] -
		                      dot(row, process->solved, i)) /
		                     row[i];
	}
	memcpy(process->alpha, process->solved, n * sizeof(double));
	for (i = n; i-- > 0;) {
		const double *row = process->lower + i * process->capacity;

		process->alpha[i] /= row[i];
		for (k = 0; k < i; k++)
			process->alpha[k] -= row[k] * process->alpha[i];
	}
	return 1;
}

/* -- examples ---------------------------------------------------------------- */

static int
resize(void **array, size_t n, size_t bytes)
{
	void *larger = realloc(*array, (n + 1) * bytes);

	if (larger == NULL)
		return 0;
	*array = larger;
	return 1;
}

static int
reserve(struct ww_gaussian *process, size_t n)
{
	size_t capacity = n + n / 2 + 16;
	size_t square = capacity * capacity;

	if (n <= process->capacity)
		return 1;
	process->n_lower = 0;
	process->capacity = 0;
	if (!resize((void **)&process->codes, capacity * process->factors.n,
	            sizeof(uint32_t)) ||
	    !resize((void **)&process->values, capacity, sizeof(double)) ||
	    !resize((void **)&process->solved, capacity, sizeof(double)) ||
	    !resize((void **)&process->alpha, capacity, sizeof(double)) ||
	    !resize((void **)&process->lower, square, sizeof(double)) ||
	    !resize((void **)&process->inverse, 2 * square, sizeof(double)))
		return 0;
	process->capacity = capacity;
	return 1;
}

static void
set_values(struct ww_gaussian *process, const double *values)
{
	double sum = 0, squares = 0;
	size_t i;

	for (i = 0; i < process->n; i++)
		sum += values[i];
	process->mean = sum / (double)process->n;
	for (i = 0; i < process->n; i++)
		squares += (values[i] - process->mean) *
		           (values[i] - process->mean);
	process->deviation = sqrt(squares / (double)process->n);
	if (!(process->deviation > 1e-9))
		process->deviation = 1e-9;
	for (i = 0; i < process->n; i++)
		process->values[i] = (values[i] - process->mean) /
		                     process->deviation;
}

/* What was made for rows that are the same as before holds still. */
static void
set_codes(struct ww_gaussian *process, const uint32_t *const *rows)
{
	size_t same = process->n_lower < process->n ? process->n_lower
	                                            : process->n;
	uint32_t s;
	size_t i;

	for (i = 0; i < process->n; i++) {
		uint32_t *codes = process->codes + i * process->factors.n;

		for (s = 0; s < process->factors.n; s++) {
			uint32_t code = rows[i][process->factors.of[s].slot];

			if (i < same && codes[s] != code)
				same = i;
			codes[s] = code;
		}
	}
	process->n_lower = same;
	for (i = 0; i * BLOCK < process->n_watched; i++)
		if (process->n_seen[i] > same)
			process->n_seen[i] = same;
}

ww_status
ww_gaussian_fit(struct ww_gaussian *process, const uint32_t *const *rows,
                const double *values, size_t n, unsigned steps)
{
	if (!reserve(process, n))
		return WW_E_NO_MEMORY;
	process->n = n;
	set_codes(process, rows);
	set_values(process, values);
	if (steps > 0)
		ww_gaussian_learn(process, steps);
	if (!ww_gaussian_solve(process)) {
		memcpy(process->learnt, process->expected,
		       sizeof process->learnt);
		ww_gaussian_set(process);
		ww_gaussian_solve(process);
	}
	return WW_OK;
}

static void
write_codes(const struct ww_gaussian *process, const uint32_t *row,
            uint32_t *codes)
{
	uint32_t s;

	for (s = 0; s < process->factors.n; s++)
		codes[s] = row[process->factors.of[s].slot];
}

double
ww_gaussian_mean(const struct ww_gaussian *process, const uint32_t *row)
{
	uint32_t codes[WW_FACTORS_MOST];
	size_t width = process->factors.n;
	double sum = 0;
	size_t i;

	write_codes(process, row, codes);
	for (i = 0; i < process->n; i++)
		sum += process->alpha[i] *
		       covariance(process, codes, process->codes + i * width);
	return process->mean + process->deviation * sum;
}

/* -- watching ---------------------------------------------------------------- */

void
ww_gaussian_unwatch(struct ww_gaussian *process)
{
	process->n_watched = 0;
}

static int
reserve_watched(struct ww_gaussian *process)
{
	size_t capacity = process->watch_capacity * 2 + 64 * BLOCK;

	if (process->n_watched < process->watch_capacity)
		return 1;
	if (!resize((void **)&process->watched,
	            capacity * process->factors.n, sizeof(uint32_t)) ||
	    !resize((void **)&process->n_seen, capacity / BLOCK,
	            sizeof(size_t)) ||
	    !resize((void **)&process->shadows,
	            capacity * process->shadow_rows, sizeof(double)))
		return 0;
	process->watch_capacity = capacity;
	return 1;
}

ww_status
ww_gaussian_watch(struct ww_gaussian *process, const uint32_t *row)
{
	if (!reserve_watched(process))
		return WW_E_NO_MEMORY;
	write_codes(process, row,
	            process->watched +
	                    process->n_watched * process->factors.n);
	process->n_seen[process->n_watched / BLOCK] = 0;
	process->n_watched++;
	return WW_OK;
}

/* Solves for the rows of the block's shadows that are missing; the innermost
 * loop goes over the block, which a compiler turns into vectors. */
static void
cast_shadows(struct ww_gaussian *process, size_t block, double *shadows)
{
	size_t width = process->factors.n;
	size_t first = block * BLOCK;
	size_t i, k, b;

	for (i = process->n_seen[block]; i < process->n; i++) {
		const double *row = process->lower + i * process->capacity;
		double rest[BLOCK] = { 0 };

		for (b = 0; b < BLOCK && first + b < process->n_watched; b++)
			rest[b] = covariance(
				process, process->watched + (first + b) * width,
				process->codes + i * width);
		for (k = 0; k < i; k++)
			for (b = 0; b < BLOCK; b++)
				rest[b] -= row[k] * shadows[k * BLOCK + b];
		for (b = 0; b < BLOCK; b++)
			shadows[i * BLOCK + b] = rest[b] / row[i];
	}
	process->n_seen[block] = process->n;
}

static void
look_at_block(struct ww_gaussian *process, size_t block, double *means,
              double *variances)
{
	double *shadows = process->shadows +
	                  block * process->shadow_rows * BLOCK;
	double square = process->deviation * process->deviation;
	double means_of[BLOCK] = { 0 }, known[BLOCK] = { 0 };
	size_t i, b;

	cast_shadows(process, block, shadows);
	for (i = 0; i < process->n; i++)
		for (b = 0; b < BLOCK; b++) {
			double shadow = shadows[i * BLOCK + b];

			known[b] += shadow * shadow;
			means_of[b] += shadow * process->solved[i];
		}
	for (b = 0; b < BLOCK; b++) {
		double left = whole_variance(process) - known[b];

		means[b] = process->mean + process->deviation * means_of[b];
		variances[b] = square * fmax(left, LEAST_VARIANCE);
	}
}

ww_status
ww_gaussian_look(struct ww_gaussian *process, double *means,
                 double *variances)
{
	size_t i;

	if (process->shadow_rows < process->n) {
		size_t n_rows = process->n + 32;

		if (!resize((void **)&process->shadows,
		            process->watch_capacity * n_rows, sizeof(double)))
			return WW_E_NO_MEMORY;
		process->shadow_rows = n_rows;
		for (i = 0; i * BLOCK < process->n_watched; i++)
			process->n_seen[i] = 0;
	}
	for (i = 0; i * BLOCK < process->n_watched; i++)
		look_at_block(process, i, means + i * BLOCK,
		              variances + i * BLOCK);
	return WW_OK;
}
