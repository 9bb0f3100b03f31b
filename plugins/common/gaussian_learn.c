/* SPDX-License-Identifier: MIT
 *
 * What a Gaussian process learns: the reaches and weights under which the
 * examples are likeliest, held near what was expected before by how much few
 * examples can say. Each goes its own step up its slope, longer while the slope
 * keeps its sign and shorter when that turns (resilient propagation).
 */
#include <math.h>
#include <string.h>

#include "plugins/common/gaussian.h"

#define FIRST_STEP 0.15
#define LONGEST_STEP 0.6
#define LONGER 1.3
#define SHORTER 0.5
/* How far, as a standard deviation of the logarithm, what is learnt may go from
 * what was expected. */
#define USUAL_DEVIATION 1.0
#define NOISE_DEVIATION 1.5

static double
prior(const struct ww_gaussian *process, double *slopes)
{
	uint32_t n = process->factors.n;
	double value = 0;
	uint32_t i;

	for (i = 0; i < n + WW_WEIGHTS; i++) {
		double deviation = i == n + WW_WEIGHT_NOISE ? NOISE_DEVIATION
		                                            : USUAL_DEVIATION;
		double away = (process->learnt[i] - process->expected[i]) /
		              deviation;

		value -= 0.5 * away * away;
		slopes[i] = -away / deviation;
	}
	return value;
}

/* to = the inverse of the Cholesky factor */
static void
invert_lower(const struct ww_gaussian *process, double *to)
{
	size_t line = process->capacity;
	size_t i, k, m;

	for (i = 0; i < process->n; i++) {
		const double *lower = process->lower + i * line;
		double *row = to + i * line;

		memset(row, 0, i * sizeof *row);
		row[i] = 1 / lower[i];
		for (m = 0; m < i; m++) {
			double factor = -row[i] * lower[m];
			const double *other = to + m * line;

			for (k = 0; k <= m; k++)
				row[k] += factor * other[k];
		}
	}
}

/* The lower half of the inverse of the covariance: half' half. */
static void
invert(const struct ww_gaussian *process, double *half, double *inverse)
{
	size_t line = process->capacity;
	size_t i, k, m;

	invert_lower(process, half);
	for (i = 0; i < process->n; i++)
		memset(inverse + i * line, 0, (i + 1) * sizeof *inverse);
	for (m = 0; m < process->n; m++) {
		const double *row = half + m * line;

		for (i = 0; i <= m; i++)
			for (k = 0; k <= i; k++)
				inverse[i * line + k] += row[i] * row[k];
	}
}

/* Adds to the slopes what one entry of the covariance gives; `share` is by how
 * much the value rises with the entry. */
static void
add_slopes(const struct ww_gaussian *process, const uint32_t *a,
           const uint32_t *b, double share, double *slopes)
{
	struct ww_likeness of[WW_FACTORS_MOST];
	const double *weights = process->weights;
	uint32_t n = process->factors.n;
	double sum = 0, squares = 0, product = 1;
	double alone, pairs = 0, all;
	uint32_t i;

	for (i = 0; i < n; i++) {
		of[i] = ww_factor_likeness(&process->factors.of[i], a[i], b[i]);
		sum += of[i].alike;
		squares += of[i].alike * of[i].alike;
		product *= of[i].alike;
	}
	if (product < 1e-100)
		product = 0;
	alone = share * weights[WW_WEIGHT_ALONE] / n;
	if (n > 1)
		pairs = 2 * share * weights[WW_WEIGHT_PAIRS] /
		        ((double)n * (n - 1));
	all = share * weights[WW_WEIGHT_ALL] * product;
	for (i = 0; i < n; i++) {
		double slope = alone + pairs * (sum - of[i].alike);

		if (product > 0)
			slope += all / of[i].alike;
		slopes[i] += slope * of[i].by_reach;
		slopes[n + WW_WEIGHT_ROUGH] += slope * of[i].by_rough;
	}
	slopes[n + WW_WEIGHT_ALONE] += alone * sum;
	slopes[n + WW_WEIGHT_PAIRS] += pairs * (sum * sum - squares) / 2;
	slopes[n + WW_WEIGHT_ALL] += all;
}

/* Logarithm of how likely what is learnt is, without its constant. */
static double
judge(struct ww_gaussian *process, double *slopes)
{
	size_t line = process->capacity, width = process->factors.n;
	double *half = process->inverse;
	double *inverse = half + line * line;
	double value = prior(process, slopes);
	size_t i, k;

	ww_gaussian_set(process);
	if (!ww_gaussian_solve(process))
		return -INFINITY;
	for (i = 0; i < process->n; i++)
		value -= 0.5 * process->solved[i] * process->solved[i] +
		         log(process->lower[i * line + i]);
	invert(process, half, inverse);
	for (i = 0; i < process->n; i++) {
		double share;

		for (k = 0; k < i; k++)
			add_slopes(process, process->codes + i * width,
			           process->codes + k * width,
			           process->alpha[i] * process->alpha[k] -
			                   inverse[i * line + k],
			           slopes);
		share = 0.5 * (process->alpha[i] * process->alpha[i] -
		               inverse[i * line + i]);
		add_slopes(process, process->codes + i * width,
		           process->codes + i * width, share, slopes);
		slopes[width + WW_WEIGHT_NOISE] +=
			share * process->weights[WW_WEIGHT_NOISE];
	}
	return value;
}

struct climb {
	double slopes[WW_GAUSSIAN_MOST];
	double before[WW_GAUSSIAN_MOST];
	double steps[WW_GAUSSIAN_MOST];
};

static void
climb(struct ww_gaussian *process, struct climb *at)
{
	uint32_t n = process->factors.n + WW_WEIGHTS;
	uint32_t i;

	for (i = 0; i < n; i++) {
		double slope = at->slopes[i];

		if (slope * at->before[i] > 0) {
			at->steps[i] = fmin(at->steps[i] * LONGER,
			                    LONGEST_STEP);
		} else if (slope * at->before[i] < 0) {
			at->steps[i] *= SHORTER;
			slope = 0;
		}
		if (slope > 0)
			process->learnt[i] += at->steps[i];
		else if (slope < 0)
			process->learnt[i] -= at->steps[i];
		at->before[i] = slope;
	}
}

void
ww_gaussian_learn(struct ww_gaussian *process, unsigned steps)
{
	double best_learnt[WW_GAUSSIAN_MOST];
	struct climb at = { .before = { 0 } };
	double best = -INFINITY;
	unsigned i;

	for (i = 0; i < WW_GAUSSIAN_MOST; i++)
		at.steps[i] = FIRST_STEP;
	memcpy(best_learnt, process->learnt, sizeof best_learnt);
	for (i = 0; i < steps; i++) {
		double value = judge(process, at.slopes);

		if (value > best) {
			best = value;
			memcpy(best_learnt, process->learnt,
			       sizeof best_learnt);
		}
		if (value > -INFINITY)
			climb(process, &at);
		else
			memcpy(process->learnt, process->expected,
			       sizeof process->learnt);
	}
	memcpy(process->learnt, best_learnt, sizeof best_learnt);
	ww_gaussian_set(process);
}
