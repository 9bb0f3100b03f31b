/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/space/impl.h"

struct json_object *
ww_value_json(const struct ww_value *value)
{
	switch (value->type) {
	case WW_VALUE_INT:
		return json_object_new_int64(value->integer);
	case WW_VALUE_BOOL:
		return json_object_new_boolean(value->integer != 0);
	case WW_VALUE_FLOAT:
		return json_object_new_double_s(value->number, value->string);
	default:
		return json_object_new_string(value->string);
	}
}

struct json_object *
ww_space_config(const struct ww_search_space *space, const uint32_t *indices)
{
	struct json_object *config = json_object_new_object();
	uint32_t p, i;

	for (p = 0; p < space->n_parameters; p++) {
		const struct ww_parameter *parameter = &space->parameters[p];
		const struct ww_slot *slots = space->view.slots +
		                              parameter->first_slot;
		const uint32_t *at = indices + parameter->first_slot;
		struct json_object *value;

		if (!ww_space_active(space, indices, parameter->first_slot))
			continue;
		if (parameter->dimensions == NULL) {
			value = ww_value_json(&slots[0].values[at[0]]);
		} else {
			value = json_object_new_array();
			for (i = 0; i < parameter->n_slots; i++)
				json_object_array_add(
					value,
					ww_value_json(&slots[i].values[at[i]]));
		}
		json_object_object_add(config, parameter->name, value);
	}
	return config;
}

/* ----------------------------------------------------------------- parsing */

static bool
value_equals(const struct ww_value *value, struct json_object *json)
{
	switch (json_object_get_type(json)) {
	case json_type_int:
		if (value->type == WW_VALUE_INT)
			return value->integer == json_object_get_int64(json);
		return value->type == WW_VALUE_FLOAT &&
		       fabs(value->number - json_object_get_double(json)) <= 0;
	case json_type_double:
		return (value->type == WW_VALUE_FLOAT ||
		        value->type == WW_VALUE_INT) &&
		       fabs(value->number - json_object_get_double(json)) <= 0;
	case json_type_boolean:
		return value->type == WW_VALUE_BOOL &&
		       (value->integer != 0) == json_object_get_boolean(json);
	case json_type_string:
		return value->type == WW_VALUE_STRING &&
		       strcmp(value->string, json_object_get_string(json)) == 0;
	default:
		return false;
	}
}

static ww_status
parse_value(const struct ww_slot *slot, struct json_object *json,
            uint32_t *index, struct ww_error *error)
{
	uint32_t i;

	for (i = 0; i < slot->n_values; i++)
		if (value_equals(&slot->values[i], json)) {
			*index = i;
			return WW_OK;
		}
	return ww_error_set(error, WW_E_INVALID,
	                    "%s = %.60s is not among its values", slot->name,
	                    ww_json_text(json));
}

static ww_status
parse_parameter(const struct ww_search_space *space,
                const struct ww_parameter *parameter, struct json_object *json,
                uint32_t *indices, struct ww_error *error)
{
	const struct ww_slot *slots = space->view.slots + parameter->first_slot;
	ww_status status = WW_OK;
	uint32_t i;

	if (parameter->dimensions == NULL)
		return parse_value(&slots[0], json,
		                   &indices[parameter->first_slot], error);
	if (!json_object_is_type(json, json_type_array) ||
	    json_object_array_length(json) != parameter->n_slots)
		return ww_error_set(error, WW_E_INVALID,
		                    "%s must be an array of %u values",
		                    parameter->name, parameter->n_slots);
	for (i = 0; i < parameter->n_slots && status == WW_OK; i++)
		status = parse_value(&slots[i],
		                     json_object_array_get_idx(json, i),
		                     &indices[parameter->first_slot + i],
		                     error);
	return status;
}

static ww_status
check_members(const struct ww_search_space *space, struct json_object *config,
              struct ww_error *error)
{
	const char **names = ww_alloc(space->n_parameters * sizeof *names);
	ww_status status = WW_OK;
	uint32_t p;

	for (p = 0; p < space->n_parameters; p++)
		names[p] = space->parameters[p].name;
	json_object_object_foreach(config, key, member)
	{
		const char *closest;

		(void)member;
		for (p = 0; p < space->n_parameters; p++)
			if (strcmp(key, names[p]) == 0)
				break;
		if (p < space->n_parameters)
			continue;
		closest = ww_text_closest(key, names, space->n_parameters);
		if (closest != NULL)
			status = ww_error_set(error, WW_E_INVALID,
			                      "no parameter '%.80s'; did you "
			                      "mean '%s'?",
			                      key, closest);
		else
			status = ww_error_set(error, WW_E_INVALID,
			                      "no parameter '%.80s'", key);
		break;
	}
	free(names);
	return status;
}

ww_status
ww_space_parse(const struct ww_search_space *space, struct json_object *config,
               uint32_t *indices, struct ww_error *error)
{
	ww_status status;
	char why[512];
	uint32_t p;

	if (!json_object_is_type(config, json_type_object))
		return ww_error_set(error, WW_E_INVALID,
		                    "a configuration is an object of parameters");
	status = check_members(space, config, error);
	ww_space_default(space, indices);
	/* In the task's order, because conditions look back. */
	for (p = 0; p < space->n_parameters && status == WW_OK; p++) {
		const struct ww_parameter *parameter = &space->parameters[p];
		struct json_object *json = ww_json_get(config, parameter->name);
		bool active = ww_space_active(space, indices,
		                              parameter->first_slot);

		if (active && json == NULL)
			status = ww_error_set(error, WW_E_INVALID,
			                      "parameter '%s' is missing",
			                      parameter->name);
		else if (!active && json != NULL)
			status = ww_error_set(error, WW_E_INVALID,
			                      "parameter '%s' does not exist "
			                      "unless %s",
			                      parameter->name,
			                      parameter->condition);
		else if (active)
			status = parse_parameter(space, parameter, json,
			                         indices, error);
	}
	if (status == WW_OK && ww_space_explain(space, indices, why, sizeof why))
		status = ww_error_set(error, WW_E_INVALID, "%s", why);
	return status;
}
