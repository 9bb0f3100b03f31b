/* SPDX-License-Identifier: MIT
 *
 * A backend at work on a task: prepares its kernel, builds configurations of
 * it, and runs them on a device.
 */
#ifndef WW_SDK_CHECK_BACKEND_H
#define WW_SDK_CHECK_BACKEND_H

#include "core/task/task.h"
#include "sdk/checker/host.h"

struct backend_build {
	struct ww_build_sink sink; /* first member */
	unsigned char *bytes;
	size_t length;
	unsigned artifacts; /* how often the sink got one */
	unsigned facts;
	char diagnosis[4096];
	ww_status status;
};

struct backend_run {
	struct host *host;
	const struct ww_backend_ops *ops;
	struct ww_task *task;
	struct ww_kernel kernel;
	void *unit;
	char target[256];
};

/* Opens the plugin and loads --task, or the SDK's sample of a language that the
 * backend takes; skips the test if there is none. */
void backend_start(struct backend_run *run, struct check *check);
/* Prepares the kernel; a compiler that is missing here skips the test. */
void backend_prepare(struct backend_run *run);
/* The same without opinions. */
ww_status backend_try_prepare(struct backend_run *run);
/* The task that backend_start() takes; null if there is none. */
struct ww_task *backend_task(struct check *check);
/* Builds the configuration with parameter FAULT at the given index of its
 * values (0: the default configuration). `name` is the scratch folder's. */
void backend_build(struct backend_run *run, uint32_t fault, const char *name,
                   struct backend_build *build);
void backend_build_clear(struct backend_build *build);
/* Whether the task has a parameter FAULT, as the SDK's samples have: 1 computes
 * something else, 2 makes the kernel fault. */
int backend_has_faults(const struct backend_run *run);
/* The configuration and its geometry. */
void backend_launch(const struct backend_run *run, uint32_t fault,
                    uint32_t *indices, struct ww_launch *launch);
void backend_end(struct backend_run *run);

#endif
