/* SPDX-License-Identifier: MIT
 *
 * New configurations: uniform ones, and ones far from all known. While at most
 * half of the space is known, drawing until something new comes up is cheap and
 * exactly uniform; beyond that the rest is listed once and drawn from, so that
 * the end of a space is found.
 */
#ifndef WW_PLUGINS_DRAW_H
#define WW_PLUGINS_DRAW_H

#include "plugins/common/points.h"

struct ww_draw {
	const struct ww_space *space;
	const struct ww_random *random;
	const struct ww_points *known;
	double count;   /* valid configurations */
	int32_t exact;
	uint64_t *rest; /* ranks that were new when it was made, or null */
	uint64_t n_rest;
	uint32_t *spare;
};

/* 0 if memory is short. The parts must outlive the draw. */
int ww_draw_start(struct ww_draw *draw, const struct ww_space *space,
                  const struct ww_random *random,
                  const struct ww_points *known);
void ww_draw_clear(struct ww_draw *draw);

/* Writes a uniform unknown configuration: WW_OK, WW_EXHAUSTED (none is left) or
 * WW_E_NO_MEMORY. */
ww_status ww_draw_new(struct ww_draw *draw, uint32_t *indices);
/* The unknown one of `tries` random configurations that is farthest from its
 * nearest known one (see ww_draw_distance). */
ww_status ww_draw_far(struct ww_draw *draw, unsigned tries, uint32_t *indices);
/* Sum over the slots of the difference of indices over the largest possible
 * one; 1 for different values of an unordered slot. */
double ww_draw_distance(const struct ww_space *space, const uint32_t *a,
                        const uint32_t *b);

#endif
