/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugins/backend-command/command.h"

#define DEPTH 32
/* How long a program may take to end after its input has ended. */
#define GRACE_MS 2000

/* --------------------------------------------------------- the command line */

/* What a placeholder stands for, or null: no task is known. */
static const char *
meaning(const struct command *command, const char *placeholder)
{
	struct json_object *kernel = json_member(command->task, "kernel");

	if (strcmp(placeholder, "{source}") == 0)
		return json_text(kernel, "source", NULL);
	return json_text(command->task, "folder", NULL);
}

ww_status
command_word(const struct command *command, struct ww_call *call,
             const char *word, char **expanded)
{
	static const char *const placeholders[] = { "{source}", "{folder}" };
	size_t i;

	for (i = 0; i < sizeof placeholders / sizeof placeholders[0]; i++) {
		const char *at = strstr(word, placeholders[i]);
		const char *value = meaning(command, placeholders[i]);

		if (at == NULL)
			continue;
		if (command->task == NULL)
			return ww_fail(call, WW_E_UNAVAILABLE,
			               "backend.command.command holds %s, which "
			               "only a task gives a meaning; tune one to "
			               "see its devices",
			               placeholders[i]);
		if (value == NULL)
			return ww_fail(call, WW_E_UNAVAILABLE,
			               "backend.command.command holds %s, but "
			               "the task's kernel has no \"source\"",
			               placeholders[i]);
		if (asprintf(expanded, "%.*s%s%s", (int)(at - word), word,
		             value, at + strlen(placeholders[i])) < 0)
			return ww_fail(call, WW_E_NO_MEMORY, "no memory");
		return WW_OK;
	}
	*expanded = strdup(word);
	return *expanded != NULL ? WW_OK
	                         : ww_fail(call, WW_E_NO_MEMORY, "no memory");
}

/* The usual interpreter of the task's program, for a hint. */
static const char *
interpreter(const char *source)
{
	const char *dot = source != NULL ? strrchr(source, '.') : NULL;

	if (dot != NULL && strcmp(dot, ".py") == 0)
		return "\"python3\", ";
	if (dot != NULL && strcmp(dot, ".sh") == 0)
		return "\"bash\", ";
	return "";
}

static ww_status
not_set(const struct command *command, struct ww_call *call)
{
	const char *source = command->task != NULL
	                             ? meaning(command, "{source}")
	                             : NULL;

	if (command->task == NULL)
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "backend.command.command is not set");
	return ww_fail(call, WW_E_UNAVAILABLE,
	               "backend.command.command is not set, and a task cannot "
	               "name a program to run; if you trust %s, add --set "
	               "'backend.command.command=[%s\"{source}\"]'",
	               source != NULL ? source : "it", interpreter(source));
}

static ww_status
start(struct command *command, struct ww_call *call)
{
	size_t n = 0, i;
	char **words;
	const char *const *argv;
	ww_status status = WW_OK;

	while (command->words[n] != NULL)
		n++;
	words = calloc(n + 1, sizeof *words);
	if (words == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "no memory");
	for (i = 0; i < n && status == WW_OK; i++)
		status = command_word(command, call, command->words[i],
		                      &words[i]);
	memcpy(&argv, &words, sizeof argv);
	if (status == WW_OK)
		status = program_start(&command->program, call, argv);
	for (i = 0; i < n; i++)
		free(words[i]);
	free(words);
	if (status == WW_OK) {
		command->starts++;
		command->last_id = 0;
		command->lost = 0;
	}
	return status;
}

/* --------------------------------------------------------------- an exchange */

static struct json_object *
parse(const char *line)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH);
	struct json_object *value = NULL;

	if (tokener == NULL)
		return NULL;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
	                                        JSON_TOKENER_VALIDATE_UTF8);
	/* With the terminator, so that a bare number is complete. */
	value = json_tokener_parse_ex(tokener, line, (int)strlen(line) + 1);
	if (json_tokener_get_error(tokener) != json_tokener_success ||
	    !json_object_is_type(value, json_type_object)) {
		json_object_put(value);
		value = NULL;
	}
	json_tokener_free(tokener);
	return value;
}

/* The line as the answer to request `id`. */
static ww_status
understand(struct command *command, struct ww_call *call, const char *what,
           const char *line, struct json_object **answer)
{
	struct json_object *object = parse(line);
	struct json_object *id = json_member(object, "id");

	if (object == NULL)
		ww_fail(call, WW_E_FORMAT,
		        "the program answered '%s' with a line that is no JSON "
		        "object (words for people go to standard error): %.200s",
		        what, line);
	else if (!json_object_is_type(id, json_type_int) ||
	         json_object_get_int64(id) != command->last_id)
		ww_fail(call, WW_E_FORMAT,
		        "the program answered '%s' with id %.40s instead of %lld",
		        what, id != NULL ? json_object_get_string(id) : "(none)",
		        (long long)command->last_id);
	else {
		*answer = object;
		return WW_OK;
	}
	json_object_put(object);
	return WW_E_FORMAT;
}

static ww_status
status_of(const char *outcome)
{
	static const struct {
		const char *outcome;
		ww_status status;
	} table[] = {
		{ "ok", WW_OK },
		{ "constraint", WW_E_INVALID },
		{ "compile_error", WW_E_COMPILE },
		{ "compiler_crash", WW_E_CRASH },
		{ "compile_timeout", WW_E_TIMEOUT },
		{ "out_of_resources", WW_E_RESOURCES },
		{ "launch_failure", WW_E_LAUNCH },
		{ "crash", WW_E_CRASH },
		{ "run_timeout", WW_E_TIMEOUT },
		{ "wrong_result", WW_E_WRONG_RESULT },
		{ "device_lost", WW_E_DEVICE_LOST },
		{ "unavailable", WW_E_UNAVAILABLE },
		{ "internal", WW_E_INTERNAL },
	};
	size_t i;

	for (i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strcmp(outcome, table[i].outcome) == 0)
			return table[i].status;
	return WW_E_FORMAT;
}

/* The first line of what the answer gives as reason. */
static ww_status
judge(struct ww_call *call, const char *what, struct json_object *answer)
{
	const char *outcome = json_text(answer, "outcome", "ok");
	const char *text = json_text(answer, "text", "");
	ww_status status = status_of(outcome);

	if (status == WW_OK)
		return WW_OK;
	if (text[0] == '\0')
		text = json_text(answer, "log", "");
	text += strspn(text, " \t\r\n");
	if (strcmp(outcome, "internal") != 0 && status == WW_E_FORMAT)
		return ww_fail(call, status,
		               "the program answered '%s' with outcome '%.60s', "
		               "which is none", what, outcome);
	if (text[0] == '\0')
		return ww_fail(call, status, "the program answered '%s' with "
		               "'%s' and gave no reason", what, outcome);
	return ww_fail(call, status, "%.*s", (int)strcspn(text, "\r\n"), text);
}

/* The request as a line, to be freed; what it is stands first, for people and
 * for shell scripts. */
static char *
line_of(const char *what, int64_t id, struct json_object *request)
{
	struct json_object *line = json_object_new_object();
	char *bytes = NULL;

	json_object_object_add(line, "id", json_object_new_int64(id));
	json_object_object_add(line, "request", json_object_new_string(what));
	json_object_object_foreach(request, name, value)
	{
		json_object_object_add(line, name, json_object_get(value));
	}
	if (asprintf(&bytes, "%s\n",
	             json_object_to_json_string_ext(
			     line, JSON_C_TO_STRING_PLAIN |
				           JSON_C_TO_STRING_NOSLASHESCAPE)) < 0)
		bytes = NULL;
	json_object_put(line);
	return bytes;
}

static ww_status
exchange(struct command *command, struct ww_call *call, const char *what,
         struct json_object *request, int64_t limit_ns,
         struct json_object **answer)
{
	char *bytes = line_of(what, ++command->last_id, request);
	char *line = NULL;
	ww_status status;

	if (bytes == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "no memory");
	status = program_ask(&command->program, call, what, bytes,
	                     strlen(bytes), limit_ns, &line);
	free(bytes);
	if (status == WW_OK)
		status = understand(command, call, what, line, answer);
	free(line);
	if (status != WW_OK) {
		/* Nobody knows what it would say next. */
		program_stop(&command->program, 0);
		command->lost = 1;
	}
	return status;
}

ww_status
command_ask(struct command *command, struct ww_call *call, const char *what,
            struct json_object *request, struct json_object **answer)
{
	ww_status status = WW_E_STATE;

	*answer = NULL;
	if (command->program.pid == 0)
		ww_fail(call, status, "the program has ended before '%s'", what);
	else
		status = exchange(command, call, what, request, 0, answer);
	json_object_put(request);
	if (status == WW_OK)
		status = judge(call, what, *answer);
	return status;
}

/* --------------------------------------------------------------- describing */

static ww_status
check_description(struct command *command, struct ww_call *call)
{
	double protocol = json_number(command->description, "protocol", 0);

	if (protocol == COMMAND_PROTOCOL)
		return WW_OK;
	return ww_fail(call, WW_E_UNAVAILABLE,
	               "the program answered 'describe' without \"protocol\": "
	               "%d, the one that is spoken here", COMMAND_PROTOCOL);
}

static ww_status
describe(struct command *command, struct ww_call *call, const char *role)
{
	struct json_object *request = json_object_new_object();
	ww_status status;

	json_object_object_add(request, "protocol",
	                       json_object_new_int(COMMAND_PROTOCOL));
	json_object_object_add(request, "role", json_object_new_string(role));
	json_object_object_add(request, "task", json_object_get(command->task));
	json_object_put(command->description);
	command->description = NULL;
	status = exchange(command, call, "describe", request,
	                  command->start_limit_ns, &command->description);
	json_object_put(request);
	if (status == WW_OK)
		status = judge(call, "describe", command->description);
	if (status == WW_OK)
		status = check_description(command, call);
	if (status != WW_OK)
		program_stop(&command->program, GRACE_MS);
	/* A program that cannot say what it is cannot be used here. */
	return status == WW_OK || status == WW_E_CANCELLED ||
	                       status == WW_E_NO_MEMORY
	               ? status
	               : WW_E_UNAVAILABLE;
}

/* A program that only describes itself need not stay: building is free. */
static int
builds_nothing(const struct command *command, const char *role)
{
	return strcmp(role, "compile") == 0 && command->description != NULL &&
	       !json_flag(command->description, "build", 1);
}

ww_status
command_ready(struct command *command, struct ww_call *call, const char *role)
{
	ww_status status;

	if (command->words == NULL)
		return not_set(command, call);
	/* A forked process must not speak on its parent's pipes. */
	if (command->program.pid != 0 && command->program.owner != getpid())
		program_stop(&command->program, 0);
	if (command->program.pid != 0 || builds_nothing(command, role))
		return WW_OK;
	status = start(command, call);
	if (status == WW_OK)
		status = describe(command, call, role);
	if (status == WW_OK && builds_nothing(command, role))
		program_stop(&command->program, GRACE_MS);
	return status;
}

void
command_end(struct command *command)
{
	static const char close_request[] = "{\"request\":\"close\"}\n";

	/* Told once, politely; the end of its input says the same. */
	if (command->program.pid != 0 &&
	    command->program.owner == getpid() &&
	    write(command->program.in, close_request,
	          sizeof close_request - 1) < 0)
		ww_log_message(command->host->log, WW_LOG_DEBUG,
		       "the program reads no more");
	program_stop(&command->program, GRACE_MS);
	json_object_put(command->description);
	command->description = NULL;
}
