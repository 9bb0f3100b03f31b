/* SPDX-License-Identifier: MIT */
#include "plugins/common/sides.h"

static int
are_alike(const struct ww_slot *a, const struct ww_slot *b)
{
	uint32_t i;

	if (a->n_values != b->n_values || a->n_values < 3 ||
	    (a->flags & b->flags & WW_SLOT_ORDERED) == 0)
		return 0;
	for (i = 0; i < a->n_values; i++)
		if (!(a->values[i].number == b->values[i].number))
			return 0;
	return 1;
}

void
ww_sides_find(struct ww_sides *sides, const struct ww_space *space)
{
	uint32_t a, b;

	sides->n = 0;
	for (a = 0; a < space->n_slots; a++)
		for (b = 0; b < a && sides->n < WW_SIDES_MOST; b++) {
			if (!are_alike(&space->slots[a], &space->slots[b]))
				continue;
			sides->pairs[sides->n][0] = a;
			sides->pairs[sides->n++][1] = b;
		}
}

int
ww_sides_turned(const struct ww_sides *sides, const uint32_t *a,
                const uint32_t *b)
{
	uint32_t i;

	for (i = 0; i < sides->n; i++) {
		uint32_t one = sides->pairs[i][0], other = sides->pairs[i][1];

		if ((a[one] > a[other] && b[one] < b[other]) ||
		    (a[one] < a[other] && b[one] > b[other]))
			return 1;
	}
	return 0;
}
