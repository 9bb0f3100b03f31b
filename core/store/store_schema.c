/* SPDX-License-Identifier: MIT */
#include "core/store/store_impl.h"

#include <stdio.h>

/* Step i leads from version i to version i + 1; a new file walks all of them.
 * Published steps are never edited: a change is a new step at the end. */
static const char *const steps[WW_STORE_VERSION] = {
	/* 1: sessions, their trials, their model calls */
	"CREATE TABLE sessions ("
	" id TEXT PRIMARY KEY NOT NULL,"
	" task_name TEXT NOT NULL, task_path TEXT NOT NULL,"
	" task_text TEXT NOT NULL,"
	" kernel_hash TEXT NOT NULL, space_hash TEXT NOT NULL,"
	" backend TEXT NOT NULL, device TEXT NOT NULL,"
	" device_name TEXT NOT NULL,"
	" strategy TEXT NOT NULL, model TEXT NOT NULL,"
	" settings TEXT NOT NULL, state TEXT NOT NULL, result TEXT NOT NULL,"
	" started_ns INTEGER NOT NULL, finished_ns INTEGER NOT NULL,"
	" best_ms REAL, default_ms REAL);"
	"CREATE INDEX sessions_by_time ON sessions (started_ns);"
	"CREATE TABLE trials ("
	" session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,"
	" id INTEGER NOT NULL, config TEXT NOT NULL, outcome TEXT NOT NULL,"
	" objective REAL, ci_low REAL, ci_high REAL,"
	" samples BLOB NOT NULL," /* doubles, milliseconds, little-endian */
	" facts TEXT NOT NULL, text TEXT NOT NULL, source TEXT NOT NULL,"
	" family TEXT NOT NULL, reason TEXT NOT NULL,"
	" round INTEGER NOT NULL, abandoned INTEGER NOT NULL,"
	" compile_ns INTEGER NOT NULL, measure_ns INTEGER NOT NULL,"
	" log TEXT NOT NULL, artifact TEXT NOT NULL, device TEXT NOT NULL,"
	" from_cache INTEGER NOT NULL, shared INTEGER NOT NULL,"
	" proposed_ns INTEGER NOT NULL, finished_ns INTEGER NOT NULL,"
	" PRIMARY KEY (session, id), UNIQUE (session, config));"
	"CREATE TABLE calls ("
	" session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,"
	" number INTEGER NOT NULL, round INTEGER NOT NULL,"
	" provider TEXT NOT NULL, model TEXT NOT NULL,"
	" prompt TEXT NOT NULL, answer TEXT NOT NULL,"
	" outcome TEXT NOT NULL, error TEXT NOT NULL,"
	" input_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL,"
	" output_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL,"
	" cost REAL, latency_ns INTEGER NOT NULL, attempts INTEGER NOT NULL,"
	" found INTEGER NOT NULL, taken INTEGER NOT NULL,"
	" invalid INTEGER NOT NULL, duplicate INTEGER NOT NULL,"
	" exchange TEXT NOT NULL,"
	" PRIMARY KEY (session, number));",
	/* 2: which process runs a session, so that a killed one is told from a
	 * living one, and the finalists' second timing */
	("ALTER TABLE sessions ADD COLUMN owner TEXT NOT NULL DEFAULT '';"
	 "ALTER TABLE sessions ADD COLUMN finalists TEXT NOT NULL DEFAULT '';"),
	/* 3: what a session minimises, without which its numbers say nothing */
	"ALTER TABLE sessions ADD COLUMN objective TEXT NOT NULL DEFAULT 'time';",
};

static ww_status
read_number(const struct ww_store *store, const char *sql, int *number,
            struct ww_error *error)
{
	sqlite3_stmt *statement;
	ww_status status = ww_store_prepare(store, sql, "cannot be read",
	                                    &statement, error);

	if (status != WW_OK)
		return status;
	if (sqlite3_step(statement) == SQLITE_ROW)
		*number = sqlite3_column_int(statement, 0);
	else
		status = ww_store_fault(store, "cannot be read", error);
	sqlite3_finalize(statement);
	return status;
}

/* A new file has neither number; any other without ours belongs to another
 * program. */
static ww_status
check_kind(const struct ww_store *store, int *version, struct ww_error *error)
{
	int application = 0, objects = 0;
	ww_status status = read_number(store, "PRAGMA application_id",
	                               &application, error);

	if (status == WW_OK)
		status = read_number(store, "PRAGMA user_version", version,
		                     error);
	if (status == WW_OK)
		status = read_number(store,
		                     "SELECT count(*) FROM sqlite_master",
		                     &objects, error);
	if (status != WW_OK)
		return status;
	if (application != WW_STORE_APPLICATION &&
	    (application != 0 || *version != 0 || objects != 0))
		return ww_error_set(error, WW_E_IO,
		                    "store %s: this is the database of another "
		                    "program and is left alone; choose another "
		                    "file with --store FILE", store->path);
	if (*version > WW_STORE_VERSION)
		return ww_error_set(error, WW_E_IO,
		                    "store %s: written by a newer warpwright "
		                    "(store version %d, this program knows %d); "
		                    "update warpwright or choose another file "
		                    "with --store FILE",
		                    store->path, *version, WW_STORE_VERSION);
	return WW_OK;
}

static ww_status
walk_steps(const struct ww_store *store, struct ww_error *error)
{
	char mark[128];
	int version = 0;
	/* Another process may have done the same while we waited. */
	ww_status status = check_kind(store, &version, error);

	for (; status == WW_OK && version < WW_STORE_VERSION; version++)
		status = ww_store_exec(store, steps[version],
		                       "cannot be brought up to date", error);
	if (status != WW_OK)
		return status;
	snprintf(mark, sizeof mark,
	         "PRAGMA application_id=%d; PRAGMA user_version=%d",
	         WW_STORE_APPLICATION, WW_STORE_VERSION);
	return ww_store_exec(store, mark, "cannot be brought up to date",
	                     error);
}

ww_status
ww_store_migrate(const struct ww_store *store, struct ww_error *error)
{
	int version = 0;
	ww_status status = check_kind(store, &version, error);

	if (status != WW_OK || version == WW_STORE_VERSION)
		return status;
	status = ww_store_start(store, "cannot be brought up to date", error);
	if (status == WW_OK)
		status = ww_store_finish(store, walk_steps(store, error),
		                         "cannot be brought up to date", error);
	return status;
}
