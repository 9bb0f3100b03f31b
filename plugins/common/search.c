/* SPDX-License-Identifier: MIT */
#include "plugins/common/search.h"

#include <stdlib.h>
#include <string.h>

/* Draws in vain before a space whose size is not known counts as used up. */
#define MOST_MISSES 100000
#define MOST_PAIRS 200
/* Evaluations after which a search without a limit counts as half done. */
#define HALF_WAY 200.0

void
ww_search_clear(struct ww_search *search)
{
	ww_points_clear(&search->known);
	free(search->varying);
	free(search->row);
	free(search->trial_row);
	free(search->rest);
	memset(search, 0, sizeof *search);
}

ww_status
ww_search_start(struct ww_search *search, struct ww_call *call,
                const struct ww_host *host, const struct ww_space *space,
                const char *name)
{
	size_t n = (size_t)space->n_slots + 1;
	uint32_t i;

	memset(search, 0, sizeof *search);
	search->host = host;
	search->space = space;
	search->name = name;
	ww_points_start(&search->known, space->n_slots);
	search->count = space->count(space, &search->exact);
	search->varying = calloc(n, sizeof *search->varying);
	search->row = calloc(n, sizeof *search->row);
	search->trial_row = calloc(n, sizeof *search->trial_row);
	if (search->varying == NULL || search->row == NULL ||
	    search->trial_row == NULL) {
		ww_search_clear(search);
		return ww_fail(call, WW_E_NO_MEMORY, "%s: out of memory", name);
	}
	for (i = 0; i < space->n_slots; i++)
		if (space->slots[i].n_values > 1)
			search->varying[search->n_varying++] = i;
	return WW_OK;
}

double
ww_search_unit(const struct ww_search *search)
{
	return ww_random_unit(search->host->random);
}

uint32_t
ww_search_below(const struct ww_search *search, uint32_t bound)
{
	return (uint32_t)ww_random_below(search->host->random, bound);
}

static int
is_known(const struct ww_search *search, const uint32_t *row)
{
	return ww_points_find(&search->known, row) != WW_POINT_NONE;
}

/* ------------------------------------------------------------------- draws */

static ww_status
list_rest(struct ww_search *search)
{
	uint64_t n = (uint64_t)search->count;
	uint64_t rank;

	search->rest = malloc((size_t)(n + 1) * sizeof *search->rest);
	if (search->rest == NULL)
		return WW_E_NO_MEMORY;
	for (rank = 0; rank < n; rank++)
		if (search->space->at(search->space, rank,
		                      search->trial_row) == WW_OK &&
		    !is_known(search, search->trial_row))
			search->rest[search->n_rest++] = rank;
	return WW_OK;
}

/* An entry leaves the list only once it is known: what a sink did not take can
 * be drawn again. */
static ww_status
draw_from_rest(struct ww_search *search, uint32_t *row)
{
	while (search->n_rest > 0) {
		uint64_t k = ww_random_below(search->host->random,
		                             search->n_rest);

		if (search->space->at(search->space, search->rest[k], row) ==
		            WW_OK &&
		    !is_known(search, row))
			return WW_OK;
		search->rest[k] = search->rest[--search->n_rest];
	}
	return WW_EXHAUSTED;
}

ww_status
ww_search_fresh(struct ww_search *search, uint32_t *row)
{
	uint32_t misses;

	if (search->rest == NULL && search->exact &&
	    (double)search->known.n * 2 >= search->count) {
		ww_status status = list_rest(search);

		if (status != WW_OK)
			return status;
	}
	if (search->rest != NULL)
		return draw_from_rest(search, row);
	for (misses = 0; misses < MOST_MISSES; misses++) {
		if (search->space->sample(search->space, search->host->random,
		                          row) != WW_OK)
			return WW_EXHAUSTED;
		if (!is_known(search, row))
			return WW_OK;
	}
	return WW_EXHAUSTED;
}

/* ------------------------------------------------------------------- moves */

static int
usable(const struct ww_search *search, uint32_t *row)
{
	search->space->canonical(search->space, row);
	return search->space->valid(search->space, row) &&
	       !is_known(search, row);
}

static int
within_reach(const struct ww_slot *slot, uint32_t from, uint32_t to,
             uint32_t reach)
{
	uint32_t distance = from > to ? from - to : to - from;

	return reach == 0 || (slot->flags & WW_SLOT_ORDERED) == 0 ||
	       distance <= reach;
}

int
ww_search_neighbour(struct ww_search *search, const uint32_t *from,
                    uint32_t reach, uint32_t *row)
{
	size_t bytes = search->space->n_slots * sizeof *row;
	uint32_t *draft = search->trial_row;
	uint32_t found = 0;
	uint32_t i, value;

	for (i = 0; i < search->n_varying; i++) {
		uint32_t at = search->varying[i];
		const struct ww_slot *slot = &search->space->slots[at];

		for (value = 0; value < slot->n_values; value++) {
			if (value == from[at] ||
			    !within_reach(slot, from[at], value, reach))
				continue;
			memcpy(draft, from, bytes);
			draft[at] = value;
			if (!usable(search, draft))
				continue;
			/* Each of those found so far is kept with equal
			 * chance, without a list of them. */
			if (ww_search_below(search, ++found) == 0)
				memcpy(row, draft, bytes);
		}
	}
	return found > 0;
}

int
ww_search_repair(struct ww_search *search, uint32_t *row)
{
	size_t bytes = search->space->n_slots * sizeof *row;
	uint32_t *draft = search->trial_row;
	int tries;

	search->space->canonical(search->space, row);
	if (usable(search, row))
		return 1;
	if (ww_search_neighbour(search, row, 1, row) ||
	    ww_search_neighbour(search, row, 0, row))
		return 1;
	for (tries = 0; tries < MOST_PAIRS && search->n_varying > 1; tries++) {
		int k;

		memcpy(draft, row, bytes);
		for (k = 0; k < 2; k++) {
			uint32_t at = search->varying[ww_search_below(
				search, search->n_varying)];

			draft[at] = ww_search_below(
				search, search->space->slots[at].n_values);
		}
		if (usable(search, draft)) {
			memcpy(row, draft, bytes);
			return 1;
		}
	}
	return 0;
}

/* -------------------------------------------------------------------- loop */

double
ww_search_progress(const struct ww_budget *budget)
{
	double used = (double)budget->evaluations_used;

	if (budget->evaluations_left == UINT64_MAX)
		return used / (used + HALF_WAY);
	return used / (used + (double)budget->evaluations_left + 1e-9);
}

ww_status
ww_search_ask(struct ww_search *search, struct ww_call *call,
              const struct ww_budget *budget, struct ww_config_sink *sink,
              ww_search_next *next, ww_search_taken *taken, void *self)
{
	uint32_t n_taken = 0;

	while (n_taken < budget->want) {
		struct ww_proposal_info info = { .size = sizeof info };
		uint32_t before = n_taken;
		ww_status status = next(self, budget, search->row,
		                        &info.family);

		if (status == WW_PENDING && n_taken > 0)
			return WW_OK;
		if (status == WW_OK)
			status = ww_points_push(&search->known, sink,
			                        search->row, &info, &n_taken);
		if (status == WW_STOPPED)
			return WW_OK;
		if (status == WW_E_NO_MEMORY)
			return ww_fail(call, status, "%s: out of memory",
			               search->name);
		if (status != WW_OK)
			return status;
		if (n_taken > before && taken != NULL)
			taken(self,
			      ww_points_find(&search->known, search->row));
		if (ww_cancelled(call))
			return ww_fail(call, WW_E_CANCELLED, "cancelled");
	}
	return WW_OK;
}

ww_status
ww_search_tell(struct ww_search *search, struct ww_call *call,
               const struct ww_trial *trial, size_t *point)
{
	if (ww_points_tell(&search->known, trial) != WW_OK)
		return ww_fail(call, WW_E_NO_MEMORY, "%s: out of memory",
		               search->name);
	*point = ww_points_find(&search->known, trial->indices);
	return WW_OK;
}
