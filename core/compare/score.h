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

#define WW_SCORE_POINTS 200u

struct ww_score {
	double times[WW_SCORE_POINTS];    /* seconds */
	double baseline[WW_SCORE_POINTS]; /* of the random search */
	double optimum;
	/* Places (descending order) that each run had reached at each time:
	 * n_runs rows of WW_SCORE_POINTS. */
	uint32_t *places;
	uint32_t n_runs;
	/* Runs in ascending order of place at each time: WW_SCORE_POINTS rows
	 * of n_runs. Resampling then needs no sorting. */
	uint32_t *order;
	uint32_t *times_picked; /* scratch of ww_score_mean() */
	const struct ww_landscape *landscape;
};

/* Runs end after max_evaluations; if that is before the methodology's end, the
 * score covers only the time until a random search is there. */
void ww_score_start(struct ww_score *score,
                    const struct ww_landscape *landscape, uint32_t n_runs,
                    uint32_t max_evaluations, uint32_t workers,
                    uint32_t devices);
void ww_score_run(struct ww_score *score, uint32_t i, const struct ww_run *run);
/* After the last run. */
void ww_score_finish(struct ww_score *score);
/* Mean over time of P, from the median place of the picked runs. */
double ww_score_mean(struct ww_score *score, const uint32_t *picked,
                     uint32_t n);
void ww_score_clear(struct ww_score *score);

#endif
