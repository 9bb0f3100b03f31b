/* SPDX-License-Identifier: MIT
 *
 * One worker process seen from the orchestrator: a program in a process group of
 * its own with frames on both pipes, a time limit, and the means to pause, kill
 * and start it again. Knows nothing of jobs.
 */
#ifndef WW_CORE_CHILD_H
#define WW_CORE_CHILD_H

#include <stdbool.h>
#include <uv.h>

#include "core/base/error.h"
#include "core/base/json.h"

struct ww_child;

struct ww_child_events {
	void *context;
	void (*frame)(void *context, struct json_object *frame);
	/* The process is gone and all its frames have been delivered. `signal`
	 * is 0 if it exited by itself; `words` is the end of its stderr. */
	void (*died)(void *context, int signal, int exit_code,
	             const char *words);
	/* The time limit is over; the worker is being killed and died() will
	 * follow. */
	void (*expired)(void *context);
};

/* `argv` and `environment` (null: inherited) are null-terminated and borrowed
 * for the worker's life; `label` stands in the log. */
struct ww_child *ww_child_new(uv_loop_t *loop, const char *const *argv,
                                const char *const *environment,
                                const char *label,
                                const struct ww_child_events *events);
/* Only while not running. */
ww_status ww_child_start(struct ww_child *child, struct ww_error *error);
bool ww_child_running(const struct ww_child *child);
/* Takes the frame over. */
void ww_child_send(struct ww_child *child, struct json_object *frame);
/* Time from now until expired(); 0: no limit. Stands still during a pause. */
void ww_child_limit(struct ww_child *child, int64_t ns);
void ww_child_pause(struct ww_child *child, bool paused);
void ww_child_kill(struct ww_child *child);
/* Ends its input, so that it leaves by itself. */
void ww_child_finish(struct ww_child *child);
/* Closes everything; the loop must run once more before it is closed. */
void ww_child_free(struct ww_child *child);

#endif
