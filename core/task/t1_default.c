/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/space/space.h"
#include "core/task/t1_internal.h"

/* Configurations looked at in search of a valid default. */
#define MOST_VISITS 200000

static void
read_value(struct json_object *json, struct ww_value *value)
{
	memset(value, 0, sizeof *value);
	value->number = json_object_get_double(json);
	value->integer = json_object_get_int64(json);
	value->string = json_object_get_string(json);
	switch (json_object_get_type(json)) {
	case json_type_int:
		value->type = WW_VALUE_INT;
		break;
	case json_type_double:
		value->type = WW_VALUE_FLOAT;
		break;
	case json_type_boolean:
		value->type = WW_VALUE_BOOL;
		break;
	default:
		value->type = WW_VALUE_STRING;
	}
}

static ww_status
add_parameter(struct ww_space_builder *builder, struct json_object *parameter,
              struct ww_error *error)
{
	struct json_object *list = ww_json_get(parameter, "values");
	struct json_object *fallback = ww_json_get(parameter, "default");
	size_t n = json_object_array_length(list);
	struct ww_value *values = ww_alloc(n * sizeof *values);
	uint32_t chosen = 0;
	struct ww_parameter_spec spec = {
		.name = ww_json_string(parameter, "name", ""),
		.type = ww_json_string(parameter, "type", ""),
		.description = "",
		.tradeoff = "",
		.values = values,
		.n_values = (uint32_t)n,
		.defaults = &chosen,
	};
	ww_status status;
	size_t i;

	for (i = 0; i < n; i++) {
		struct json_object *one = json_object_array_get_idx(list, i);

		read_value(one, &values[i]);
		if (json_object_equal(one, fallback))
			chosen = (uint32_t)i;
	}
	status = ww_space_builder_parameter(builder, &spec, error);
	free(values);
	return status;
}

static ww_status
build(struct ww_t1 *t1, struct ww_search_space **space)
{
	struct json_object *parameters = ww_json_get(t1->task, "parameters");
	struct json_object *rules = ww_json_get(t1->task, "constraints");
	struct ww_space_builder *builder = ww_space_builder_new();
	ww_status status = WW_OK;
	size_t i;

	json_object_object_foreach(ww_json_get(t1->task, "problem"), key, size) {
		bool integral = json_object_is_type(size, json_type_int);

		if (status == WW_OK)
			status = ww_space_builder_constant(
				builder, key, json_object_get_double(size),
				integral, t1->error);
	}
	for (i = 0; i < json_object_array_length(parameters); i++)
		if (status == WW_OK)
			status = add_parameter(
				builder,
				json_object_array_get_idx(parameters, i),
				t1->error);
	for (i = 0; i < json_object_array_length(rules); i++)
		if (status == WW_OK)
			status = ww_space_builder_constraint(
				builder,
				json_object_get_string(
					json_object_array_get_idx(rules, i)),
				"", t1->error);
	if (status == WW_OK)
		return ww_space_build(builder, space, t1->error);
	ww_space_builder_free(builder);
	return status;
}

/* The valid configuration that differs from the wanted one in the fewest
 * parameters, then by the fewest steps. */
struct closest {
	const struct ww_search_space *space;
	uint32_t *wanted;
	uint32_t *best;
	uint64_t distance;
	uint64_t visits;
};

static bool
consider(void *context, const uint32_t *indices)
{
	struct closest *closest = context;
	uint32_t n = closest->space->view.n_slots;
	uint64_t distance = 0;
	uint32_t i;

	for (i = 0; i < n; i++) {
		uint32_t a = indices[i], b = closest->wanted[i];

		if (a != b)
			distance += 1000000 + (a > b ? a - b : b - a);
	}
	if (distance < closest->distance) {
		closest->distance = distance;
		memcpy(closest->best, indices, n * sizeof *indices);
	}
	return ++closest->visits < MOST_VISITS;
}

static void
write_defaults(struct ww_t1 *t1, const struct closest *closest)
{
	struct json_object *parameters = ww_json_get(t1->task, "parameters");
	size_t i;

	for (i = 0; i < json_object_array_length(parameters); i++) {
		struct json_object *one =
			json_object_array_get_idx(parameters, i);
		struct json_object *value = json_object_array_get_idx(
			ww_json_get(one, "values"), closest->best[i]);

		json_object_object_add(one, "default", json_object_get(value));
	}
}

ww_status
ww_t1_mend_defaults(struct ww_t1 *t1)
{
	struct ww_search_space *space;
	struct closest closest = { .distance = UINT64_MAX };
	ww_status status = build(t1, &space);

	if (status != WW_OK)
		return ww_error_prefix(t1->error, "%s: ", t1->path);
	closest.space = space;
	closest.wanted = ww_alloc((space->view.n_slots + (size_t)1) *
	                          sizeof *closest.wanted);
	closest.best = ww_alloc((space->view.n_slots + (size_t)1) *
	                        sizeof *closest.best);
	ww_space_default(space, closest.wanted);
	if (!space->view.valid(&space->view, closest.wanted)) {
		ww_space_each(space, consider, &closest);
		if (closest.distance != UINT64_MAX)
			write_defaults(t1, &closest);
	}
	free(closest.wanted);
	free(closest.best);
	ww_space_free(space);
	return WW_OK;
}
