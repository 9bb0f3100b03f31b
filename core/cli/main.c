/* SPDX-License-Identifier: MIT
 *
 * main(): options that every command takes, the table of commands, signals.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/cli/cli.h"

static const struct ww_command *const commands[] = {
	&ww_command_ask,
	&ww_command_bench,
	&ww_command_compare,
	&ww_command_config,
	&ww_command_devices,
	&ww_command_doctor,
	&ww_command_plugin,
	&ww_command_prompt,
	&ww_command_provider,
	&ww_command_record,
	&ww_command_session,
	&ww_command_space,
	&ww_command_tune,
	&ww_command_worker,
	NULL /* end of the list; commands stand above in alphabetical order */
};

#define LONGEST_LIST 64

/* Options that every command takes, as they were found. */
struct globals {
	const char *config;
	const char *assignments[LONGEST_LIST];
	int n_assignments;
	const char *plugins[LONGEST_LIST];
	int n_plugins;
	const char *store;
	int json, quiet, verbose, help, version;
};

static struct ww_cancel *interrupt_target;

/* The first signal asks for a clean end, the second one ends at once. */
static void
on_signal(int number)
{
	if (ww_cancel_requested(interrupt_target))
		_exit(128 + number);
	ww_cancel_request(interrupt_target);
}

static void
catch_signals(struct ww_cancel *cancel)
{
	struct sigaction action;

	memset(&action, 0, sizeof action);
	action.sa_handler = on_signal;
	interrupt_target = cancel;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* A limit on file size is a failed write with a message, not an end. */
	signal(SIGXFSZ, SIG_IGN);
}

static void
print_help(void)
{
	size_t i;

	puts("Usage: warpwright COMMAND [options]\n\n"
	     "Finds the fastest configuration of a GPU or CPU kernel.\n\n"
	     "Commands:");
	for (i = 0; commands[i] != NULL; i++)
		if (commands[i]->summary != NULL)
			printf("  %-10s %s\n", commands[i]->name,
			       commands[i]->summary);
	puts("\nFirst steps:\n"
	     "  warpwright doctor                 what works on this machine\n"
	     "  warpwright tune TASK.json         find the best configuration\n"
	     "  warpwright session show last      what was tried, and why");
	puts("\nOptions of every command:\n"
	     "  --config FILE    read settings from FILE as well\n"
	     "  --set KEY=VALUE  set one setting\n"
	     "  --plugin FILE    load a plugin file; its refusal is an error\n"
	     "  --store FILE     keep sessions in FILE\n"
	     "  --json           one JSON object a line on standard output\n"
	     "  --quiet          only the result and errors\n"
	     "  --verbose        say more; twice: everything\n"
	     "  --help           this text, or that of the command\n"
	     "  --version        version and plugin ABI\n\n"
	     "'warpwright COMMAND --help' or 'warpwright help COMMAND' says what a\n"
	     "command does.\n"
	     "Exit codes: 0 done, 1 nothing usable found, 2 usage, 3 wrong input,\n"
	     "4 plugin missing, 5 no device, 6 interrupted, 7 store or disk,\n"
	     "8 model failed, 9 defect.");
}

static const struct ww_command *
find_command(const char *name)
{
	size_t i;

	for (i = 0; commands[i] != NULL; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static int
unknown_command(const char *name)
{
	const char *names[LONGEST_LIST];
	const char *closest;
	size_t i;

	for (i = 0; commands[i] != NULL && i < LONGEST_LIST; i++)
		names[i] = commands[i]->name;
	closest = ww_text_closest(name, names, i);
	if (closest != NULL)
		return ww_cli_usage("no command '%s'; did you mean '%s'?", name,
		                    closest);
	return ww_cli_usage("no %s '%s'",
	                    name[0] == '-' ? "option" : "command", name);
}

/* Takes argv[*i] if it is a global option. 1: taken, 0: not one, -1: wrong. */
static int
take_global(struct globals *globals, int argc, char **argv, int *i)
{
	struct {
		const char *name;
		const char **list;
		int *count;
	} const valued[] = {
		{ "--config", &globals->config, NULL },
		{ "--store", &globals->store, NULL },
		{ "--set", globals->assignments, &globals->n_assignments },
		{ "--plugin", globals->plugins, &globals->n_plugins },
	};
	struct {
		const char *name;
		int *seen;
	} const bare[] = {
		{ "--json", &globals->json },     { "--quiet", &globals->quiet },
		{ "--verbose", &globals->verbose }, { "--help", &globals->help },
		{ "-h", &globals->help },         { "--version", &globals->version },
	};
	size_t k;

	for (k = 0; k < sizeof bare / sizeof bare[0]; k++)
		if (strcmp(argv[*i], bare[k].name) == 0) {
			(*bare[k].seen)++;
			return 1;
		}
	for (k = 0; k < sizeof valued / sizeof valued[0]; k++) {
		size_t length = strlen(valued[k].name);
		const char *value = NULL;
		int at = valued[k].count != NULL ? *valued[k].count : 0;

		if (strncmp(argv[*i], valued[k].name, length) != 0)
			continue;
		if (argv[*i][length] == '=')
			value = argv[*i] + length + 1;
		else if (argv[*i][length] != '\0')
			continue;
		else if (*i + 1 < argc)
			value = argv[++*i];
		if (value == NULL || at >= LONGEST_LIST) {
			ww_cli_usage(value == NULL
			                     ? "option %s needs a value"
			                     : "too many options %s",
			             valued[k].name);
			return -1;
		}
		valued[k].list[at] = value;
		if (valued[k].count != NULL)
			(*valued[k].count)++;
		return 1;
	}
	return 0;
}

/* Takes the global options out of argv, which may stand anywhere before "--". */
static int
split_globals(struct globals *globals, int *argc, char **argv)
{
	int kept = 1;
	int i;

	for (i = 1; i < *argc && strcmp(argv[i], "--") != 0; i++) {
		int taken = take_global(globals, *argc, argv, &i);

		if (taken < 0)
			return WW_EXIT_USAGE;
		if (taken == 0)
			argv[kept++] = argv[i];
	}
	for (; i < *argc; i++)
		argv[kept++] = argv[i];
	*argc = kept;
	return 0;
}

/* What was printed must have arrived; a reader that has had enough (a pager, head)
 * is no failure. */
static int
finish_output(int code)
{
	/* POLLERR alone is reported for a pipe that nobody reads any more, also
	 * when the write that failed is long past. */
	struct pollfd reader = { .fd = STDOUT_FILENO };

	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	if (errno == EPIPE || poll(&reader, 1, 0) == 1)
		return code;
	fprintf(stderr, "warpwright: cannot write to standard output: %s\n",
	        errno != 0 ? strerror(errno) : "an earlier write failed");
	return code == WW_EXIT_OK ? WW_EXIT_STORE : code;
}

static ww_status
load_plugins(struct ww_cli *cli, const struct globals *globals,
             struct ww_error *error)
{
	int i;

	for (i = 0; i < globals->n_plugins; i++) {
		ww_status status = ww_registry_file(cli->registry,
		                                    globals->plugins[i],
		                                    "--plugin", error);

		if (status != WW_OK)
			return status;
	}
	ww_registry_scan(cli->registry,
	                 ww_setting_list(cli->settings, "plugin.path", NULL));
	return ww_settings_check(cli->settings, cli->registry, error);
}

static ww_status
prepare(struct ww_cli *cli, const struct globals *globals,
        struct ww_error *error)
{
	ww_status status = ww_settings_load(cli->settings, globals->config,
	                                    error);
	int i;

	for (i = 0; status == WW_OK && i < globals->n_assignments; i++)
		status = ww_settings_assign(cli->settings,
		                            globals->assignments[i], error);
	if (status == WW_OK)
		status = load_plugins(cli, globals, error);
	return status;
}

static int
is_bare(const struct ww_command *command, const struct ww_cli *cli)
{
	const char *const *first = command->bare_first;

	for (; first != NULL && *first != NULL && cli->argc > 1; first++)
		if (strcmp(cli->argv[1], *first) == 0)
			return 1;
	return command->bare;
}

static int
run(const struct ww_command *command, struct ww_cli *cli,
    const struct globals *globals)
{
	struct ww_error error = { 0 };
	ww_status status = WW_OK;
	int code;

	cli->settings = ww_settings_new();
	cli->registry = ww_registry_new();
	if (!is_bare(command, cli))
		status = prepare(cli, globals, &error);
	code = status == WW_OK ? command->run(cli) : ww_cli_fail(&error);
	ww_registry_free(cli->registry);
	ww_settings_free(cli->settings);
	return code;
}

/* 'help', 'help COMMAND' and 'version' are what --help and --version are. */
static void
take_words(struct globals *globals, int *argc, char **argv)
{
	int *seen = *argc < 2                          ? NULL
	            : strcmp(argv[1], "help") == 0    ? &globals->help
	            : strcmp(argv[1], "version") == 0 ? &globals->version
	                                              : NULL;

	if (seen == NULL)
		return;
	*seen = 1;
	memmove(argv + 1, argv + 2, (size_t)(*argc - 2) * sizeof *argv);
	(*argc)--;
}

int
main(int argc, char **argv)
{
	struct globals globals = { 0 };
	struct ww_cli cli = { 0 };
	const struct ww_command *command;

	catch_signals(&cli.cancel);
	if (split_globals(&globals, &argc, argv) != 0)
		return WW_EXIT_USAGE;
	take_words(&globals, &argc, argv);
	if (globals.version) {
		printf("warpwright %s (plugin ABI %d.%d)\n", PACKAGE_VERSION,
		       WW_ABI_MAJOR, WW_ABI_MINOR);
		return finish_output(WW_EXIT_OK);
	}
	if (argc < 2) {
		print_help();
		return finish_output(globals.help ? WW_EXIT_OK
		                                  : WW_EXIT_USAGE);
	}
	command = find_command(argv[1]);
	if (command == NULL)
		return unknown_command(argv[1]);
	ww_cli_set_command(command->name);
	if (globals.help) {
		printf("Usage: warpwright %s %s\n\n%s", command->name,
		       command->arguments, command->help);
		return finish_output(WW_EXIT_OK);
	}
	ww_log_set_level(globals.quiet          ? WW_LOG_ERROR
	                 : globals.verbose > 1  ? WW_LOG_DEBUG
	                 : globals.verbose == 1 ? WW_LOG_INFO
	                                        : WW_LOG_WARNING);
	cli.argc = argc - 1;
	cli.argv = argv + 1;
	cli.store_path = globals.store;
	cli.assignments = globals.assignments;
	cli.n_assignments = globals.n_assignments;
	cli.json = globals.json;
	cli.quiet = globals.quiet;
	cli.verbose = globals.verbose;
	return finish_output(run(command, &cli, &globals));
}
