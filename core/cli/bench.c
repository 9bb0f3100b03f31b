/* SPDX-License-Identifier: MIT
 *
 * warpwright bench: measures configurations that the user names.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/cli/report.h"

/* The rows that were asked for. */
struct rows {
	const struct ww_search_space *space;
	uint32_t *indices;
	uint64_t n;
};

static ww_status
add_config(struct rows *rows, struct json_object *config,
           struct ww_error *error)
{
	uint32_t n_slots = rows->space->view.n_slots;
	uint32_t *row;
	uint64_t i;

	rows->indices = ww_grow(rows->indices, (rows->n + 1) * n_slots *
	                                               sizeof *rows->indices);
	row = rows->indices + rows->n * n_slots;
	if (ww_space_parse(rows->space, config, row, error) != WW_OK)
		return ww_error_prefix(error, "configuration %s: ",
		                       ww_json_text(config));
	/* Named twice is measured once. */
	for (i = 0; i < rows->n; i++)
		if (memcmp(rows->indices + i * n_slots, row,
		           n_slots * sizeof *row) == 0)
			return WW_OK;
	rows->n++;
	return WW_OK;
}

/* An object is one configuration, an array several; a result of `tune` or its
 * best.json stands for its best configuration. */
static ww_status
add_value(struct rows *rows, struct json_object *value, struct ww_error *error)
{
	struct json_object *best = ww_json_get(value, "best");
	struct json_object *config;
	ww_status status = WW_OK;
	size_t i;

	if (json_object_is_type(value, json_type_array)) {
		for (i = 0; status == WW_OK &&
		            i < json_object_array_length(value); i++)
			status = add_value(rows,
			                   json_object_array_get_idx(value, i),
			                   error);
		return status;
	}
	config = ww_json_get(best != NULL ? best : value, "config");
	return add_config(rows, config != NULL ? config : value, error);
}

static ww_status
add_text(struct rows *rows, const char *text, struct ww_error *error)
{
	struct json_object *value = NULL;
	ww_status status;

	if (text[strspn(text, " \t\n")] == '{' ||
	    text[strspn(text, " \t\n")] == '[')
		status = ww_json_parse(text, strlen(text), "configuration", 0,
		                       &value, error);
	else
		status = ww_json_read(text, &value, NULL, error);
	if (status == WW_OK)
		status = add_value(rows, value, error);
	json_object_put(value);
	return status;
}

static int
measure(struct ww_cli *cli, const struct ww_task *task, const struct rows *rows,
        const char *folder)
{
	struct ww_session_request request = {
		.task = task,
		.settings = cli->settings,
		.registry = cli->registry,
		.cancel = &cli->cancel,
		.fixed = rows->indices,
		.n_fixed = rows->n,
		.compares = true,
	};
	struct ww_error error = { 0 };
	int code;

	if (ww_cli_store(cli, &request.store, &error) != WW_OK)
		return ww_cli_fail(&error);
	code = ww_report_run(cli, &request, folder);
	ww_store_close(request.store);
	return code;
}

static int
run(struct ww_cli *cli)
{
	const char *folder = NULL;
	const struct ww_flag flags[] = {
		{ .name = "--backend", .setting = "search.backend" },
		{ .name = "--device", .setting = "parallel.devices" },
		{ .name = "--objective", .setting = "search.objective" },
		{ .name = "--output", .text = &folder },
		{ .name = "--seed", .setting = "search.seed" },
	};
	struct rows rows = { 0 };
	struct ww_task *task = NULL;
	struct ww_error error = { 0 };
	ww_status status;
	int n, i, code = ww_cli_flags(cli, flags,
	                              sizeof flags / sizeof flags[0], &n);

	if (code != 0)
		return code;
	if (n < 2)
		return ww_cli_usage("bench needs a task and at least one "
		                    "configuration");
	status = ww_cli_task(cli, cli->argv[1], &task, &error);
	if (status == WW_OK)
		rows.space = task->space;
	for (i = 2; status == WW_OK && i <= n; i++)
		status = add_text(&rows, cli->argv[i], &error);
	if (status == WW_OK && rows.n == 0)
		status = ww_error_set(&error, WW_E_CONFIG,
		                      "%s names no configuration to measure; "
		                      "'warpwright tune' searches for one",
		                      cli->argv[2]);
	code = status == WW_OK ? measure(cli, task, &rows, folder)
	                       : ww_cli_fail(&error);
	free(rows.indices);
	ww_task_free(task);
	return code;
}

const struct ww_command ww_command_bench = {
	.name = "bench",
	.arguments = "TASK CONFIGURATION... [options]",
	.summary = "measure given configurations instead of searching",
	.help = "A CONFIGURATION is a JSON object, an array of them, or a file "
	        "that holds\neither; best.json of an earlier run is one. The "
	        "default configuration is\nalways measured too, and the best "
	        "are timed again in turn.\n\n"
	        "  --backend NAME    backend to use\n"
	        "  --device ID       device to measure on\n"
	        "  --objective NAME  time, energy or edp (their product)\n"
	        "  --seed N          seed of the order in which they are timed\n"
	        "  --output DIR      write best.json and best.h there\n",
	.run = run,
};
