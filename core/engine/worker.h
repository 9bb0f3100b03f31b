/* SPDX-License-Identifier: MIT
 *
 * A worker process: it reads frames from stdin, answers on stdout, and holds
 * one opened backend. What both roles share lives here; the roles themselves
 * are ww_worker_compile() and ww_worker_device().
 *
 * Standard output is reserved for frames: it is moved away at the start and
 * descriptor 1 then leads to stderr, so that no chatty compiler or plugin can
 * damage the stream.
 */
#ifndef WW_CORE_WORKER_H
#define WW_CORE_WORKER_H

#include <stdbool.h>

#include "core/base/json.h"
#include "core/plugin/host.h"
#include "core/plugin/registry.h"
#include "core/task/task.h"

/* Whole programs; they return the process' exit code. */
int ww_worker_compile(void);
int ww_worker_device(void);

struct ww_settings;

struct ww_worker {
	int in, out;               /* descriptors of the frames */
	struct json_object *order; /* the `open` frame */
	struct ww_settings *settings;
	struct ww_registry *registry;
	const struct ww_plugin *plugin;
	const struct ww_backend_ops *ops;
	struct ww_host_box *host;
	struct ww_task *task;      /* null: only to list devices */
	void *self;                /* the opened backend */
	const char *artifacts;     /* folder */
	bool cache;                /* look for builds of earlier sessions */
	char *identity;            /* of the compiler, once asked for */
	void *unit;                /* prepared kernel, compile half */
	void *reference_unit;      /* prepared reference kernel */
	struct ww_kernel kernel, reference_kernel;
};

/* Moves stdin and stdout to private descriptors and has the process end with
 * its parent. */
void ww_worker_detach(struct ww_worker *worker);
/* Reads the `open` frame and opens plugin, task and backend. */
ww_status ww_worker_open(struct ww_worker *worker, struct ww_error *error);
void ww_worker_close(struct ww_worker *worker);

/* Reads the next frame; null at the end of the stream. A broken stream ends
 * the process with a message: nothing sensible can follow. */
struct json_object *ww_worker_read(struct ww_worker *worker);
/* Writes a frame and puts it. */
void ww_worker_write(struct ww_worker *worker, struct json_object *frame);
/* The frame for what no other job would survive either. */
struct json_object *ww_worker_failed(const struct ww_error *error);
void ww_worker_write_failed(struct ww_worker *worker,
                            const struct ww_error *error);
struct json_object *ww_frame_new(const char *type);

/* Reads "indices" of a frame; false if they are no configuration. */
bool ww_worker_indices(const struct ww_worker *worker,
                       struct json_object *array, uint32_t *indices);

/* The backend's devices as an array of {id, name, facts, texts}. */
ww_status ww_worker_list(struct ww_worker *worker,
                         struct json_object **devices, struct ww_error *error);

/* -- building (worker_build.c) ----------------------------------------- */

/* Opens the compile half: asks for the identity, prepares the kernel. */
ww_status ww_worker_prepare(struct ww_worker *worker, struct ww_error *error);
/* The compile targets as an array of names. */
ww_status ww_worker_targets(struct ww_worker *worker,
                            struct json_object **targets,
                            struct ww_error *error);
void ww_worker_drop(struct ww_worker *worker);
/* Answers a `build` frame with a `built` or `build_failed` one. */
struct json_object *ww_worker_build(struct ww_worker *worker,
                                    struct json_object *frame,
                                    int64_t deadline_ns);
/* A `build_failed` frame; `log` may be null: the text. */
struct json_object *ww_build_failed(struct json_object *frame,
                                    uint32_t outcome, const char *text,
                                    const char *log, int64_t compile_ns);

#endif
