/* SPDX-License-Identifier: MIT */
#include "core/engine/config_set.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/text.h"

struct ww_config_set {
	uint32_t n_slots;
	uint32_t *rows;
	uint64_t n;
	uint64_t *table; /* row + 1; 0: empty */
	uint64_t size;   /* a power of two */
};

struct ww_config_set *
ww_config_set_new(uint32_t n_slots)
{
	struct ww_config_set *set = ww_alloc(sizeof *set);

	set->n_slots = n_slots;
	set->size = 64;
	set->table = ww_alloc(set->size * sizeof *set->table);
	set->rows = ww_alloc(set->size / 2 * n_slots * sizeof *set->rows + 1);
	return set;
}

void
ww_config_set_free(struct ww_config_set *set)
{
	if (set == NULL)
		return;
	free(set->rows);
	free(set->table);
	free(set);
}

static uint64_t
find_cell(const struct ww_config_set *set, const uint32_t *indices)
{
	size_t bytes = set->n_slots * sizeof *indices;
	uint64_t cell = ww_hash_u64(indices, bytes) & (set->size - 1);

	while (set->table[cell] != 0 &&
	       memcmp(set->rows + (set->table[cell] - 1) * set->n_slots,
	              indices, bytes) != 0)
		cell = (cell + 1) & (set->size - 1);
	return cell;
}

static void
grow(struct ww_config_set *set)
{
	uint64_t i;

	set->size *= 2;
	set->rows = ww_grow(set->rows, set->size / 2 * set->n_slots *
	                                       sizeof *set->rows + 1);
	set->table = ww_grow(set->table, set->size * sizeof *set->table);
	memset(set->table, 0, set->size * sizeof *set->table);
	for (i = 0; i < set->n; i++)
		set->table[find_cell(set, set->rows + i * set->n_slots)] =
			i + 1;
}

bool
ww_config_set_add(struct ww_config_set *set, const uint32_t *indices)
{
	uint64_t cell;

	if (2 * (set->n + 1) > set->size)
		grow(set);
	cell = find_cell(set, indices);
	if (set->table[cell] != 0)
		return false;
	memcpy(set->rows + set->n * set->n_slots, indices,
	       set->n_slots * sizeof *indices);
	set->table[cell] = ++set->n;
	return true;
}
