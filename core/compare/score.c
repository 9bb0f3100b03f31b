/* SPDX-License-Identifier: MIT */
#include "core/compare/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/compare/curve.h"

/* The way between median and optimum at which judging begins and ends. */
#define BEGINS 0.01
#define ENDS 0.95

/* Points a little before and after the time axis still shape the regression at
 * its ends: this share of the time, and more where runs are short. */
#define MARGIN 0.1
#define MARGIN_OF_SHORT_RUNS 0.25

/* ---------------------------------------------------------------- baseline */

/* What a random search is expected to have found after t / pace usable
 * evaluations: values at whole numbers of evaluations, then PCHIP between the
 * first time that each number is reached. */
static void
draw_baseline(struct ww_score *score, double pace)
{
	double k[WW_SCORE_POINTS], value[WW_SCORE_POINTS];
	double at[WW_SCORE_POINTS];
	double last = 0.0;
	size_t n = 0;
	uint32_t i;

	for (i = 0; i < WW_SCORE_POINTS; i++) {
		double t = score->times[i];

		last = rint(fmax(1.0, pace > 0 ? t / pace : 1.0));
		score->baseline[i] =
			ww_landscape_random(score->landscape, last);
		if (n > 0 && last <= k[n - 1])
			continue;
		k[n] = last;
		value[n++] = score->baseline[i];
	}
	if (n < 2)
		return;
	for (i = 0; i < WW_SCORE_POINTS; i++)
		at[i] = k[0] + (last - k[0]) * i / (WW_SCORE_POINTS - 1);
	ww_pchip_at(k, value, n, at, score->baseline, WW_SCORE_POINTS);
}

void
ww_score_start(struct ww_score *score, const struct ww_landscape *landscape,
               uint32_t n_runs, uint32_t max_evaluations, uint32_t workers,
               uint32_t devices)
{
	bool serial = workers <= 1 && devices <= 1;
	double pace = ww_landscape_pace(landscape, workers, devices);
	double each = serial ? landscape->median_cost_s : pace;
	uint64_t from = ww_landscape_cutoff(landscape, BEGINS);
	uint64_t to = ww_landscape_cutoff(landscape, ENDS);
	double first, last, end;
	uint32_t i;

	/* Judging takes some time, however easy the space is. */
	if (to < from + 2) {
		to = from > 0 ? to + 1 : to + 2;
		from = from > 0 ? from - 1 : 0;
	}
	first = each * (double)from;
	end = each * (double)to;
	last = fmax(first, fmin(end, pace * max_evaluations));
	memset(score, 0, sizeof *score);
	score->landscape = landscape;
	score->n_runs = n_runs;
	score->covered = end > first ? (last - first) / (end - first) : 1.0;
	score->ends = ww_alloc(((size_t)n_runs + 1) * sizeof *score->ends);
	score->by_end = ww_alloc(((size_t)n_runs + 1) * sizeof *score->by_end);
	score->times_picked = ww_alloc(((size_t)n_runs + 1) *
	                               sizeof *score->times_picked);
	for (i = 0; i < n_runs; i++)
		score->ends[i] = NAN;
	for (i = 0; i < WW_SCORE_POINTS; i++)
		score->times[i] = first + (last - first) * i /
		                                  (WW_SCORE_POINTS - 1);
	draw_baseline(score, pace);
}

/* ------------------------------------------------------------------ points */

void
ww_score_run(struct ww_score *score, uint32_t i, const struct ww_run *run)
{
	const struct ww_landscape *landscape = score->landscape;
	uint32_t k;

	if (run->n_points > score->longest)
		score->longest = run->n_points;
	for (k = 0; k < run->n_points; k++) {
		const struct ww_run_point *point = &run->points[k];

		/* Before anything is found there is no rank. */
		if (!isfinite(point->best_ms))
			continue;
		if (score->n_points == score->room) {
			score->room = score->room * 2 + 1024;
			score->points = ww_grow(score->points,
			                        score->room *
			                                sizeof *score->points);
		}
		score->points[score->n_points++] = (struct ww_score_point){
			.seconds = point->seconds,
			.rank = (uint32_t)(landscape->n_valid -
			                   ww_landscape_place(landscape,
			                                      point->best_ms)),
			.run = i,
		};
		score->ends[i] = point->seconds;
	}
}

static int
compare_times(const void *a, const void *b)
{
	const struct ww_score_point *x = a, *y = b;

	if (x->seconds != y->seconds)
		return x->seconds < y->seconds ? -1 : 1;
	return (x->run > y->run) - (x->run < y->run);
}

/* Only points near the time axis count. */
static void
drop_far_points(struct ww_score *score)
{
	double margin = MARGIN + (score->longest > 0 ? MARGIN_OF_SHORT_RUNS /
	                                                       score->longest
	                                             : 0.0);
	double first = score->times[0] * (1.0 - margin);
	double last = score->times[WW_SCORE_POINTS - 1] * (1.0 + margin);
	size_t n = 0;
	size_t i;

	for (i = 0; i < score->n_points; i++)
		if (score->points[i].seconds >= first &&
		    score->points[i].seconds <= last)
			score->points[n++] = score->points[i];
	score->n_points = n;
}

void
ww_score_finish(struct ww_score *score)
{
	uint32_t i, k;

	drop_far_points(score);
	if (score->n_points > 0)
		qsort(score->points, score->n_points, sizeof *score->points,
		      compare_times);
	score->scratch = ww_alloc((3 * score->n_points + 1) *
	                          sizeof *score->scratch);
	for (i = 0; i < score->n_runs; i++) {
		if (isnan(score->ends[i]))
			continue;
		for (k = score->n_ends++;
		     k > 0 && score->ends[score->by_end[k - 1]] > score->ends[i];
		     k--)
			score->by_end[k] = score->by_end[k - 1];
		score->by_end[k] = i;
	}
}

/* ------------------------------------------------------------------- curve */

/* The first end after the median end of the picked runs; from then on fewer
 * than half of them are still there to be followed. */
static double
find_stop(const struct ww_score *score)
{
	double low = NAN, high = NAN, median;
	uint32_t n = 0, passed = 0;
	uint32_t i;

	for (i = 0; i < score->n_ends; i++)
		n += score->times_picked[score->by_end[i]];
	for (i = 0; i < score->n_ends && n > 0; i++) {
		uint32_t before = passed;
		double end = score->ends[score->by_end[i]];

		passed += score->times_picked[score->by_end[i]];
		if (before <= (n - 1) / 2 && passed > (n - 1) / 2)
			low = end;
		if (before <= n / 2 && passed > n / 2)
			high = end;
	}
	median = (low + high) / 2.0;
	for (i = 0; i < score->n_ends; i++)
		if (score->times_picked[score->by_end[i]] > 0 &&
		    score->ends[score->by_end[i]] > median)
			return score->ends[score->by_end[i]];
	return INFINITY;
}

/* Ranks of the picked runs' points, each as often as its run was picked. */
static size_t
collect(const struct ww_score *score, double *x, double *y, double *weight)
{
	size_t n = 0;
	size_t i;

	for (i = 0; i < score->n_points; i++) {
		const struct ww_score_point *point = &score->points[i];

		if (score->times_picked[point->run] == 0)
			continue;
		x[n] = point->seconds;
		y[n] = point->rank;
		weight[n++] = score->times_picked[point->run];
	}
	return n;
}

void
ww_score_curve(struct ww_score *score, const uint32_t *picked, uint32_t n,
               double curve[WW_SCORE_POINTS])
{
	double *x = score->scratch;
	double *y = x + score->n_points, *weight = y + score->n_points;
	const double *valid = score->landscape->valid;
	size_t n_points;
	uint32_t i, stop = 0;
	double stop_s;

	memset(score->times_picked, 0,
	       score->n_runs * sizeof *score->times_picked);
	for (i = 0; i < n; i++)
		score->times_picked[picked[i]]++;
	n_points = collect(score, x, y, weight);
	if (n_points == 0) {
		/* None of them found anything: the worst there is. */
		for (i = 0; i < WW_SCORE_POINTS; i++)
			curve[i] = valid[score->landscape->n_valid - 1];
		return;
	}
	n_points = ww_isotonic_fit(x, y, weight, n_points);
	ww_lines_at(x, y, n_points, score->times, curve, WW_SCORE_POINTS);
	stop_s = find_stop(score);
	while (stop + 1 < WW_SCORE_POINTS && score->times[stop] <= stop_s)
		stop++;
	for (i = 0; i < WW_SCORE_POINTS; i++)
		curve[i] = i <= stop ? valid[(size_t)rint(curve[i])]
		                     : curve[stop];
}

double
ww_score_mean(struct ww_score *score, const uint32_t *picked, uint32_t n)
{
	double curve[WW_SCORE_POINTS];
	double optimum = ww_landscape_optimum(score->landscape);
	double sum = 0.0;
	uint32_t used = 0;
	uint32_t i;

	if (n == 0)
		return NAN;
	ww_score_curve(score, picked, n, curve);
	for (i = 0; i < WW_SCORE_POINTS; i++) {
		double lead = score->baseline[i] - optimum;

		/* Where the random search is expected at the optimum itself
		 * nothing can be ahead of it. */
		if (lead <= 0.0)
			continue;
		sum += (score->baseline[i] - curve[i]) / lead;
		used++;
	}
	return used > 0 ? sum / used : NAN;
}

void
ww_score_clear(struct ww_score *score)
{
	free(score->points);
	free(score->ends);
	free(score->by_end);
	free(score->scratch);
	free(score->times_picked);
}
