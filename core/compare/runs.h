/* SPDX-License-Identifier: MIT
 *
 * Many simulated sessions, one for each task, strategy and seed, spread over
 * processes. What is kept of a run is its course: after each finished trial the
 * time on the simulated clock and the best so far.
 */
#ifndef WW_CORE_RUNS_H
#define WW_CORE_RUNS_H

#include <stdbool.h>

#include "core/base/cancel.h"
#include "core/config/settings.h"
#include "core/engine/portfolio.h"
#include "core/plugin/registry.h"
#include "core/task/task.h"

struct ww_run_point {
	double seconds;
	double best_ms; /* INFINITY: nothing usable yet */
};

struct ww_run {
	uint32_t n_points;
	uint32_t model_calls;
	int64_t tokens;
	bool tokens_estimated;
	ww_status status;
	char error[512];
	char fallback[256];
	struct ww_run_point points[]; /* max_evaluations of them */
};

struct ww_runs_plan {
	struct ww_task *const *tasks;
	size_t n_tasks;
	const char *const *strategies;
	size_t n_strategies;
	uint32_t n_seeds;
	uint64_t first_seed;
	uint32_t max_evaluations;
	uint32_t workers;   /* compile workers of the simulated machine */
	uint32_t devices;
	uint32_t processes; /* 0: one a core */
	/* What the searches on each task start from, or null: nothing. */
	struct ww_portfolio *const *portfolios;
	struct ww_settings *settings; /* changed for each run */
	const struct ww_registry *registry;
	struct ww_cancel *cancel;
	/* Called now and then with the number of finished runs; or null. */
	void (*progress)(void *context, size_t done, size_t all);
	void *context;
};

struct ww_runs;
/* A run that fails is kept with its error; only what stops all of them is an
 * error here. */
ww_status ww_runs_new(const struct ww_runs_plan *plan, struct ww_runs **runs,
                      struct ww_error *error);
const struct ww_run *ww_runs_at(const struct ww_runs *runs, size_t task,
                                size_t strategy, uint32_t seed);
void ww_runs_free(struct ww_runs *runs);

#endif
