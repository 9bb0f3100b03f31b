/* SPDX-License-Identifier: MIT
 *
 * A session's parts. Private to core/engine/session*.c and finalists.c.
 */
#ifndef WW_CORE_SESSION_IMPL_H
#define WW_CORE_SESSION_IMPL_H

#include "core/engine/device_list.h"
#include "core/engine/lane.h"
#include "core/engine/scheduler.h"
#include "core/engine/scratch.h"
#include "core/engine/search.h"
#include "core/engine/session.h"
#include "core/plugin/host.h"
#include "core/prompt/view.h"

struct ww_session {
	struct ww_session_request request;
	const struct ww_task *task;
	const struct ww_settings *settings;
	const struct ww_registry *registry;
	const struct ww_observer *observer; /* never null */
	struct ww_observer silent;

	const struct ww_plugin *backend; /* null: a program measures itself */
	struct ww_host_box *backend_box; /* a backend that replays */
	void *backend_self;
	struct ww_device_list devices;
	int *locks;
	size_t n_locks;
	char *artifacts;
	struct ww_scratch scratch;

	struct ww_lanes *lanes;
	struct ww_archive *archive;
	struct ww_inbox *inbox;
	struct ww_scheduler *scheduler;
	struct ww_search *search;
	struct ww_measure_plan plan;
	struct ww_stop_limits limits;
	bool limit_is_hard;
	bool serial;

	struct ww_hardware hardware;
	struct ww_hardware_fact *hardware_facts;
	struct json_object *device_json; /* holds the facts' strings */

	char id[40];               /* in the store, or made up */
	bool begun;                /* the store has a row to end */
	struct ww_record **fresh;  /* finished, not yet stored */
	size_t n_fresh, room_fresh;
	uint64_t failed;
	uint32_t n_calls;
	char call_error[256]; /* of the last model call; "": it went well */
	struct ww_error error;     /* what ended it early; WW_OK: nothing */
	int64_t start_ns;          /* on the lanes' clock */
	int64_t progress_ns;
	uint64_t baseline_id;      /* 0: none */
	double idle_fraction;      /* until the search ended */

	struct ww_finalist *finalists;
	uint32_t n_finalists;
	double baseline_ms;        /* NaN until timed */

	bool calibrated;           /* several devices share a configuration */
	struct ww_device_factor *factors;
	uint32_t n_factors;
};

/* session_setup.c: everything that must stand before the first trial. */
ww_status ww_session_prepare(struct ww_session *session,
                             struct ww_error *error);
/* Opens a strategy (ww_search_setup.open). */
ww_status ww_session_open_strategy(void *context, const char *name,
                                   unsigned role, uint64_t n_told,
                                   struct ww_strategist **strategist,
                                   struct ww_error *error);
void ww_session_warn(struct ww_session *session, const char *text);

/* The first cause of an early end counts. */
void ww_session_note_error(struct ww_session *session,
                           const struct ww_error *error);

/* Makes a trial of a configuration that has none yet; null if it has one. */
struct ww_record *ww_session_propose(struct ww_session *session,
                                     const uint32_t *indices,
                                     const char *source);

/* session_calibrate.c: several devices are compared by a trial that has just
 * ended well; in a resumed session by one that is there already. */
void ww_session_calibrate_by(struct ww_session *session,
                             const struct ww_record *record);
void ww_session_calibrate_again(struct ww_session *session);

/* session_resume.c: whether the stored session's values and new ones mean the
 * same. */
ww_status ww_session_check_resume(struct ww_session *session,
                                  const struct ww_session_row *row,
                                  struct ww_error *error);

/* session_far.c: lanes for a program that measures by itself. */
ww_status ww_session_open_far(struct ww_session *session,
                              struct ww_error *error);

/* session_warm.c: proposes the best of what is known from elsewhere. */
void ww_session_warm_start(struct ww_session *session);

/* session_store.c: whether the session to be resumed is nobody else's now. */
ww_status ww_session_check_free(const struct ww_session *session,
                                struct ww_error *error);
/* Begins a stored session or takes up an earlier one, with its
 * trials; nothing without a store. */
ww_status ww_session_store_open(struct ww_session *session,
                                struct ww_error *error);
/* Finished trials that are not durable yet; an error ends the session. */
ww_status ww_session_store_fresh(struct ww_session *session);
ww_status ww_session_store_end(struct ww_session *session,
                               const struct ww_session_result *result,
                               struct ww_error *error);
/* Name of the strategy that the settings ask for. */
const char *ww_session_strategy(const struct ww_session *session);

/* finalists.c: times the best again, interleaved, as far as there is time. */
void ww_session_finalists(struct ww_session *session);
/* session_result.c */
void ww_session_result(struct ww_session *session,
                       struct ww_session_result *result);

#endif
