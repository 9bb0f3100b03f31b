/* SPDX-License-Identifier: MIT
 *
 * warpwright session resume ID
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/cli/report.h"
#include "core/cli/session.h"

/* Settings of the session's first run, under those that are given now: a flag,
 * --set or variable of today wins, everything else is as it was. */
static ww_status
restore(struct ww_settings *settings, struct json_object *stored,
        const char *prefix, const char *origin, struct ww_error *error)
{
	ww_status status = WW_OK;

	if (!json_object_is_type(stored, json_type_object))
		return WW_OK;
	json_object_object_foreach(stored, name, value)
	{
		char *key = ww_text("%s%s%s", prefix,
		                    prefix[0] != '\0' ? "." : "", name);

		if (status != WW_OK || value == NULL ||
		    ww_setting_is_set(settings, key))
			;
		else if (json_object_is_type(value, json_type_object))
			status = restore(settings, value, key, origin, error);
		else
			status = ww_settings_put(
				settings, key,
				json_object_is_type(value, json_type_string)
					? json_object_get_string(value)
					: ww_json_text(value),
				origin, error);
		free(key);
	}
	return status;
}

static ww_status
restore_settings(struct ww_cli *cli, const struct ww_session_row *row,
                 struct ww_error *error)
{
	char *origin = ww_text("session %s", row->id);
	struct json_object *stored = NULL;
	ww_status status = WW_OK;

	if (row->settings[0] != '\0')
		status = ww_json_parse(row->settings, strlen(row->settings),
		                       origin, 0, &stored, error);
	if (status == WW_OK)
		status = restore(cli->settings, stored, "", origin, error);
	json_object_put(stored);
	free(origin);
	return status;
}

int
ww_session_resume(struct ww_cli *cli)
{
	const char *folder = NULL;
	const struct ww_flag flags[] = {
		{ .name = "--output", .text = &folder },
		{ .name = "--max-evaluations",
		  .setting = "search.max_evaluations" },
		{ .name = "--max-seconds", .setting = "search.max_seconds" },
		{ .name = "--target", .setting = "search.target" },
	};
	struct ww_session_request request = { 0 };
	struct ww_stored stored;
	struct ww_task *task = NULL;
	struct ww_error error = { 0 };
	ww_status status;
	int n, code = ww_cli_flags(cli, flags, sizeof flags / sizeof flags[0],
	                           &n);

	if (code != 0)
		return code;
	if (n != 1)
		return ww_cli_usage("session resume needs one session");
	status = ww_stored_open(cli, cli->argv[1], &stored, &error);
	if (status != WW_OK)
		return ww_cli_fail(&error);
	status = restore_settings(cli, &stored.row, &error);
	if (status == WW_OK)
		status = ww_task_parse(stored.row.task_text,
		                       strlen(stored.row.task_text),
		                       stored.row.task_path, &task, &error);
	if (status != WW_OK) {
		ww_stored_close(&stored);
		return ww_cli_fail(&error);
	}
	request = (struct ww_session_request){
		.task = task,           .settings = cli->settings,
		.registry = cli->registry, .store = stored.store,
		.backend = stored.row.backend, .resume = stored.row.id,
		.cancel = &cli->cancel,
	};
	code = ww_report_run(cli, &request, folder);
	ww_task_free(task);
	ww_stored_close(&stored);
	return code;
}
