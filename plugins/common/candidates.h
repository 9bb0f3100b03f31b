/* SPDX-License-Identifier: MIT
 *
 * The configurations among which a model of the space chooses: everything one
 * parameter away from the best or with two alike ones exchanged, some further away,
 * some from anywhere.
 */
#ifndef WW_PLUGINS_CANDIDATES_H
#define WW_PLUGINS_CANDIDATES_H

#include "plugins/common/moves.h"
#include "plugins/common/search.h"

/* Best points whose neighbours are candidates. */
#define WW_CANDIDATES_CENTRES 10

/* Fills moves->found; the best are those among the points from `from` on.
 * WW_OK or WW_E_NO_MEMORY. */
ww_status ww_candidates_gather(struct ww_moves *moves,
                               struct ww_search *search, size_t from);
/* Adds what is near these n points. */
ww_status ww_candidates_around(struct ww_moves *moves,
                               struct ww_search *search, const size_t *best,
                               size_t n);

#endif
