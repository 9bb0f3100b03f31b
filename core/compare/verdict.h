/* SPDX-License-Identifier: MIT
 *
 * What many runs of one strategy on one task say: means with 95 % intervals by
 * the bootstrap over seeds, and the methodology's score. Then the same over all
 * tasks, and paired differences between strategies. Intervals tell how much the
 * seeds matter; the tasks are taken as given.
 */
#ifndef WW_CORE_VERDICT_H
#define WW_CORE_VERDICT_H

#include "core/compare/landscape.h"
#include "core/compare/runs.h"

/* Evaluations at which the quality is told. */
#define WW_CHECKPOINTS 3u
extern const uint32_t ww_checkpoints[WW_CHECKPOINTS]; /* 25, 85, 200 */

/* Parts of the optimum whose arrival is told. */
#define WW_ARRIVALS 2u
extern const double ww_arrivals[WW_ARRIVALS]; /* 0.95, 0.99 */

struct ww_estimate {
	double value; /* NaN: there is none */
	double low;
	double high;
};

struct ww_verdict_cell {
	/* Mean of optimum / best so far. */
	struct ww_estimate fraction[WW_CHECKPOINTS];
	/* Median over runs; NaN if at least half of them never get there. */
	struct ww_estimate evaluations[WW_ARRIVALS];
	struct ww_estimate seconds[WW_ARRIVALS];
	struct ww_estimate within;  /* share of runs within 5 % at the end */
	struct ww_estimate score;   /* P, mean over the time axis */
	double score_covered;       /* share of the methodology's time axis */
	double seconds_total;       /* mean simulated duration of a run */
	double model_calls, tokens; /* means */
	bool tokens_estimated;      /* in some of the runs */
	uint32_t n_runs;            /* that did not fail */
	uint32_t n_failed;
	uint32_t n_fallback;        /* in which a fallback took over */
	const char *error;          /* of the first failed run, or null */
};

struct ww_judge_plan {
	const struct ww_runs *runs;
	const struct ww_landscape *const *landscapes; /* one a task */
	size_t n_tasks;
	size_t n_strategies;
	uint32_t n_seeds;
	uint32_t max_evaluations;
	uint32_t workers, devices;
};

struct ww_judge;
struct ww_judge *ww_judge_new(const struct ww_judge_plan *plan);
void ww_judge_free(struct ww_judge *judge);

void ww_judge_cell(struct ww_judge *judge, size_t task, size_t strategy,
                   struct ww_verdict_cell *cell);
/* Means over the tasks, each with the same weight. */
void ww_judge_overall(struct ww_judge *judge, size_t strategy,
                      struct ww_verdict_cell *cell);
/* Mean over tasks of fraction(a) - fraction(b) of the same seed. */
void ww_judge_difference(struct ww_judge *judge, size_t a, size_t b,
                         struct ww_estimate difference[WW_CHECKPOINTS]);
/* The smallest mean fraction of a strategy over the tasks, and where. */
double ww_judge_worst(struct ww_judge *judge, size_t strategy,
                      uint32_t checkpoint, size_t *task);

#endif
