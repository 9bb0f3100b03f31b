/* SPDX-License-Identifier: MIT */
#include "core/space/mapping_value.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/text.h"

static bool
same_number(double a, double b)
{
	return fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}

static bool
is_binary(const struct ww_slot *slot)
{
	uint32_t i;

	for (i = 0; i < slot->n_values; i++)
		if (slot->values[i].type == WW_VALUE_STRING ||
		    (slot->values[i].number < 0 || slot->values[i].number > 0) !=
		            (slot->values[i].number > 0.5 &&
		             slot->values[i].number < 1.5))
			return false;
	return true;
}

/* The value of a slot that is this number, or UINT32_MAX. */
static uint32_t
find_number(const struct ww_slot *slot, double number)
{
	uint32_t i;

	/* A NaN is neither below nor above anything. */
	for (i = 0; isfinite(number) && i < slot->n_values; i++) {
		const struct ww_value *value = &slot->values[i];

		if (value->type == WW_VALUE_INT &&
		    !(value->number < number) && !(value->number > number))
			return i;
		if (value->type == WW_VALUE_FLOAT &&
		    same_number(value->number, number))
			return i;
		if (value->type == WW_VALUE_BOOL && is_binary(slot) &&
		    !(value->number < number) && !(value->number > number))
			return i;
	}
	return UINT32_MAX;
}

static uint32_t
find_bool(const struct ww_slot *slot, bool truth)
{
	uint32_t i;

	for (i = 0; i < slot->n_values; i++)
		if (slot->values[i].type == WW_VALUE_BOOL &&
		    (slot->values[i].integer != 0) == truth)
			return i;
	return is_binary(slot) ? find_number(slot, truth) : UINT32_MAX;
}

/* A whole text that is one number, blanks around it allowed. */
static bool
to_number(const char *text, double *number)
{
	size_t length = strspn(text, " +-.0123456789eE");
	char *end;

	if (text[0] == '\0' || text[length] != '\0' || length > 40)
		return false;
	*number = strtod(text, &end);
	end += strspn(end, " ");
	return *end == '\0' && end != text && isfinite(*number);
}

/* By its text: exactly, else without regard to case if only one fits. */
static uint32_t
find_text(const struct ww_slot *slot, const char *text)
{
	uint32_t found = UINT32_MAX;
	uint32_t i;

	for (i = 0; i < slot->n_values; i++)
		if (strcmp(slot->values[i].string, text) == 0)
			return i;
	for (i = 0; i < slot->n_values; i++) {
		if (strcasecmp(slot->values[i].string, text) != 0)
			continue;
		if (found != UINT32_MAX)
			return UINT32_MAX;
		found = i;
	}
	return found;
}

static uint32_t
find_string(const struct ww_slot *slot, const char *text)
{
	uint32_t found = find_text(slot, text);
	double number;

	if (found != UINT32_MAX)
		return found;
	if (strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0)
		return find_bool(slot, tolower((unsigned char)text[0]) == 't');
	return to_number(text, &number) ? find_number(slot, number)
	                                : UINT32_MAX;
}

/* Whole numbers are compared as such: beyond 2^53 doubles run together. */
static uint32_t
find_integer(const struct ww_slot *slot, int64_t integer)
{
	uint32_t i;

	for (i = 0; i < slot->n_values; i++)
		if (slot->values[i].type == WW_VALUE_INT &&
		    slot->values[i].integer == integer)
			return i;
	if (integer > INT64_C(1) << 53 || integer < -(INT64_C(1) << 53))
		return UINT32_MAX;
	return find_number(slot, (double)integer);
}

uint32_t
ww_slot_find(const struct ww_slot *slot, struct json_object *json)
{
	switch (json_object_get_type(json)) {
	case json_type_int:
		return find_integer(slot, json_object_get_int64(json));
	case json_type_double:
		return find_number(slot, json_object_get_double(json));
	case json_type_boolean:
		return find_bool(slot, json_object_get_boolean(json));
	case json_type_string:
		if (strlen(json_object_get_string(json)) !=
		    (size_t)json_object_get_string_len(json))
			return UINT32_MAX;
		return find_string(slot, json_object_get_string(json));
	default:
		return UINT32_MAX;
	}
}

bool
ww_slot_as_written(const struct ww_value *value, struct json_object *json)
{
	switch (json_object_get_type(json)) {
	case json_type_int:
		return value->type == WW_VALUE_INT ||
		       value->type == WW_VALUE_FLOAT;
	case json_type_double:
		return value->type == WW_VALUE_FLOAT;
	case json_type_boolean:
		return value->type == WW_VALUE_BOOL;
	case json_type_string:
		return value->type == WW_VALUE_STRING &&
		       strcmp(value->string, json_object_get_string(json)) == 0;
	default:
		return false;
	}
}

const char *
ww_slot_nearest(const struct ww_slot *slot, struct json_object *json)
{
	const char *best = NULL;
	double least = INFINITY;
	double number = NAN;
	uint32_t i;

	if (json_object_is_type(json, json_type_int) ||
	    json_object_is_type(json, json_type_double))
		number = json_object_get_double(json);
	else if (json_object_is_type(json, json_type_string) &&
	         !to_number(json_object_get_string(json), &number))
		number = NAN;
	for (i = 0; i < slot->n_values && !isnan(number); i++)
		if (fabs(slot->values[i].number - number) < least) {
			least = fabs(slot->values[i].number - number);
			best = slot->values[i].string;
		}
	for (i = 0; best == NULL && json_object_is_type(json, json_type_string) &&
	            json_object_get_string_len(json) < 64 && i < slot->n_values;
	     i++) {
		const char *value = slot->values[i].string;

		best = ww_text_closest(json_object_get_string(json), &value, 1);
	}
	return best;
}

void
ww_slot_list(const struct ww_slot *slot, char *text, size_t size)
{
	size_t used = 0;
	uint32_t i;

	text[0] = '\0';
	for (i = 0; i < slot->n_values && used + 40 < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%.30s",
		                         i > 0 ? ", " : "",
		                         slot->values[i].string);
	if (i < slot->n_values)
		snprintf(text + used, size - used, ", …");
}
