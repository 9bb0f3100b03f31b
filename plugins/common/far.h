/* SPDX-License-Identifier: MIT
 *
 * Space-filling points: far from everything known.
 */
#ifndef WW_PLUGINS_FAR_H
#define WW_PLUGINS_FAR_H

#include "plugins/common/search.h"

/* Writes the one of some random unknown configurations that is farthest from
 * its nearest known one; WW_OK, WW_EXHAUSTED or WW_E_NO_MEMORY. */
ww_status ww_far_point(struct ww_search *search, uint32_t *row);
/* Sum over the slots of the difference of indices over the largest possible
 * one; 1 for different values of an unordered slot. */
double ww_far_distance(const struct ww_space *space, const uint32_t *a,
                       const uint32_t *b);
/* Starts of 16 to 20 points did best before a forest, for budgets around a
 * hundred. */
#define WW_FAR_USUAL 18
/* How many points a start of this kind should have under this budget, if that is
 * `most` where there is no limit. */
uint32_t ww_far_count(const struct ww_budget *budget, uint32_t most);

#endif
