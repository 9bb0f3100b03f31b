/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "plugins/common/recording_internal.h"

static ww_status
add_parameter(struct ww_recording_builder *builder, const char *name)
{
	struct ww_recording *recording = builder->recording;
	uint32_t n = recording->n_parameters;
	struct ww_recorded_parameter *grown;
	uint32_t *row, *last;

	grown = realloc(recording->parameters, (n + (size_t)1) * sizeof *grown);
	if (grown != NULL)
		recording->parameters = grown;
	row = realloc(builder->row, (n + (size_t)1) * sizeof *row);
	if (row != NULL)
		builder->row = row;
	last = realloc(builder->last, (n + (size_t)1) * sizeof *last);
	if (last != NULL)
		builder->last = last;
	if (grown == NULL || row == NULL || last == NULL)
		return ww_recording_fault(builder, WW_E_NO_MEMORY,
		                          "out of memory");
	last[n] = 0;
	memset(&grown[n], 0, sizeof grown[n]);
	grown[n].name = strdup(name);
	if (grown[n].name == NULL)
		return ww_recording_fault(builder, WW_E_NO_MEMORY,
		                          "out of memory");
	recording->n_parameters++;
	return WW_OK;
}

static struct ww_recorded_parameter *
find_parameter(struct ww_recording *recording, const char *name)
{
	uint32_t i;

	for (i = 0; i < recording->n_parameters; i++)
		if (strcmp(recording->parameters[i].name, name) == 0)
			return &recording->parameters[i];
	return NULL;
}

/* "tune_params_keys" gives the order and stands before "tune_params" or not at
 * all; a name that only one of the two has is still a parameter. */
static void
take_keys(struct ww_recording_builder *builder, struct json_object *keys)
{
	size_t n = json_object_is_type(keys, json_type_array)
	                   ? json_object_array_length(keys)
	                   : 0;
	size_t i;

	for (i = 0; i < n && builder->status == WW_OK; i++) {
		const char *name = json_object_get_string(
			json_object_array_get_idx(keys, i));

		if (name != NULL &&
		    find_parameter(builder->recording, name) == NULL)
			add_parameter(builder, name);
	}
}

static void
take_values(struct ww_recording_builder *builder, const char *name,
            struct json_object *values)
{
	struct ww_recorded_parameter *parameter;
	size_t n = json_object_is_type(values, json_type_array)
	                   ? json_object_array_length(values)
	                   : 0;
	size_t i;

	parameter = find_parameter(builder->recording, name);
	if (parameter == NULL) {
		if (add_parameter(builder, name) != WW_OK)
			return;
		parameter = find_parameter(builder->recording, name);
	}
	for (i = 0; i < n; i++) {
		struct ww_value value;
		char buffer[64];

		if (ww_recorded_value_read(json_object_array_get_idx(values, i),
		                           &value, buffer))
			ww_recorded_value_index(parameter, &value, UINT32_MAX);
	}
}

static void
take_objective(struct ww_recording_builder *builder, struct json_object *value)
{
	char *name;

	if (json_object_is_type(value, json_type_array))
		value = json_object_array_get_idx(value, 0);
	if (!json_object_is_type(value, json_type_string))
		return;
	name = strdup(json_object_get_string(value));
	if (name == NULL)
		return;
	free(builder->objective);
	builder->objective = name;
}

static void
take_text(char **text, struct json_object *value)
{
	char *copy = json_object_is_type(value, json_type_string)
	                     ? strdup(json_object_get_string(value))
	                     : NULL;

	if (copy == NULL)
		return;
	free(*text);
	*text = copy;
}

void
ww_recording_header(struct ww_recording_builder *builder, const char *key,
                    struct json_object *value)
{
	if (strcmp(key, "device_name") == 0)
		take_text(&builder->recording->device, value);
	else if (strcmp(key, "kernel_name") == 0)
		take_text(&builder->recording->kernel, value);
	else if (strcmp(key, "objective") == 0)
		take_objective(builder, value);
	else if (strcmp(key, "tune_params_keys") == 0)
		take_keys(builder, value);
	else if (strcmp(key, "tune_params") == 0 &&
	         json_object_is_type(value, json_type_object)) {
		builder->fixed_order = 1;
		json_object_object_foreach(value, name, values)
			take_values(builder, name, values);
	}
}

void
ww_recording_derive(struct ww_recording_builder *builder,
                    struct json_object *configuration)
{
	json_object_object_foreach(configuration, name, value) {
		(void)value;
		add_parameter(builder, name);
	}
}

/* ------------------------------------------------------------------- order */

/* Sorts a parameter's values by number and writes the new index of every old
 * one into `moved`. A few dozen values at most: insertion is quick enough. */
static void
sort_values(struct ww_recorded_parameter *parameter, uint32_t *moved,
            uint32_t *order)
{
	struct ww_value *values = parameter->values;
	uint32_t i, k;

	for (i = 0; i < parameter->n_values; i++) {
		struct ww_value value = values[i];

		for (k = i; k > 0 && values[k - 1].number > value.number; k--) {
			values[k] = values[k - 1];
			order[k] = order[k - 1];
		}
		values[k] = value;
		order[k] = i;
	}
	for (i = 0; i < parameter->n_values; i++)
		moved[order[i]] = i;
}

static ww_status
sort_parameter(struct ww_recording *recording, uint32_t at)
{
	struct ww_recorded_parameter *parameter = &recording->parameters[at];
	uint32_t n = parameter->n_values;
	uint32_t *moved = malloc(2 * (n + (size_t)1) * sizeof *moved);
	uint64_t i;

	if (moved == NULL)
		return WW_E_NO_MEMORY;
	sort_values(parameter, moved, moved + n);
	for (i = 0; i < recording->n_entries; i++) {
		uint32_t *cell =
			&recording->rows[i * recording->n_parameters + at];

		*cell = moved[*cell];
	}
	free(moved);
	return WW_OK;
}

ww_status
ww_recording_finish(struct ww_recording_builder *builder)
{
	struct ww_recording *recording = builder->recording;
	ww_status status = WW_OK;
	uint32_t i;

	for (i = 0; i < recording->n_parameters && status == WW_OK; i++)
		if (!builder->fixed_order && !recording->parameters[i].is_text)
			status = sort_parameter(recording, i);
	if (status == WW_OK)
		status = ww_recording_index_build(recording);
	if (status != WW_OK)
		return ww_recording_fault(builder, status, "out of memory");
	return WW_OK;
}
