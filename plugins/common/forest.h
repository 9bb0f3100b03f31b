/* SPDX-License-Identifier: MIT
 *
 * A random forest that tells good configurations from others. It works on value
 * indices: an ordered slot is split at a threshold, any other by "is it this
 * value", which is what logarithms and one-hot columns come to.
 */
#ifndef WW_PLUGINS_FOREST_H
#define WW_PLUGINS_FOREST_H

#include <stddef.h>

#include "warpwright/host.h"
#include "warpwright/space.h"

#define WW_FOREST_TREES 80

struct ww_forest;

struct ww_forest *ww_forest_new(const struct ww_space *space);
void ww_forest_free(struct ww_forest *forest);

/* Rows of n_slots indices, each with the weight of being good (0: it is not)
 * and the weight of being bad. WW_OK or WW_E_NO_MEMORY. */
struct ww_forest_data {
	const uint32_t *const *rows;
	const double *good;
	const double *bad;
	size_t n;
};
ww_status ww_forest_fit(struct ww_forest *forest,
                        const struct ww_forest_data *data,
                        const struct ww_random *random);

/* Mean over the trees of the share of good in the row's leaf. leaves (may be
 * null) receives WW_FOREST_TREES numbers: equal leaf, similar row. */
double ww_forest_good(const struct ww_forest *forest, const uint32_t *row,
                      uint32_t *leaves);

#endif
