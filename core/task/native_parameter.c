/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/task/native_values.h"

/* ---------------------------------------------------------------- defaults */

static bool
equal_values(const struct ww_value *a, const struct ww_value *b)
{
	if (a->type == WW_VALUE_STRING || b->type == WW_VALUE_STRING)
		return a->type == b->type && strcmp(a->string, b->string) == 0;
	return (a->type == WW_VALUE_BOOL) == (b->type == WW_VALUE_BOOL) &&
	       a->integer == b->integer && !(a->number < b->number) &&
	       !(a->number > b->number);
}

static ww_status
find_default(struct ww_native_reading *reading, struct json_object *json,
             const char *path, uint32_t *index)
{
	struct ww_value value;
	uint32_t i;

	if (ww_native_value(reading->type, json, &value))
		for (i = 0; i < reading->spec.n_values; i++)
			if (equal_values(&reading->values[i], &value)) {
				*index = i;
				return WW_OK;
			}
	return ww_native_fail(reading->native, path,
	                      "the default %.60s of '%s' is not among its values",
	                      ww_json_text(json), reading->spec.name);
}

static ww_status
read_default(struct ww_native_reading *reading)
{
	const char *path = ww_native_path(reading->native, reading->path,
	                                  "default");
	struct json_object *json;
	uint32_t n = reading->spec.n_dimensions;
	ww_status status = WW_OK;
	uint32_t i;

	reading->defaults = ww_alloc((n + 1) * sizeof(uint32_t));
	reading->spec.defaults = reading->defaults;
	if (!json_object_object_get_ex(reading->object, "default", &json) ||
	    reading->spec.n_values == 0)
		return WW_OK;
	if (n == 0)
		return find_default(reading, json, path, &reading->defaults[0]);
	if (!json_object_is_type(json, json_type_array) ||
	    json_object_array_length(json) != n)
		return ww_native_fail(reading->native, path,
		                      "the default of '%s' must be an array of %u "
		                      "values",
		                      reading->spec.name, n);
	for (i = 0; i < n && status == WW_OK; i++)
		status = find_default(reading,
		                      json_object_array_get_idx(json, i),
		                      ww_native_item(reading->native, path, i),
		                      &reading->defaults[i]);
	return status;
}

/* ------------------------------------------------------------------- lists */

static ww_status
read_dimensions(struct ww_native_reading *reading)
{
	struct ww_native *native = reading->native;
	const char *path = ww_native_path(native, reading->path, "dimensions");
	struct json_object *list;
	ww_status status = ww_native_member(native, reading->object,
	                                    reading->path, "dimensions",
	                                    json_type_array, &list);
	size_t n = list != NULL ? json_object_array_length(list) : 0;
	size_t i;

	if (status != WW_OK)
		return status;
	if (n == 0 || n > 64)
		return ww_native_fail(native, path,
		                      "list '%s' needs \"dimensions\": 1 to 64 "
		                      "names such as [\"M\", \"N\"]",
		                      reading->spec.name);
	reading->dimensions = ww_alloc(n * sizeof(char *));
	for (i = 0; i < n; i++) {
		struct json_object *name = json_object_array_get_idx(list, i);

		if (!json_object_is_type(name, json_type_string))
			return ww_native_fail(native,
			                      ww_native_item(native, path, i),
			                      "a dimension is a name");
		reading->dimensions[i] = json_object_get_string(name);
	}
	reading->spec.dimensions = reading->dimensions;
	reading->spec.n_dimensions = (uint32_t)n;
	return WW_OK;
}

static ww_status
read_type(struct ww_native_reading *reading, struct json_object *object,
          const char *path, bool item, const char **type)
{
	static const char *const types[] = { "int",  "power_of_two", "float",
		                             "bool", "enum",         "list" };
	struct ww_native *native = reading->native;
	const char *closest;
	ww_status status = ww_native_string(native, object, path, "type", type);
	size_t i;

	if (status != WW_OK)
		return status;
	if (*type == NULL)
		return ww_native_fail(native, path,
		                      "parameter '%s' has no \"type\": int, "
		                      "power_of_two, float, bool, enum or list",
		                      reading->spec.name);
	for (i = 0; i < (item ? 5u : 6u); i++)
		if (strcmp(types[i], *type) == 0)
			return WW_OK;
	path = ww_native_path(native, path, "type");
	closest = ww_text_closest(*type, types, item ? 5 : 6);
	if (closest != NULL)
		return ww_native_fail(native, path,
		                      "no type \"%.60s\"; did you mean \"%s\"?",
		                      *type, closest);
	return ww_native_fail(native, path,
	                      "no type \"%.60s\"; there are int, power_of_two, "
	                      "float, bool, enum and list",
	                      *type);
}

static ww_status
read_list(struct ww_native_reading *reading)
{
	static const char *const members[] = {
		"name",    "type",        "items",    "dimensions",
		"default", "description", "tradeoff", "when",
		NULL
	};
	static const char *const item_members[] = { "type", "values", "range",
		                                    "step", NULL };
	struct ww_native *native = reading->native;
	const char *path = ww_native_path(native, reading->path, "items");
	struct json_object *items;
	ww_status status = ww_native_members(native, reading->object,
	                                     reading->path, members);

	if (status == WW_OK)
		status = ww_native_member(native, reading->object,
		                          reading->path, "items",
		                          json_type_object, &items);
	if (status != WW_OK)
		return status;
	if (items == NULL)
		return ww_native_fail(native, path,
		                      "list '%s' needs \"items\" with \"type\" "
		                      "and \"values\" or \"range\"",
		                      reading->spec.name);
	status = ww_native_members(native, items, path, item_members);
	if (status == WW_OK)
		status = read_type(reading, items, path, true, &reading->type);
	if (status == WW_OK)
		status = ww_native_values(reading, items, path);
	return status == WW_OK ? read_dimensions(reading) : status;
}

static ww_status
read_scalar(struct ww_native_reading *reading)
{
	static const char *const members[] = {
		"name",    "type",        "values",   "range", "step",
		"default", "description", "tradeoff", "when",  NULL
	};
	ww_status status = ww_native_members(reading->native, reading->object,
	                                     reading->path, members);

	return status == WW_OK
	               ? ww_native_values(reading, reading->object, reading->path)
	               : status;
}

/* --------------------------------------------------------------- parameters */

static ww_status
read_texts(struct ww_native_reading *reading)
{
	struct ww_native *native = reading->native;
	struct {
		const char *key;
		const char **text;
	} const texts[] = {
		{ "name", &reading->spec.name },
		{ "description", &reading->spec.description },
		{ "tradeoff", &reading->spec.tradeoff },
		{ "when", &reading->spec.condition },
	};
	ww_status status = WW_OK;
	size_t i;

	for (i = 0; i < 4 && status == WW_OK; i++)
		status = ww_native_string(native, reading->object,
		                          reading->path, texts[i].key,
		                          texts[i].text);
	if (status == WW_OK && reading->spec.name == NULL)
		return ww_native_fail(native, reading->path,
		                      "a parameter has no \"name\"");
	return status;
}

static ww_status
read_parameter(struct ww_native_reading *reading)
{
	struct ww_native *native = reading->native;
	ww_status status;

	if (!json_object_is_type(reading->object, json_type_object))
		return ww_native_fail(native, reading->path,
		                      "a parameter is an object with \"name\", "
		                      "\"type\" and \"values\" or \"range\"");
	status = read_texts(reading);
	if (status == WW_OK)
		status = read_type(reading, reading->object, reading->path,
		                   false, &reading->spec.type);
	if (status != WW_OK)
		return status;
	reading->type = reading->spec.type;
	status = strcmp(reading->type, "list") == 0 ? read_list(reading)
	                                            : read_scalar(reading);
	if (status == WW_OK)
		status = read_default(reading);
	if (status == WW_OK &&
	    ww_space_builder_parameter(native->builder, &reading->spec,
	                               native->error) != WW_OK)
		return ww_native_locate(native, reading->path);
	return status;
}

ww_status
ww_native_parameters(struct ww_native *native)
{
	struct json_object *list;
	ww_status status = ww_native_member(native, native->root, "",
	                                    "parameters", json_type_array,
	                                    &list);
	size_t i;

	if (status != WW_OK)
		return status;
	if (list == NULL || json_object_array_length(list) == 0)
		return ww_native_fail(native, "parameters",
		                      "the task has no \"parameters\": nothing "
		                      "could be tuned");
	for (i = 0; i < json_object_array_length(list) && status == WW_OK;
	     i++) {
		struct ww_native_reading reading = {
			.native = native,
			.object = json_object_array_get_idx(list, i),
			.path = ww_native_item(native, "parameters", i)
		};

		status = read_parameter(&reading);
		free(reading.values);
		free(reading.defaults);
		free(reading.dimensions);
	}
	return status;
}

ww_status
ww_native_constraints(struct ww_native *native)
{
	static const char *const members[] = { "rule", "reason", NULL };
	struct json_object *list;
	ww_status status = ww_native_member(native, native->root, "",
	                                    "constraints", json_type_array,
	                                    &list);
	size_t n = list != NULL ? json_object_array_length(list) : 0;
	size_t i;

	for (i = 0; i < n && status == WW_OK; i++) {
		struct json_object *item = json_object_array_get_idx(list, i);
		const char *path = ww_native_item(native, "constraints", i);
		const char *rule = NULL, *reason = NULL;

		if (json_object_is_type(item, json_type_string)) {
			status = ww_native_text(native, item, path, &rule);
		} else if (json_object_is_type(item, json_type_object)) {
			status = ww_native_members(native, item, path, members);
			if (status == WW_OK)
				status = ww_native_string(native, item, path,
				                          "rule", &rule);
			if (status == WW_OK)
				status = ww_native_string(native, item, path,
				                          "reason", &reason);
		}
		if (status == WW_OK && rule == NULL)
			status = ww_native_fail(native, path,
			                        "a constraint is an expression, "
			                        "or an object with \"rule\" and "
			                        "\"reason\"");
		if (status == WW_OK &&
		    ww_space_builder_constraint(native->builder, rule, reason,
		                                native->error) != WW_OK)
			status = ww_native_locate(native, path);
	}
	return status;
}
