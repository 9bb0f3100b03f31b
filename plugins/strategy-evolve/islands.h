/* SPDX-License-Identifier: MIT
 *
 * The population of the evolution: several islands, each an archive with one
 * elite a niche (MAP-elites). A niche is a range of two descriptors: how large
 * the values of a configuration are on the whole, and how far it is from the
 * default. So what is kept is good and different, and islands drift apart until
 * their best migrate.
 */
#ifndef WW_PLUGINS_ISLANDS_H
#define WW_PLUGINS_ISLANDS_H

#include "plugins/common/search.h"

#define WW_MOST_ISLANDS 16
#define WW_NICHES_SIZE 5u     /* ranges of the first descriptor */
#define WW_NICHES_DISTANCE 4u /* of the second */
#define WW_NICHES (WW_NICHES_SIZE * WW_NICHES_DISTANCE)

struct ww_island {
	size_t elites[WW_NICHES]; /* points, WW_POINT_NONE: empty */
};

struct ww_islands {
	const struct ww_search *search;
	struct ww_island all[WW_MOST_ISLANDS];
	uint32_t n;
};

void ww_islands_start(struct ww_islands *islands,
                      const struct ww_search *search, uint32_t n);
/* Keeps a measured point if it is the best of its niche on that island. */
void ww_islands_settle(struct ww_islands *islands, uint32_t island,
                       size_t point);
/* Elites of an island, best first; returns how many. */
uint32_t ww_islands_elites(const struct ww_islands *islands, uint32_t island,
                           size_t elites[WW_NICHES]);
/* Every island's best goes to the next one. */
void ww_islands_migrate(struct ww_islands *islands);

#endif
