/* SPDX-License-Identifier: MIT */
#include "plugins/common/points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void
ww_points_start(struct ww_points *points, uint32_t n_slots)
{
	memset(points, 0, sizeof *points);
	points->n_slots = n_slots;
}

void
ww_points_clear(struct ww_points *points)
{
	free(points->rows);
	free(points->objectives);
	free(points->table);
	ww_points_start(points, points->n_slots);
}

const uint32_t *
ww_points_row(const struct ww_points *points, size_t i)
{
	return points->rows + i * points->n_slots;
}

static size_t
hash_row(const uint32_t *indices, uint32_t n)
{
	uint64_t hash = UINT64_C(0x9e3779b97f4a7c15);
	uint32_t i;

	for (i = 0; i < n; i++) {
		hash ^= indices[i];
		hash *= UINT64_C(0xff51afd7ed558ccd);
		hash ^= hash >> 32;
	}
	return (size_t)hash;
}

static int
same_row(const struct ww_points *points, size_t i, const uint32_t *indices)
{
	return memcmp(ww_points_row(points, i), indices,
	              points->n_slots * sizeof *indices) == 0;
}

/* The place of a configuration in the table: taken by it, or free. */
static size_t
find_place(const struct ww_points *points, const uint32_t *indices)
{
	size_t mask = points->table_size - 1;
	size_t place = hash_row(indices, points->n_slots) & mask;

	while (points->table[place] != 0 &&
	       !same_row(points, points->table[place] - 1, indices))
		place = (place + 1) & mask;
	return place;
}

size_t
ww_points_find(const struct ww_points *points, const uint32_t *indices)
{
	size_t place;

	if (points->table_size == 0)
		return WW_POINT_NONE;
	place = find_place(points, indices);
	return points->table[place] == 0 ? WW_POINT_NONE
	                                 : points->table[place] - 1;
}

static int
grow_rows(struct ww_points *points)
{
	size_t capacity = points->capacity > 0 ? points->capacity * 2 : 64;
	uint32_t *rows;
	double *objectives;

	rows = realloc(points->rows, (capacity * points->n_slots + 1) *
	                                     sizeof *rows);
	if (rows == NULL)
		return 0;
	points->rows = rows;
	objectives = realloc(points->objectives,
	                     capacity * sizeof *objectives);
	if (objectives == NULL)
		return 0;
	points->objectives = objectives;
	points->capacity = capacity;
	return 1;
}

/* A table that stays at most half full. */
static int
grow_table(struct ww_points *points)
{
	size_t size = points->table_size > 0 ? points->table_size * 2 : 256;
	uint32_t *old = points->table;
	size_t i;

	points->table = calloc(size, sizeof *points->table);
	if (points->table == NULL) {
		points->table = old;
		return 0;
	}
	points->table_size = size;
	for (i = 0; i < points->n; i++)
		points->table[find_place(points, ww_points_row(points, i))] =
			(uint32_t)i + 1;
	free(old);
	return 1;
}

size_t
ww_points_add(struct ww_points *points, const uint32_t *indices)
{
	size_t i = ww_points_find(points, indices);

	if (i != WW_POINT_NONE)
		return i;
	if (points->n == points->capacity && !grow_rows(points))
		return WW_POINT_NONE;
	if (2 * (points->n + 1) > points->table_size && !grow_table(points))
		return WW_POINT_NONE;
	i = points->n;
	memcpy(points->rows + i * points->n_slots, indices,
	       points->n_slots * sizeof *indices);
	points->objectives[i] = NAN;
	points->table[find_place(points, indices)] = (uint32_t)i + 1;
	points->n++;
	return i;
}

ww_status
ww_points_tell(struct ww_points *points, const struct ww_trial *trial)
{
	size_t i = ww_points_add(points, trial->indices);
	double value = INFINITY;

	if (i == WW_POINT_NONE)
		return WW_E_NO_MEMORY;
	if (trial->outcome == WW_TRIAL_OK && isfinite(trial->objective))
		value = trial->objective;
	if (isnan(points->objectives[i]))
		points->n_told++;
	else
		points->n_good -= isfinite(points->objectives[i]) ? 1 : 0;
	points->n_good += isfinite(value) ? 1 : 0;
	points->objectives[i] = value;
	return WW_OK;
}

ww_status
ww_points_push(struct ww_points *points, struct ww_config_sink *sink,
               const uint32_t *indices, const struct ww_proposal_info *info,
               uint32_t *taken)
{
	ww_status status = sink->push(sink, indices, info);

	if (status != WW_OK && status != WW_E_DUPLICATE &&
	    status != WW_E_INVALID)
		return status;
	if (ww_points_add(points, indices) == WW_POINT_NONE)
		return WW_E_NO_MEMORY;
	*taken += status == WW_OK ? 1 : 0;
	return WW_OK;
}

static int
before(const struct ww_points *points, size_t a, size_t b)
{
	if (points->objectives[a] < points->objectives[b])
		return 1;
	return points->objectives[a] <= points->objectives[b] && a < b;
}

size_t
ww_points_best(const struct ww_points *points, size_t *best, size_t limit)
{
	return ww_points_best_from(points, 0, best, limit);
}

size_t
ww_points_best_from(const struct ww_points *points, size_t from, size_t *best,
                    size_t limit)
{
	size_t n = 0;
	size_t i, k;

	for (i = from; i < points->n; i++) {
		if (!isfinite(points->objectives[i]))
			continue;
		if (n == limit && (n == 0 || !before(points, i, best[n - 1])))
			continue;
		k = n < limit ? n++ : n - 1;
		for (; k > 0 && before(points, i, best[k - 1]); k--)
			best[k] = best[k - 1];
		best[k] = i;
	}
	return n;
}
