/* SPDX-License-Identifier: MIT */
#include "plugins/common/moves.h"

#include <stdlib.h>
#include <string.h>

#define MOST_VALUES 64

int
ww_moves_start(struct ww_moves *moves, const struct ww_space *space,
               const struct ww_points *known)
{
	memset(moves, 0, sizeof *moves);
	moves->space = space;
	moves->known = known;
	ww_sides_find(&moves->sides, space);
	ww_points_start(&moves->found, space->n_slots);
	moves->spare = calloc(space->n_slots + 1, sizeof *moves->spare);
	return moves->spare != NULL;
}

void
ww_moves_clear(struct ww_moves *moves)
{
	ww_points_clear(&moves->found);
	free(moves->spare);
	memset(moves, 0, sizeof *moves);
}

void
ww_moves_empty(struct ww_moves *moves)
{
	ww_points_clear(&moves->found);
}

/* Takes the row in `spare` if it is worth having. A changed condition may have
 * moved other slots, which canonical() sets right. */
static ww_status
take(struct ww_moves *moves)
{
	const struct ww_space *space = moves->space;

	space->canonical(space, moves->spare);
	if (!space->valid(space, moves->spare) ||
	    ww_points_find(moves->known, moves->spare) != WW_POINT_NONE)
		return WW_OK;
	return ww_points_add(&moves->found, moves->spare) == WW_POINT_NONE
	               ? WW_E_NO_MEMORY
	               : WW_OK;
}

static void
restore(struct ww_moves *moves, const uint32_t *from)
{
	memcpy(moves->spare, from, moves->space->n_slots * sizeof *from);
}

/* Whether `value` is one step away from the slot's value in `from`. */
static int
is_step(const struct ww_slot *slot, uint32_t from, uint32_t value)
{
	if (value == from)
		return 0;
	if ((slot->flags & WW_SLOT_ORDERED) == 0)
		return 1;
	return value + 1 == from || from + 1 == value;
}

/* Whether a move to `value` is looked at: all of them, except in very long
 * ordered slots, where distances that are powers of two reach everywhere. */
static int
is_worth(const struct ww_slot *slot, uint32_t from, uint32_t value)
{
	uint32_t distance = from > value ? from - value : value - from;

	return slot->n_values <= MOST_VALUES ||
	       (distance & (distance - 1)) == 0;
}

static ww_status
change_one(struct ww_moves *moves, const uint32_t *from, int any)
{
	uint32_t i, value;
	ww_status status = WW_OK;

	for (i = 0; i < moves->space->n_slots; i++) {
		const struct ww_slot *slot = &moves->space->slots[i];

		for (value = 0; value < slot->n_values; value++) {
			if (value == from[i] ||
			    !(any ? is_worth(slot, from[i], value)
			          : is_step(slot, from[i], value)))
				continue;
			restore(moves, from);
			moves->spare[i] = value;
			status = take(moves);
			if (status != WW_OK)
				return status;
		}
	}
	return status;
}

ww_status
ww_moves_step(struct ww_moves *moves, const uint32_t *from)
{
	return change_one(moves, from, 0);
}

ww_status
ww_moves_any(struct ww_moves *moves, const uint32_t *from)
{
	return change_one(moves, from, 1);
}

ww_status
ww_moves_exchange(struct ww_moves *moves, const uint32_t *from)
{
	ww_status status = WW_OK;
	uint32_t i;

	for (i = 0; i < moves->sides.n && status == WW_OK; i++) {
		const uint32_t *pair = moves->sides.pairs[i];

		if (from[pair[0]] == from[pair[1]])
			continue;
		restore(moves, from);
		moves->spare[pair[0]] = from[pair[1]];
		moves->spare[pair[1]] = from[pair[0]];
		status = take(moves);
	}
	return status;
}

static ww_status
change_pair(struct ww_moves *moves, const uint32_t *from, uint32_t a,
            uint32_t b)
{
	const struct ww_slot *x = &moves->space->slots[a];
	const struct ww_slot *y = &moves->space->slots[b];
	uint32_t i, k;

	for (i = 0; i < x->n_values; i++) {
		if (!is_step(x, from[a], i))
			continue;
		for (k = 0; k < y->n_values; k++) {
			if (!is_step(y, from[b], k))
				continue;
			restore(moves, from);
			moves->spare[a] = i;
			moves->spare[b] = k;
			if (take(moves) != WW_OK)
				return WW_E_NO_MEMORY;
		}
	}
	return WW_OK;
}

ww_status
ww_moves_joint(struct ww_moves *moves, const uint32_t *from)
{
	const struct ww_space *space = moves->space;
	ww_status status = WW_OK;
	uint32_t a, b;

	for (a = 0; a < space->n_slots; a++)
		for (b = a + 1; b < space->n_slots && status == WW_OK; b++)
			if (space->related(space, a, b))
				status = change_pair(moves, from, a, b);
	return status;
}

ww_status
ww_moves_mutate(struct ww_moves *moves, const uint32_t *from,
                unsigned n_changed, const struct ww_random *random)
{
	const struct ww_space *space = moves->space;
	unsigned i;

	restore(moves, from);
	for (i = 0; i < n_changed; i++) {
		uint32_t k = (uint32_t)ww_random_below(random, space->n_slots);
		uint32_t n = space->slots[k].n_values;

		if (n > 1)
			moves->spare[k] =
				(moves->spare[k] + 1 +
			         (uint32_t)ww_random_below(random, n - 1)) % n;
	}
	return take(moves);
}

void
ww_moves_shuffle(struct ww_moves *moves, size_t first,
                 const struct ww_random *random)
{
	uint32_t *rows = moves->found.rows;
	size_t width = moves->space->n_slots;
	size_t i;

	for (i = moves->found.n; i-- > first + 1;) {
		size_t k = first + (size_t)ww_random_below(random,
		                                           i - first + 1);

		memcpy(moves->spare, rows + i * width, width * sizeof *rows);
		memmove(rows + i * width, rows + k * width,
		        width * sizeof *rows);
		memcpy(rows + k * width, moves->spare, width * sizeof *rows);
	}
}
