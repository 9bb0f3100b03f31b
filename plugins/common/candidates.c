/* SPDX-License-Identifier: MIT */
#include "plugins/common/candidates.h"

#define CENTRES WW_CANDIDATES_CENTRES
#define MUTANTS 60     /* two or three changes away from a centre */
#define STRANGERS 250  /* from anywhere */

static ww_status
add_mutants(struct ww_moves *moves, struct ww_search *search,
            const size_t *best, size_t n)
{
	ww_status status = WW_OK;
	size_t i;

	for (i = 0; i < MUTANTS && n > 0 && status == WW_OK; i++) {
		uint32_t centre = ww_search_below(search, (uint32_t)n);

		status = ww_moves_mutate(
			moves, ww_points_row(&search->known, best[centre]),
			2 + ww_search_below(search, 2), search->host->random);
	}
	return status;
}

static ww_status
add_strangers(struct ww_moves *moves, struct ww_search *search)
{
	size_t i;

	for (i = 0; i < STRANGERS; i++) {
		if (search->space->sample(search->space, search->host->random,
		                          search->trial_row) != WW_OK)
			break;
		if (ww_points_find(&search->known, search->trial_row) ==
		            WW_POINT_NONE &&
		    ww_points_add(&moves->found, search->trial_row) ==
		            WW_POINT_NONE)
			return WW_E_NO_MEMORY;
	}
	return WW_OK;
}

static ww_status
add_neighbours(struct ww_moves *moves, const uint32_t *row)
{
	ww_status status = ww_moves_any(moves, row);

	return status == WW_OK ? ww_moves_exchange(moves, row) : status;
}

ww_status
ww_candidates_around(struct ww_moves *moves, struct ww_search *search,
                     const size_t *best, size_t n)
{
	ww_status status = WW_OK;
	size_t i;

	for (i = 0; i < n && status == WW_OK; i++)
		status = add_neighbours(
			moves, ww_points_row(&search->known, best[i]));
	if (status == WW_OK)
		status = add_mutants(moves, search, best, n);
	return status;
}

ww_status
ww_candidates_gather(struct ww_moves *moves, struct ww_search *search,
                     size_t from)
{
	size_t best[CENTRES];
	size_t n = ww_points_best_from(&search->known, from, best, CENTRES);
	ww_status status;

	ww_moves_empty(moves);
	status = ww_candidates_around(moves, search, best, n);
	return status == WW_OK ? add_strangers(moves, search) : status;
}
