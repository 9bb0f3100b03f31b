/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/recording_internal.h"

static int
is_numeric(const struct ww_value *value)
{
	return value->type != WW_VALUE_STRING;
}

int
ww_recorded_value_equal(const struct ww_value *a, const struct ww_value *b)
{
	if (a->type == WW_VALUE_INT && b->type == WW_VALUE_INT)
		return a->integer == b->integer;
	if (is_numeric(a) && is_numeric(b))
		return a->number == b->number;
	return a->string != NULL && b->string != NULL &&
	       strcmp(a->string, b->string) == 0;
}

static void
note_kind(struct ww_recorded_parameter *parameter, const struct ww_value *value)
{
	if (value->type == WW_VALUE_STRING)
		parameter->is_text = 1;
	else if (value->type == WW_VALUE_FLOAT)
		parameter->is_float = 1;
	if (parameter->n_values == 1)
		parameter->is_bool = value->type == WW_VALUE_BOOL;
	else if (value->type != WW_VALUE_BOOL)
		parameter->is_bool = 0;
}

uint32_t
ww_recorded_value_index(struct ww_recorded_parameter *parameter,
                        const struct ww_value *value, uint32_t guess)
{
	struct ww_value *values;
	struct ww_value *added;
	uint32_t i;

	if (guess < parameter->n_values &&
	    ww_recorded_value_equal(&parameter->values[guess], value))
		return guess;
	for (i = 0; i < parameter->n_values; i++)
		if (ww_recorded_value_equal(&parameter->values[i], value))
			return i;
	values = realloc(parameter->values, (i + (size_t)1) * sizeof *values);
	if (values == NULL)
		return UINT32_MAX;
	parameter->values = values;
	added = &values[i];
	*added = *value;
	added->name = NULL;
	added->string = value->string == NULL ? NULL : strdup(value->string);
	if (value->string != NULL && added->string == NULL)
		return UINT32_MAX;
	parameter->n_values++;
	note_kind(parameter, added);
	return i;
}

static void
set_number(struct ww_value *value, double number)
{
	value->number = number;
	value->type = WW_VALUE_FLOAT;
	if (number == floor(number) && fabs(number) < 9.0e15) {
		value->integer = (int64_t)number;
	}
}

int
ww_recorded_value_read(struct json_object *json, struct ww_value *value,
                       char *buffer)
{
	memset(value, 0, sizeof *value);
	switch (json_object_get_type(json)) {
	case json_type_boolean:
		value->type = WW_VALUE_BOOL;
		value->integer = json_object_get_boolean(json);
		value->number = (double)value->integer;
		value->string = value->integer ? "true" : "false";
		return 1;
	case json_type_int:
		value->type = WW_VALUE_INT;
		value->integer = json_object_get_int64(json);
		value->number = (double)value->integer;
		snprintf(buffer, 64, "%lld", (long long)value->integer);
		value->string = buffer;
		return 1;
	case json_type_double:
		set_number(value, json_object_get_double(json));
		snprintf(buffer, 64, "%.17g", value->number);
		value->string = buffer;
		return isfinite(value->number);
	case json_type_string:
		value->type = WW_VALUE_STRING;
		value->string = json_object_get_string(json);
		value->number = NAN;
		return 1;
	default:
		return 0;
	}
}

void
ww_recorded_value_parse(const char *text, struct ww_value *value)
{
	char *end;
	double number = strtod(text, &end);

	memset(value, 0, sizeof *value);
	value->string = text;
	if (strcmp(text, "True") == 0 || strcmp(text, "False") == 0) {
		value->type = WW_VALUE_BOOL;
		value->integer = text[0] == 'T';
		value->number = (double)value->integer;
		value->string = value->integer ? "true" : "false";
	} else if (end != text && *end == '\0' && isfinite(number)) {
		set_number(value, number);
		if (strpbrk(text, ".eE") == NULL)
			value->type = WW_VALUE_INT;
	} else {
		value->type = WW_VALUE_STRING;
		value->number = NAN;
	}
}
