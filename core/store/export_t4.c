/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/measure/objective.h"
#include "core/store/export.h"

void
ww_export_t4_begin(FILE *out)
{
	fputs("{\"schema_version\": \"1.0.0\",\n"
	      "\"metadata\": {\"timeunit\": \"milliseconds\"},\n"
	      "\"results\": [",
	      out);
}

/* T4's six words. */
static const char *
invalidity(uint32_t outcome)
{
	switch (outcome) {
	case WW_TRIAL_OK:
		return "correct";
	case WW_TRIAL_CONSTRAINT:
		return "constraints";
	case WW_TRIAL_COMPILE_ERROR:
	case WW_TRIAL_COMPILER_CRASH:
		return "compile";
	case WW_TRIAL_COMPILE_TIMEOUT:
	case WW_TRIAL_RUN_TIMEOUT:
		return "timeout";
	case WW_TRIAL_WRONG_RESULT:
		return "correctness";
	default:
		return "runtime";
	}
}

/* The schema names one key for the compile time and the programs that write T4
 * another; both are here, and the benchmark's time, which the schema forgot. */
static struct json_object *
times_of(const struct ww_trial *trial)
{
	struct json_object *times = json_object_new_object();
	double compile = ww_export_ms(trial->compile_ns);

	ww_json_put_number(times, "compilation_time", compile);
	ww_json_put_number(times, "compilation", compile);
	ww_json_put_number(times, "benchmark", ww_export_ms(trial->measure_ns));
	ww_json_put_number(times, "framework", 0.0);
	ww_json_put_number(times, "search_algorithm", 0.0);
	ww_json_put_number(times, "validation", 0.0);
	json_object_object_add(times, "runtimes", ww_export_samples(trial));
	return times;
}

static void
add_measurement(struct json_object *list, const char *name,
                struct json_object *value, const char *unit)
{
	struct json_object *one = json_object_new_object();

	ww_json_put_string(one, "name", name);
	json_object_object_add(one, "value", value);
	ww_json_put_string(one, "unit", unit);
	json_object_array_add(list, one);
}

static struct json_object *
measurements_of(const struct ww_trial *trial, uint32_t objective)
{
	struct json_object *list = json_object_new_array();
	uint64_t i;

	if (trial->outcome == WW_TRIAL_OK) {
		add_measurement(list, ww_objective_name(objective),
		                ww_json_double(trial->objective),
		                ww_objective_unit(objective));
	} else {
		add_measurement(list, "outcome",
		                json_object_new_string(
					ww_outcome_name(trial->outcome)),
		                "");
		add_measurement(list, "cause",
		                json_object_new_string(trial->text), "");
	}
	for (i = 0; i < trial->n_facts; i++)
		add_measurement(list, trial->facts[i].name,
		                ww_json_double(trial->facts[i].value),
		                "");
	return list;
}

void
ww_export_t4_trial(FILE *out, const struct ww_search_space *space,
                   const struct ww_record *record, uint32_t objective,
                   bool first)
{
	const struct ww_trial *trial = &record->trial;
	struct json_object *result = json_object_new_object();
	struct json_object *objectives = json_object_new_array();
	char stamp[64];

	ww_export_timestamp(record->finished_ns, stamp, sizeof stamp);
	ww_json_put_string(result, "timestamp", stamp);
	json_object_object_add(result, "configuration",
	                       ww_export_config(space, trial->indices));
	json_object_object_add(result, "times", times_of(trial));
	ww_json_put_string(result, "invalidity", invalidity(trial->outcome));
	ww_json_put_int(result, "correctness",
	                trial->outcome == WW_TRIAL_OK ? 1 : 0);
	json_object_object_add(result, "measurements", measurements_of(trial, objective));
	json_object_array_add(objectives, json_object_new_string(
						  ww_objective_name(objective)));
	json_object_object_add(result, "objectives", objectives);
	fprintf(out, "%s\n%s", first ? "" : ",", ww_json_text(result));
	json_object_put(result);
}

void
ww_export_t4_end(FILE *out)
{
	fputs("\n]}\n", out);
}
