/* SPDX-License-Identifier: MIT
 *
 * The store: every session, trial and model call in one SQLite file (WAL),
 * readable by the owner alone. What a function of this file has returned from
 * is durable. Several processes may use one store.
 */
#ifndef WW_CORE_STORE_H
#define WW_CORE_STORE_H

#include <stdbool.h>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/engine/trial.h"

struct ww_store;

/* A model call as it is kept and reported. Strings borrowed. */
struct ww_model_call {
	uint64_t number;        /* 1, 2, … in the session */
	uint32_t round;
	const char *provider;
	const char *model;      /* that really answered, or asked for */
	const char *prompt;     /* JSON array of messages */
	const char *answer;     /* text as it came, or "" */
	const char *outcome;    /* "ok", or ww_status_name(), "refusal", … */
	const char *error;      /* message, or "" */
	int64_t input_tokens, cached_tokens, output_tokens, reasoning_tokens;
	double cost;            /* NaN: not known */
	int64_t latency_ns;
	uint32_t attempts;
	uint32_t found, taken, invalid, duplicate; /* configurations in it */
	const char *exchange;   /* raw request and response for replay (JSON
	                         * text, no secrets), or "" */
};

/* A session as `session list` and `resume` need it. */
struct ww_session_row {
	const char *id;
	const char *task_name;
	const char *task_path;
	const char *task_text;   /* the file as it was */
	const char *kernel_hash;
	const char *space_hash;
	const char *backend;
	const char *device;      /* id */
	const char *device_name;
	const char *strategy;
	const char *model;
	const char *settings;    /* JSON */
	const char *state;       /* "running", "finished", "interrupted",
	                          * "failed" */
	const char *result;      /* JSON of the result line, or "" */
	int64_t started_ns;      /* wall */
	int64_t finished_ns;     /* 0: not yet */
	uint64_t n_trials;
	double best_ms;          /* NaN */
	double default_ms;       /* NaN */
	const char *finalists;   /* JSON array, or "" */
	const char *objective;   /* "time", … */
};

/* `path` null: $XDG_DATA_HOME/warpwright/store.db. A folder is created; a full
 * disk, a read-only place, a file that is no store or from a newer version is
 * a message that says what to do. */
ww_status ww_store_open(const char *path, struct ww_store **store,
                        struct ww_error *error);
void ww_store_close(struct ww_store *store);
const char *ww_store_path(const struct ww_store *store);

/* Creates the row with state "running" and writes its new id into row_id. */
ww_status ww_store_begin(struct ww_store *store,
                         const struct ww_session_row *row, char row_id[40],
                         struct ww_error *error);
/* WW_E_STATE if a process that lives runs it. */
ww_status ww_store_check_free(const struct ww_store *store, const char *id,
                              struct ww_error *error);
/* A resumed session runs again. */
ww_status ww_store_reopen(struct ww_store *store, const char *id,
                          struct ww_error *error);
ww_status ww_store_end(struct ww_store *store, const char *id,
                       const char *state, const char *result_json,
                       double best_ms, double default_ms,
                       struct ww_error *error);
/* Several trials in one transaction. */
ww_status ww_store_trials(struct ww_store *store, const char *id,
                          const struct ww_search_space *space,
                          const struct ww_record *const *records, size_t n,
                          struct ww_error *error);
ww_status ww_store_model_call(struct ww_store *store, const char *id,
                              const struct ww_model_call *call,
                              struct ww_error *error);
/* The finalists' second timing: JSON array. */
ww_status ww_store_finalists(struct ww_store *store, const char *id,
                             const char *json, struct ww_error *error);

/* Calls visit for sessions, newest first; `task_name` null: all. */
ww_status ww_store_sessions(struct ww_store *store, const char *task_name,
                            void (*visit)(void *context,
                                          const struct ww_session_row *row),
                            void *context, struct ww_error *error);
/* Calls visit for sessions of this kernel, newest first, whatever their device
 * and problem size. */
ww_status ww_store_kin(struct ww_store *store, const char *kernel_hash,
                       void (*visit)(void *context,
                                     const struct ww_session_row *row),
                       void *context, struct ww_error *error);
/* One session by id or unique prefix of it, "last" for the newest. */
ww_status ww_store_session(struct ww_store *store, const char *id,
                           void (*visit)(void *context,
                                         const struct ww_session_row *row),
                           void *context, struct ww_error *error);
/* Its trials as fresh records in order of id; configurations that are not in
 * `space` are skipped and counted in *skipped. The array and the records
 * belong to the caller. */
ww_status ww_store_load_trials(struct ww_store *store, const char *id,
                               const struct ww_search_space *space,
                               struct ww_record ***records, size_t *n,
                               size_t *skipped, struct ww_error *error);
/* The same without a space, for reading only: `config` is the configuration as
 * JSON text, the record has no indices and lives for the call. */
ww_status ww_store_each_trial(struct ww_store *store, const char *id,
                              void (*visit)(void *context, const char *config,
                                            const struct ww_record *record),
                              void *context, struct ww_error *error);
ww_status ww_store_model_calls(struct ww_store *store, const char *id,
                               void (*visit)(void *context,
                                             const struct ww_model_call *call),
                               void *context, struct ww_error *error);

#endif
