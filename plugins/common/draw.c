/* SPDX-License-Identifier: MIT */
#include "plugins/common/draw.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Draws in vain before a space whose size is not known counts as used up. */
#define MOST_MISSES 100000

int
ww_draw_start(struct ww_draw *draw, const struct ww_space *space,
              const struct ww_random *random, const struct ww_points *known)
{
	memset(draw, 0, sizeof *draw);
	draw->space = space;
	draw->random = random;
	draw->known = known;
	draw->count = space->count(space, &draw->exact);
	draw->spare = calloc(space->n_slots + 1, sizeof *draw->spare);
	return draw->spare != NULL;
}

void
ww_draw_clear(struct ww_draw *draw)
{
	free(draw->rest);
	free(draw->spare);
	memset(draw, 0, sizeof *draw);
}

static int
is_new(const struct ww_draw *draw, const uint32_t *indices)
{
	return ww_points_find(draw->known, indices) == WW_POINT_NONE;
}

static ww_status
list_rest(struct ww_draw *draw)
{
	uint64_t n = (uint64_t)draw->count;
	uint64_t rank;

	draw->rest = malloc((size_t)(n + 1) * sizeof *draw->rest);
	if (draw->rest == NULL)
		return WW_E_NO_MEMORY;
	for (rank = 0; rank < n; rank++)
		if (draw->space->at(draw->space, rank, draw->spare) == WW_OK &&
		    is_new(draw, draw->spare))
			draw->rest[draw->n_rest++] = rank;
	return WW_OK;
}

/* Entries that have become known since leave the list; the one returned stays,
 * because the caller need not get rid of it. */
static ww_status
draw_from_rest(struct ww_draw *draw, uint32_t *indices)
{
	while (draw->n_rest > 0) {
		uint64_t k = ww_random_below(draw->random, draw->n_rest);

		if (draw->space->at(draw->space, draw->rest[k], indices) ==
		            WW_OK &&
		    is_new(draw, indices))
			return WW_OK;
		draw->rest[k] = draw->rest[--draw->n_rest];
	}
	return WW_EXHAUSTED;
}

ww_status
ww_draw_new(struct ww_draw *draw, uint32_t *indices)
{
	uint32_t misses;

	if (draw->rest == NULL && draw->exact &&
	    (double)draw->known->n * 2 >= draw->count) {
		ww_status status = list_rest(draw);

		if (status != WW_OK)
			return status;
	}
	if (draw->rest != NULL)
		return draw_from_rest(draw, indices);
	for (misses = 0; misses < MOST_MISSES; misses++) {
		if (draw->space->sample(draw->space, draw->random, indices) !=
		    WW_OK)
			return WW_EXHAUSTED;
		if (is_new(draw, indices))
			return WW_OK;
	}
	return WW_EXHAUSTED;
}

double
ww_draw_distance(const struct ww_space *space, const uint32_t *a,
                 const uint32_t *b)
{
	double distance = 0;
	uint32_t i;

	for (i = 0; i < space->n_slots; i++) {
		const struct ww_slot *slot = &space->slots[i];

		if (a[i] == b[i])
			continue;
		if ((slot->flags & WW_SLOT_ORDERED) == 0)
			distance += 1;
		else
			distance += fabs((double)a[i] - (double)b[i]) /
			            (slot->n_values - 1);
	}
	return distance;
}

static double
nearest(const struct ww_draw *draw, const uint32_t *indices)
{
	double least = INFINITY;
	size_t i;

	for (i = 0; i < draw->known->n; i++) {
		double distance = ww_draw_distance(
			draw->space, indices, ww_points_row(draw->known, i));

		least = distance < least ? distance : least;
	}
	return least;
}

ww_status
ww_draw_far(struct ww_draw *draw, unsigned tries, uint32_t *indices)
{
	size_t bytes = draw->space->n_slots * sizeof *indices;
	double farthest = -1;
	unsigned i;

	for (i = 0; i < tries; i++) {
		double distance;

		if (draw->space->sample(draw->space, draw->random,
		                        draw->spare) != WW_OK)
			return WW_EXHAUSTED;
		if (!is_new(draw, draw->spare))
			continue;
		distance = nearest(draw, draw->spare);
		if (distance > farthest) {
			farthest = distance;
			memcpy(indices, draw->spare, bytes);
		}
	}
	return farthest >= 0 ? WW_OK : ww_draw_new(draw, indices);
}
