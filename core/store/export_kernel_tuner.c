/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/measure/objective.h"
#include "core/store/export.h"

/* The format has no place for units, so the names of what is no time say them. */
static const char *const objective_keys[WW_N_OBJECTIVES] = {
	[WW_OBJECTIVE_TIME] = "time",
	[WW_OBJECTIVE_ENERGY] = "energy_mJ",
	[WW_OBJECTIVE_EDP] = "edp_mJ_ms",
};

static void
put_member(FILE *out, const char *key, struct json_object *value)
{
	struct json_object *name = json_object_new_string(key);

	fprintf(out, "%s: %s,\n", ww_json_text(name), ww_json_text(value));
	json_object_put(name);
	json_object_put(value);
}

static struct json_object *
parameter_names(const struct ww_search_space *space)
{
	struct json_object *names = json_object_new_array();
	uint32_t i;

	for (i = 0; i < space->view.n_slots; i++) {
		char *name = ww_export_name(&space->view.slots[i]);

		json_object_array_add(names, json_object_new_string(name));
		free(name);
	}
	return names;
}

static struct json_object *
parameter_values(const struct ww_search_space *space)
{
	struct json_object *all = json_object_new_object();
	uint32_t i, k;

	for (i = 0; i < space->view.n_slots; i++) {
		const struct ww_slot *slot = &space->view.slots[i];
		struct json_object *values = json_object_new_array();
		char *name = ww_export_name(slot);

		for (k = 0; k < slot->n_values; k++)
			json_object_array_add(values,
			                      ww_export_value(&slot->values[k]));
		json_object_object_add(all, name, values);
		free(name);
	}
	return all;
}

static struct json_object *
problem_size(const struct ww_task *task)
{
	struct json_object *sizes = json_object_new_array();
	uint32_t i;

	for (i = 0; i < task->n_sizes; i++)
		json_object_array_add(
			sizes,
			task->sizes[i].integral
				? json_object_new_int64(
					  (int64_t)task->sizes[i].value)
				: json_object_new_double(task->sizes[i].value));
	/* Kernel Tuner wants at least one number. */
	if (task->n_sizes == 0)
		json_object_array_add(sizes, json_object_new_int64(1));
	return sizes;
}

void
ww_export_cache_begin(FILE *out, const struct ww_task *task, const char *device,
                      uint32_t objective)
{
	const char *entry = task->kernel.entry;

	fputs("{\n", out);
	put_member(out, "device_name", json_object_new_string(device));
	put_member(out, "kernel_name",
	           json_object_new_string(entry != NULL && entry[0] != '\0'
	                                          ? entry
	                                          : task->name));
	put_member(out, "problem_size", problem_size(task));
	put_member(out, "tune_params_keys", parameter_names(task->space));
	put_member(out, "tune_params", parameter_values(task->space));
	put_member(out, "objective",
	           json_object_new_string(objective_keys[objective]));
	fputs("\"cache\": {", out);
}

/* Python's str() of a value: keys must equal what Kernel Tuner computes. */
static void
print_value(const struct ww_value *value, char *text, size_t size)
{
	int digits;

	switch (value->type) {
	case WW_VALUE_INT:
		snprintf(text, size, "%lld", (long long)value->integer);
		break;
	case WW_VALUE_BOOL:
		snprintf(text, size, "%s", value->integer ? "True" : "False");
		break;
	case WW_VALUE_FLOAT:
		if (value->number == floor(value->number) &&
		    fabs(value->number) < 1e16) {
			snprintf(text, size, "%.1f", value->number);
			break;
		}
		for (digits = 1; digits < 17; digits++) {
			snprintf(text, size, "%.*g", digits, value->number);
			if (strtod(text, NULL) == value->number)
				return;
		}
		snprintf(text, size, "%.17g", value->number);
		break;
	default:
		snprintf(text, size, "%s", value->string);
	}
}

static char *
make_key(const struct ww_search_space *space, const uint32_t *indices)
{
	char *key = ww_copy("");
	uint32_t i;

	for (i = 0; i < space->view.n_slots; i++) {
		char piece[512];
		char *longer;

		print_value(&space->view.slots[i].values[indices[i]], piece,
		            sizeof piece);
		longer = ww_text("%s%s%s", key, i > 0 ? "," : "", piece);
		free(key);
		key = longer;
	}
	return key;
}

/* The four words that Kernel Tuner knows. */
static const char *
failure_word(uint32_t outcome)
{
	switch (outcome) {
	case WW_TRIAL_CONSTRAINT:
		return "InvalidConfig";
	case WW_TRIAL_COMPILE_ERROR:
	case WW_TRIAL_COMPILER_CRASH:
	case WW_TRIAL_COMPILE_TIMEOUT:
		return "CompilationFailedConfig";
	default:
		return "RuntimeFailedConfig";
	}
}

static void
add_result(struct json_object *entry, const struct ww_trial *trial,
           uint32_t objective)
{
	const char *word;

	if (trial->outcome == WW_TRIAL_OK) {
		/* Its programs expect a time in every entry. */
		if (objective != WW_OBJECTIVE_TIME)
			ww_json_put_number(entry, "time",
			                   ww_trial_fact(trial, "time_ms"));
		ww_json_put_number(entry, objective_keys[objective],
		                   trial->objective);
		json_object_object_add(entry, "times",
		                       ww_export_samples(trial));
		return;
	}
	word = failure_word(trial->outcome);
	ww_json_put_string(entry, "time", word);
	ww_json_put_string(entry, "__error__", word);
	/* Its four words do not tell a time-out from a crash; these do. */
	ww_json_put_string(entry, "outcome", ww_outcome_name(trial->outcome));
	ww_json_put_string(entry, "cause", trial->text);
}

void
ww_export_cache_trial(FILE *out, const struct ww_search_space *space,
                      const struct ww_record *record, uint32_t objective,
                      bool first)
{
	const struct ww_trial *trial = &record->trial;
	struct json_object *entry = ww_export_config(space, trial->indices);
	char *key = make_key(space, trial->indices);
	struct json_object *name = json_object_new_string(key);
	char stamp[64];

	add_result(entry, trial, objective);
	ww_json_put_number(entry, "compile_time",
	                   ww_export_ms(trial->compile_ns));
	ww_json_put_number(entry, "verification_time", 0.0);
	ww_json_put_number(entry, "benchmark_time",
	                   ww_export_ms(trial->measure_ns));
	ww_json_put_number(entry, "strategy_time", 0.0);
	ww_json_put_number(entry, "framework_time", 0.0);
	ww_export_timestamp(record->finished_ns, stamp, sizeof stamp);
	ww_json_put_string(entry, "timestamp", stamp);
	fprintf(out, "%s\n%s: %s", first ? "" : ",", ww_json_text(name),
	        ww_json_text(entry));
	json_object_put(name);
	json_object_put(entry);
	free(key);
}

void
ww_export_cache_end(FILE *out)
{
	fputs("}\n}\n", out);
}
