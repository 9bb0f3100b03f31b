/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/cli/report.h"
#include "core/cli/session.h"
#include "core/cli/table.h"

/* Values of an objective other than time have names of their own, so that nobody
 * takes them for times. */
static void
put_interval(struct json_object *line, double value, double low, double high)
{
	bool is_time = strcmp(ww_show_unit(), "ms") == 0;

	ww_json_put_number(line, is_time ? "time_ms" : "value", value);
	ww_json_put_number(line, is_time ? "ci_low_ms" : "ci_low", low);
	ww_json_put_number(line, is_time ? "ci_high_ms" : "ci_high", high);
	if (!is_time)
		ww_json_put_string(line, "unit", ww_show_unit());
}

static struct json_object *
facts_json(const struct ww_trial *trial)
{
	struct json_object *facts = json_object_new_object();
	uint64_t i;

	for (i = 0; i < trial->n_facts; i++)
		ww_json_put_number(facts, trial->facts[i].name,
		                   trial->facts[i].value);
	return facts;
}

static void
put_samples(struct json_object *line, const struct ww_trial *trial)
{
	struct json_object *samples = json_object_new_array();
	uint64_t i;

	for (i = 0; i < trial->n_samples; i++)
		json_object_array_add(
			samples, ww_json_double(trial->samples_ms[i]));
	json_object_object_add(line, "samples_ms", samples);
}

/* Adopts `config`. */
static struct json_object *
trial_line(struct json_object *config, const struct ww_record *record)
{
	const struct ww_trial *trial = &record->trial;
	struct json_object *line = json_object_new_object();

	ww_json_put_string(line, "type", "trial");
	ww_json_put_int(line, "id", (int64_t)trial->id);
	ww_json_put_string(line, "status", ww_outcome_name(trial->outcome));
	json_object_object_add(line, "config", config);
	put_interval(line, trial->objective, trial->ci_low, trial->ci_high);
	ww_json_put_int(line, "samples", (int64_t)trial->n_samples);
	ww_json_put_string(line, "source", trial->source);
	ww_json_put_string(line, "family", trial->family);
	ww_json_put_int(line, "round", trial->round);
	ww_json_put_string(line, "reason", trial->reason);
	ww_json_put_string(line, "text", trial->text);
	ww_json_put_number(line, "compile_ms",
	                   (double)trial->compile_ns / 1e6);
	ww_json_put_number(line, "measure_ms",
	                   (double)trial->measure_ns / 1e6);
	ww_json_put_bool(line, "from_cache", record->from_cache);
	ww_json_put_bool(line, "abandoned", trial->abandoned != 0);
	ww_json_put_string(line, "device", record->device);
	json_object_object_add(line, "facts", facts_json(trial));
	return line;
}

struct json_object *
ww_record_json(const struct ww_task *task, const struct ww_record *record)
{
	return trial_line(ww_space_config(task->space, record->trial.indices),
	                  record);
}

struct json_object *
ww_trial_json(const char *config, const struct ww_record *record, int samples)
{
	struct json_object *value = NULL;
	struct json_object *line;

	ww_json_parse(config, strlen(config), "config", 0, &value, NULL);
	line = trial_line(value, record);
	if (samples) {
		put_samples(line, &record->trial);
		ww_json_put_string(line, "log", record->log);
	}
	return line;
}

struct json_object *
ww_call_json(const struct ww_model_call *call)
{
	struct json_object *line = json_object_new_object();

	ww_json_put_string(line, "type", "model_call");
	ww_json_put_int(line, "number", (int64_t)call->number);
	ww_json_put_int(line, "round", call->round);
	ww_json_put_string(line, "provider", call->provider);
	ww_json_put_string(line, "model", call->model);
	ww_json_put_string(line, "outcome", call->outcome);
	ww_json_put_string(line, "error", call->error);
	ww_json_put_int(line, "input_tokens", call->input_tokens);
	ww_json_put_int(line, "cached_tokens", call->cached_tokens);
	ww_json_put_int(line, "output_tokens", call->output_tokens);
	ww_json_put_int(line, "reasoning_tokens", call->reasoning_tokens);
	ww_json_put_number(line, "cost", call->cost);
	ww_json_put_number(line, "latency_ms", (double)call->latency_ns / 1e6);
	ww_json_put_int(line, "attempts", call->attempts);
	ww_json_put_int(line, "found", call->found);
	ww_json_put_int(line, "taken", call->taken);
	ww_json_put_int(line, "invalid", call->invalid);
	ww_json_put_int(line, "duplicate", call->duplicate);
	return line;
}

/* ------------------------------------------------------------------ result */

static struct json_object *
best_json(const struct ww_task *task, const struct ww_session_result *result)
{
	struct json_object *best;

	if (result->best == NULL)
		return NULL;
	best = json_object_new_object();
	ww_json_put_int(best, "id", (int64_t)result->best->trial.id);
	json_object_object_add(best, "config",
	                       ww_space_config(task->space,
	                                       result->best->trial.indices));
	put_interval(best, result->best_ms, result->best_low_ms,
	             result->best_high_ms);
	ww_json_put_string(best, "source", result->best->trial.source);
	ww_json_put_string(best, "family", result->best->trial.family);
	return best;
}

static void
put_finalists(struct json_object *line, const struct ww_task *task,
              const struct ww_session_result *result)
{
	struct json_object *finalists = json_object_new_array();
	struct json_object *ties = json_object_new_array();
	uint32_t i;

	for (i = 0; i < result->n_finalists; i++) {
		const struct ww_finalist *finalist = &result->finalists[i];
		const struct ww_trial *trial = &finalist->record->trial;
		struct json_object *row = json_object_new_object();

		ww_json_put_int(row, "id", (int64_t)trial->id);
		json_object_object_add(row, "config",
		                       ww_space_config(task->space,
		                                       trial->indices));
		put_interval(row, finalist->median_ms, finalist->ci_low_ms,
		             finalist->ci_high_ms);
		ww_json_put_int(row, "samples", (int64_t)finalist->n_samples);
		json_object_array_add(finalists, row);
		if (finalist->tied && finalist->record != result->best)
			json_object_array_add(
				ties, json_object_new_int64(
					      (int64_t)trial->id));
	}
	json_object_object_add(line, "finalists", finalists);
	json_object_object_add(line, "ties", ties);
}

static struct json_object *
failed_json(const struct ww_session_result *result)
{
	struct json_object *failed = json_object_new_object();
	uint32_t i;

	for (i = WW_TRIAL_OK + 1; i < WW_TRIAL_N_CLASSES; i++)
		if (result->failed[i] > 0)
			ww_json_put_int(failed, ww_outcome_name(i),
			                (int64_t)result->failed[i]);
	return failed;
}

static void
put_devices(struct json_object *line, const struct ww_session_result *result)
{
	struct json_object *devices = json_object_new_array();
	uint32_t i;

	for (i = 0; i < result->n_factors; i++) {
		const struct ww_device_factor *factor = &result->factors[i];
		struct json_object *row = json_object_new_object();

		ww_json_put_string(row, "id", factor->device);
		ww_json_put_number(row, "factor", factor->factor);
		ww_json_put_bool(row, "base", factor->base);
		ww_json_put_int(row, "calibrations",
		                factor->calibration.times);
		if (factor->calibration.times > 0)
			put_interval(row, factor->calibration.median,
			             factor->calibration.low,
			             factor->calibration.high);
		json_object_array_add(devices, row);
	}
	json_object_object_add(line, "devices", devices);
}

struct json_object *
ww_result_json(const struct ww_task *task,
               const struct ww_session_result *result)
{
	struct json_object *line = json_object_new_object();
	struct json_object *baseline = json_object_new_object();

	ww_json_put_string(line, "type", "result");
	ww_json_put_string(line, "session", result->id);
	json_object_object_add(line, "best", best_json(task, result));
	ww_json_put_number(baseline,
	                   strcmp(ww_show_unit(), "ms") == 0 ? "time_ms"
	                                                     : "value",
	                   result->baseline_ms);
	json_object_object_add(line, "default", baseline);
	ww_json_put_number(line, "speedup", result->speedup);
	ww_json_put_int(line, "trials", (int64_t)result->n_trials);
	json_object_object_add(line, "failed", failed_json(result));
	ww_json_put_int(line, "rounds", result->rounds);
	ww_json_put_int(line, "model_calls", result->model_calls);
	ww_json_put_int(line, "input_tokens", result->tokens.input);
	ww_json_put_int(line, "output_tokens", result->tokens.output);
	ww_json_put_bool(line, "tokens_estimated", result->tokens.estimated);
	ww_json_put_number(line, "cost", result->cost);
	ww_json_put_string(line, "stop", ww_stop_name(result->stop));
	ww_json_put_string(line, "strategy", result->strategy);
	ww_json_put_string(line, "fallback", result->fallback[0] != '\0'
	                                             ? result->fallback
	                                             : NULL);
	ww_json_put_string(line, "model_error",
	                   result->model_error[0] != '\0'
	                           ? result->model_error
	                           : NULL);
	put_finalists(line, task, result);
	if (result->n_factors > 0)
		put_devices(line, result);
	ww_json_put_number(line, "spread", result->spread);
	ww_json_put_bool(line, "disturbed", result->disturbed);
	ww_json_put_number(line, "load_average", result->load);
	ww_json_put_number(line, "seconds", result->seconds);
	ww_json_put_number(line, "idle_fraction", result->idle_fraction);
	ww_json_put_string(line, "analysis", result->analysis);
	return line;
}
