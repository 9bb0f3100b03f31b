/* SPDX-License-Identifier: MIT */
#include "plugins/common/far.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CANDIDATES 40
/* A small budget keeps two thirds of itself for what the start shows. */
#define BUDGET_PART 3
#define LEAST_POINTS 4
/* Distances to more known points than this are not worth their time. */
#define MOST_COMPARED 512

uint32_t
ww_far_count(const struct ww_budget *budget, uint32_t most)
{
	uint64_t total;

	if (budget->evaluations_left == UINT64_MAX)
		return most;
	total = budget->evaluations_used + budget->outstanding +
	        budget->evaluations_left;
	if (total / BUDGET_PART < LEAST_POINTS)
		return LEAST_POINTS;
	return total / BUDGET_PART < most ? (uint32_t)(total / BUDGET_PART)
	                                  : most;
}

double
ww_far_distance(const struct ww_space *space, const uint32_t *a,
                const uint32_t *b)
{
	double distance = 0;
	uint32_t i;

	for (i = 0; i < space->n_slots; i++) {
		const struct ww_slot *slot = &space->slots[i];

		if (a[i] == b[i])
			continue;
		if ((slot->flags & WW_SLOT_ORDERED) == 0)
			distance += 1;
		else
			distance += fabs((double)a[i] - (double)b[i]) /
			            (slot->n_values - 1);
	}
	return distance;
}

static double
nearest(const struct ww_search *search, const uint32_t *row)
{
	size_t n = search->known.n;
	size_t i = n > MOST_COMPARED ? n - MOST_COMPARED : 0;
	double least = INFINITY;

	for (; i < n; i++) {
		double distance = ww_far_distance(
			search->space, row, ww_points_row(&search->known, i));

		least = distance < least ? distance : least;
	}
	return least;
}

ww_status
ww_far_point(struct ww_search *search, uint32_t *row)
{
	const struct ww_space *space = search->space;
	uint32_t *draft = search->trial_row;
	double farthest = -1;
	unsigned i;

	for (i = 0; i < CANDIDATES; i++) {
		double distance;

		if (space->sample(space, search->host->random, draft) != WW_OK)
			return WW_EXHAUSTED;
		if (ww_points_find(&search->known, draft) != WW_POINT_NONE)
			continue;
		distance = nearest(search, draft);
		if (distance > farthest) {
			farthest = distance;
			memcpy(row, draft, space->n_slots * sizeof *row);
		}
	}
	return farthest >= 0 ? WW_OK : ww_search_fresh(search, row);
}
