/* SPDX-License-Identifier: MIT */
#include "core/task/native_values.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

#define MOST_VALUES 1000000

static ww_status
add_value(struct ww_native_reading *reading, struct ww_value value,
          const char *path)
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

bool
ww_native_value(const char *type, struct json_object *json, struct ww_value *value)
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
read_listed(struct ww_native_reading *reading, struct json_object *list,
            const char *path)
{
	size_t n = json_object_array_length(list);
	size_t i;

	for (i = 0; i < n; i++) {
		struct json_object *json = json_object_array_get_idx(list, i);
		struct ww_value value;
		ww_status status;

		if (!ww_native_value(reading->type, json, &value))
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
add_integers(struct ww_native_reading *reading, int64_t low, int64_t high,
             int64_t step, const char *path)
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
add_floats(struct ww_native_reading *reading, double low, double high,
           double step, const char *path)
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
read_range(struct ww_native_reading *reading, struct json_object *object,
           struct json_object *range, const char *path)
{
	struct ww_native *native = reading->native;
	struct json_object *step = ww_json_get(object, "step");
	bool real = strcmp(reading->type, "float") == 0;
	struct ww_value ends[2];
	struct ww_value by = integer_value(1);
	const char *type = real ? "float" : "int";

	if (json_object_array_length(range) != 2 ||
	    !ww_native_value(type, json_object_array_get_idx(range, 0), &ends[0]) ||
	    !ww_native_value(type, json_object_array_get_idx(range, 1), &ends[1]))
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
	if (step != NULL && (!ww_native_value(type, step, &by) || !(by.number > 0)))
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

ww_status
ww_native_values(struct ww_native_reading *reading, struct json_object *object,
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
