/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/engine/lane_worker.h"
#include "core/measure/objective.h"

static struct json_object *
frame_new(const char *type)
{
	struct json_object *frame = json_object_new_object();

	ww_json_put_string(frame, "type", type);
	return frame;
}

static struct json_object *
row_json(const uint32_t *indices, uint32_t n)
{
	struct json_object *row = json_object_new_array();
	uint32_t i;

	for (i = 0; i < n; i++)
		json_object_array_add(row, json_object_new_int64(indices[i]));
	return row;
}

struct json_object *
ww_frame_open(struct ww_process_lanes *owner, const char *device,
              struct ww_error *error)
{
	const struct ww_process_setup *setup = &owner->setup;
	struct json_object *frame;
	bool cache = ww_setting_bool(setup->settings, "parallel.artifact_cache");

	if (ww_launch_open_frame(setup->settings, setup->registry,
	                         setup->backend,
	                         device != NULL ? "device" : "compile",
	                         setup->task, &frame,
	                         error) != WW_OK)
		return NULL;
	ww_json_put_string(frame, "task_path", setup->task->path);
	ww_json_put_string(frame, "task_text", setup->task->text);
	ww_json_put_string(frame, "artifacts", setup->artifacts);
	ww_json_put_bool(frame, "cache", cache);
	ww_json_put_string(frame, "target", setup->task->target);
	ww_json_put_string(frame, "mode", owner->mode);
	ww_json_put_string(frame, "device", device);
	ww_json_put_int(frame, "seed", (int64_t)setup->seed);
	return frame;
}

struct json_object *
ww_frame_build(struct ww_process_lanes *owner, const uint32_t *indices)
{
	struct json_object *frame = frame_new("build");

	ww_json_put_int(frame, "id", (int64_t)++owner->n_orders);
	if (indices != NULL)
		json_object_object_add(
			frame, "indices",
			row_json(indices,
		                 owner->setup.task->space->view.n_slots));
	else
		ww_json_put_bool(frame, "reference", 1);
	/* A compile worker was started before a device said what it is. */
	ww_json_put_string(frame, "target", owner->target);
	ww_json_put_int(frame, "timeout_ms",
	                owner->compile_limit_ns / 1000000);
	return frame;
}

static struct json_object *
plan_json(const struct ww_measure_plan *plan)
{
	struct json_object *object = json_object_new_object();

	ww_json_put_number(object, "precision", plan->precision);
	ww_json_put_int(object, "min_samples", plan->min_samples);
	ww_json_put_int(object, "max_samples", plan->max_samples);
	ww_json_put_int(object, "budget_ns", plan->budget_ns);
	ww_json_put_number(object, "abandon_factor", plan->abandon_factor);
	ww_json_put_number(object, "incumbent_ms", plan->incumbent_ms);
	ww_json_put_bool(object, "cold", plan->cold);
	ww_json_put_bool(object, "verify", plan->verify);
	ww_json_put_string(object, "objective",
	                   ww_objective_name(plan->objective));
	return object;
}

struct json_object *
ww_frame_measure(struct ww_process_lanes *owner, const uint32_t *indices,
                 const char *artifact, const struct ww_measure_plan *plan)
{
	struct json_object *frame = frame_new("measure");

	ww_json_put_int(frame, "id", (int64_t)++owner->n_orders);
	json_object_object_add(
		frame, "indices",
		row_json(indices, owner->setup.task->space->view.n_slots));
	ww_json_put_string(frame, "artifact", artifact);
	json_object_object_add(frame, "plan", plan_json(plan));
	return frame;
}

struct json_object *
ww_frame_stage(const struct ww_process_lanes *owner)
{
	struct json_object *frame = frame_new("stage");

	ww_json_put_string(frame, "reference",
	                   owner->reference_hash[0] != '\0'
	                           ? owner->reference_hash
	                           : NULL);
	return frame;
}

struct json_object *
ww_frame_interleave(const struct ww_interleave *interleave)
{
	struct json_object *frame = frame_new("interleave");
	struct json_object *rows = json_object_new_array();
	struct json_object *artifacts = json_object_new_array();
	uint32_t i;

	for (i = 0; i < interleave->n; i++) {
		json_object_array_add(rows, row_json(interleave->rows[i],
		                                     interleave->n_slots));
		json_object_array_add(
			artifacts,
			json_object_new_string(interleave->artifacts[i]));
	}
	json_object_object_add(frame, "rows", rows);
	json_object_object_add(frame, "artifacts", artifacts);
	ww_json_put_int(frame, "budget_ns", interleave->budget_ns);
	ww_json_put_number(frame, "precision", interleave->precision);
	ww_json_put_bool(frame, "cold", interleave->cold);
	ww_json_put_string(frame, "objective",
	                   ww_objective_name(interleave->objective));
	ww_json_put_int(frame, "seed", (int64_t)interleave->seed);
	return frame;
}

/* ---------------------------------------------------------------- replies */

/* The members of an object as facts; names borrowed, the array to be freed. */
static struct ww_fact *
read_facts(struct json_object *object, uint64_t *n)
{
	struct ww_fact *facts;
	uint64_t used = 0;

	*n = 0;
	if (!json_object_is_type(object, json_type_object))
		return NULL;
	facts = ww_alloc(((size_t)json_object_object_length(object) + 1) *
	                 sizeof *facts);
	json_object_object_foreach(object, name, value) {
		if (!json_object_is_type(value, json_type_int) &&
		    !json_object_is_type(value, json_type_double))
			continue;
		facts[used].name = name;
		facts[used++].value = json_object_get_double(value);
	}
	*n = used;
	return facts;
}

static double *
read_samples(struct json_object *array, uint64_t *n)
{
	double *samples;
	size_t i;

	*n = 0;
	if (!json_object_is_type(array, json_type_array))
		return NULL;
	*n = json_object_array_length(array);
	samples = ww_alloc((*n + 1) * sizeof *samples);
	for (i = 0; i < *n; i++)
		samples[i] = json_object_get_double(
			json_object_array_get_idx(array, i));
	return samples;
}

void
ww_lane_report_built(struct ww_lane *lane, struct json_object *frame,
                     uint32_t outcome, const char *text)
{
	struct ww_lanes *lanes = &lane->owner->lanes;
	int64_t took_ns = ww_now_ns() - lane->sent_ns;
	uint64_t n_facts;
	struct ww_fact *facts = read_facts(ww_json_get(frame, "facts"),
	                                   &n_facts);
	struct ww_built built = {
		.job = lane->job,
		.outcome = outcome,
		.artifact = ww_json_string(frame, "artifact", ""),
		.facts = facts,
		.n_facts = n_facts,
		.text = text,
		.log = ww_json_string(frame, "log", ""),
		.compile_ns = ww_json_int(frame, "compile_ns", took_ns),
		.from_cache = ww_json_bool(frame, "from_cache", false),
	};

	if (!lane->dropped)
		lanes->events.built(lanes->events.context, &built);
	free(facts);
}

void
ww_lane_report_measured(struct ww_lane *lane, struct json_object *frame,
                        uint32_t outcome, const char *text)
{
	struct ww_lanes *lanes = &lane->owner->lanes;
	int64_t took_ns = ww_now_ns() - lane->sent_ns;
	uint64_t n_facts, n_samples;
	struct ww_fact *facts = read_facts(ww_json_get(frame, "facts"),
	                                   &n_facts);
	double *samples = read_samples(ww_json_get(frame, "samples_ms"),
	                               &n_samples);
	double factor = ww_calibrate_factor(lane);
	struct ww_measured measured = {
		.job = lane->job,
		.outcome = outcome,
		.median_ms = ww_json_number(frame, "median_ms", NAN) / factor,
		.low_ms = ww_json_number(frame, "ci_low_ms", NAN) / factor,
		.high_ms = ww_json_number(frame, "ci_high_ms", NAN) / factor,
		.samples_ms = samples,
		.n_samples = n_samples,
		.facts = facts,
		.n_facts = n_facts,
		.text = text,
		.device = lane->device,
		.measure_ns = ww_json_int(frame, "measure_ns", took_ns),
		.abandoned = ww_json_bool(frame, "abandoned", false),
	};

	/* The samples stay as they were measured; this leads from them to the
	 * median. */
	if (lanes->n_devices > 1 && frame != NULL) {
		facts = ww_grow(facts, (n_facts + 1) * sizeof *facts);
		facts[n_facts].name = "device_factor";
		facts[n_facts++].value = factor;
		measured.facts = facts;
		measured.n_facts = n_facts;
	}
	lane->owner->busy_ns += took_ns;
	if (outcome == WW_TRIAL_OK && ww_json_bool(frame, "unchecked", false))
		ww_process_unchecked(lane->owner);
	if (!lane->dropped)
		lanes->events.measured(lanes->events.context, &measured);
	free(facts);
	free(samples);
}
