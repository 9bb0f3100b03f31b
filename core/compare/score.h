/* SPDX-License-Identifier: MIT
 *
 * The score of the autotuning methodology: how far a search is ahead of a random
 * search, 0 as good as that, 1 the optimum, averaged over the time in which the
 * random search comes from 1 % to 95 % of the way between median and optimum.
 */
#ifndef WW_CORE_SCORE_H
#define WW_CORE_SCORE_H

#include "core/compare/landscape.h"
#include "core/compare/runs.h"

#define WW_SCORE_POINTS 1000u

/* Where one run stood after one evaluation. */
struct ww_score_point {
	double seconds;
	uint32_t rank; /* of its best so far: 0 is the optimum */
	uint32_t run;
};

struct ww_score {
	double times[WW_SCORE_POINTS];    /* seconds, equidistant */
	double baseline[WW_SCORE_POINTS]; /* of the random search */
	double covered; /* share of the methodology's time axis, 0…1 */
	uint32_t n_runs;
	/* Points of all runs; in order of time from ww_score_finish() on. */
	struct ww_score_point *points;
	size_t n_points, room;
	double *ends;     /* when each run was over; NaN: nothing usable */
	uint32_t *by_end; /* runs with an end, in order of it */
	uint32_t n_ends;
	double *scratch;  /* of ww_score_curve(): 3 * n_points */
	uint32_t *times_picked;
	uint32_t longest; /* evaluations of the longest run */
	const struct ww_landscape *landscape;
};

/* Runs end after max_evaluations. If that is before the methodology's end, the
 * score covers only the time that a random search needs for as many, so that 0
 * still means as good as random; `covered` tells. */
void ww_score_start(struct ww_score *score,
                    const struct ww_landscape *landscape, uint32_t n_runs,
                    uint32_t max_evaluations, uint32_t workers,
                    uint32_t devices);
void ww_score_run(struct ww_score *score, uint32_t i, const struct ww_run *run);
/* After the last run. */
void ww_score_finish(struct ww_score *score);
/* F(t) at every time: isotonic regression of the rank on time over the points of
 * the picked runs, turned back into a value; constant from the first end after
 * the median one. */
void ww_score_curve(struct ww_score *score, const uint32_t *picked, uint32_t n,
                    double curve[WW_SCORE_POINTS]);
/* Mean over time of P(t) = (baseline - F) / (baseline - optimum). */
double ww_score_mean(struct ww_score *score, const uint32_t *picked,
                     uint32_t n);
void ww_score_clear(struct ww_score *score);

#endif
