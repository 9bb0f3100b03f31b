/* SPDX-License-Identifier: MIT */
#include "plugins/common/levels.h"

#include <math.h>
#include <stdlib.h>

#define LARGEST_SHARE 0.75 /* of the logarithms that are told apart */
#define FAILURE_RANK 0.85

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* Quantile of the normal distribution, by Tukey's lambda distribution, which is
 * the same to a hundredth. */
static double
normal_quantile(double share)
{
	return 4.91 * (pow(share, 0.14) - pow(1 - share, 0.14));
}

static size_t
rank_of(const double *sorted, size_t n, double value)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (sorted[middle] < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Logarithms where there are such. */
static double
measure(double objective, int positive)
{
	return positive ? log(objective) : objective;
}

struct scale {
	double limit;
	double mean;
	double deviation;
};

static struct scale
scale_of(const double *sorted, size_t n, int positive)
{
	struct scale scale = { .limit = INFINITY };
	double squares = 0;
	size_t i;

	scale.limit = measure(
		sorted[(size_t)(LARGEST_SHARE * (double)(n - 1))], positive);
	for (i = 0; i < n; i++)
		scale.mean += fmin(measure(sorted[i], positive), scale.limit);
	scale.mean /= (double)n;
	for (i = 0; i < n; i++) {
		double away = fmin(measure(sorted[i], positive), scale.limit) -
		              scale.mean;

		squares += away * away;
	}
	scale.deviation = sqrt(squares / (double)n);
	if (!(scale.deviation > 1e-9))
		scale.deviation = 1e-9;
	return scale;
}

static double
level(const struct scale *scale, double value, double share)
{
	return 0.5 * (fmin(value, scale->limit) - scale->mean) /
	               scale->deviation +
	       0.5 * normal_quantile(share);
}

int
ww_levels_make(const double *objectives, size_t n, double *levels)
{
	double *sorted = malloc((n + 1) * sizeof *sorted);
	double worst = -INFINITY, failure;
	struct scale scale;
	size_t n_good = 0, i;
	int positive;

	if (sorted == NULL)
		return 0;
	for (i = 0; i < n; i++)
		if (isfinite(objectives[i]))
			sorted[n_good++] = objectives[i];
	qsort(sorted, n_good, sizeof *sorted, by_size);
	positive = sorted[0] > 0;
	scale = scale_of(sorted, n_good, positive);
	for (i = 0; i < n; i++) {
		double rank;

		if (!isfinite(objectives[i]))
			continue;
		rank = (double)rank_of(sorted, n_good, objectives[i]) + 0.5;
		levels[i] = level(&scale, measure(objectives[i], positive),
		                  rank / (double)n_good);
		worst = fmax(worst, levels[i]);
	}
	failure = fmin(level(&scale, scale.limit, FAILURE_RANK), worst);
	for (i = 0; i < n; i++)
		if (!isfinite(objectives[i]))
			levels[i] = failure;
	free(sorted);
	return 1;
}
