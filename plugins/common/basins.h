/* SPDX-License-Identifier: MIT
 *
 * Where a search has already been to the bottom. Once the best stands for a
 * while, what is near it is closed, and the best of what is left is hunted
 * instead; when that stands, it is closed too. Near is what differs little in
 * all parameters together and has its longer sides where the bottom has them:
 * the best of a kernel often lies where several large features differ at once,
 * to where no improvement leads step by step.
 */
#ifndef WW_PLUGINS_BASINS_H
#define WW_PLUGINS_BASINS_H

#include "plugins/common/search.h"
#include "plugins/common/sides.h"

struct ww_basins {
	const struct ww_search *search;
	struct ww_points closed; /* bottoms */
	struct ww_sides sides;
	size_t best;             /* point; WW_POINT_NONE at first */
	size_t best_at;          /* told points when it came up */
	size_t hunted;           /* the best outside */
	size_t hunted_at;
};

void ww_basins_start(struct ww_basins *basins, const struct ww_search *search);
void ww_basins_clear(struct ww_basins *basins);

/* Looks at the results; `changed` says whether other configurations than before
 * are outside. WW_OK or WW_E_NO_MEMORY. */
ww_status ww_basins_update(struct ww_basins *basins, int *changed);
/* Whether a configuration is in none of the closed basins. */
int ww_basins_outside(const struct ww_basins *basins, const uint32_t *row);
/* The best told points outside, best first; writes at most `limit` numbers and
 * returns how many. */
size_t ww_basins_best(const struct ww_basins *basins, size_t *best, size_t limit);

#endif
