/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/text.h"
#include "core/store/export.h"

char *
ww_export_name(const struct ww_slot *slot)
{
	char *name = ww_copy(slot->name);
	char *c;

	for (c = name; *c != '\0'; c++)
		if (*c == '.')
			*c = '_';
	return name;
}

struct json_object *
ww_export_value(const struct ww_value *value)
{
	switch (value->type) {
	case WW_VALUE_INT:
		return json_object_new_int64(value->integer);
	case WW_VALUE_BOOL:
		return json_object_new_boolean(value->integer != 0);
	case WW_VALUE_FLOAT:
		return json_object_new_double(value->number);
	default:
		return json_object_new_string(value->string);
	}
}

struct json_object *
ww_export_config(const struct ww_search_space *space, const uint32_t *indices)
{
	struct json_object *config = json_object_new_object();
	uint32_t i;

	for (i = 0; i < space->view.n_slots; i++) {
		const struct ww_slot *slot = &space->view.slots[i];
		char *name = ww_export_name(slot);

		json_object_object_add(config, name,
		                       ww_export_value(
					       &slot->values[indices[i]]));
		free(name);
	}
	return config;
}

void
ww_export_timestamp(int64_t wall_ns, char *text, size_t size)
{
	time_t seconds = (time_t)(wall_ns / 1000000000);
	struct tm parts;
	size_t n;

	gmtime_r(&seconds, &parts);
	n = strftime(text, size, "%Y-%m-%d %H:%M:%S", &parts);
	snprintf(text + n, size - n, ".%06d+00:00",
	         (int)(wall_ns / 1000 % 1000000));
}

double
ww_export_ms(int64_t ns)
{
	return (double)ns / 1e6;
}

struct json_object *
ww_export_samples(const struct ww_trial *trial)
{
	struct json_object *samples = json_object_new_array();
	uint64_t i;

	for (i = 0; i < trial->n_samples; i++)
		json_object_array_add(
			samples, ww_json_double(trial->samples_ms[i]));
	return samples;
}
