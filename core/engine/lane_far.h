/* SPDX-License-Identifier: MIT
 *
 * Lanes whose work a program outside does: nothing is compiled, and a
 * configuration is measured when the program has said what came of it. The
 * program asks; nobody is asked for configurations before it wants some. How it
 * speaks is the listener's business, what it may do stands on the desk.
 */
#ifndef WW_CORE_LANE_FAR_H
#define WW_CORE_LANE_FAR_H

#include "core/engine/lane.h"
#include "core/engine/trial.h"

/* What the program says of a configuration. Borrowed. */
struct ww_far_result {
	uint32_t outcome;        /* WW_TRIAL_… */
	double time_ms;          /* OK without samples; else ignored */
	const double *samples_ms;
	uint64_t n_samples;
	const struct ww_fact *facts;
	uint64_t n_facts;
	const char *text;
};

/* Where a listener brings what the program says, from inside listen() only. */
struct ww_desk;
/* The program wants up to n (1 or more) configurations; given() answers.
 * False: the answer to an earlier want is still to come. */
bool ww_desk_want(struct ww_desk *desk, uint32_t n);
/* A result of a configuration that was given. */
ww_status ww_desk_tell(struct ww_desk *desk, uint64_t id,
                       const struct ww_far_result *result,
                       struct ww_error *error);
/* A result of any valid configuration of the space. */
ww_status ww_desk_tell_config(struct ww_desk *desk, const uint32_t *indices,
                              const struct ww_far_result *result,
                              struct ww_error *error);
/* Fastest trial so far, or null. */
const struct ww_record *ww_desk_best(struct ww_desk *desk);
/* The default configuration's trial once it is finished, or null. */
const struct ww_record *ww_desk_baseline(struct ww_desk *desk);
/* The program has had enough. */
void ww_desk_leave(struct ww_desk *desk);

/* Who listens to the program. Results that were told and have become durable are
 * the observer's to hear (ww_observer.trial). */
struct ww_far {
	void *context;
	const char *device; /* what the program measures on, in words */
	/* Hands at most one thing that the program says to the desk; comes back
	 * without one when `fd` can be read or `timeout_ms` are over. An error:
	 * the program cannot be heard any more. */
	ww_status (*listen)(void *context, struct ww_desk *desk, int fd,
	                    int timeout_ms, struct ww_error *error);
	/* Answers a want. Fewer than wanted: nothing more comes before a
	 * result is told, or ever, if `stop` (its name) is not null. */
	void (*given)(void *context, const struct ww_record *const *records,
	              uint32_t n, const char *stop, const char *why);
	/* A result that was taken could not be used after all. */
	void (*refused)(void *context, const char *why);
};

/* The session behind the lanes. */
struct ww_far_session {
	void *context;
	/* The trial of a configuration; null: it has none yet. */
	struct ww_record *(*find)(void *context, const uint32_t *indices);
	/* Makes a trial of one that nobody proposed. */
	ww_status (*admit)(void *context, const uint32_t *indices,
	                   struct ww_error *error);
	const struct ww_record *(*best)(void *context);
	const struct ww_record *(*baseline)(void *context);
	void (*leave)(void *context);
	/* Name of the stop rule that has ended the search, or null; *why
	 * receives words about it. */
	const char *(*stopped)(void *context, const char **why);
};

/* `far` is borrowed, `session` copied. */
ww_status ww_lanes_far(const struct ww_far *far,
                       const struct ww_far_session *session, uint32_t n_slots,
                       struct ww_lanes **lanes, struct ww_error *error);

#endif
