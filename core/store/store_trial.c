/* SPDX-License-Identifier: MIT */
#include "core/store/store_impl.h"

#include <endian.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

#define COLUMNS                                                              \
	"id, config, outcome, objective, ci_low, ci_high, samples, facts,"   \
	" text, source, family, reason, round, abandoned, compile_ns,"       \
	" measure_ns, log, artifact, device, from_cache, shared,"            \
	" proposed_ns, finished_ns"

/* ------------------------------------------------- samples, facts as stored */

/* The same bytes on every machine, so that a store can be copied. */
static void
bind_samples(sqlite3_stmt *statement, int at, const double *samples,
             uint64_t n)
{
	uint64_t *words = ww_alloc((n + 1) * sizeof *words);
	uint64_t i;

	for (i = 0; i < n; i++) {
		memcpy(&words[i], &samples[i], sizeof words[i]);
		words[i] = htole64(words[i]);
	}
	sqlite3_bind_blob64(statement, at, words, n * sizeof *words,
	                    SQLITE_TRANSIENT);
	free(words);
}

static void
read_samples(sqlite3_stmt *statement, int column, struct ww_record *record)
{
	uint64_t n = (uint64_t)sqlite3_column_bytes(statement, column) /
	             sizeof(double);
	const void *bytes = sqlite3_column_blob(statement, column);
	double *samples;
	uint64_t i;

	if (n == 0)
		return;
	samples = ww_alloc(n * sizeof *samples);
	for (i = 0; i < n; i++) {
		uint64_t word;

		memcpy(&word, (const char *)bytes + i * sizeof word,
		       sizeof word);
		word = le64toh(word);
		memcpy(&samples[i], &word, sizeof word);
	}
	ww_record_set_samples(record, samples, n);
	free(samples);
}

static void
bind_facts(sqlite3_stmt *statement, int at, const struct ww_trial *trial)
{
	struct json_object *facts = json_object_new_object();
	uint64_t i;

	for (i = 0; i < trial->n_facts; i++)
		ww_json_put_number(facts, trial->facts[i].name,
		                   trial->facts[i].value);
	ww_store_bind_text(statement, at, ww_json_text(facts));
	json_object_put(facts);
}

static void
read_facts(sqlite3_stmt *statement, int column, struct ww_record *record)
{
	const char *text = ww_store_text(statement, column);
	struct json_object *facts;

	if (ww_json_parse(text, strlen(text), "facts", 0, &facts, NULL) !=
	    WW_OK)
		return;
	if (json_object_is_type(facts, json_type_object)) {
		json_object_object_foreach(facts, name, value)
		{
			ww_record_add_fact(record, name,
			                   value == NULL
			                           ? NAN
			                           : json_object_get_double(
			                                     value));
		}
	}
	json_object_put(facts);
}

/* ------------------------------------------------------------------ writing */

static void
bind_record(sqlite3_stmt *statement, const struct ww_record *record)
{
	const struct ww_trial *trial = &record->trial;

	sqlite3_bind_int64(statement, 2, (int64_t)trial->id);
	ww_store_bind_text(statement, 4, ww_outcome_name(trial->outcome));
	ww_store_bind_number(statement, 5, trial->objective);
	ww_store_bind_number(statement, 6, trial->ci_low);
	ww_store_bind_number(statement, 7, trial->ci_high);
	bind_samples(statement, 8, trial->samples_ms, trial->n_samples);
	bind_facts(statement, 9, trial);
	ww_store_bind_text(statement, 10, trial->text);
	ww_store_bind_text(statement, 11, trial->source);
	ww_store_bind_text(statement, 12, trial->family);
	ww_store_bind_text(statement, 13, trial->reason);
	sqlite3_bind_int64(statement, 14, trial->round);
	sqlite3_bind_int(statement, 15, trial->abandoned != 0);
	sqlite3_bind_int64(statement, 16, trial->compile_ns);
	sqlite3_bind_int64(statement, 17, trial->measure_ns);
	ww_store_bind_text(statement, 18, record->log);
	ww_store_bind_text(statement, 19, record->artifact);
	ww_store_bind_text(statement, 20, record->device);
	sqlite3_bind_int(statement, 21, record->from_cache);
	sqlite3_bind_int(statement, 22, record->shared);
	sqlite3_bind_int64(statement, 23, record->proposed_ns);
	sqlite3_bind_int64(statement, 24, record->finished_ns);
}

static ww_status
insert_records(const struct ww_store *store, const char *id,
               const struct ww_search_space *space,
               const struct ww_record *const *records, size_t n,
               struct ww_error *error)
{
	static const char what[] = "a trial cannot be written";
	sqlite3_stmt *statement;
	ww_status status = ww_store_prepare(
		store,
		"INSERT INTO trials (session, " COLUMNS ") VALUES"
		" (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,"
		" ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24)",
		what, &statement, error);
	size_t i;

	for (i = 0; status == WW_OK && i < n; i++) {
		struct json_object *config =
			ww_space_config(space, records[i]->trial.indices);

		ww_store_bind_text(statement, 1, id);
		bind_record(statement, records[i]);
		ww_store_bind_text(statement, 3, ww_json_text(config));
		json_object_put(config);
		status = ww_store_step(store, statement, what, error);
	}
	sqlite3_finalize(statement);
	return status;
}

ww_status
ww_store_trials(struct ww_store *store, const char *id,
                const struct ww_search_space *space,
                const struct ww_record *const *records, size_t n,
                struct ww_error *error)
{
	static const char what[] = "a trial cannot be written";
	ww_status status;

	if (n == 0)
		return WW_OK;
	status = ww_store_start(store, what, error);
	if (status != WW_OK)
		return status;
	return ww_store_finish(store,
	                       insert_records(store, id, space, records, n,
	                                      error),
	                       what, error);
}

/* ------------------------------------------------------------------ reading */

static void
read_record(sqlite3_stmt *statement, struct ww_record *record)
{
	struct ww_trial *trial = &record->trial;
	uint32_t outcome = ww_outcome_parse(ww_store_text(statement, 2));

	trial->id = (uint64_t)sqlite3_column_int64(statement, 0);
	/* A class that this program does not know is not the
	 * configuration's success. */
	trial->outcome = outcome < WW_TRIAL_N_CLASSES ? outcome
	                                              : WW_TRIAL_INTERNAL;
	trial->objective = ww_store_number(statement, 3);
	/* A success without a time, as only a damaged file can hold, would be
	 * faster than everything. */
	if (trial->outcome == WW_TRIAL_OK && !isfinite(trial->objective))
		trial->outcome = WW_TRIAL_INTERNAL;
	trial->ci_low = ww_store_number(statement, 4);
	trial->ci_high = ww_store_number(statement, 5);
	read_samples(statement, 6, record);
	read_facts(statement, 7, record);
	ww_record_set_text(record, ww_store_text(statement, 8));
	ww_record_set_origin(record, ww_store_text(statement, 9),
	                     ww_store_text(statement, 10),
	                     ww_store_text(statement, 11));
	trial->round = (uint32_t)sqlite3_column_int64(statement, 12);
	trial->abandoned = (uint32_t)sqlite3_column_int(statement, 13);
	trial->compile_ns = sqlite3_column_int64(statement, 14);
	trial->measure_ns = sqlite3_column_int64(statement, 15);
	ww_record_set_log(record, ww_store_text(statement, 16));
	snprintf(record->artifact, sizeof record->artifact, "%s",
	         ww_store_text(statement, 17));
	snprintf(record->device, sizeof record->device, "%s",
	         ww_store_text(statement, 18));
	record->from_cache = sqlite3_column_int(statement, 19) != 0;
	record->shared = sqlite3_column_int(statement, 20) != 0;
	record->proposed_ns = sqlite3_column_int64(statement, 21);
	record->finished_ns = sqlite3_column_int64(statement, 22);
}

static ww_status
open_trials(const struct ww_store *store, const char *id,
            sqlite3_stmt **statement, struct ww_error *error)
{
	ww_status status = ww_store_prepare(
		store,
		"SELECT " COLUMNS " FROM trials WHERE session = ?1"
		" ORDER BY id",
		"trials cannot be read", statement, error);

	if (status == WW_OK)
		ww_store_bind_text(*statement, 1, id);
	return status;
}

ww_status
ww_store_each_trial(struct ww_store *store, const char *id,
                    void (*visit)(void *context, const char *config,
                                  const struct ww_record *record),
                    void *context, struct ww_error *error)
{
	sqlite3_stmt *statement;
	ww_status status = open_trials(store, id, &statement, error);
	int code = SQLITE_DONE;

	if (status != WW_OK)
		return status;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
		struct ww_record *record = ww_record_new(0);

		read_record(statement, record);
		visit(context, ww_store_text(statement, 1), record);
		ww_record_free(record);
	}
	if (code != SQLITE_DONE)
		status = ww_store_fault(store, "trials cannot be read", error);
	sqlite3_finalize(statement);
	return status;
}

/* The trials of one session as they are loaded. */
struct loading {
	const struct ww_search_space *space;
	struct ww_record **records;
	size_t n, room, skipped;
};

static void
load_row(struct loading *loading, sqlite3_stmt *statement)
{
	const char *text = ww_store_text(statement, 1);
	struct ww_record *record = ww_record_new(loading->space->view.n_slots);
	struct json_object *config = NULL;

	if (ww_json_parse(text, strlen(text), "trial", 0, &config, NULL) !=
	            WW_OK ||
	    ww_space_parse(loading->space, config, record->indices, NULL) !=
	            WW_OK) {
		loading->skipped++;
		ww_record_free(record);
		json_object_put(config);
		return;
	}
	json_object_put(config);
	read_record(statement, record);
	if (loading->n == loading->room) {
		loading->room = loading->room * 2 + 64;
		loading->records =
			ww_grow(loading->records,
		                loading->room * sizeof *loading->records);
	}
	loading->records[loading->n++] = record;
}

ww_status
ww_store_load_trials(struct ww_store *store, const char *id,
                     const struct ww_search_space *space,
                     struct ww_record ***records, size_t *n, size_t *skipped,
                     struct ww_error *error)
{
	struct loading loading = { .space = space };
	sqlite3_stmt *statement;
	ww_status status = open_trials(store, id, &statement, error);
	int code;
	size_t i;

	if (status != WW_OK)
		return status;
	while ((code = sqlite3_step(statement)) == SQLITE_ROW)
		load_row(&loading, statement);
	if (code != SQLITE_DONE)
		status = ww_store_fault(store, "trials cannot be read", error);
	sqlite3_finalize(statement);
	if (status != WW_OK) {
		for (i = 0; i < loading.n; i++)
			ww_record_free(loading.records[i]);
		free(loading.records);
		return status;
	}
	*records = loading.records;
	*n = loading.n;
	*skipped = loading.skipped;
	return WW_OK;
}
