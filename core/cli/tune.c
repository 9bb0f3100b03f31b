/* SPDX-License-Identifier: MIT */

#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/cli/report.h"
#include "core/cli/search_flags.h"
#include "core/engine/session.h"

/* What the command line says beside settings. */
struct orders {
	const char *output;
	const char *resume;
	int no_cache;
};

static int
read_orders(struct ww_cli *cli, struct orders *orders, int *n)
{
	const struct ww_flag flags[] = {
		WW_SEARCH_FLAGS,
		{ .name = "--backend", .setting = "search.backend" },
		{ .name = "--device", .setting = "parallel.devices" },
		{ .name = "--devices", .setting = "parallel.devices" },
		{ .name = "--objective", .setting = "search.objective" },
		{ .name = "--output", .text = &orders->output },
		{ .name = "--resume", .text = &orders->resume },
		{ .name = "--no-cache", .seen = &orders->no_cache },
	};
	struct ww_error error = { 0 };
	int code = ww_cli_flags(cli, flags, sizeof flags / sizeof flags[0], n);

	if (code == 0 && orders->no_cache &&
	    ww_settings_put(cli->settings, "parallel.artifact_cache", "false",
	                    "--no-cache", &error) != WW_OK)
		code = ww_cli_fail(&error);
	return code;
}

static int
tune(struct ww_cli *cli, const struct orders *orders, const char *path)
{
	struct ww_session_request request = {
		.settings = cli->settings,
		.registry = cli->registry,
		.resume = orders->resume,
		.cancel = &cli->cancel,
	};
	struct ww_error error = { 0 };
	struct ww_task *task = NULL;
	struct ww_store *store = NULL;
	ww_status status = ww_cli_task(cli, path, &task, &error);
	int code;

	if (status == WW_OK)
		status = ww_cli_store(cli, &store, &error);
	if (status == WW_OK) {
		request.task = task;
		request.store = store;
		code = ww_report_run(cli, &request, orders->output);
	} else {
		code = ww_cli_fail(&error);
	}
	ww_store_close(store);
	ww_task_free(task);
	return code;
}

static int
run(struct ww_cli *cli)
{
	struct orders orders = { 0 };
	int n = 0;
	int code = read_orders(cli, &orders, &n);

	if (code != 0)
		return code;
	if (n != 1)
		return ww_cli_usage("tune takes one task file");
	return tune(cli, &orders, cli->argv[1]);
}

const struct ww_command ww_command_tune = {
	.name = "tune",
	.arguments = "TASK [options]",
	.summary = "find the fastest configuration of a kernel",
	.help =
		"Compiles and measures configurations that a model or another\n"
		"strategy proposes, and reports the best one.\n\n"
		WW_PROPOSER_HELP
		"  --backend NAME          instead of the one for the task's "
		"language\n"
		"  --device, --devices ID  by id, name or number, with commas; all\n"
		"  --objective NAME        time, energy or edp (their product)\n"
		WW_LIMIT_HELP
		"  --no-cache              compile everything again\n"
		"  --output FOLDER         write best.json and best.h there\n"
		WW_RESUME_HELP,
	.run = run,
};
