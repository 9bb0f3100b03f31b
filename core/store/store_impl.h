/* SPDX-License-Identifier: MIT
 *
 * What the files of the store share: the connection, the mapping of SQLite's
 * failures to messages that a user can act on, and short helpers around
 * statements. Nothing outside core/store/ includes it.
 */
#ifndef WW_CORE_STORE_IMPL_H
#define WW_CORE_STORE_IMPL_H

#include <sqlite3.h>

#include "core/store/store.h"

/* "wwst": tells our files from other programs' SQLite databases. */
#define WW_STORE_APPLICATION 0x77777374
#define WW_STORE_VERSION 3

struct ww_store {
	sqlite3 *db;
	char *path;
};

/* The last failure of the connection as a message: "store FILE: what: why;
 * what to do". Returns WW_E_IO. */
ww_status ww_store_fault(const struct ww_store *store, const char *what,
                         struct ww_error *error);

/* Statements without results. */
ww_status ww_store_exec(const struct ww_store *store, const char *sql,
                        const char *what, struct ww_error *error);
ww_status ww_store_prepare(const struct ww_store *store, const char *sql,
                           const char *what, sqlite3_stmt **statement,
                           struct ww_error *error);
/* Steps a statement that gives no rows and makes it ready for the next one. */
ww_status ww_store_step(const struct ww_store *store, sqlite3_stmt *statement,
                        const char *what, struct ww_error *error);

/* Writers take the lock at once, so two of them wait instead of failing half
 * way. ww_store_finish() commits if `status` is WW_OK and takes back
 * otherwise. */
ww_status ww_store_start(const struct ww_store *store, const char *what,
                         struct ww_error *error);
ww_status ww_store_finish(const struct ww_store *store, ww_status status,
                          const char *what, struct ww_error *error);

/* Null binds "". NaN binds NULL, and NULL reads as NaN. */
void ww_store_bind_text(sqlite3_stmt *statement, int at, const char *text);
void ww_store_bind_number(sqlite3_stmt *statement, int at, double number);
const char *ww_store_text(sqlite3_stmt *statement, int column);
double ww_store_number(sqlite3_stmt *statement, int column);

/* Brings an open database to WW_STORE_VERSION. */
ww_status ww_store_migrate(const struct ww_store *store,
                           struct ww_error *error);

#endif
