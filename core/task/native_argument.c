/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/task/native.h"

#define MOST_ELEMENTS 1e12

/* A word out of a list; the message lists them all. */
static ww_status
read_word(struct ww_native *native, struct json_object *object,
          const char *path, const char *key, const char *const *words, size_t n,
          size_t *word)
{
	const char *text;
	char *listed;
	ww_status status = ww_native_string(native, object, path, key, &text);
	size_t i;

	if (status != WW_OK)
		return status;
	if (text == NULL)
		return ww_native_fail(native, path,
		                      "\"%s\" is missing, such as \"%s\"", key,
		                      words[0]);
	for (i = 0; i < n; i++)
		if (strcmp(words[i], text) == 0) {
			*word = i;
			return WW_OK;
		}
	path = ww_native_path(native, path, key);
	listed = ww_text("%s", words[0]);
	for (i = 1; i < n; i++) {
		char *longer = ww_text("%s%s%s", listed,
		                       i + 1 < n ? ", " : " and ", words[i]);

		free(listed);
		listed = longer;
	}
	status = ww_native_fail(native, path, "no %s \"%.60s\"; there are %s",
	                        key, text, listed);
	free(listed);
	return status;
}

static const char *
absolute_path(struct ww_native *native, const char *file)
{
	char *path = ww_path_join(native->input->folder, file);
	const char *kept = ww_task_keep(native->task, path);

	free(path);
	return kept;
}

/* -------------------------------------------------------------------- fill */

/* The two numbers of each kind of fill, by their names. */
static const struct {
	const char *kind;
	const char *a;
	const char *b;
	double default_a, default_b;
} fills[] = {
	[WW_FILL_ZERO] = { "zero", NULL, NULL, 0, 0 },
	[WW_FILL_CONSTANT] = { "constant", "value", NULL, 0, 0 },
	[WW_FILL_UNIFORM] = { "uniform", "low", "high", 0, 1 },
	[WW_FILL_NORMAL] = { "normal", "mean", "deviation", 0, 1 },
	[WW_FILL_INDEX] = { "index", "a", "b", 0, 1 },
	[WW_FILL_FILE] = { "file", NULL, NULL, 0, 0 },
};
#define N_FILLS (sizeof fills / sizeof fills[0])

static ww_status
read_fill_numbers(struct ww_native *native, struct json_object *fill,
                  const char *path, struct ww_argument *argument)
{
	const char *members[] = { "kind", "seed", NULL, NULL, NULL };
	struct json_object *seed;
	size_t n = 2;
	ww_status status;

	if (fills[argument->fill].a != NULL)
		members[n++] = fills[argument->fill].a;
	if (fills[argument->fill].b != NULL)
		members[n++] = fills[argument->fill].b;
	if (argument->fill == WW_FILL_FILE)
		members[n++] = "path";
	status = ww_native_members(native, fill, path, members);
	argument->a = fills[argument->fill].default_a;
	argument->b = fills[argument->fill].default_b;
	if (status == WW_OK && fills[argument->fill].a != NULL)
		status = ww_native_number(native, fill, path,
		                          fills[argument->fill].a,
		                          &argument->a);
	if (status == WW_OK && fills[argument->fill].b != NULL)
		status = ww_native_number(native, fill, path,
		                          fills[argument->fill].b,
		                          &argument->b);
	if (status == WW_OK)
		status = ww_native_member(native, fill, path, "seed",
		                          json_type_int, &seed);
	if (status == WW_OK && seed != NULL)
		argument->seed = (uint64_t)json_object_get_int64(seed);
	return status;
}

static ww_status
read_fill(struct ww_native *native, struct json_object *object,
          const char *path, struct ww_argument *argument)
{
	const char *kinds[N_FILLS];
	struct json_object *fill;
	const char *file;
	size_t kind = 0;
	ww_status status = ww_native_member(native, object, path, "fill",
	                                    json_type_object, &fill);

	/* Nothing said: outputs are zero, inputs are noise in [0, 1). */
	argument->fill = argument->kind == WW_ARGUMENT_OUTPUT ? WW_FILL_ZERO
	                                                      : WW_FILL_UNIFORM;
	argument->b = argument->fill == WW_FILL_UNIFORM ? 1 : 0;
	if (status != WW_OK || fill == NULL)
		return status;
	path = ww_native_path(native, path, "fill");
	for (kind = 0; kind < N_FILLS; kind++)
		kinds[kind] = fills[kind].kind;
	status = read_word(native, fill, path, "kind", kinds, N_FILLS, &kind);
	if (status != WW_OK)
		return status;
	argument->fill = (uint32_t)kind;
	status = read_fill_numbers(native, fill, path, argument);
	if (status != WW_OK || kind != WW_FILL_FILE)
		return status;
	status = ww_native_string(native, fill, path, "path", &file);
	if (status == WW_OK && file == NULL)
		return ww_native_fail(native, path,
		                      "a fill from a file needs its \"path\"");
	if (status == WW_OK)
		argument->path = absolute_path(native, file);
	return status;
}

/* --------------------------------------------------------------- arguments */

static ww_status
read_number(struct ww_native *native, struct json_object *object,
            const char *path, const char *key, double *number)
{
	struct json_object *json = ww_json_get(object, key);
	const char *text;
	ww_status status;

	if (json == NULL)
		return ww_native_fail(native, path, "\"%s\" is missing", key);
	path = ww_native_path(native, path, key);
	status = ww_native_expression(native, json, path, &text);
	if (status == WW_OK &&
	    ww_task_constant(native->task, text, number, native->error) !=
	            WW_OK)
		return ww_native_locate(native, path);
	return status;
}

static ww_status
read_size(struct ww_native *native, struct json_object *object,
          const char *path, struct ww_argument *argument)
{
	double size = 0;
	ww_status status = read_number(native, object, path, "size", &size);

	if (status != WW_OK)
		return status;
	if (!(size >= 1 && size <= MOST_ELEMENTS) || floor(size) < size)
		return ww_native_fail(native,
		                      ww_native_path(native, path, "size"),
		                      "argument '%s': its \"size\" comes to %g "
		                      "elements; it must be a whole number from "
		                      "1 to %g",
		                      argument->name, size, MOST_ELEMENTS);
	argument->n_elements = (uint64_t)size;
	return WW_OK;
}

static ww_status
read_tolerance(struct ww_native *native, struct json_object *object,
               const char *path, struct ww_argument *argument)
{
	ww_type_tolerance(argument->type, &argument->absolute_tolerance,
	                  &argument->relative_tolerance);
	if (!isnan(native->absolute)) {
		argument->absolute_tolerance = native->absolute;
		argument->relative_tolerance = native->relative;
	}
	return ww_native_tolerance(native, object, path,
	                           &argument->absolute_tolerance,
	                           &argument->relative_tolerance);
}

static ww_status
read_buffer(struct ww_native *native, struct json_object *object,
            const char *path, struct ww_argument *argument)
{
	static const char *const members[] = {
		"name", "type",     "kind",      "size",
		"fill", "expected", "tolerance", NULL
	};
	bool output = argument->kind == WW_ARGUMENT_OUTPUT ||
	              argument->kind == WW_ARGUMENT_INOUT;
	const char *expected;
	ww_status status = ww_native_members(native, object, path, members);

	if (status == WW_OK)
		status = read_size(native, object, path, argument);
	if (status == WW_OK)
		status = read_fill(native, object, path, argument);
	if (status == WW_OK)
		status = read_tolerance(native, object, path, argument);
	if (status == WW_OK)
		status = ww_native_string(native, object, path, "expected",
		                          &expected);
	if (status != WW_OK || expected == NULL)
		return status;
	if (!output)
		return ww_native_fail(native,
		                      ww_native_path(native, path, "expected"),
		                      "argument '%s' is no output; nothing is "
		                      "expected of it",
		                      argument->name);
	argument->expected_path = absolute_path(native, expected);
	return WW_OK;
}

static ww_status
read_scalar(struct ww_native *native, struct json_object *object,
            const char *path, struct ww_argument *argument)
{
	static const char *const members[] = { "name", "type", "kind", "value",
		                               NULL };
	ww_status status = ww_native_members(native, object, path, members);

	argument->fill = WW_FILL_CONSTANT;
	return status == WW_OK ? read_number(native, object, path, "value",
	                                     &argument->a)
	                       : status;
}

static ww_status
read_argument(struct ww_native *native, struct json_object *object,
              const char *path, uint32_t index)
{
	static const char *const kinds[] = { "scalar", "input", "output",
		                             "inout", "constant", "scratch" };
	const char *const *types;
	struct ww_argument *argument;
	size_t n_types, word = 0;
	const char *name;
	ww_status status;

	if (!json_object_is_type(object, json_type_object))
		return ww_native_fail(native, path,
		                      "an argument is an object with \"name\", "
		                      "\"type\", \"kind\" and \"size\" or "
		                      "\"value\"");
	status = ww_native_string(native, object, path, "name", &name);
	if (status == WW_OK && name == NULL)
		return ww_native_fail(native, path,
		                      "an argument has no \"name\"");
	if (status != WW_OK)
		return status;
	argument = ww_task_add_argument(native->task, name);
	argument->seed = native->task->seed + index;
	types = ww_type_names(&n_types);
	status = read_word(native, object, path, "type", types, n_types, &word);
	argument->type = (uint32_t)word + 1;
	if (status == WW_OK)
		status = read_word(native, object, path, "kind", kinds, 6,
		                   &word);
	argument->kind = (uint32_t)word + 1;
	if (status != WW_OK)
		return status;
	return argument->kind == WW_ARGUMENT_SCALAR
	               ? read_scalar(native, object, path, argument)
	               : read_buffer(native, object, path, argument);
}

ww_status
ww_native_arguments(struct ww_native *native)
{
	struct json_object *list;
	ww_status status = ww_native_member(native, native->root, "",
	                                    "arguments", json_type_array,
	                                    &list);
	size_t n = list != NULL ? json_object_array_length(list) : 0;
	size_t i;

	for (i = 0; i < n && status == WW_OK; i++)
		status = read_argument(native,
		                       json_object_array_get_idx(list, i),
		                       ww_native_item(native, "arguments", i),
		                       (uint32_t)i);
	return status;
}
