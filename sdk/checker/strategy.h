/* SPDX-License-Identifier: MIT
 *
 * Asks a strategy, notes every proposal, and tells it results that are made up
 * from the configuration alone.
 */
#ifndef WW_SDK_CHECK_STRATEGY_H
#define WW_SDK_CHECK_STRATEGY_H

#include "sdk/checker/host.h"

struct strategy_run {
	struct ww_config_sink sink; /* first member */
	struct host *host;
	const struct ww_space *space;
	uint32_t *rows;       /* accepted, row 0 is the default */
	uint64_t n, room;
	uint64_t told;        /* rows that the strategy knows the result of */
	uint32_t want;        /* of the running ask */
	uint32_t taken;       /* by the running ask */
	uint32_t after_stop;  /* pushes that came after WW_STOPPED */
	uint64_t invalid;
	uint64_t duplicates;
	uint64_t trace;       /* hash over all pushes in order */
	uint32_t round;
	int failing;          /* every result is a failure */
	unsigned pause_us;    /* in each push */
	ww_status status;     /* of the last ask or tell */
};

/* Opens nothing; the default configuration is row 0 and told first. */
void strategy_run_start(struct strategy_run *run, struct host *host);
void strategy_run_clear(struct strategy_run *run);
ww_status strategy_run_ask(struct strategy_run *run, uint32_t want);
/* Tells everything that was not told, in one call. */
ww_status strategy_run_tell(struct strategy_run *run);
/* Rounds of ask and tell until `evaluations` rows are known, the strategy is
 * exhausted or fails, or asks bring nothing any more. */
void strategy_run_search(struct strategy_run *run, uint64_t evaluations);

#endif
