/* SPDX-License-Identifier: MIT
 *
 * What `warpwright compare` was asked and what came of it. compare.c owns the
 * command, comparison_table.c what people read, comparison_json.c what programs
 * do.
 */
#ifndef WW_CORE_CLI_COMPARISON_H
#define WW_CORE_CLI_COMPARISON_H

#include "core/cli/cli.h"
#include "core/compare/verdict.h"

#define WW_MOST_STRATEGIES 64

struct ww_comparison {
	struct ww_cli *cli;
	struct ww_task **tasks;
	char **names; /* of the tasks, also where the task hides its own */
	struct ww_landscape **landscapes;
	size_t n_tasks;
	char *list;                              /* of --strategies, cut up */
	const char *strategies[WW_MOST_STRATEGIES]; /* within it */
	size_t n_strategies;
	uint64_t seeds, evaluations, workers, devices, processes;
	uint64_t first_seed;
	int anonymise;
	const char *warm_start; /* recordings, or null */
	struct ww_portfolio **portfolios;
	struct ww_runs *runs;
	struct ww_judge *judge;
};

void ww_comparison_json(struct ww_comparison *comparison);
void ww_comparison_table(struct ww_comparison *comparison);

#endif
