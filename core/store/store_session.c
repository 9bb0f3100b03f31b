/* SPDX-License-Identifier: MIT */
#include "core/store/store_impl.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/base/text.h"

#define COLUMNS                                                               \
	"id, task_name, task_path, task_text, kernel_hash, space_hash,"       \
	" backend, device, device_name, strategy, model, settings, state,"    \
	" result, started_ns, finished_ns, best_ms, default_ms, owner,"       \
	" finalists, objective,"                                              \
	" (SELECT count(*) FROM trials WHERE trials.session = sessions.id)"

/* ------------------------------------------------------------- the process */

/* When a process started, in clock ticks since boot: together with its number
 * this names it even after the number is given to another one. 0: no such
 * process, or one that has ended and waits for its parent to notice, which in a
 * container may be for ever. */
static unsigned long long
start_of(long pid)
{
	char path[64];
	char *text, *at;
	size_t length;
	unsigned long long start = 0;
	int field;

	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	if (ww_file_read(path, 1 << 16, &text, &length, NULL) != WW_OK)
		return 0;
	at = strrchr(text, ')'); /* the name before it may hold anything */
	if (at != NULL && at[1] == ' ' && at[2] == 'Z')
		at = NULL;
	for (field = 2; at != NULL && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (at != NULL)
		start = strtoull(at + 1, NULL, 10);
	free(text);
	return start;
}

static char *
this_process(void)
{
	char host[256] = "";

	gethostname(host, sizeof host - 1);
	return ww_text("%ld %llu %s", (long)getpid(), start_of((long)getpid()),
	               host);
}

/* 1: alive, 0: dead, -1: on another machine, so nobody here can know. */
static int
is_alive(const char *owner)
{
	char host[256] = "";
	long pid;
	unsigned long long start;
	int used = 0;

	if (sscanf(owner, "%ld %llu %n", &pid, &start, &used) < 2 || used == 0)
		return 0;
	gethostname(host, sizeof host - 1);
	if (strcmp(owner + used, host) != 0)
		return -1;
	if (kill((pid_t)pid, 0) != 0 && errno == ESRCH)
		return 0;
	return start == 0 || start_of(pid) == start;
}

/* ------------------------------------------------------------------ writing */

static void
make_id(char id[40])
{
	time_t now = (time_t)(ww_wall_ns() / 1000000000);
	unsigned char random[3] = { 0 };
	struct tm parts;

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
		uint64_t clock = (uint64_t)ww_now_ns();

		memcpy(random, &clock, sizeof random);
	}
	gmtime_r(&now, &parts);
	snprintf(id, 40, "%04u%02u%02u-%02u%02u%02u-%02x%02x%02x",
	         (unsigned)(parts.tm_year + 1900) % 10000u,
	         (unsigned)(parts.tm_mon + 1) % 100u,
	         (unsigned)parts.tm_mday % 100u, (unsigned)parts.tm_hour % 100u,
	         (unsigned)parts.tm_min % 100u, (unsigned)parts.tm_sec % 100u,
	         random[0], random[1], random[2]);
}

static void
bind_row(sqlite3_stmt *statement, const struct ww_session_row *row,
         const char *owner)
{
	const char *const texts[] = {
		row->task_name,   row->task_path, row->task_text,
		row->kernel_hash, row->space_hash, row->backend,
		row->device,      row->device_name, row->strategy,
		row->model,       row->settings,  owner,
		row->objective != NULL ? row->objective : "time",
	};
	int i;

	for (i = 0; i < (int)(sizeof texts / sizeof texts[0]); i++)
		ww_store_bind_text(statement, i + 2, texts[i]);
	sqlite3_bind_int64(statement, 15,
	                   row->started_ns != 0 ? row->started_ns
	                                        : ww_wall_ns());
}

static ww_status
insert_session(const struct ww_store *store, const struct ww_session_row *row,
               const char *owner, char row_id[40], struct ww_error *error)
{
	static const char what[] = "the session cannot be written";
	sqlite3_stmt *statement;
	ww_status status;
	int code, tries;

	status = ww_store_prepare(
		store,
		"INSERT INTO sessions (id, task_name, task_path, task_text,"
		" kernel_hash, space_hash, backend, device, device_name,"
		" strategy, model, settings, owner, objective, started_ns, state,"
		" result, finished_ns) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
		" ?9, ?10, ?11, ?12, ?13, ?14, ?15, 'running', '', 0)",
		what, &statement, error);
	if (status != WW_OK)
		return status;
	bind_row(statement, row, owner);
	/* Two runs of one second may draw the same number. */
	for (tries = 0; tries < 16; tries++) {
		make_id(row_id);
		ww_store_bind_text(statement, 1, row_id);
		code = sqlite3_step(statement);
		if (code != SQLITE_CONSTRAINT)
			break;
		sqlite3_reset(statement);
	}
	if (code != SQLITE_DONE)
		status = ww_store_fault(store, what, error);
	sqlite3_finalize(statement);
	return status;
}

ww_status
ww_store_begin(struct ww_store *store, const struct ww_session_row *row,
               char row_id[40], struct ww_error *error)
{
	char *owner = this_process();
	ww_status status = insert_session(store, row, owner, row_id, error);

	free(owner);
	return status;
}

static ww_status
not_found(const struct ww_store *store, const char *id, struct ww_error *error)
{
	return ww_error_set(error, WW_E_NOT_FOUND,
	                    "store %s: there is no session '%s'; "
	                    "'warpwright session list' shows those there are",
	                    store->path, id);
}

ww_status
ww_store_check_free(const struct ww_store *store, const char *id,
                    struct ww_error *error)
{
	sqlite3_stmt *statement;
	ww_status status = ww_store_prepare(
		store, "SELECT owner, state FROM sessions WHERE id = ?1",
		"the session cannot be read", &statement, error);

	if (status != WW_OK)
		return status;
	ww_store_bind_text(statement, 1, id);
	if (sqlite3_step(statement) != SQLITE_ROW)
		status = not_found(store, id, error);
	else if (strcmp(ww_store_text(statement, 1), "running") == 0 &&
	         is_alive(ww_store_text(statement, 0)) == 1)
		status = ww_error_set(
			error, WW_E_STATE,
			"session %s is still running as process %ld; wait for "
			"it or stop it first", id,
			strtol(ww_store_text(statement, 0), NULL, 10));
	sqlite3_finalize(statement);
	return status;
}

static ww_status
take_over(const struct ww_store *store, const char *id, struct ww_error *error)
{
	static const char what[] = "the session cannot be resumed";
	char *owner = this_process();
	sqlite3_stmt *statement;
	ww_status status = ww_store_prepare(
		store,
		"UPDATE sessions SET state = 'running', result = '',"
		" finished_ns = 0, owner = ?2 WHERE id = ?1",
		what, &statement, error);

	if (status == WW_OK) {
		ww_store_bind_text(statement, 1, id);
		ww_store_bind_text(statement, 2, owner);
		status = ww_store_step(store, statement, what, error);
		sqlite3_finalize(statement);
	}
	free(owner);
	return status;
}

ww_status
ww_store_reopen(struct ww_store *store, const char *id, struct ww_error *error)
{
	static const char what[] = "the session cannot be resumed";
	ww_status status = ww_store_start(store, what, error);

	if (status != WW_OK)
		return status;
	/* In one transaction, so that nobody takes it between the two. */
	status = ww_store_check_free(store, id, error);
	if (status == WW_OK)
		status = take_over(store, id, error);
	return ww_store_finish(store, status, what, error);
}

ww_status
ww_store_end(struct ww_store *store, const char *id, const char *state,
             const char *result_json, double best_ms, double default_ms,
             struct ww_error *error)
{
	static const char what[] = "the session's end cannot be written";
	sqlite3_stmt *statement;
	ww_status status = ww_store_prepare(
		store,
		"UPDATE sessions SET state = ?2, result = ?3, best_ms = ?4,"
		" default_ms = ?5, finished_ns = ?6, owner = '' WHERE id = ?1",
		what, &statement, error);

	if (status != WW_OK)
		return status;
	ww_store_bind_text(statement, 1, id);
	ww_store_bind_text(statement, 2, state);
	ww_store_bind_text(statement, 3, result_json);
	ww_store_bind_number(statement, 4, best_ms);
	ww_store_bind_number(statement, 5, default_ms);
	sqlite3_bind_int64(statement, 6, ww_wall_ns());
	status = ww_store_step(store, statement, what, error);
	if (status == WW_OK && sqlite3_changes(store->db) == 0)
		status = not_found(store, id, error);
	sqlite3_finalize(statement);
	return status;
}

ww_status
ww_store_finalists(struct ww_store *store, const char *id, const char *json,
                   struct ww_error *error)
{
	static const char what[] = "the finalists cannot be written";
	sqlite3_stmt *statement;
	ww_status status = ww_store_prepare(
		store, "UPDATE sessions SET finalists = ?2 WHERE id = ?1", what,
		&statement, error);

	if (status != WW_OK)
		return status;
	ww_store_bind_text(statement, 1, id);
	ww_store_bind_text(statement, 2, json);
	status = ww_store_step(store, statement, what, error);
	sqlite3_finalize(statement);
	return status;
}

/* ------------------------------------------------------------------ reading */

static void
read_row(sqlite3_stmt *statement, struct ww_session_row *row)
{
	memset(row, 0, sizeof *row);
	row->id = ww_store_text(statement, 0);
	row->task_name = ww_store_text(statement, 1);
	row->task_path = ww_store_text(statement, 2);
	row->task_text = ww_store_text(statement, 3);
	row->kernel_hash = ww_store_text(statement, 4);
	row->space_hash = ww_store_text(statement, 5);
	row->backend = ww_store_text(statement, 6);
	row->device = ww_store_text(statement, 7);
	row->device_name = ww_store_text(statement, 8);
	row->strategy = ww_store_text(statement, 9);
	row->model = ww_store_text(statement, 10);
	row->settings = ww_store_text(statement, 11);
	row->state = ww_store_text(statement, 12);
	row->result = ww_store_text(statement, 13);
	row->started_ns = sqlite3_column_int64(statement, 14);
	row->finished_ns = sqlite3_column_int64(statement, 15);
	row->best_ms = ww_store_number(statement, 16);
	row->default_ms = ww_store_number(statement, 17);
	row->finalists = ww_store_text(statement, 19);
	row->objective = ww_store_text(statement, 20);
	row->n_trials = (uint64_t)sqlite3_column_int64(statement, 21);
	/* A process that was killed could not write that it ended. */
	if (strcmp(row->state, "running") == 0 &&
	    is_alive(ww_store_text(statement, 18)) == 0)
		row->state = "interrupted";
}

static ww_status
each_row(const struct ww_store *store, sqlite3_stmt *statement,
         void (*visit)(void *context, const struct ww_session_row *row),
         void *context, struct ww_error *error)
{
	struct ww_session_row row;
	int code;

	while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
		read_row(statement, &row);
		visit(context, &row);
	}
	return code == SQLITE_DONE
	               ? WW_OK
	               : ww_store_fault(store, "sessions cannot be read", error);
}

/* Sessions that the condition about ?1 holds for, newest first. */
static ww_status
each_where(const struct ww_store *store, const char *query, const char *text,
           void (*visit)(void *context, const struct ww_session_row *row),
           void *context, struct ww_error *error)
{
	sqlite3_stmt *statement;
	ww_status status = ww_store_prepare(store, query,
	                                    "sessions cannot be read",
	                                    &statement, error);

	if (status != WW_OK)
		return status;
	ww_store_bind_text(statement, 1, text);
	status = each_row(store, statement, visit, context, error);
	sqlite3_finalize(statement);
	return status;
}

ww_status
ww_store_sessions(struct ww_store *store, const char *task_name,
                  void (*visit)(void *context,
                                const struct ww_session_row *row),
                  void *context, struct ww_error *error)
{
	return each_where(store,
	                  "SELECT " COLUMNS " FROM sessions WHERE ?1 = '' OR"
	                  " task_name = ?1 ORDER BY started_ns DESC, id DESC",
	                  task_name, visit, context, error);
}

ww_status
ww_store_kin(struct ww_store *store, const char *kernel_hash,
             void (*visit)(void *context, const struct ww_session_row *row),
             void *context, struct ww_error *error)
{
	return each_where(store,
	                  "SELECT " COLUMNS " FROM sessions WHERE"
	                  " kernel_hash = ?1 ORDER BY started_ns DESC, id DESC",
	                  kernel_hash, visit, context, error);
}

/* Turns "last", an id or the beginning of one into an id. */
static ww_status
resolve(const struct ww_store *store, const char *id, char found[64],
        struct ww_error *error)
{
	sqlite3_stmt *statement;
	ww_status status = ww_store_prepare(
		store,
		"SELECT id FROM sessions WHERE ?1 = 'last' OR"
		" substr(id, 1, length(?1)) = ?1"
		" ORDER BY started_ns DESC, id DESC LIMIT 2",
		"sessions cannot be read", &statement, error);

	if (status != WW_OK)
		return status;
	ww_store_bind_text(statement, 1, id);
	if (id[0] == '\0' || sqlite3_step(statement) != SQLITE_ROW) {
		status = not_found(store, id, error);
	} else {
		snprintf(found, 64, "%s", ww_store_text(statement, 0));
		if (strcmp(id, "last") != 0 && strcmp(id, found) != 0 &&
		    sqlite3_step(statement) == SQLITE_ROW)
			status = ww_error_set(
				error, WW_E_NOT_FOUND,
				"'%s' begins the names of several sessions, "
				"among them %s and %s; write more of it", id,
				found, ww_store_text(statement, 0));
	}
	sqlite3_finalize(statement);
	return status;
}

ww_status
ww_store_session(struct ww_store *store, const char *id,
                 void (*visit)(void *context,
                               const struct ww_session_row *row),
                 void *context, struct ww_error *error)
{
	char found[64];
	sqlite3_stmt *statement;
	ww_status status = resolve(store, id, found, error);

	if (status == WW_OK)
		status = ww_store_prepare(
			store,
			"SELECT " COLUMNS " FROM sessions WHERE id = ?1",
			"sessions cannot be read", &statement, error);
	if (status != WW_OK)
		return status;
	ww_store_bind_text(statement, 1, found);
	status = each_row(store, statement, visit, context, error);
	sqlite3_finalize(statement);
	return status;
}
