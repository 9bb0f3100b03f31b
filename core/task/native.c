/* SPDX-License-Identifier: MIT */
#include "core/task/native.h"

#include <math.h>
#include <string.h>

#include "core/base/text.h"
#include "core/measure/objective.h"

static bool
recognise(const struct ww_task_input *input)
{
	(void)input;
	return true;
}

static ww_status
check_root(struct ww_native *native)
{
	static const char *const names[] = {
		"$schema",   "name",       "description", "kernel",
		"problem",   "parameters", "constraints", "launch",
		"arguments", "reference",  "tolerance",   "objective",
		"target",    "backend",    "seed",        NULL
	};

	if (!json_object_is_type(native->root, json_type_object))
		return ww_error_set(native->error, WW_E_CONFIG,
		                    "%s:1: a task is a JSON object with \"name\", "
		                    "\"kernel\" and \"parameters\"",
		                    native->input->path);
	if (json_object_object_get_ex(native->root, "command", NULL))
		return ww_native_fail(native, "command",
		                      "a task starts no program: name it in a "
		                      "place you trust, such as --set "
		                      "'backend.command.command=[\"python3\", "
		                      "\"{source}\"]'");
	return ww_native_members(native, native->root, "", names);
}

static ww_status
read_heading(struct ww_native *native)
{
	static const struct {
		const char *key;
		size_t offset;
	} strings[] = {
		{ "name", offsetof(struct ww_task, name) },
		{ "description", offsetof(struct ww_task, description) },
		{ "target", offsetof(struct ww_task, target) },
		{ "backend", offsetof(struct ww_task, backend) },
		{ "objective", offsetof(struct ww_task, objective) },
	};
	ww_status status = WW_OK;
	const char *text;
	size_t i;

	for (i = 0; i < sizeof strings / sizeof strings[0]; i++) {
		status = ww_native_string(native, native->root, "",
		                          strings[i].key, &text);
		if (status != WW_OK)
			return status;
		if (text != NULL) {
			text = ww_task_keep(native->task, text);
			memcpy((char *)native->task + strings[i].offset, &text,
			       sizeof text);
		}
	}
	if (native->task->name == NULL || native->task->name[0] == '\0')
		return ww_native_fail(native, "name", "the task has no \"name\"");
	if (ww_objective_parse(native->task->objective) == WW_N_OBJECTIVES)
		return ww_native_fail(native, "objective",
		                      "objective \"%.60s\" is not known; there "
		                      "are \"time\", \"energy\" and \"edp\"",
		                      native->task->objective);
	return WW_OK;
}

static ww_status
read_seed(struct ww_native *native)
{
	struct json_object *seed;
	ww_status status = ww_native_member(native, native->root, "", "seed",
	                                    json_type_int, &seed);

	native->task->seed = 1;
	if (status != WW_OK || seed == NULL)
		return status;
	if (json_object_get_int64(seed) < 0)
		return ww_native_fail(native, "seed", "a seed is not negative");
	native->task->seed = (uint64_t)json_object_get_int64(seed);
	return WW_OK;
}

static ww_status
read_problem(struct ww_native *native)
{
	struct json_object *problem;
	ww_status status = ww_native_member(native, native->root, "", "problem",
	                                    json_type_object, &problem);
	struct json_object_iterator at, end;

	if (status != WW_OK || problem == NULL)
		return status;
	end = json_object_iter_end(problem);
	for (at = json_object_iter_begin(problem);
	     !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		const char *name = json_object_iter_peek_name(&at);
		struct json_object *value = json_object_iter_peek_value(&at);
		const char *path = ww_native_path(native, "problem", name);
		bool integral = json_object_is_type(value, json_type_int);

		if (!integral && !json_object_is_type(value, json_type_double))
			return ww_native_fail(native, path,
			                      "problem size '%.80s' must be a "
			                      "number",
			                      name);
		ww_task_add_size(native->task, name,
		                 json_object_get_double(value), integral);
		if (ww_space_builder_constant(native->builder, name,
		                              json_object_get_double(value),
		                              integral, native->error) != WW_OK)
			return ww_native_locate(native, path);
	}
	return WW_OK;
}

static ww_status
build_space(struct ww_native *native)
{
	struct ww_space_builder *builder = native->builder;

	native->builder = NULL;
	if (ww_space_build(builder, &native->task->space, native->error) !=
	    WW_OK)
		return ww_native_locate(native, "parameters");
	return WW_OK;
}

static ww_status
finish(struct ww_native *native)
{
	ww_status status = ww_task_finish(native->task, native->error);

	return status == WW_OK ? status : ww_native_locate(native, "parameters");
}

static ww_status
read_default_tolerance(struct ww_native *native)
{
	native->absolute = native->relative = NAN;
	return ww_native_tolerance(native, native->root, "", &native->absolute,
	                           &native->relative);
}

static ww_status
read_native(const struct ww_task_input *input, struct ww_task *task,
            struct ww_error *error)
{
	static ww_status (*const sections[])(struct ww_native *) = {
		check_root,           read_heading,
		read_seed,            read_problem,
		ww_native_parameters, ww_native_constraints,
		build_space,
		ww_native_kernel,     ww_native_work,
		ww_native_launch,     read_default_tolerance,
		ww_native_arguments,  ww_native_reference,
		finish,
	};
	struct ww_native native = { .input = input, .task = task,
		                    .error = error };
	ww_status status = ww_json_parse(input->bytes, input->length,
	                                 input->path, WW_JSON_COMMENTS,
	                                 &native.root, error);
	size_t i;

	native.builder = ww_space_builder_new();
	for (i = 0; status == WW_OK && i < sizeof sections / sizeof sections[0];
	     i++)
		status = sections[i](&native);
	ww_space_builder_free(native.builder);
	json_object_put(native.root);
	return status;
}

const struct ww_task_reader ww_task_reader_native = {
	.format = "task",
	.recognise = recognise,
	.read = read_native,
};
