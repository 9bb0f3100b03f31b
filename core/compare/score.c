/* SPDX-License-Identifier: MIT */
#include "core/compare/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

/* The way between median and optimum at which judging begins and ends. */
#define BEGINS 0.01
#define ENDS 0.95

void
ww_score_start(struct ww_score *score, const struct ww_landscape *landscape,
               uint32_t n_runs, uint32_t max_evaluations, uint32_t workers,
               uint32_t devices)
{
	bool serial = workers <= 1 && devices <= 1;
	double pace = ww_landscape_pace(landscape, workers, devices);
	double each = serial ? landscape->median_cost_s : pace;
	double first = each * (double)ww_landscape_cutoff(landscape, BEGINS);
	double last = each * (double)ww_landscape_cutoff(landscape, ENDS);
	uint32_t i;

	last = fmin(last, pace * max_evaluations);
	first = fmin(first, last);
	score->landscape = landscape;
	score->optimum = ww_landscape_optimum(landscape);
	score->n_runs = n_runs;
	score->places = ww_alloc(((size_t)n_runs * WW_SCORE_POINTS + 1) *
	                         sizeof *score->places);
	score->order = ww_alloc(((size_t)n_runs * WW_SCORE_POINTS + 1) *
	                        sizeof *score->order);
	score->times_picked = ww_alloc(((size_t)n_runs + 1) *
	                               sizeof *score->times_picked);
	for (i = 0; i < WW_SCORE_POINTS; i++) {
		double t = first + (last - first) * (i + 1) / WW_SCORE_POINTS;

		score->times[i] = t;
		score->baseline[i] = ww_landscape_random(
			landscape, fmax(1.0, pace > 0 ? t / pace : 1.0));
	}
}

void
ww_score_run(struct ww_score *score, uint32_t i, const struct ww_run *run)
{
	uint32_t *row = score->places + (size_t)i * WW_SCORE_POINTS;
	uint32_t k, point = 0;
	double best = INFINITY;

	for (k = 0; k < WW_SCORE_POINTS; k++) {
		while (point < run->n_points &&
		       run->points[point].seconds <= score->times[k])
			best = run->points[point++].best_ms;
		/* Before anything is found a search stands at the worst. */
		row[k] = isfinite(best) ? (uint32_t)ww_landscape_place(
						  score->landscape, best)
		                        : 1;
	}
}

/* Insertion is quick here: from one time to the next the order hardly
 * changes, and each row starts from the one before it. */
void
ww_score_finish(struct ww_score *score)
{
	uint32_t n = score->n_runs;
	uint32_t point, i, k;

	for (point = 0; point < WW_SCORE_POINTS; point++) {
		const uint32_t *places = score->places + point;
		uint32_t *order = score->order + (size_t)point * n;
		const uint32_t *before = point > 0 ? order - n : NULL;

		for (i = 0; i < n; i++) {
			uint32_t run = before != NULL ? before[i] : i;
			uint32_t place =
				places[(size_t)run * WW_SCORE_POINTS];

			for (k = i; k > 0 &&
			            places[(size_t)order[k - 1] *
			                   WW_SCORE_POINTS] > place;
			     k--)
				order[k] = order[k - 1];
			order[k] = run;
		}
	}
}

/* The value at the median place of the runs, each counted times_picked. */
static double
median_value(const struct ww_score *score, uint32_t n, uint32_t point)
{
	const uint32_t *order = score->order + (size_t)point * score->n_runs;
	const uint32_t *places = score->places + point;
	double sum = 0.0;
	uint32_t passed = 0;
	uint32_t i;

	for (i = 0; i < score->n_runs; i++) {
		uint32_t before = passed;
		uint32_t place = places[(size_t)order[i] * WW_SCORE_POINTS];

		passed += score->times_picked[order[i]];
		if (before <= (n - 1) / 2 && passed > (n - 1) / 2)
			sum += ww_landscape_at_place(score->landscape, place);
		if (before <= n / 2 && passed > n / 2)
			return (sum + ww_landscape_at_place(score->landscape,
			                                    place)) /
			       2.0;
	}
	return ww_landscape_at_place(score->landscape, 1);
}

double
ww_score_mean(struct ww_score *score, const uint32_t *picked, uint32_t n)
{
	double sum = 0.0;
	uint32_t used = 0;
	uint32_t i;

	memset(score->times_picked, 0,
	       score->n_runs * sizeof *score->times_picked);
	for (i = 0; i < n; i++)
		score->times_picked[picked[i]]++;
	for (i = 0; i < WW_SCORE_POINTS && n > 0; i++) {
		double lead = score->baseline[i] - score->optimum;

		/* Where the random search is expected at the optimum itself
		 * nothing can be ahead of it. */
		if (lead <= 0.0)
			continue;
		sum += (score->baseline[i] - median_value(score, n, i)) / lead;
		used++;
	}
	return used > 0 ? sum / used : NAN;
}

void
ww_score_clear(struct ww_score *score)
{
	free(score->places);
	free(score->order);
	free(score->times_picked);
}
