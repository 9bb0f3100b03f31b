/* SPDX-License-Identifier: MIT
 *
 * warpwright plugin check|new: for people who write plugins.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/cli/plugin.h"
#include "sdk/checker/checker.h"
#include "sdk/generator.h"

/* A file that the command line names, of a kind that tells what it is to lack it.
 * 0, or the exit code. */
static int
require_file(const char *path, ww_status missing)
{
	struct ww_error error = { 0 };

	if (path == NULL || access(path, R_OK) == 0)
		return 0;
	ww_error_set(&error, missing, "cannot open %s: %s", path,
	             strerror(errno));
	return ww_cli_fail(&error);
}

int
ww_cli_plugin_check(struct ww_cli *cli)
{
	struct ww_check_request request = {
		.set = cli->assignments,
		.n_set = cli->n_assignments,
		.json = cli->json,
	};
	const struct ww_flag flags[] = {
		{ "--device", NULL, NULL, &request.device },
		{ "--recording", NULL, &request.recording, NULL },
		{ "--task", NULL, &request.task, NULL },
		{ "--only", NULL, &request.only, NULL },
	};
	int n = 0;
	int failed;
	int code = ww_cli_flags(cli, flags, sizeof flags / sizeof flags[0], &n);

	if (code != 0)
		return code;
	if (n != 2)
		return ww_cli_usage("expected 'plugin check FILE.so'");
	request.path = cli->argv[2];
	code = require_file(request.path, WW_E_UNAVAILABLE);
	if (code == 0)
		code = require_file(request.task, WW_E_NOT_FOUND);
	if (code == 0)
		code = require_file(request.recording, WW_E_NOT_FOUND);
	if (code != 0)
		return code;
	if (!ww_check_any(&request))
		return ww_cli_usage("no test for %s has an id that starts with "
		                    "'%s'", request.path, request.only);
	failed = ww_check_plugin(&request);
	if (failed < 0)
		return WW_EXIT_STORE;
	return failed > 0 ? WW_EXIT_NOTHING : WW_EXIT_OK;
}

int
ww_cli_plugin_new(struct ww_cli *cli)
{
	struct ww_error error = { 0 };
	char *folder;
	ww_status status;
	int n = 0;
	int code = ww_cli_flags(cli, NULL, 0, &n);

	if (code != 0)
		return code;
	if (n != 3 && n != 4)
		return ww_cli_usage("expected 'plugin new KIND NAME [FOLDER]'");
	folder = n == 4 ? ww_copy(cli->argv[4])
	                : ww_text("%s-%s", cli->argv[2], cli->argv[3]);
	status = ww_plugin_generate(cli->argv[2], cli->argv[3], folder, &error);
	if (status == WW_OK && !cli->quiet)
		printf("%s: type 'make' and 'make check' there; README.md says "
		       "the rest\n",
		       folder);
	free(folder);
	return status == WW_OK ? WW_EXIT_OK : ww_cli_fail(&error);
}
