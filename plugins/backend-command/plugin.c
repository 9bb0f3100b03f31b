/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "plugins/backend-command/command.h"

static ww_status
open_command(struct ww_call *call, const struct ww_host *host, void **self)
{
	const struct ww_options *options = host->options;
	const char *task = options->string(options, "task");
	uint32_t n = 0;
	const char *const *words = options->list(options, "command", &n);
	struct command *command = calloc(1, sizeof *command);

	if (command == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "no memory");
	command->host = host;
	command->program.log = host->log;
	command->program.in = -1;
	command->program.out = -1;
	command->program.err = -1;
	command->words = n > 0 ? words : NULL;
	command->task = task != NULL ? json_tokener_parse(task) : NULL;
	command->start_limit_ns =
		(int64_t)(options->number(options, "start_timeout") * 1e9);
	*self = command;
	return WW_OK;
}

static void
close_command(void *self)
{
	struct command *command = self;

	command_end(command);
	json_object_put(command->task);
	free(command);
}

static const struct ww_option options[] = {
	{ .name = "command",
	  .type = WW_OPTION_LIST,
	  .flags = WW_OPTION_TRUSTED_ONLY,
	  .help = "Program and arguments; {source} is the source of the task's "
	          "kernel, {folder} the task's folder." },
	{ .name = "start_timeout",
	  .type = WW_OPTION_FLOAT,
	  .default_value = "60",
	  .minimum = 0.1,
	  .maximum = 3600,
	  .help = "Seconds within which the program must answer 'describe'." },
	{ .name = "task",
	  .type = WW_OPTION_JSON,
	  .flags = WW_OPTION_TRUSTED_ONLY,
	  .help = "What the program is told of the task; set by the host." },
};

/* A program is never started because it happens to be there: no language leads
 * here. It is taken for one that runs on the processor until it says that it
 * does not (device fact "shares_cpu"). */
static const struct ww_backend_ops ops = {
	.size = sizeof ops,
	.flags = WW_BACKEND_SHARES_CPU,
	.languages = "",
	.open = open_command,
	.close = close_command,
	.compile = &command_compile_ops,
	.device = &command_device_ops,
	.rank = -1,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.threads = WW_THREADS_SERIAL,
	.kind = WW_KIND_BACKEND,
	.n_options = sizeof options / sizeof options[0],
	.name = "command",
	.version = "0.1.0",
	.summary = "any program that speaks one JSON object a line",
	.license = "MIT",
	.options = options,
	.ops = &ops,
};
