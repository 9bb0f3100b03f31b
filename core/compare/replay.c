/* SPDX-License-Identifier: MIT */
#include "core/compare/replay.h"

#include <math.h>
#include <stdlib.h>

#include "core/base/text.h"
#include "core/plugin/host.h"

struct ww_replay {
	const struct ww_backend_ops *ops;
	struct ww_host_box *box;
	void *self;
};

static ww_status
find_backend(const struct ww_task *task, const struct ww_registry *registry,
             const char *backend, const struct ww_plugin **plugin,
             struct ww_error *error)
{
	const struct ww_backend_ops *ops;

	if (backend == NULL)
		backend = task->backend;
	if (backend == NULL)
		return ww_error_set(error, WW_E_UNSUPPORTED,
		                    "%s is not a recording: strategies are "
		                    "compared on recorded spaces; make one with "
		                    "'warpwright record'",
		                    task->path);
	*plugin = ww_registry_find(registry, "backend", backend, error);
	if (*plugin == NULL)
		return error->status;
	ops = (*plugin)->ops;
	if (!WW_HAS(struct ww_backend_ops, ops, replay))
		return ww_error_set(error, WW_E_UNSUPPORTED,
		                    "%s: backend '%s' measures instead of "
		                    "replaying a recording; make one with "
		                    "'warpwright record'",
		                    task->path, backend);
	return WW_OK;
}

ww_status
ww_replay_open(const struct ww_task *task, const struct ww_settings *settings,
               const struct ww_registry *registry, const char *backend,
               struct ww_replay **replay, struct ww_error *error)
{
	const struct ww_plugin *plugin = NULL;
	struct ww_services services = { 0 };
	struct ww_options *options;
	struct ww_call_frame frame;
	struct ww_replay *opened;
	ww_status status;

	status = find_backend(task, registry, backend, &plugin, error);
	if (status == WW_OK)
		status = ww_settings_options(settings, plugin,
		                             task->backend_options, &options,
		                             error);
	if (status != WW_OK)
		return status;
	opened = ww_alloc(sizeof *opened);
	opened->ops = plugin->ops;
	opened->box = ww_host_new(plugin, options, task->seed, &services);
	ww_call_start(&frame, NULL, INT64_MAX);
	status = opened->ops->open(&frame.call, ww_host_of(opened->box),
	                           &opened->self);
	status = ww_call_finish(&frame, status, error);
	if (status != WW_OK) {
		ww_host_free(opened->box);
		free(opened);
		return status;
	}
	*replay = opened;
	return WW_OK;
}

ww_status
ww_replay_lookup(struct ww_replay *replay, const struct ww_space *space,
                 const uint32_t *indices, struct ww_recorded *recorded,
                 struct ww_error *error)
{
	struct ww_call_frame frame;
	ww_status status;

	*recorded = (struct ww_recorded){ .size = sizeof *recorded,
		                          .objective = NAN,
		                          .text = "" };
	ww_call_start(&frame, NULL, INT64_MAX);
	status = replay->ops->replay->lookup(&frame.call, replay->self, space,
	                                     indices, recorded);
	return ww_call_finish(&frame, status, error);
}

void
ww_replay_close(struct ww_replay *replay)
{
	replay->ops->close(replay->self);
	ww_host_free(replay->box);
	free(replay);
}
