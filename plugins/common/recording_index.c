/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "plugins/common/recording_internal.h"

/* Open addressing over the rows; a slot holds the entry's number plus one. */
struct ww_recording_index {
	uint32_t *slots;
	uint64_t mask;
};

static uint64_t
hash_row(const uint32_t *row, uint32_t n)
{
	uint64_t hash = 0x9e3779b97f4a7c15u;
	uint32_t i;

	for (i = 0; i < n; i++) {
		hash ^= row[i];
		hash *= 0xff51afd7ed558ccdu;
		hash ^= hash >> 32;
	}
	return hash;
}

/* The slot that holds this row, or the free one where it belongs. */
static uint64_t
find_slot(const struct ww_recording *recording, const uint32_t *row)
{
	const struct ww_recording_index *index = recording->index;
	uint32_t n = recording->n_parameters;
	uint64_t at = hash_row(row, n) & index->mask;

	while (index->slots[at] != 0 &&
	       memcmp(recording->rows + (uint64_t)(index->slots[at] - 1) * n,
	              row, n * sizeof *row) != 0)
		at = (at + 1) & index->mask;
	return at;
}

uint64_t
ww_recording_find(const struct ww_recording *recording, const uint32_t *row)
{
	uint64_t at = find_slot(recording, row);

	return recording->index->slots[at] == 0
	               ? WW_RECORDING_ABSENT
	               : recording->index->slots[at] - (uint64_t)1;
}

/* As a JSON object does, the later one of two equal keys wins. */
static void
insert_entries(struct ww_recording *recording)
{
	uint32_t n = recording->n_parameters;
	uint64_t kept = 0;
	uint64_t i;

	for (i = 0; i < recording->n_entries; i++) {
		uint32_t *row = recording->rows + i * n;
		uint64_t slot = find_slot(recording, row);

		if (recording->index->slots[slot] != 0) {
			recording->entries[recording->index->slots[slot] - 1] =
				recording->entries[i];
			recording->n_repeated++;
			continue;
		}
		memmove(recording->rows + kept * n, row, n * sizeof *row);
		recording->entries[kept] = recording->entries[i];
		recording->index->slots[slot] = (uint32_t)++kept;
	}
	recording->n_entries = kept;
}

ww_status
ww_recording_index_build(struct ww_recording *recording)
{
	struct ww_recording_index *index = calloc(1, sizeof *index);
	uint64_t size = 16;

	if (index == NULL)
		return WW_E_NO_MEMORY;
	while (size < recording->n_entries * 2)
		size *= 2;
	index->slots = calloc(size, sizeof *index->slots);
	index->mask = size - 1;
	recording->index = index;
	if (index->slots == NULL)
		return WW_E_NO_MEMORY;
	insert_entries(recording);
	return WW_OK;
}

void
ww_recording_index_free(struct ww_recording *recording)
{
	if (recording->index == NULL)
		return;
	free(recording->index->slots);
	free(recording->index);
}
