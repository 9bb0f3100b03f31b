/* SPDX-License-Identifier: MIT
 *
 * Moves from one configuration to others near it. Rows found are valid, unknown
 * and different from one another.
 */
#ifndef WW_PLUGINS_MOVES_H
#define WW_PLUGINS_MOVES_H

#include "plugins/common/points.h"
#include "plugins/common/sides.h"

struct ww_moves {
	const struct ww_space *space;
	const struct ww_points *known;
	struct ww_points found; /* rows, in the order of the calls below */
	struct ww_sides sides;
	uint32_t *spare;
};

/* 0 if memory is short. */
int ww_moves_start(struct ww_moves *moves, const struct ww_space *space,
                   const struct ww_points *known);
void ww_moves_clear(struct ww_moves *moves);
void ww_moves_empty(struct ww_moves *moves);

/* One slot changes: an ordered one by one step, another to any value. */
ww_status ww_moves_step(struct ww_moves *moves, const uint32_t *from);
/* The two sides of a pair exchange their numbers. */
ww_status ww_moves_exchange(struct ww_moves *moves, const uint32_t *from);
/* Two related slots change, each by such a move. */
ww_status ww_moves_joint(struct ww_moves *moves, const uint32_t *from);
/* One slot changes to any other value; a slot of more than 64 values to those
 * whose distance is a power of two. */
ww_status ww_moves_any(struct ww_moves *moves, const uint32_t *from);
/* `n_changed` slots chosen at random take random other values; one attempt. */
ww_status ww_moves_mutate(struct ww_moves *moves, const uint32_t *from,
                          unsigned n_changed, const struct ww_random *random);
/* Puts the rows from number `first` on into a random order; nothing may be added
 * afterwards, because rows are found by their place. */
void ww_moves_shuffle(struct ww_moves *moves, size_t first,
                      const struct ww_random *random);

#endif
