/* SPDX-License-Identifier: MIT */
#include "plugins/common/basins.h"

#include <math.h>
#include <string.h>

#include "plugins/common/far.h"

/* Results before which nothing is closed: the best is still found by going on. */
#define LEAST_RESULTS 100
/* Results without a better best after which the first basin is closed. */
#define STALLED_AFTER 20
/* The same for one that is hunted, which gets every other pick; and in a long
 * search one for so many that there are. */
#define HUNTED_FOR 30
#define HUNTED_SHARE 16
/* Sum over all parameters of the part of their range by which a configuration
 * outside differs. */
#define NEAR 1.2
#define MOST_CLOSED 12

void
ww_basins_start(struct ww_basins *basins, const struct ww_search *search)
{
	memset(basins, 0, sizeof *basins);
	basins->search = search;
	basins->best = WW_POINT_NONE;
	basins->hunted = WW_POINT_NONE;
	ww_sides_find(&basins->sides, search->space);
	ww_points_start(&basins->closed, search->space->n_slots);
}

void
ww_basins_clear(struct ww_basins *basins)
{
	ww_points_clear(&basins->closed);
	memset(basins, 0, sizeof *basins);
}

int
ww_basins_outside(const struct ww_basins *basins, const uint32_t *row)
{
	size_t i;

	for (i = 0; i < basins->closed.n; i++) {
		const uint32_t *bottom = ww_points_row(&basins->closed, i);

		if (ww_far_distance(basins->search->space, row, bottom) < NEAR &&
		    !ww_sides_turned(&basins->sides, row, bottom))
			return 0;
	}
	return 1;
}

size_t
ww_basins_best(const struct ww_basins *basins, size_t *best, size_t limit)
{
	const struct ww_points *known = &basins->search->known;
	const double *objectives = known->objectives;
	size_t i, at, n = 0;

	for (i = 0; i < known->n; i++) {
		if (!isfinite(objectives[i]) ||
		    (n == limit && objectives[i] >= objectives[best[n - 1]]) ||
		    !ww_basins_outside(basins, ww_points_row(known, i)))
			continue;
		n += n < limit ? 1 : 0;
		for (at = n - 1; at > 0; at--) {
			if (objectives[best[at - 1]] <= objectives[i])
				break;
			best[at] = best[at - 1];
		}
		best[at] = i;
	}
	return n;
}

/* Takes the best outside for the hunt. Where nothing is left outside, or much is
 * closed, all is open again. */
static void
hunt(struct ww_basins *basins)
{
	size_t n_told = basins->search->known.n_told;
	size_t best;

	if (basins->closed.n > MOST_CLOSED ||
	    ww_basins_best(basins, &best, 1) == 0) {
		ww_points_clear(&basins->closed);
		basins->best_at = n_told;
		best = WW_POINT_NONE;
	}
	if (best != basins->hunted) {
		basins->hunted = best;
		basins->hunted_at = n_told;
	}
}

/* The point to close now, or WW_POINT_NONE. */
static size_t
find_stalled(const struct ww_basins *basins)
{
	size_t n_told = basins->search->known.n_told;
	size_t patience;

	if (basins->closed.n == 0)
		return n_told >= LEAST_RESULTS &&
		                       n_told >= basins->best_at + STALLED_AFTER
		               ? basins->best
		               : WW_POINT_NONE;
	patience = n_told / HUNTED_SHARE > HUNTED_FOR ? n_told / HUNTED_SHARE
	                                              : HUNTED_FOR;
	return n_told >= basins->hunted_at + patience ? basins->hunted
	                                              : WW_POINT_NONE;
}

ww_status
ww_basins_update(struct ww_basins *basins, int *changed)
{
	const struct ww_points *known = &basins->search->known;
	size_t n_closed = basins->closed.n;
	size_t best, stalled;

	*changed = 0;
	if (ww_points_best(known, &best, 1) == 0)
		return WW_OK;
	if (best != basins->best) {
		basins->best = best;
		basins->best_at = known->n_told;
	}
	if (n_closed > 0)
		hunt(basins);
	stalled = find_stalled(basins);
	if (stalled != WW_POINT_NONE) {
		if (ww_points_add(&basins->closed,
		                  ww_points_row(known, stalled)) ==
		    WW_POINT_NONE)
			return WW_E_NO_MEMORY;
		hunt(basins);
	}
	*changed = basins->closed.n != n_closed;
	return WW_OK;
}
