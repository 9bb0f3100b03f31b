/* SPDX-License-Identifier: MIT
 *
 * warpwright session resume ID
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/cli/ask.h"
#include "core/cli/report.h"
#include "core/cli/search_flags.h"
#include "core/cli/session.h"

/* What is set now: every key with its value as text, and whether it was given
 * by somebody today (an object of [text, given]). */
static void
note_setting(void *context, const char *key, struct json_object *value,
             const char *origin, const char *help)
{
	struct json_object *entry = json_object_new_array();

	(void)help;
	json_object_array_add(entry, json_object_new_string(
					     ww_json_text(value)));
	json_object_array_add(entry, json_object_new_boolean(
					     strcmp(origin, "built-in") != 0));
	json_object_object_add(context, key, entry);
}

/* Whether the stored value has to be put: today's own wins, and what is built
 * in must not look as if somebody had chosen it. */
static int
is_wanted(struct json_object *present, const char *key,
          struct json_object *value)
{
	struct json_object *entry = ww_json_get(present, key);

	if (value == NULL)
		return 0;
	if (entry == NULL)
		return 1;
	return !json_object_get_boolean(json_object_array_get_idx(entry, 1)) &&
	       strcmp(json_object_get_string(
			      json_object_array_get_idx(entry, 0)),
	              ww_json_text(value)) != 0;
}

/* Whether `key` names a section, or the options of one plugin, not a value. */
static int
is_section(const char *key)
{
	const char *dot = strchr(key, '.');
	int plugin = strncmp(key, "provider", 8) == 0 ||
	             strncmp(key, "strategy", 8) == 0 ||
	             strncmp(key, "backend", 7) == 0;

	return dot == NULL || (plugin && strchr(dot + 1, '.') == NULL);
}

/* Settings of the session's first run, under those that are given now: a flag,
 * --set or variable of today wins, everything else is as it was. */
static ww_status
restore(struct ww_cli *cli, struct json_object *stored,
        struct json_object *present, const char *prefix, const char *origin,
        struct ww_error *error)
{
	ww_status status = WW_OK;

	json_object_object_foreach(stored, name, value)
	{
		char *key = ww_text("%s%s%s", prefix,
		                    prefix[0] != '\0' ? "." : "", name);

		if (status == WW_OK && is_section(key) &&
		    json_object_is_type(value, json_type_object))
			status = restore(cli, value, present, key, origin,
			                 error);
		else if (status == WW_OK && is_wanted(present, key, value))
			status = ww_settings_put(
				cli->settings, key,
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
	struct json_object *present = json_object_new_object();
	struct json_object *stored = NULL;
	ww_status status = WW_OK;

	ww_settings_each(cli->settings, note_setting, present);
	if (row->settings[0] != '\0')
		status = ww_json_parse(row->settings, strlen(row->settings),
		                       origin, 0, &stored, error);
	if (status == WW_OK && json_object_is_type(stored, json_type_object))
		status = restore(cli, stored, present, "", origin, error);
	json_object_put(stored);
	json_object_put(present);
	free(origin);
	return status;
}

int
ww_session_resume(struct ww_cli *cli)
{
	const char *folder = NULL;
	const struct ww_flag flags[] = {
		{ .name = "--output", .text = &folder },
		WW_LIMIT_FLAGS,
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
		return ww_cli_usage("session resume needs one session: its ID, or 'last'");
	status = ww_stored_open(cli, cli->argv[1], &stored, &error);
	if (status != WW_OK)
		return ww_cli_fail(&error);
	status = restore_settings(cli, &stored.row, &error);
	if (status == WW_OK)
		status = ww_task_parse(stored.row.task_text,
		                       strlen(stored.row.task_text),
		                       stored.row.task_path, &task, &error);
	if (status == WW_OK)
		ww_cli_objective(cli, task);
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
	/* Who measured it before goes on measuring. */
	if (strcmp(stored.row.backend, WW_BACKEND_FAR) == 0)
		code = ww_ask_run(cli, &request, stored.row.device);
	else
		code = ww_report_run(cli, &request, folder);
	ww_task_free(task);
	ww_stored_close(&stored);
	return code;
}
