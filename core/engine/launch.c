/* SPDX-License-Identifier: MIT */
#include "core/engine/launch.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/paths.h"
#include "core/base/text.h"

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

ww_status
ww_launch_open_frame(const struct ww_settings *settings,
                     const struct ww_registry *registry,
                     const struct ww_plugin *backend, const char *role,
                     struct json_object *overrides,
                     struct json_object **result, struct ww_error *error)
{
	struct ww_options *options;
	struct json_object *frame;
	char *path;
	ww_status status = ww_settings_options(settings, backend, overrides,
	                                       &options, error);

	if (status != WW_OK)
		return status;
	frame = json_object_new_object();
	path = ww_path_absolute(ww_registry_path(registry, backend));
	ww_json_put_string(frame, "type", "open");
	ww_json_put_string(frame, "role", role);
	ww_json_put_string(frame, "backend", backend->name);
	ww_json_put_string(frame, "plugin", path);
	json_object_object_add(frame, "options", ww_options_json(options));
	free(path);
	ww_options_free(options);
	*result = frame;
	return WW_OK;
}
