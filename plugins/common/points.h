/* SPDX-License-Identifier: MIT
 *
 * The configurations a strategy knows of, each once, with what is known of
 * them: proposed and not yet told, measured, failed. Found by a hash of their
 * indices; numbered in the order of arrival, which never changes.
 */
#ifndef WW_PLUGINS_POINTS_H
#define WW_PLUGINS_POINTS_H

#include <stddef.h>

#include "warpwright/plugin.h"

#define WW_POINT_NONE SIZE_MAX

struct ww_points {
	uint32_t n_slots;
	uint32_t *rows;     /* n times n_slots indices */
	double *objectives; /* NaN: not told yet; INFINITY: failed */
	size_t n;
	size_t n_told;
	size_t n_good;      /* told and finite */
	/* Private. */
	size_t capacity;
	uint32_t *table;    /* number of a point + 1, or 0 */
	size_t table_size;  /* power of two */
};

void ww_points_start(struct ww_points *points, uint32_t n_slots);
void ww_points_clear(struct ww_points *points);

const uint32_t *ww_points_row(const struct ww_points *points, size_t i);
/* Number of the point, or WW_POINT_NONE. */
size_t ww_points_find(const struct ww_points *points, const uint32_t *indices);
/* Adds a point that is not known; its number, an existing one's number, or
 * WW_POINT_NONE if memory is short. */
size_t ww_points_add(struct ww_points *points, const uint32_t *indices);
/* What a finished trial says; adds the point if need be. */
ww_status ww_points_tell(struct ww_points *points,
                         const struct ww_trial *trial);

/* Pushes a configuration and adds it, whether it was taken or refused as known;
 * *taken counts those taken. WW_STOPPED: no more are wanted, and this one is not
 * added, because the sink need not have taken it. */
ww_status ww_points_push(struct ww_points *points, struct ww_config_sink *sink,
                         const uint32_t *indices,
                         const struct ww_proposal_info *info, uint32_t *taken);

/* The best told and finite points, best first, ties by number; writes at most
 * `limit` numbers and returns how many. */
size_t ww_points_best(const struct ww_points *points, size_t *best,
                      size_t limit);
/* The same among the points from number `from` on. */
size_t ww_points_best_from(const struct ww_points *points, size_t from,
                           size_t *best, size_t limit);

#endif
