/* SPDX-License-Identifier: MIT
 *
 * What the population and neighbourhood strategies share: what is known of the
 * space, draws and moves that give only valid configurations nobody has tried,
 * and the loop that pushes them. The strategies keep their own state beside it.
 */
#ifndef WW_PLUGINS_SEARCH_H
#define WW_PLUGINS_SEARCH_H

#include "plugins/common/points.h"

struct ww_search {
	const struct ww_host *host;
	const struct ww_space *space;
	const char *name;       /* of the strategy, for messages */
	struct ww_points known;
	uint32_t *varying;      /* slots with more than one value */
	uint32_t n_varying;
	/* Private. */
	uint32_t *row;          /* what is being proposed */
	uint32_t *trial_row;    /* scratch of the moves */
	double count;
	int32_t exact;
	uint64_t *rest;         /* ranks not known when listed, or null */
	uint64_t n_rest;
};

ww_status ww_search_start(struct ww_search *search, struct ww_call *call,
                          const struct ww_host *host,
                          const struct ww_space *space, const char *name);
void ww_search_clear(struct ww_search *search);

/* A configuration that is not known, uniform over those; WW_EXHAUSTED. */
ww_status ww_search_fresh(struct ww_search *search, uint32_t *row);
/* A valid configuration that is not known and differs from `from` in one
 * parameter, uniform over those; an ordered slot moves at most `reach` steps
 * (0: any value). 0 if there is none. `from` need not be valid. */
int ww_search_neighbour(struct ww_search *search, const uint32_t *from,
                        uint32_t reach, uint32_t *row);
/* Makes the row canonical, valid and not known by as little change as can be
 * found; 0 if that takes more than two parameters. */
int ww_search_repair(struct ww_search *search, uint32_t *row);

/* How a strategy proposes: fills `row` with a configuration that is not known.
 * WW_OK, WW_PENDING or WW_EXHAUSTED. */
typedef ww_status ww_search_next(void *self, const struct ww_budget *budget,
                                 uint32_t *row, const char **family);
/* Hears of the number of a proposal that was taken; may be null. */
typedef void ww_search_taken(void *self, size_t point);

/* ask() of a strategy. */
ww_status ww_search_ask(struct ww_search *search, struct ww_call *call,
                        const struct ww_budget *budget,
                        struct ww_config_sink *sink, ww_search_next *next,
                        ww_search_taken *taken, void *self);
/* Takes one finished trial; writes the point's number. */
ww_status ww_search_tell(struct ww_search *search, struct ww_call *call,
                         const struct ww_trial *trial, size_t *point);

/* Share of the budget that is used, 0…1; without a limit it rises towards 1
 * over some hundred evaluations. */
double ww_search_progress(const struct ww_budget *budget);
double ww_search_unit(const struct ww_search *search);
uint32_t ww_search_below(const struct ww_search *search, uint32_t bound);

#endif
