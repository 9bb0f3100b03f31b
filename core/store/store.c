/* SPDX-License-Identifier: MIT */
#include "core/store/store_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/paths.h"
#include "core/base/text.h"

/* How long a writer waits for another process before it gives up. */
#define BUSY_MS 30000
#define BUSY_STEP_MS 20

/* --------------------------------------------------------------- failures */

/* Some failures reach us as a plain I/O error; the operating system's own
 * number then says more. */
static const char *
remedy(int code, int system_code)
{
	if (code == SQLITE_FULL || system_code == ENOSPC ||
	    system_code == EDQUOT || system_code == EFBIG)
		return "the disk or the quota is full; free some space, or "
		       "choose another place with --store FILE. Everything "
		       "written before is kept";
	switch (code) {
	case SQLITE_NOTADB:
		return "this file is no warpwright store; choose another one "
		       "with --store FILE";
	case SQLITE_CORRUPT:
		return "the file is damaged; move it away or choose another "
		       "one with --store FILE";
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
	case SQLITE_AUTH:
		return "check that the file and its folder can be written, or "
		       "choose another place with --store FILE";
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return "another process has held it for 30 seconds; wait for "
		       "it or stop it";
	default:
		return "check the disk, or choose another place with --store "
		       "FILE";
	}
}

ww_status
ww_store_fault(const struct ww_store *store, const char *what,
               struct ww_error *error)
{
	int saved = errno; /* SQLite does not always pass it on */
	int code = sqlite3_errcode(store->db) & 0xff;
	int system_code = sqlite3_system_errno(store->db);

	if (code == SQLITE_IOERR && system_code == 0)
		system_code = saved;
	if (code == SQLITE_IOERR && system_code != 0)
		return ww_error_set(error, WW_E_IO, "store %s: %s: %s: %s",
		                    store->path, what, strerror(system_code),
		                    remedy(code, system_code));
	return ww_error_set(error, WW_E_IO, "store %s: %s: %s: %s",
	                    store->path, what, sqlite3_errmsg(store->db),
	                    remedy(code, 0));
}

/* ------------------------------------------------------------- statements */

ww_status
ww_store_exec(const struct ww_store *store, const char *sql, const char *what,
              struct ww_error *error)
{
	if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return ww_store_fault(store, what, error);
	return WW_OK;
}

ww_status
ww_store_prepare(const struct ww_store *store, const char *sql,
                 const char *what, sqlite3_stmt **statement,
                 struct ww_error *error)
{
	if (sqlite3_prepare_v2(store->db, sql, -1, statement, NULL) !=
	    SQLITE_OK)
		return ww_store_fault(store, what, error);
	return WW_OK;
}

ww_status
ww_store_step(const struct ww_store *store, sqlite3_stmt *statement,
              const char *what, struct ww_error *error)
{
	ww_status status = WW_OK;

	if (sqlite3_step(statement) != SQLITE_DONE)
		status = ww_store_fault(store, what, error);
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return status;
}

ww_status
ww_store_start(const struct ww_store *store, const char *what,
               struct ww_error *error)
{
	return ww_store_exec(store, "BEGIN IMMEDIATE", what, error);
}

ww_status
ww_store_finish(const struct ww_store *store, ww_status status,
                const char *what, struct ww_error *error)
{
	if (status == WW_OK)
		status = ww_store_exec(store, "COMMIT", what, error);
	/* After some failures SQLite has taken the transaction back itself. */
	if (status != WW_OK && !sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return status;
}

void
ww_store_bind_text(sqlite3_stmt *statement, int at, const char *text)
{
	sqlite3_bind_text(statement, at, text == NULL ? "" : text, -1,
	                  SQLITE_TRANSIENT);
}

void
ww_store_bind_number(sqlite3_stmt *statement, int at, double number)
{
	if (isfinite(number))
		sqlite3_bind_double(statement, at, number);
	else
		sqlite3_bind_null(statement, at);
}

const char *
ww_store_text(sqlite3_stmt *statement, int column)
{
	const unsigned char *text = sqlite3_column_text(statement, column);

	return text == NULL ? "" : (const char *)text;
}

double
ww_store_number(sqlite3_stmt *statement, int column)
{
	return sqlite3_column_type(statement, column) == SQLITE_NULL
	               ? NAN
	               : sqlite3_column_double(statement, column);
}

/* ---------------------------------------------------------------- opening */

/* The file exists with mode 0600 before SQLite touches it; its journal and
 * shared memory then get the same mode. */
static ww_status
create_private(const struct ww_store *store, struct ww_error *error)
{
	int fd = open(store->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return ww_error_set(error, WW_E_IO,
		                    "store %s: cannot be opened for writing: "
		                    "%s: %s", store->path, strerror(errno),
		                    remedy(SQLITE_CANTOPEN, errno));
	close(fd);
	return WW_OK;
}

/* A store that others may read is a mistake of an earlier umask: it is made
 * private, now that it is known to be a store and not somebody's document. */
static void
make_private(const struct ww_store *store)
{
	static const char *const parts[] = { "", "-wal", "-shm" };
	size_t i;

	for (i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		char *path = ww_text("%s%s", store->path, parts[i]);
		struct stat info;

		if (stat(path, &info) == 0 && S_ISREG(info.st_mode) &&
		    (info.st_mode & 077) != 0 && chmod(path, 0600) != 0)
			ww_logf(WW_LOG_WARNING, "store",
			        "%s can be read by others and that cannot be "
			        "changed: %s", path, strerror(errno));
		free(path);
	}
}

/* Switching to WAL needs a moment without any other connection, for which
 * SQLite does not call the busy handler. A file system without shared memory
 * stays with the rollback journal, which is as safe and only slower. */
static ww_status
use_wal(const struct ww_store *store, struct ww_error *error)
{
	struct timespec pause = { .tv_nsec = BUSY_STEP_MS * 1000000L };
	int waited;

	for (waited = 0; waited < BUSY_MS; waited += BUSY_STEP_MS) {
		int code = sqlite3_exec(store->db, "PRAGMA journal_mode=WAL",
		                        NULL, NULL, NULL);

		if (code == SQLITE_OK)
			return WW_OK;
		if (code != SQLITE_BUSY && code != SQLITE_LOCKED)
			break;
		nanosleep(&pause, NULL);
	}
	return ww_store_fault(store, "cannot be opened", error);
}

static ww_status
connect_file(struct ww_store *store, struct ww_error *error)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
	            SQLITE_OPEN_FULLMUTEX;
	ww_status status;

	if (sqlite3_open_v2(store->path, &store->db, flags, NULL) !=
	    SQLITE_OK)
		return ww_store_fault(store, "cannot be opened", error);
	sqlite3_extended_result_codes(store->db, 0);
	sqlite3_busy_timeout(store->db, BUSY_MS);
	status = ww_store_exec(store,
	                       "PRAGMA synchronous=FULL;"
	                       "PRAGMA foreign_keys=ON",
	                       "cannot be opened", error);
	/* What is another program's keeps its journal and its mode. */
	if (status == WW_OK)
		status = ww_store_migrate(store, error);
	if (status == WW_OK)
		status = use_wal(store, error);
	if (status == WW_OK)
		make_private(store);
	return status;
}

static ww_status
no_folder(const struct ww_store *store, struct ww_error *error)
{
	char why[512];

	snprintf(why, sizeof why, "%.500s", error != NULL ? error->text : "");
	return ww_error_set(error, WW_E_IO, "store %s: %s: %s", store->path,
	                    why, remedy(SQLITE_CANTOPEN, 0));
}

static char *
default_path(void)
{
	char *folder = ww_path_user_data();
	char *path = ww_path_join(folder, "store.db");

	free(folder);
	return path;
}

ww_status
ww_store_open(const char *path, struct ww_store **store,
              struct ww_error *error)
{
	struct ww_store *opened = ww_alloc(sizeof *opened);
	char *folder;
	ww_status status;

	opened->path = path != NULL ? ww_copy(path) : default_path();
	folder = ww_path_folder(opened->path);
	status = ww_path_create(folder, error);
	free(folder);
	if (status != WW_OK)
		status = no_folder(opened, error);
	if (status == WW_OK)
		status = create_private(opened, error);
	if (status == WW_OK)
		status = connect_file(opened, error);
	if (status != WW_OK) {
		ww_store_close(opened);
		return status;
	}
	*store = opened;
	return WW_OK;
}

void
ww_store_close(struct ww_store *store)
{
	if (store == NULL)
		return;
	sqlite3_close_v2(store->db);
	free(store->path);
	free(store);
}

const char *
ww_store_path(const struct ww_store *store)
{
	return store->path;
}
