/* SPDX-License-Identifier: MIT */
#include "core/engine/trial.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/text.h"

#define LONGEST_LOG (16u << 10)

/* Fact names are owned, although plugins see them as const. */
static void
free_const(const char *text)
{
	free((void *)(uintptr_t)text);
}

static void
point_at_parts(struct ww_record *record)
{
	record->trial.indices = record->indices;
	record->trial.samples_ms = record->samples_ms;
	record->trial.facts = record->facts;
	record->trial.text = record->text;
	record->trial.source = record->source;
	record->trial.family = record->family;
	record->trial.reason = record->reason;
}

struct ww_record *
ww_record_new(uint32_t n_slots)
{
	struct ww_record *record = ww_alloc(sizeof *record);

	record->trial.size = sizeof record->trial;
	record->trial.objective = NAN;
	record->trial.ci_low = NAN;
	record->trial.ci_high = NAN;
	record->indices = ww_alloc((n_slots + 1) * sizeof *record->indices);
	record->text = ww_copy("");
	record->source = ww_copy("");
	record->family = ww_copy("");
	record->reason = ww_copy("");
	record->log = ww_copy("");
	point_at_parts(record);
	return record;
}

void
ww_record_free(struct ww_record *record)
{
	uint64_t i;

	if (record == NULL)
		return;
	for (i = 0; i < record->trial.n_facts; i++)
		free_const(record->facts[i].name);
	free(record->indices);
	free(record->samples_ms);
	free(record->facts);
	free(record->text);
	free(record->source);
	free(record->family);
	free(record->reason);
	free(record->log);
	free(record);
}

static void
replace(char **part, const char *text)
{
	char *copy = ww_copy(text != NULL ? text : "");

	free(*part);
	*part = copy;
}

void
ww_record_set_text(struct ww_record *record, const char *text)
{
	replace(&record->text, text);
	point_at_parts(record);
}

void
ww_record_set_log(struct ww_record *record, const char *log)
{
	free(record->log);
	record->log = log == NULL ? ww_copy("")
	                          : ww_copy_n(log, strnlen(log, LONGEST_LOG));
}

void
ww_record_set_origin(struct ww_record *record, const char *source,
                     const char *family, const char *reason)
{
	replace(&record->source, source);
	replace(&record->family, family);
	replace(&record->reason, reason);
	point_at_parts(record);
}

void
ww_record_set_samples(struct ww_record *record, const double *samples_ms,
                      uint64_t n)
{
	double *copy = n > 0 ? ww_alloc(n * sizeof *copy) : NULL;

	if (n > 0)
		memcpy(copy, samples_ms, n * sizeof *copy);
	free(record->samples_ms);
	record->samples_ms = copy;
	record->trial.n_samples = n;
	point_at_parts(record);
}

void
ww_record_add_fact(struct ww_record *record, const char *name, double value)
{
	uint64_t n = record->trial.n_facts;
	uint64_t i;

	for (i = 0; i < n; i++)
		if (strcmp(record->facts[i].name, name) == 0) {
			record->facts[i].value = value;
			return;
		}
	record->facts = ww_grow(record->facts, (n + 1) * sizeof *record->facts);
	record->facts[n].name = ww_copy(name);
	record->facts[n].value = value;
	record->trial.n_facts = n + 1;
	point_at_parts(record);
}

double
ww_trial_fact(const struct ww_trial *trial, const char *name)
{
	uint64_t i;

	for (i = 0; i < trial->n_facts; i++)
		if (strcmp(trial->facts[i].name, name) == 0)
			return trial->facts[i].value;
	return NAN;
}

/* ---------------------------------------------------------------- archive */

struct ww_archive {
	struct ww_record **rows; /* in order of id */
	uint64_t n;
	uint64_t room;
	uint64_t *table; /* row + 1 by hash of the configuration; 0: empty */
	uint64_t table_size;
	uint32_t n_slots;
};

struct ww_archive *
ww_archive_new(uint32_t n_slots)
{
	struct ww_archive *archive = ww_alloc(sizeof *archive);

	archive->n_slots = n_slots;
	archive->table_size = 64;
	archive->table = ww_alloc(archive->table_size * sizeof *archive->table);
	return archive;
}

void
ww_archive_free(struct ww_archive *archive)
{
	uint64_t i;

	if (archive == NULL)
		return;
	for (i = 0; i < archive->n; i++)
		ww_record_free(archive->rows[i]);
	free(archive->rows);
	free(archive->table);
	free(archive);
}

/* The table's cell that holds this configuration or would. */
static uint64_t
find_cell(const struct ww_archive *archive, const uint32_t *indices)
{
	size_t bytes = archive->n_slots * sizeof *indices;
	uint64_t mask = archive->table_size - 1;
	uint64_t cell = ww_hash_u64(indices, bytes) & mask;

	while (archive->table[cell] != 0) {
		const struct ww_record *record =
			archive->rows[archive->table[cell] - 1];

		if (memcmp(record->indices, indices, bytes) == 0)
			break;
		cell = (cell + 1) & mask;
	}
	return cell;
}

static void
fill_table(struct ww_archive *archive)
{
	uint64_t i;

	memset(archive->table, 0, archive->table_size * sizeof *archive->table);
	for (i = 0; i < archive->n; i++)
		archive->table[find_cell(archive, archive->rows[i]->indices)] =
			i + 1;
}

static void
make_room(struct ww_archive *archive)
{
	if (archive->n == archive->room) {
		archive->room = archive->room * 2 + 64;
		archive->rows = ww_grow(archive->rows,
		                        archive->room * sizeof *archive->rows);
	}
	if (2 * (archive->n + 1) > archive->table_size) {
		archive->table_size *= 2;
		archive->table = ww_grow(archive->table,
		                         archive->table_size *
		                                 sizeof *archive->table);
		fill_table(archive);
	}
}

bool
ww_archive_add(struct ww_archive *archive, struct ww_record *record)
{
	uint64_t last = archive->n > 0 ? archive->rows[archive->n - 1]->trial.id
	                               : 0;
	uint64_t cell;

	make_room(archive);
	cell = find_cell(archive, record->indices);
	if (archive->table[cell] != 0)
		return false;
	if (record->trial.id == 0)
		record->trial.id = last + 1;
	archive->rows[archive->n++] = record;
	archive->table[cell] = archive->n;
	return true;
}

struct ww_record *
ww_archive_find(const struct ww_archive *archive, const uint32_t *indices)
{
	uint64_t row = archive->table[find_cell(archive, indices)];

	return row == 0 ? NULL : archive->rows[row - 1];
}

struct ww_record *
ww_archive_by_id(const struct ww_archive *archive, uint64_t id)
{
	uint64_t low = 0, high = archive->n;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (archive->rows[middle]->trial.id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < archive->n && archive->rows[low]->trial.id == id
	               ? archive->rows[low]
	               : NULL;
}

uint64_t
ww_archive_count(const struct ww_archive *archive)
{
	return archive->n;
}

struct ww_record *
ww_archive_at(const struct ww_archive *archive, uint64_t i)
{
	return i < archive->n ? archive->rows[i] : NULL;
}

void
ww_archive_keep_finished(struct ww_archive *archive)
{
	uint64_t kept = 0;
	uint64_t i;

	for (i = 0; i < archive->n; i++) {
		if (archive->rows[i]->finished_ns != 0)
			archive->rows[kept++] = archive->rows[i];
		else
			ww_record_free(archive->rows[i]);
	}
	archive->n = kept;
	fill_table(archive);
}
