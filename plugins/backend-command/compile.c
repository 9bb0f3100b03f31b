/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "plugins/backend-command/command.h"

/* A prepared kernel. */
struct unit {
	struct command *command;
	const struct ww_kernel *kernel;
	unsigned start; /* of the program that was told of it; 0: none was */
};

static ww_status
command_targets(struct ww_call *call, void *self, struct ww_text_sink *sink)
{
	struct command *command = self;
	ww_status status = command_ready(command, call, "compile");
	struct json_object *targets;
	size_t n, i;

	if (status != WW_OK)
		return status;
	targets = json_member(command->description, "targets");
	n = json_length(targets);
	if (n == 0)
		return sink->write(sink, "any\n", 4);
	for (i = 0; i < n && status == WW_OK; i++) {
		const char *name = json_object_get_string(
			json_object_array_get_idx(targets, i));
		char line[256];

		snprintf(line, sizeof line, "%.250s\n",
		         name != NULL ? name : "?");
		status = sink->write(sink, line, strlen(line));
	}
	return status;
}

/* The program itself is part of what a build depends on: size and date of every
 * file that the command line names. */
static ww_status
mark_files(struct command *command, struct ww_call *call, uint64_t *mark)
{
	ww_status status = WW_OK;
	size_t i;

	for (i = 0; command->words[i] != NULL && status == WW_OK; i++) {
		struct stat info;
		char *word = NULL;

		status = command_word(command, call, command->words[i], &word);
		if (status == WW_OK && stat(word, &info) == 0 &&
		    S_ISREG(info.st_mode))
			*mark = (*mark ^ (uint64_t)info.st_size ^
			         (uint64_t)info.st_mtim.tv_sec << 20 ^
			         (uint64_t)info.st_mtim.tv_nsec) *
			        UINT64_C(1099511628211);
		free(word);
	}
	return status;
}

static ww_status
command_identity(struct ww_call *call, void *self, struct ww_text_sink *sink)
{
	struct command *command = self;
	ww_status status = command_ready(command, call, "compile");
	struct json_object *said = command->description;
	uint64_t mark = UINT64_C(14695981039346656037);
	const char *identity;
	char text[1024];

	if (status == WW_OK)
		status = mark_files(command, call, &mark);
	if (status != WW_OK)
		return status;
	identity = json_text(said, "identity", "");
	snprintf(text, sizeof text, "%.200s %.200s%s%.500s; %016llx",
	         json_text(said, "name", command->words[0]),
	         json_text(said, "version", ""), identity[0] != '\0' ? "; " : "",
	         identity, (unsigned long long)mark);
	return sink->write(sink, text, strlen(text));
}

/* Has the running program told of the kernel, once. */
static ww_status
introduce(struct unit *unit, struct ww_call *call)
{
	struct command *command = unit->command;
	const struct ww_kernel *kernel = unit->kernel;
	ww_status status = command_ready(command, call, "compile");
	struct json_object *request, *answer;

	if (status != WW_OK || unit->start == command->starts ||
	    !json_flag(command->description, "build", 1))
		return status;
	request = json_object_new_object();
	json_object_object_add(request, "role",
	                       json_object_new_string("compile"));
	json_object_object_add(request, "kernel", command_kernel(kernel, NULL));
	json_object_object_add(request, "arguments",
	                       command_arguments(kernel->arguments,
	                                         kernel->n_arguments));
	status = command_ask(command, call, "prepare", request, &answer);
	json_object_put(answer);
	if (status == WW_OK)
		unit->start = command->starts;
	return status;
}

static ww_status
command_prepare(struct ww_call *call, void *self,
                const struct ww_kernel *kernel, void **prepared)
{
	struct unit *unit = calloc(1, sizeof *unit);
	ww_status status;

	if (unit == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "no memory");
	unit->command = self;
	unit->kernel = kernel;
	status = introduce(unit, call);
	if (status == WW_OK)
		*prepared = unit;
	else
		free(unit);
	return status;
}

static void
command_drop(void *unit)
{
	free(unit);
}

static struct json_object *
build_request(const struct unit *unit, const struct ww_build *build,
              struct json_object *values)
{
	struct json_object *request = json_object_new_object();
	struct json_object *launch = command_launch(build->launch);

	json_object_object_add(request, "kernel",
	                       command_kernel(unit->kernel, build->entry));
	json_object_object_add(request, "values", json_object_get(values));
	if (launch != NULL)
		json_object_object_add(request, "launch", launch);
	json_object_object_add(request, "target",
	                       build->target != NULL
	                               ? json_object_new_string(build->target)
	                               : NULL);
	json_object_object_add(request, "scratch",
	                       json_object_new_string(build->scratch));
	return request;
}

static void
hand_log(struct json_object *answer, struct ww_build_sink *sink)
{
	const char *log = json_text(answer, "log", "");

	if (log[0] == '\0')
		log = json_text(answer, "text", "");
	if (log[0] != '\0')
		sink->diagnosis(sink, log, strlen(log));
}

static ww_status
command_build(struct ww_call *call, void *prepared,
              const struct ww_build *build, struct ww_build_sink *sink)
{
	struct unit *unit = prepared;
	struct command *command = unit->command;
	struct json_object *values = command_values(build->values,
	                                            build->n_values);
	struct json_object *answer = NULL;
	ww_status status = introduce(unit, call);

	if (status == WW_OK && json_flag(command->description, "build", 1))
		status = command_ask(command, call, "build",
		                     build_request(unit, build, values),
		                     &answer);
	if (answer != NULL) {
		hand_log(answer, sink);
		json_facts(json_member(answer, "facts"), sink);
	}
	/* A program without a build step gets the bare values. */
	if (status == WW_OK)
		status = artifact_write(call, answer, values, build->scratch,
		                        sink);
	json_object_put(answer);
	json_object_put(values);
	return status;
}

const struct ww_compile_ops command_compile_ops = {
	.size = sizeof command_compile_ops,
	.targets = command_targets,
	.identity = command_identity,
	.prepare = command_prepare,
	.drop = command_drop,
	.build = command_build,
};
