/* SPDX-License-Identifier: MIT */
#include "plugins/strategy-evolve/islands.h"

#include <math.h>

void
ww_islands_start(struct ww_islands *islands, const struct ww_search *search,
                 uint32_t n)
{
	uint32_t i, k;

	islands->search = search;
	islands->n = n;
	for (i = 0; i < n; i++)
		for (k = 0; k < WW_NICHES; k++)
			islands->all[i].elites[k] = WW_POINT_NONE;
}

static uint32_t
range_of(double share, uint32_t n)
{
	double at = floor(share * n);

	return at < 0 ? 0 : at >= n ? n - 1 : (uint32_t)at;
}

static uint32_t
niche_of(const struct ww_search *search, size_t point)
{
	const uint32_t *row = ww_points_row(&search->known, point);
	double level = 0, changed = 0;
	uint32_t ordered = 0;
	uint32_t i;

	for (i = 0; i < search->n_varying; i++) {
		uint32_t at = search->varying[i];
		const struct ww_slot *slot = &search->space->slots[at];

		changed += row[at] != slot->default_index;
		if ((slot->flags & WW_SLOT_ORDERED) == 0)
			continue;
		level += (double)row[at] / (slot->n_values - 1);
		ordered++;
	}
	if (ordered > 0)
		level /= ordered;
	if (search->n_varying > 0)
		changed /= search->n_varying;
	return range_of(level, WW_NICHES_SIZE) * WW_NICHES_DISTANCE +
	       range_of(changed, WW_NICHES_DISTANCE);
}

static double
value_of(const struct ww_islands *islands, size_t point)
{
	return point == WW_POINT_NONE
	               ? INFINITY
	               : islands->search->known.objectives[point];
}

void
ww_islands_settle(struct ww_islands *islands, uint32_t island, size_t point)
{
	size_t *elite = &islands->all[island]
	                         .elites[niche_of(islands->search, point)];

	if (value_of(islands, point) < value_of(islands, *elite))
		*elite = point;
}

uint32_t
ww_islands_elites(const struct ww_islands *islands, uint32_t island,
                  size_t elites[WW_NICHES])
{
	uint32_t n = 0;
	uint32_t i, k;

	for (i = 0; i < WW_NICHES; i++) {
		size_t point = islands->all[island].elites[i];

		if (point == WW_POINT_NONE)
			continue;
		for (k = n++; k > 0 && value_of(islands, elites[k - 1]) >
		                               value_of(islands, point);
		     k--)
			elites[k] = elites[k - 1];
		elites[k] = point;
	}
	return n;
}

void
ww_islands_migrate(struct ww_islands *islands)
{
	size_t best[WW_MOST_ISLANDS];
	size_t elites[WW_NICHES];
	uint32_t i;

	for (i = 0; i < islands->n; i++)
		best[i] = ww_islands_elites(islands, i, elites) > 0
		                  ? elites[0]
		                  : WW_POINT_NONE;
	for (i = 0; i < islands->n; i++)
		if (best[i] != WW_POINT_NONE)
			ww_islands_settle(islands, (i + 1) % islands->n,
			                  best[i]);
}
