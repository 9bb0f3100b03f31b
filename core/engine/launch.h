/* SPDX-License-Identifier: MIT
 *
 * How a worker is started: its command line, with the user's launcher in front,
 * and the `open` frame that tells it what to be.
 */
#ifndef WW_CORE_LAUNCH_H
#define WW_CORE_LAUNCH_H

#include "core/config/settings.h"
#include "core/plugin/registry.h"
#include "core/task/task.h"

struct ww_launch_line {
	const char **argv; /* null-terminated */
	char *program;
};

/* `role` is "compile" or "device". */
void ww_launch_line_make(struct ww_launch_line *line,
                         const struct ww_settings *settings, const char *role);
void ww_launch_line_free(struct ww_launch_line *line);

/* The members that every `open` frame has; the caller adds the task and puts
 * the frame. What the task (or null) says of the backend's options wins over the
 * settings; a backend with an option `task` of type JSON gets its sheet there. */
ww_status ww_launch_open_frame(const struct ww_settings *settings,
                               const struct ww_registry *registry,
                               const struct ww_plugin *backend,
                               const char *role,
                               const struct ww_task *task,
                               struct json_object **frame,
                               struct ww_error *error);

/* The environment with TMPDIR pointed at a folder of ours, so that what killed
 * workers leave behind goes with it. */
struct ww_launch_environment {
	const char **list; /* null-terminated; borrows from environ */
	char *temporary;
};

void ww_launch_environment_make(struct ww_launch_environment *environment,
                                const char *folder);
void ww_launch_environment_free(struct ww_launch_environment *environment);

#endif
