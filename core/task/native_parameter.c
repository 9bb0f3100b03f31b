/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/task/native.h"

#define MOST_VALUES 1000000

/* One parameter while it is read. */
struct reading {
	struct ww_native *native;
	struct json_object *object;
	const char *path;
	const char *type;     /* of the values: a list's item type */
	struct ww_parameter_spec spec;
	struct ww_value *values;
	uint32_t capacity;
	uint32_t *defaults;
	const char **dimensions;
};

static ww_status
add_value(struct reading *reading, struct ww_value value, const char *path)
{
	if (reading->spec.n_values == MOST_VALUES)
		return ww_native_fail(reading->native, path,
		                      "parameter '%s' has more than %d values",
		                      reading->spec.name, MOST_VALUES);
	if (reading->spec.n_values == reading->capacity) {
		reading->capacity = reading->capacity * 2 + 16;
		reading->values = ww_grow(reading->values,
		                          reading->capacity * sizeof value);
	}
	reading->values[reading->spec.n_values++] = value;
	reading->spec.values = reading->values;
	return WW_OK;
}

static struct ww_value
integer_value(int64_t integer)
{
	return (struct ww_value){ .type = WW_VALUE_INT,
		                  .integer = integer,
		                  .number = (double)integer };
}

static bool
is_power(int64_t integer)
{
	return integer > 0 && (integer & (integer - 1)) == 0;
}

/* ------------------------------------------------------------------ values */

/* The JSON value as a value of this type; false if it is none. */
static bool
to_value(const char *type, struct json_object *json, struct ww_value *value)
{
	bool any = strcmp(type, "enum") == 0;
	enum json_type is = json_object_get_type(json);

	memset(value, 0, sizeof *value);
	if (is == json_type_int &&
	    (any || strcmp(type, "int") == 0 ||
	     (strcmp(type, "power_of_two") == 0 &&
	      is_power(json_object_get_int64(json))))) {
		*value = integer_value(json_object_get_int64(json));
	} else if ((is == json_type_int || is == json_type_double) &&
	           (any || strcmp(type, "float") == 0)) {
		value->type = WW_VALUE_FLOAT;
		value->number = json_object_get_double(json);
		return isfinite(value->number);
	} else if (is == json_type_boolean &&
	           (any || strcmp(type, "bool") == 0)) {
		value->type = WW_VALUE_BOOL;
		value->integer = json_object_get_boolean(json);
		value->number = (double)value->integer;
	} else if (is == json_type_string && any) {
		value->type = WW_VALUE_STRING;
		value->string = json_object_get_string(json);
		return strlen(value->string) ==
		       (size_t)json_object_get_string_len(json);
	} else {
		return false;
	}
	return true;
}

static const char *
type_words(const char *type)
{
	static const struct {
		const char *type;
		const char *words;
	} table[] = {
		{ "int", "a whole number" },
		{ "power_of_two", "a power of two" },
		{ "float", "a number" },
		{ "bool", "true or false" },
	};
	size_t i;

	for (i = 0; i < sizeof table / sizeof table[0]; i++)
		if (strcmp(type, table[i].type) == 0)
			return table[i].words;
	return "a string, a number or a truth value";
}

static ww_status
read_listed(struct reading *reading, struct json_object *list, const char *path)
{
	size_t n = json_object_array_length(list);
	size_t i;

	for (i = 0; i < n; i++) {
		struct json_object *json = json_object_array_get_idx(list, i);
		struct ww_value value;
		ww_status status;

		if (!to_value(reading->type, json, &value))
			return ww_native_fail(reading->native,
			                      ww_native_item(reading->native,
			                                     path, i),
			                      "parameter '%s': %.60s is not %s",
			                      reading->spec.name,
			                      ww_json_text(json),
			                      type_words(reading->type));
		status = add_value(reading, value, path);
		if (status != WW_OK)
			return status;
	}
	return WW_OK;
}

static ww_status
add_integers(struct reading *reading, int64_t low, int64_t high, int64_t step,
             const char *path)
{
	bool power = strcmp(reading->type, "power_of_two") == 0;
	ww_status status = WW_OK;
	int64_t value = low;

	if (power && (!is_power(low) || !is_power(high)))
		return ww_native_fail(reading->native, path,
		                      "parameter '%s': both ends of the range "
		                      "must be powers of two",
		                      reading->spec.name);
	while (status == WW_OK && value <= high) {
		status = add_value(reading, integer_value(value), path);
		if (value > INT64_MAX - step || (power && value > high / 2))
			break;
		value = power ? value * 2 : value + step;
	}
	return status;
}

static ww_status
add_floats(struct reading *reading, double low, double high, double step,
           const char *path)
{
	double n = floor((high - low) / step + 1e-9);
	ww_status status = WW_OK;
	char text[40];
	double i;

	for (i = 0; i <= n && status == WW_OK; i++) {
		struct ww_value value = { .type = WW_VALUE_FLOAT };

		/* 0.1 + 2 * 0.1 is meant as 0.3. */
		snprintf(text, sizeof text, "%.12g", low + i * step);
		value.number = strtod(text, NULL);
		status = add_value(reading, value, path);
	}
	return status;
}

static ww_status
read_range(struct reading *reading, struct json_object *object,
           struct json_object *range, const char *path)
{
	struct ww_native *native = reading->native;
	struct json_object *step = ww_json_get(object, "step");
	bool real = strcmp(reading->type, "float") == 0;
	struct ww_value ends[2];
	struct ww_value by = integer_value(1);
	const char *type = real ? "float" : "int";

	if (json_object_array_length(range) != 2 ||
	    !to_value(type, json_object_array_get_idx(range, 0), &ends[0]) ||
	    !to_value(type, json_object_array_get_idx(range, 1), &ends[1]))
		return ww_native_fail(native, path,
		                      "parameter '%s': a range is [lowest, "
		                      "highest], both %s",
		                      reading->spec.name, type_words(type));
	if (ends[0].number > ends[1].number)
		return ww_native_fail(native, path,
		                      "parameter '%s': the range ends before it "
		                      "begins",
		                      reading->spec.name);
	if (real && step == NULL)
		return ww_native_fail(native, path,
		                      "parameter '%s': a range of floats needs a "
		                      "\"step\"",
		                      reading->spec.name);
	if (step != NULL && (!to_value(type, step, &by) || !(by.number > 0)))
		return ww_native_fail(native, path,
		                      "parameter '%s': \"step\" must be %s above "
		                      "0",
		                      reading->spec.name, type_words(type));
	if (real)
		return add_floats(reading, ends[0].number, ends[1].number,
		                  by.number, path);
	return add_integers(reading, ends[0].integer, ends[1].integer,
	                    by.integer, path);
}

/* "values" or "range" of a parameter, or of a list's "items". */
static ww_status
read_values(struct reading *reading, struct json_object *object,
            const char *path)
{
	struct ww_native *native = reading->native;
	struct json_object *values, *range;
	bool ranged = strcmp(reading->type, "enum") != 0 &&
	              strcmp(reading->type, "bool") != 0;
	ww_status status = ww_native_member(native, object, path, "values",
	                                    json_type_array, &values);

	if (status == WW_OK)
		status = ww_native_member(native, object, path, "range",
		                          json_type_array, &range);
	if (status != WW_OK)
		return status;
	if (values != NULL && range != NULL)
		return ww_native_fail(native, path,
		                      "parameter '%s' has both \"values\" and "
		                      "\"range\"; keep one",
		                      reading->spec.name);
	if (range != NULL && !ranged)
		return ww_native_fail(native, path,
		                      "parameter '%s': type \"%s\" takes no "
		                      "\"range\"",
		                      reading->spec.name, reading->type);
	if (values != NULL)
		return read_listed(reading, values,
		                   ww_native_path(native, path, "values"));
	if (range != NULL)
		return read_range(reading, object, range,
		                  ww_native_path(native, path, "range"));
	if (strcmp(reading->type, "bool") == 0) {
		struct ww_value value = { .type = WW_VALUE_BOOL };

		status = add_value(reading, value, path);
		value.integer = 1;
		value.number = 1;
		return status == WW_OK ? add_value(reading, value, path)
		                       : status;
	}
	return ww_native_fail(native, path, "parameter '%s' needs \"values\"%s",
	                      reading->spec.name, ranged ? " or \"range\"" : "");
}

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
find_default(struct reading *reading, struct json_object *json,
             const char *path, uint32_t *index)
{
	struct ww_value value;
	uint32_t i;

	if (to_value(reading->type, json, &value))
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
read_default(struct reading *reading)
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
read_dimensions(struct reading *reading)
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
read_type(struct reading *reading, struct json_object *object, const char *path,
          bool item, const char **type)
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
read_list(struct reading *reading)
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
		status = read_values(reading, items, path);
	return status == WW_OK ? read_dimensions(reading) : status;
}

static ww_status
read_scalar(struct reading *reading)
{
	static const char *const members[] = {
		"name",    "type",        "values",   "range", "step",
		"default", "description", "tradeoff", "when",  NULL
	};
	ww_status status = ww_native_members(reading->native, reading->object,
	                                     reading->path, members);

	return status == WW_OK
	               ? read_values(reading, reading->object, reading->path)
	               : status;
}

/* --------------------------------------------------------------- parameters */

static ww_status
read_texts(struct reading *reading)
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
read_parameter(struct reading *reading)
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
		struct reading reading = {
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
			rule = json_object_get_string(item);
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
