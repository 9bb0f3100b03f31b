/* SPDX-License-Identifier: MIT */
#include "core/measure/stats.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

/* Probability that the interval misses the median, on both sides together. */
#define MISS 0.05

static int
compare_doubles(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

static double *
sorted_copy(const double *samples, size_t n)
{
	double *copy = ww_alloc(n * sizeof *copy);

	memcpy(copy, samples, n * sizeof *copy);
	qsort(copy, n, sizeof *copy, compare_doubles);
	return copy;
}

static double
quantile_sorted(const double *sorted, size_t n, double q)
{
	double position = q * (double)(n - 1);
	size_t below = (size_t)position;

	if (below >= n - 1)
		return sorted[n - 1];
	return sorted[below] +
	       (position - (double)below) * (sorted[below + 1] - sorted[below]);
}

double
ww_quantile(const double *samples, size_t n, double q)
{
	double *sorted;
	double result;

	if (n == 0)
		return NAN;
	sorted = sorted_copy(samples, n);
	result = quantile_sorted(sorted, n, fmin(fmax(q, 0.0), 1.0));
	free(sorted);
	return result;
}

double
ww_median(const double *samples, size_t n)
{
	return ww_quantile(samples, n, 0.5);
}

/* Index of the order statistic that bounds the interval from below (its mirror
 * bounds it from above). The number of samples below the median is binomial with
 * p = 1/2, whatever the distribution of the samples: the largest i with
 * P(X <= i) <= MISS / 2 (David and Nagaraja, Order Statistics, 3rd edition,
 * 7.1). Below six samples there is none: the range is all that
 * can be said. */
static size_t
bound_of(size_t n)
{
	double tail = 0.0;
	size_t k = 0;

	for (;;) {
		tail += exp(lgamma((double)n + 1.0) -
		            lgamma((double)k + 1.0) -
		            lgamma((double)(n - k) + 1.0) -
		            (double)n * log(2.0));
		if (tail > MISS / 2.0 || 2 * (k + 1) >= n)
			return k > 0 ? k - 1 : 0;
		k++;
	}
}

static void
mean_and_deviation(const double *samples, size_t n, struct ww_summary *summary)
{
	double sum = 0.0, squares = 0.0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += samples[i];
	summary->mean = sum / (double)n;
	for (i = 0; i < n; i++)
		squares += (samples[i] - summary->mean) *
		           (samples[i] - summary->mean);
	summary->deviation = n > 1 ? sqrt(squares / (double)(n - 1)) : 0.0;
}

void
ww_summarise(const double *samples, size_t n, struct ww_summary *summary)
{
	double *sorted = sorted_copy(samples, n);
	size_t bound = bound_of(n);

	summary->median = quantile_sorted(sorted, n, 0.5);
	summary->low = sorted[bound];
	summary->high = sorted[n - 1 - bound];
	summary->minimum = sorted[0];
	mean_and_deviation(samples, n, summary);
	free(sorted);
}

double
ww_t_quantile(size_t freedom)
{
	static const double few[] = { 12.706, 4.303, 3.182, 2.776, 2.571,
		                      2.447,  2.365, 2.306, 2.262, 2.228 };
	const double z = 1.959964;
	double n = (double)freedom;

	if (freedom <= sizeof few / sizeof few[0])
		return few[freedom - 1];
	/* Cornish and Fisher's expansion around the normal distribution. */
	return z + (pow(z, 3) + z) / (4 * n) +
	       (5 * pow(z, 5) + 16 * pow(z, 3) + 3 * z) / (96 * n * n) +
	       (3 * pow(z, 7) + 19 * pow(z, 5) + 17 * pow(z, 3) - 15 * z) /
	               (384 * n * n * n);
}
