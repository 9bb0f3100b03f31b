/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/task/recording.h"

/* What the default configuration of a recording is: nobody wrote it down, so it
 * is the usable configuration that is nearest to "every parameter has its first
 * value", which is where a careful person would start. */
static uint64_t
choose_default(const struct ww_recording *recording)
{
	uint32_t n = recording->n_parameters;
	uint64_t best = 0;
	uint64_t least = UINT64_MAX;
	uint64_t i;
	uint32_t k;

	for (i = 0; i < recording->n_entries; i++) {
		const uint32_t *row = recording->rows + i * n;
		uint64_t steps = 0;

		if (recording->entries[i].outcome != WW_TRIAL_OK)
			continue;
		for (k = 0; k < n; k++)
			steps += row[k];
		if (steps < least) {
			least = steps;
			best = i;
		}
	}
	return best;
}

static bool
are_powers_of_two(const struct ww_recorded_parameter *parameter)
{
	uint32_t i;

	for (i = 0; i < parameter->n_values; i++) {
		int64_t value = parameter->values[i].integer;

		if (parameter->values[i].type != WW_VALUE_INT || value < 1 ||
		    (value & (value - 1)) != 0)
			return false;
	}
	return parameter->n_values > 2;
}

static const char *
type_of(const struct ww_recorded_parameter *parameter)
{
	if (parameter->is_text)
		return "enum";
	if (parameter->is_bool)
		return "bool";
	if (parameter->is_float)
		return "float";
	return are_powers_of_two(parameter) ? "power_of_two" : "int";
}

/* Values as they are searched: of one kind, with text where that is the kind. */
static void
fill_values(const struct ww_recorded_parameter *parameter, const char *type,
            struct ww_value *values)
{
	uint32_t i;

	for (i = 0; i < parameter->n_values; i++) {
		values[i] = parameter->values[i];
		values[i].name = NULL;
		if (strcmp(type, "enum") == 0)
			values[i].type = WW_VALUE_STRING;
		else if (strcmp(type, "float") == 0)
			values[i].type = WW_VALUE_FLOAT;
		else if (strcmp(type, "bool") == 0)
			values[i].type = WW_VALUE_BOOL;
		else
			values[i].type = WW_VALUE_INT;
		if (values[i].type != WW_VALUE_STRING &&
		    values[i].type != WW_VALUE_FLOAT)
			values[i].string = NULL;
	}
}

/* Replaces names and values by ones that say nothing but their order. */
static void
hide_values(struct ww_value *values, uint32_t n, char *names)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		char *name = names + (size_t)i * 16;

		if (values[i].type == WW_VALUE_STRING) {
			snprintf(name, 16, "v%u", i + 1);
			values[i].string = name;
		} else if (values[i].type != WW_VALUE_BOOL) {
			values[i].type = WW_VALUE_INT;
			values[i].integer = (int64_t)i + 1;
			values[i].number = (double)i + 1.0;
			values[i].string = NULL;
		}
	}
}

static ww_status
add_parameter(struct ww_space_builder *builder,
              const struct ww_recorded_parameter *parameter, uint32_t number,
              uint32_t chosen, bool anonymous, struct ww_error *error)
{
	struct ww_value *values =
		ww_alloc((parameter->n_values + (size_t)1) * sizeof *values);
	char *names = ww_alloc(((size_t)parameter->n_values + 1) * 16);
	char hidden[32];
	struct ww_parameter_spec spec = {
		.name = parameter->name,
		.type = type_of(parameter),
		.description = "",
		.tradeoff = "",
		.values = values,
		.n_values = parameter->n_values,
		.defaults = &chosen,
	};
	ww_status status;

	fill_values(parameter, spec.type, values);
	if (anonymous) {
		hide_values(values, parameter->n_values, names);
		if (values[0].type == WW_VALUE_INT)
			spec.type = "int";
		snprintf(hidden, sizeof hidden, "p%u", number + 1);
		spec.name = hidden;
	}
	status = ww_space_builder_parameter(builder, &spec, error);
	free(values);
	free(names);
	return status;
}

ww_status
ww_recording_space(const struct ww_recording *recording, bool anonymous,
                   struct ww_search_space **space, struct ww_error *error)
{
	struct ww_space_builder *builder = ww_space_builder_new();
	uint64_t chosen = choose_default(recording);
	const uint32_t *row = recording->rows + chosen * recording->n_parameters;
	ww_status status = WW_OK;
	uint32_t i;

	for (i = 0; i < recording->n_parameters && status == WW_OK; i++)
		status = add_parameter(builder, &recording->parameters[i], i,
		                       row[i], anonymous, error);
	if (status == WW_OK)
		status = ww_space_builder_rows(builder, recording->rows,
		                               recording->n_entries, error);
	if (status == WW_OK)
		return ww_space_build(builder, space, error);
	ww_space_builder_free(builder);
	return status;
}
