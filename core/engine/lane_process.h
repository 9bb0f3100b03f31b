/* SPDX-License-Identifier: MIT
 *
 * Lanes that are worker processes on a libuv loop: started in groups of their
 * own, killed when their time is over, replaced when they die, and paused while
 * something is timed on the processor they share.
 */
#ifndef WW_CORE_LANE_PROCESS_H
#define WW_CORE_LANE_PROCESS_H

#include "core/config/settings.h"
#include "core/engine/device_list.h"
#include "core/engine/lane.h"
#include "core/plugin/registry.h"
#include "core/task/task.h"

struct ww_process_setup {
	const struct ww_task *task;
	const struct ww_settings *settings;
	const struct ww_registry *registry;
	const struct ww_plugin *backend;
	const struct ww_device_list *devices; /* one lane each; borrowed */
	const struct ww_cancel *cancel;       /* or null */
	const char *artifacts;                /* folder */
	const char *scratch;                  /* the workers' TMPDIR */
	uint64_t seed;
	/* Hears of workers that had to be given up; may be null. */
	void *context;
	void (*warning)(void *context, const char *text);
};

/* Starts the workers and returns when the first device answers; the rest goes on
 * inside step(). The reference is built and staged before anything is measured;
 * its failure is an error of step(). */
ww_status ww_lanes_process(const struct ww_process_setup *setup,
                           struct ww_lanes **lanes, struct ww_error *error);
/* What the first device said of itself: {id, name, facts, texts}; borrowed. */
struct json_object *ww_lanes_device(const struct ww_lanes *lanes);

#endif
