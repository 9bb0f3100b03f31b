/* SPDX-License-Identifier: MIT
 *
 * Runs a strategy plugin on a function instead of a device, the way the engine
 * does: refuses what is outside or known, keeps some proposals outstanding,
 * tells them in order, and counts what happened.
 */
#ifndef WW_TESTS_STRATEGY_RUN_H
#define WW_TESTS_STRATEGY_RUN_H

#include "plugins/common/points.h"
#include "tests/unit/fake_host.h"

struct strategy_run {
	/* Set by the test. */
	const char *plugin;     /* "strategy-random" */
	struct fake_space *space;
	/* The objective, or NaN for a failure; null: everything fails. */
	double (*objective)(const uint32_t *indices);
	uint64_t seed;
	uint32_t want;          /* configurations an ask */
	uint32_t lag;           /* proposals that stay outstanding */
	uint32_t evaluations;   /* the budget, the default included */
	int unlimited;          /* evaluations_left is not told */
	/* Results. */
	struct ww_points asked; /* in order of proposal, the default first */
	uint32_t invalid;       /* pushes outside the space */
	uint32_t duplicate;     /* pushes of known configurations */
	uint32_t asks;
	ww_status end;          /* WW_OK: the budget was used up */
	double best;            /* INFINITY: none */
};

void strategy_run(struct strategy_run *run);
void strategy_run_end(struct strategy_run *run);

#endif
