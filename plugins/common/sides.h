/* SPDX-License-Identifier: MIT
 *
 * Pairs of parameters that take the same numbers, as those of the two sides of a
 * tile. What is good for one side is often good for the other, and no way leads
 * from one to the other by changes of one parameter.
 */
#ifndef WW_PLUGINS_SIDES_H
#define WW_PLUGINS_SIDES_H

#include "warpwright/space.h"

/* Where there are more, the first ones count. */
#define WW_SIDES_MOST 64u

struct ww_sides {
	uint32_t pairs[WW_SIDES_MOST][2]; /* slots */
	uint32_t n;
};

/* Ordered slots of the same three numbers or more. */
void ww_sides_find(struct ww_sides *sides, const struct ww_space *space);
/* Whether one row has the larger number on one side where the other has it on the
 * other side. */
int ww_sides_turned(const struct ww_sides *sides, const uint32_t *a,
                    const uint32_t *b);

#endif
