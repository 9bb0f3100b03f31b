/* SPDX-License-Identifier: MIT */
#include "core/compare/curve.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/text.h"

/* ---------------------------------------------------------------- isotonic */

static size_t
merge_equal(double *x, double *y, double *weight, size_t n)
{
	size_t kept = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (kept > 0 && x[kept - 1] == x[i]) {
			double both = weight[kept - 1] + weight[i];

			y[kept - 1] = (y[kept - 1] * weight[kept - 1] +
			               y[i] * weight[i]) /
			              both;
			weight[kept - 1] = both;
			continue;
		}
		x[kept] = x[i];
		y[kept] = y[i];
		weight[kept++] = weight[i];
	}
	return kept;
}

/* A run of points that violate the order and so share one value. */
struct block {
	double value, weight;
	size_t n;
};

size_t
ww_isotonic_fit(double *x, double *y, double *weight, size_t n)
{
	size_t left = merge_equal(x, y, weight, n);
	struct block *blocks = ww_alloc((left + 1) * sizeof *blocks);
	size_t n_blocks = 0, at = 0;
	size_t i, k;

	for (i = 0; i < left; i++) {
		struct block next = { y[i], weight[i], 1 };

		/* Pool the adjacent violators. */
		while (n_blocks > 0 &&
		       blocks[n_blocks - 1].value <= next.value) {
			const struct block *last = &blocks[--n_blocks];
			double both = last->weight + next.weight;

			next.value = (last->value * last->weight +
			              next.value * next.weight) /
			             both;
			next.weight = both;
			next.n += last->n;
		}
		blocks[n_blocks++] = next;
	}
	for (i = 0; i < n_blocks; i++)
		for (k = 0; k < blocks[i].n; k++)
			y[at++] = blocks[i].value;
	free(blocks);
	return left;
}

void
ww_lines_at(const double *x, const double *y, size_t n, const double *at,
            double *out, size_t n_at)
{
	size_t right = 0; /* the first point not left of the place */
	size_t i;

	for (i = 0; i < n_at; i++) {
		double part;

		while (right < n && x[right] < at[i])
			right++;
		if (right == 0 || right == n) {
			out[i] = y[right == 0 ? 0 : n - 1];
			continue;
		}
		part = (at[i] - x[right - 1]) / (x[right] - x[right - 1]);
		out[i] = y[right - 1] + part * (y[right] - y[right - 1]);
	}
}

/* ------------------------------------------------------------------- PCHIP */

/* One-sided slope at an end, from the two nearest intervals: three points'
 * formula, held back so that no extremum appears. */
static double
slope_at_end(double near_width, double far_width, double near_rise,
             double far_rise)
{
	double slope = ((2.0 * near_width + far_width) * near_rise -
	                near_width * far_rise) /
	               (near_width + far_width);

	if (slope * near_rise <= 0.0)
		return 0.0;
	if (near_rise * far_rise < 0.0 && fabs(slope) > 3.0 * fabs(near_rise))
		return 3.0 * near_rise;
	return slope;
}

/* Harmonic mean of the rises on both sides, the nearer one weighing more. */
static double
slope_between(double left_width, double right_width, double left_rise,
              double right_rise)
{
	double left = 2.0 * right_width + left_width;
	double right = right_width + 2.0 * left_width;

	if (left_rise * right_rise <= 0.0)
		return 0.0;
	return (left + right) / (left / left_rise + right / right_rise);
}

static void
find_slopes(const double *x, const double *y, size_t n, double *slope)
{
	size_t i;
	double width, rise, before_width = 0, before_rise = 0;

	if (n == 2) {
		slope[0] = slope[1] = (y[1] - y[0]) / (x[1] - x[0]);
		return;
	}
	for (i = 0; i + 1 < n; i++) {
		width = x[i + 1] - x[i];
		rise = (y[i + 1] - y[i]) / width;
		if (i > 0)
			slope[i] = slope_between(before_width, width,
			                         before_rise, rise);
		if (i == 1)
			slope[0] = slope_at_end(before_width, width,
			                        before_rise, rise);
		if (i + 2 == n)
			slope[n - 1] = slope_at_end(width, before_width, rise,
			                            before_rise);
		before_width = width;
		before_rise = rise;
	}
}

static double
hermite(const double *x, const double *y, const double *slope, double at)
{
	double width = x[1] - x[0];
	double t = (at - x[0]) / width;
	double u = 1.0 - t;

	return y[0] * (1.0 + 2.0 * t) * u * u + y[1] * (1.0 + 2.0 * u) * t * t +
	       width * (slope[0] * t * u * u - slope[1] * t * t * u);
}

void
ww_pchip_at(const double *x, const double *y, size_t n, const double *at,
            double *out, size_t n_at)
{
	double *slope = ww_alloc(n * sizeof *slope);
	size_t left = 0;
	size_t i;

	find_slopes(x, y, n, slope);
	for (i = 0; i < n_at; i++) {
		while (left + 2 < n && x[left + 1] <= at[i])
			left++;
		out[i] = hermite(x + left, y + left, slope + left, at[i]);
	}
	free(slope);
}
