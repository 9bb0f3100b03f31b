/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/backend-command/command.h"
#include "plugins/common/arguments.h"

/* ----------------------------------------------------------------- reading */

struct json_object *
json_member(struct json_object *object, const char *name)
{
	struct json_object *value = NULL;

	if (json_object_is_type(object, json_type_object))
		json_object_object_get_ex(object, name, &value);
	return value;
}

const char *
json_text(struct json_object *object, const char *name, const char *otherwise)
{
	struct json_object *value = json_member(object, name);

	return json_object_is_type(value, json_type_string)
	               ? json_object_get_string(value)
	               : otherwise;
}

static int
is_number(struct json_object *value)
{
	return json_object_is_type(value, json_type_int) ||
	       json_object_is_type(value, json_type_double);
}

double
json_number(struct json_object *object, const char *name, double otherwise)
{
	struct json_object *value = json_member(object, name);

	return is_number(value) ? json_object_get_double(value) : otherwise;
}

int
json_flag(struct json_object *object, const char *name, int otherwise)
{
	struct json_object *value = json_member(object, name);

	return json_object_is_type(value, json_type_boolean)
	               ? json_object_get_boolean(value)
	               : otherwise;
}

size_t
json_length(struct json_object *array)
{
	return json_object_is_type(array, json_type_array)
	               ? json_object_array_length(array)
	               : 0;
}

void
json_facts(struct json_object *facts, struct ww_build_sink *sink)
{
	if (sink == NULL || !json_object_is_type(facts, json_type_object))
		return;
	json_object_object_foreach(facts, name, value)
	{
		if (is_number(value) && isfinite(json_object_get_double(value)))
			sink->fact(sink, name, json_object_get_double(value));
	}
}

/* ----------------------------------------------------------------- writing */

/* Written as short as it can be read back. */
static struct json_object *
number(double value)
{
	char text[40];

	if (!isfinite(value))
		return NULL;
	snprintf(text, sizeof text, "%.15g", value);
	if (strtod(text, NULL) != value)
		snprintf(text, sizeof text, "%.17g", value);
	return json_object_new_double_s(value, text);
}

static void
put(struct json_object *object, const char *name, const char *text)
{
	json_object_object_add(object, name, text != NULL
	                                             ? json_object_new_string(text)
	                                             : NULL);
}

struct json_object *
command_values(const struct ww_value *values, uint64_t n)
{
	struct json_object *object = json_object_new_object();
	uint64_t i;

	for (i = 0; i < n; i++) {
		const struct ww_value *value = &values[i];
		struct json_object *json;

		if (value->type == WW_VALUE_BOOL)
			json = json_object_new_boolean(value->integer != 0);
		else if (value->type == WW_VALUE_INT)
			json = json_object_new_int64(value->integer);
		else if (value->type == WW_VALUE_FLOAT)
			json = number(value->number);
		else
			json = json_object_new_string(value->string);
		json_object_object_add(object, value->name, json);
	}
	return object;
}

static struct json_object *
axes(const uint32_t values[3])
{
	struct json_object *array = json_object_new_array();
	int i;

	for (i = 0; i < 3; i++)
		json_object_array_add(array, json_object_new_int64(values[i]));
	return array;
}

struct json_object *
command_launch(const struct ww_launch *launch)
{
	struct json_object *object;

	if (launch == NULL || launch->dimensions == 0)
		return NULL;
	object = json_object_new_object();
	json_object_object_add(object, "grid", axes(launch->grid));
	json_object_object_add(object, "block", axes(launch->block));
	json_object_object_add(object, "cluster", axes(launch->cluster));
	json_object_object_add(
		object, "shared_bytes",
		json_object_new_int64((int64_t)launch->shared_bytes));
	return object;
}

struct json_object *
command_kernel(const struct ww_kernel *kernel, const char *entry)
{
	struct json_object *object = json_object_new_object();
	struct json_object *options = json_object_new_array();
	uint32_t i;

	put(object, "language", kernel->language);
	put(object, "source", kernel->path);
	put(object, "entry", entry != NULL ? entry : kernel->entry);
	for (i = 0; i < kernel->n_options; i++)
		json_object_array_add(
			options, json_object_new_string(kernel->options[i]));
	json_object_object_add(object, "options", options);
	return object;
}

static struct json_object *
fill_of(const struct ww_argument *argument)
{
	static const char *const kinds[] = {
		[WW_FILL_ZERO] = "zero",     [WW_FILL_CONSTANT] = "constant",
		[WW_FILL_UNIFORM] = "uniform", [WW_FILL_NORMAL] = "normal",
		[WW_FILL_INDEX] = "index",   [WW_FILL_FILE] = "file",
	};
	struct json_object *object = json_object_new_object();
	size_t n = sizeof kinds / sizeof kinds[0];

	put(object, "kind", argument->fill < n ? kinds[argument->fill] : "?");
	json_object_object_add(object, "a", number(argument->a));
	json_object_object_add(object, "b", number(argument->b));
	json_object_object_add(object, "seed",
	                       json_object_new_int64((int64_t)argument->seed));
	if (argument->path != NULL)
		put(object, "path", argument->path);
	return object;
}

static struct json_object *
argument_json(const struct ww_argument *argument)
{
	static const char *const kinds[] = {
		[WW_ARGUMENT_SCALAR] = "scalar", [WW_ARGUMENT_INPUT] = "input",
		[WW_ARGUMENT_OUTPUT] = "output", [WW_ARGUMENT_INOUT] = "inout",
		[WW_ARGUMENT_CONSTANT] = "constant",
	};
	struct json_object *object = json_object_new_object();
	struct json_object *tolerance = json_object_new_object();
	size_t n = sizeof kinds / sizeof kinds[0];

	put(object, "name", argument->name);
	put(object, "type", ww_type_name(argument->type));
	put(object, "kind", argument->kind > 0 && argument->kind < n
	                            ? kinds[argument->kind]
	                            : "?");
	json_object_object_add(
		object, "elements",
		json_object_new_int64((int64_t)argument->n_elements));
	json_object_object_add(object, "fill", fill_of(argument));
	if (argument->expected_path != NULL)
		put(object, "expected", argument->expected_path);
	json_object_object_add(tolerance, "absolute",
	                       number(argument->absolute_tolerance));
	json_object_object_add(tolerance, "relative",
	                       number(argument->relative_tolerance));
	json_object_object_add(object, "tolerance", tolerance);
	return object;
}

struct json_object *
command_arguments(const struct ww_argument *arguments, uint64_t n)
{
	struct json_object *array = json_object_new_array();
	uint64_t i;

	for (i = 0; i < n; i++)
		json_object_array_add(array, argument_json(&arguments[i]));
	return array;
}
