/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/cli/cli.h"
#include "core/engine/worker.h"

static int
run(struct ww_cli *cli)
{
	if (cli->argc == 2 && strcmp(cli->argv[1], "compile") == 0)
		return ww_worker_compile();
	if (cli->argc == 2 && strcmp(cli->argv[1], "device") == 0)
		return ww_worker_device();
	return ww_cli_usage("a worker is 'compile' or 'device'");
}

/* Started by the orchestrator, or by a launcher on another machine; people have
 * no use for it, so the overview leaves it out. */
const struct ww_command ww_command_worker = {
	.name = "worker",
	.arguments = "compile|device",
	.help = "Speaks frames on standard input and output with an "
	        "orchestrator.\n",
	.run = run,
	.bare = 1,
};
