/* SPDX-License-Identifier: MIT
 *
 * Strategies of a few lines for tests of the search: each walks through a space
 * of WW_WALK_WIDE x WW_WALK_HIGH in order, or fails in the way of its name.
 */
#ifndef WW_TESTS_SEARCH_WALKERS_H
#define WW_TESTS_SEARCH_WALKERS_H

#include "warpwright/plugin.h"

#define WW_WALK_WIDE 40u
#define WW_WALK_HIGH 25u
#define WW_WALKERS 5

extern const struct ww_plugin *const ww_walkers[WW_WALKERS];

#endif
