/* SPDX-License-Identifier: MIT */
#include "core/engine/launch.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/log.h"
#include "core/base/paths.h"
#include "core/base/text.h"

extern char **environ;

void
ww_launch_line_make(struct ww_launch_line *line,
                    const struct ww_settings *settings, const char *role)
{
	const char *key = strcmp(role, "device") == 0
	                          ? "parallel.device_launcher"
	                          : "parallel.compile_launcher";
	size_t n = 0, i;
	const char *const *launcher = ww_setting_list(settings, key, &n);

	line->program = ww_path_program();
	line->argv = ww_alloc((n + 4) * sizeof *line->argv);
	for (i = 0; launcher != NULL && i < n; i++)
		line->argv[i] = launcher[i];
	line->argv[i++] = line->program;
	line->argv[i++] = "worker";
	line->argv[i] = role;
}

void
ww_launch_line_free(struct ww_launch_line *line)
{
	free(line->argv);
	free(line->program);
}

void
ww_launch_environment_make(struct ww_launch_environment *environment,
                           const char *folder)
{
	size_t n = 0, kept = 0, i;

	while (environ[n] != NULL)
		n++;
	environment->list = ww_alloc((n + 2) * sizeof *environment->list);
	for (i = 0; i < n; i++)
		if (strncmp(environ[i], "TMPDIR=", 7) != 0)
			environment->list[kept++] = environ[i];
	environment->temporary = ww_text("TMPDIR=%s", folder);
	environment->list[kept] = environment->temporary;
}

void
ww_launch_environment_free(struct ww_launch_environment *environment)
{
	free(environment->list);
	free(environment->temporary);
	*environment = (struct ww_launch_environment){ NULL, NULL };
}

/* What the task sets of the backend's options; to be put. */
static struct json_object *
options_of_task(const struct ww_plugin *backend, const struct ww_task *task)
{
	struct json_object *options = json_object_new_object();
	uint32_t i;

	if (task == NULL)
		return options;
	if (task->backend_options != NULL) {
		json_object_object_foreach(task->backend_options, name, value)
		{
			json_object_object_add(options, name,
			                       json_object_get(value));
		}
	}
	for (i = 0; i < backend->n_options; i++)
		if (strcmp(backend->options[i].name, "task") == 0 &&
		    backend->options[i].type == WW_OPTION_JSON)
			json_object_object_add(options, "task",
			                       ww_task_sheet(task));
	return options;
}

ww_status
ww_launch_open_frame(const struct ww_settings *settings,
                     const struct ww_registry *registry,
                     const struct ww_plugin *backend, const char *role,
                     const struct ww_task *task,
                     struct json_object **result, struct ww_error *error)
{
	struct json_object *overrides = options_of_task(backend, task);
	struct ww_options *options;
	struct json_object *frame;
	char *path;
	ww_status status = ww_settings_options(settings, backend, overrides,
	                                       &options, error);

	json_object_put(overrides);
	if (status != WW_OK)
		return status;
	frame = json_object_new_object();
	path = ww_path_absolute(ww_registry_path(registry, backend));
	ww_json_put_string(frame, "type", "open");
	ww_json_put_string(frame, "role", role);
	ww_json_put_string(frame, "backend", backend->name);
	ww_json_put_string(frame, "plugin", path);
	/* A worker says as much as its session wants to hear. */
	ww_json_put_int(frame, "log_level", ww_log_level());
	json_object_object_add(frame, "options", ww_options_json(options));
	free(path);
	ww_options_free(options);
	*result = frame;
	return WW_OK;
}
