/* SPDX-License-Identifier: MIT */
#include "core/cli/cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/measure/objective.h"

static const char *command_name; /* whose --help explains a usage error */

void
ww_cli_set_command(const char *name)
{
	command_name = name;
}

static const struct ww_flag *
find_flag(const struct ww_flag *flags, size_t n, const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strlen(flags[i].name) == length &&
		    strncmp(flags[i].name, text, length) == 0)
			return &flags[i];
	return NULL;
}

static int
unknown_flag(const struct ww_flag *flags, size_t n, const char *text)
{
	const char *names[64];
	const char *closest;
	size_t i;

	for (i = 0; i < n && i < 64; i++)
		names[i] = flags[i].name;
	closest = ww_text_closest(text, names, i);
	if (closest != NULL)
		return ww_cli_usage("unknown option %s; did you mean %s?",
		                    text, closest);
	return ww_cli_usage("unknown option %s", text);
}

static int
take_value(struct ww_cli *cli, const struct ww_flag *flag, const char *value)
{
	struct ww_error error;

	if (flag->text != NULL)
		*flag->text = value;
	if (flag->setting != NULL &&
	    ww_settings_put(cli->settings, flag->setting, value, flag->name,
	                    &error) != WW_OK)
		return ww_cli_usage("%s", error.text);
	return 0;
}

int
ww_cli_flags(struct ww_cli *cli, const struct ww_flag *flags, size_t n,
             int *n_positional)
{
	int positional = 1;
	int only_positional = 0;
	int i;

	for (i = 1; i < cli->argc; i++) {
		char *text = cli->argv[i];
		const char *equals = strchr(text, '=');
		const struct ww_flag *flag;
		int code = 0;

		if (!only_positional && strcmp(text, "--") == 0) {
			only_positional = 1;
			continue;
		}
		if (only_positional || text[0] != '-' || text[1] == '\0') {
			cli->argv[positional++] = text;
			continue;
		}
		flag = find_flag(flags, n, text,
		                 equals != NULL ? (size_t)(equals - text)
		                                : strlen(text));
		if (flag == NULL)
			return unknown_flag(flags, n, text);
		if (flag->seen != NULL)
			(*flag->seen)++;
		if (flag->text == NULL && flag->setting == NULL) {
			if (equals != NULL)
				return ww_cli_usage("option %s takes no value",
				                    flag->name);
		} else if (equals != NULL) {
			code = take_value(cli, flag, equals + 1);
		} else if (i + 1 < cli->argc) {
			code = take_value(cli, flag, cli->argv[++i]);
		} else {
			code = ww_cli_usage("option %s needs a value",
			                    flag->name);
		}
		if (code != 0)
			return code;
	}
	*n_positional = positional - 1;
	return 0;
}

int
ww_cli_count(const char *name, const char *text, uint64_t least, uint64_t most,
             uint64_t *value)
{
	unsigned long long number;
	char *end;

	if (text == NULL)
		return 0;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno != 0 || *end != '\0' || text[0] < '0' || text[0] > '9' ||
	    number < least || number > most)
		return ww_cli_usage("%s takes a whole number from %" PRIu64
		                    " to %" PRIu64 ", not '%s'",
		                    name, least, most, text);
	*value = number;
	return 0;
}

static int
exit_code(ww_status status)
{
	switch (status) {
	case WW_E_FORMAT:
	case WW_E_CONFIG:
	case WW_E_NOT_FOUND:
	case WW_E_INVALID:
	case WW_E_OPTION:
	case WW_E_UNSUPPORTED:
	case WW_E_STATE: /* a session that runs already is to be resumed */
		return WW_EXIT_INPUT;
	case WW_E_ABI:
	case WW_E_TOO_NEW:
	case WW_E_UNAVAILABLE:
		return WW_EXIT_PLUGIN;
	case WW_E_NO_DEVICE:
	case WW_E_DEVICE_LOST:
	case WW_E_CRASH: /* of a worker over its driver */
	case WW_E_TIMEOUT:
		return WW_EXIT_DEVICE;
	case WW_E_CANCELLED:
		return WW_EXIT_INTERRUPTED;
	case WW_E_IO:
		return WW_EXIT_STORE;
	case WW_E_AUTH:
	case WW_E_BILLING:
	case WW_E_RATE:
	case WW_E_OVERLOADED:
	case WW_E_SERVER:
	case WW_E_TRANSPORT:
	case WW_E_REQUEST:
	case WW_E_PARAMETER:
	case WW_E_REFUSAL:
	case WW_E_TRUNCATED:
	case WW_E_CONTEXT:
	case WW_E_BUDGET:
		return WW_EXIT_MODEL;
	default:
		return WW_EXIT_INTERNAL;
	}
}

int
ww_cli_fail(const struct ww_error *error)
{
	fprintf(stderr, "warpwright: %s\n", error->text);
	return exit_code(error->status);
}

int
ww_cli_usage(const char *format, ...)
{
	va_list args;

	fputs("warpwright: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\nTry 'warpwright %s%s--help'.\n",
	        command_name != NULL ? command_name : "",
	        command_name != NULL ? " " : "");
	return WW_EXIT_USAGE;
}

void
ww_cli_json_line(struct json_object *object)
{
	puts(ww_json_text(object));
	fflush(stdout);
	json_object_put(object);
}

void
ww_cli_objective(const struct ww_cli *cli, struct ww_task *task)
{
	const char *name = ww_setting_string(cli->settings, "search.objective");

	if (name != NULL)
		task->objective = ww_objective_name(ww_objective_parse(name));
}

ww_status
ww_cli_task(struct ww_cli *cli, const char *path, struct ww_task **task,
            struct ww_error *error)
{
	ww_status status = ww_task_load(path, task, error);

	if (status == WW_OK)
		ww_cli_objective(cli, *task);
	return status;
}

ww_status
ww_cli_store(struct ww_cli *cli, struct ww_store **store,
             struct ww_error *error)
{
	const char *path = cli->store_path;

	if (path == NULL)
		path = ww_setting_string(cli->settings, "store.path");
	return ww_store_open(path, store, error);
}
