/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/engine/worker.h"
#include "core/measure/artifacts.h"
#include "core/measure/measure.h"
#include "core/measure/objective.h"

/* The device role: one attached device, one staged set of arguments. */
struct seat {
	struct ww_worker worker;
	const struct ww_device_ops *ops;
	void *device;
	void *bench;             /* staged arguments */
	struct ww_stage order;   /* what was staged; these three live with bench */
	struct ww_launch reference_launch;
	void *reference;         /* the reference's artifact */
	uint32_t *indices;       /* of the configuration at hand */
};

/* One configuration that is loaded. */
struct loaded {
	void *handle;
	void *artifact; /* lives as long as the handle */
};

/* ------------------------------------------------------------------- device */

/* The listed device of this id, or the first one; null if there is none. */
static struct json_object *
choose(struct json_object *devices, const char *id)
{
	size_t i;

	for (i = 0; i < json_object_array_length(devices); i++) {
		struct json_object *device =
			json_object_array_get_idx(devices, i);

		if (id == NULL ||
		    strcmp(ww_json_string(device, "id", ""), id) == 0)
			return device;
	}
	return NULL;
}

struct name {
	struct ww_text_sink face; /* first member */
	char text[256];
};

static ww_status
take_name(struct ww_text_sink *self, const char *bytes, uint64_t length)
{
	struct name *name = (struct name *)self;

	ww_text_clean(name->text, sizeof name->text, bytes, length);
	return WW_OK;
}

static ww_status
attach(struct seat *seat, const char *id, char *target, size_t size,
       struct ww_error *error)
{
	struct name name = {
		.face = { .size = sizeof name.face, .write = take_name },
	};
	struct ww_call_frame frame;
	ww_status status;

	ww_call_start(&frame, NULL, INT64_MAX);
	status = seat->ops->attach(&frame.call, seat->worker.self, id,
	                           &seat->device);
	status = ww_call_finish(&frame, status, error);
	if (status != WW_OK)
		return status;
	ww_call_start(&frame, NULL, INT64_MAX);
	status = seat->ops->target(&frame.call, seat->device, &name.face);
	ww_text_clean(target, size, name.text, strlen(name.text));
	return ww_call_finish(&frame, status, error);
}

/* Attaches to the wanted device and says so. */
static ww_status
take_device(struct seat *seat, struct ww_error *error)
{
	const char *wanted = ww_json_string(seat->worker.order, "device", NULL);
	struct json_object *devices, *device, *ready;
	char target[256];
	ww_status status = ww_worker_list(&seat->worker, &devices, error);

	if (status != WW_OK)
		return status;
	device = choose(devices, wanted);
	if (device == NULL)
		status = ww_error_set(error, WW_E_NO_DEVICE,
		                      "backend %s has no device%s%s",
		                      seat->worker.plugin->name,
		                      wanted != NULL ? " " : "",
		                      wanted != NULL ? wanted : "");
	else
		status = attach(seat, ww_json_string(device, "id", ""), target,
		                sizeof target, error);
	if (status == WW_OK) {
		/* In mode "none" this worker compiles, for its own device. */
		if (ww_json_string(seat->worker.order, "target", NULL) == NULL)
			ww_json_put_string(seat->worker.order, "target",
			                   target);
		ready = ww_frame_new("ready");
		json_object_object_add(ready, "device",
		                       json_object_get(device));
		ww_json_put_string(ready, "target", target);
		ww_worker_write(&seat->worker, ready);
	}
	json_object_put(devices);
	return status;
}

/* -------------------------------------------------------------------- stage */

static void
unstage(struct seat *seat)
{
	if (seat->bench != NULL)
		seat->ops->unstage(seat->bench);
	seat->bench = NULL;
	free(seat->reference);
	seat->reference = NULL;
}

/* Geometry and entry of the reference. */
static ww_status
describe_reference(struct seat *seat, struct ww_stage *stage,
                   struct ww_launch *launch, struct ww_error *error)
{
	const struct ww_task *task = seat->worker.task;

	stage->entry = task->kernel.entry;
	if (task->reference.kind == WW_TASK_REFERENCE_KERNEL) {
		stage->entry = task->reference.kernel.entry;
		*launch = task->reference.launch;
		return WW_OK;
	}
	if (task->reference.kind == WW_TASK_REFERENCE_CONFIG)
		return ww_task_launch(task, task->reference.indices, launch,
		                      error);
	return WW_OK;
}

static ww_status
stage(struct seat *seat, const char *reference, struct ww_error *error)
{
	const struct ww_task *task = seat->worker.task;
	struct ww_stage *order = &seat->order;
	struct ww_call_frame frame;
	size_t length = 0;
	ww_status status = WW_OK;

	unstage(seat);
	memset(&seat->reference_launch, 0, sizeof seat->reference_launch);
	seat->reference_launch.size = sizeof seat->reference_launch;
	*order = (struct ww_stage){
		.size = sizeof *order,
		.arguments = task->arguments,
		.n_arguments = task->n_arguments,
		.launch = &seat->reference_launch,
		.seed = task->seed,
	};
	if (reference != NULL) {
		order->reference = WW_REFERENCE_ARTIFACT;
		status = ww_artifact_get(seat->worker.artifacts, reference,
		                         &seat->reference, &length, error);
	} else if (task->reference.kind == WW_TASK_REFERENCE_FILES) {
		order->reference = WW_REFERENCE_FILES;
	}
	if (status == WW_OK)
		status = describe_reference(seat, order,
		                            &seat->reference_launch, error);
	if (status != WW_OK)
		return status;
	order->artifact = seat->reference;
	order->artifact_length = length;
	ww_call_start(&frame, NULL, INT64_MAX);
	status = seat->ops->stage(&frame.call, seat->device, order,
	                          &seat->bench);
	return ww_call_finish(&frame, status, error);
}

static void
on_stage(struct seat *seat, struct json_object *frame)
{
	int64_t start_ns = ww_now_ns();
	struct json_object *answer;
	struct ww_error error;

	if (stage(seat, ww_json_string(frame, "reference", NULL), &error) !=
	    WW_OK) {
		ww_worker_write_failed(&seat->worker, &error);
		return;
	}
	answer = ww_frame_new("staged");
	ww_json_put_int(answer, "ns", ww_now_ns() - start_ns);
	ww_worker_write(&seat->worker, answer);
}

/* ------------------------------------------------------------------ loading */

/* Facts that are known only once a kernel is loaded. */
struct facts {
	struct ww_build_sink face; /* first member */
	struct json_object *object;
};

static void
take_fact(struct ww_build_sink *self, const char *name, double value)
{
	struct facts *facts = (struct facts *)self;

	if (facts->object != NULL)
		ww_json_put_number(facts->object, name, value);
}

static ww_status
load(struct seat *seat, struct json_object *row, const char *artifact,
     struct json_object *known, struct loaded *loaded, struct ww_error *error)
{
	struct facts facts = {
		.face = { .size = sizeof facts.face, .fact = take_fact },
		.object = known,
	};
	struct ww_launch launch = { .size = sizeof launch };
	struct ww_load order = {
		.size = sizeof order,
		.entry = seat->worker.task->kernel.entry,
		.launch = &launch,
	};
	struct ww_call_frame frame;
	size_t length;
	ww_status status;

	if (seat->bench == NULL)
		return ww_error_set(error, WW_E_STATE,
		                    "nothing is staged to measure with");
	if (!ww_worker_indices(&seat->worker, row, seat->indices))
		return ww_error_set(error, WW_E_INVALID,
		                    "the frame holds no configuration");
	status = ww_task_launch(seat->worker.task, seat->indices, &launch,
	                        error);
	if (status == WW_OK)
		status = ww_artifact_get(seat->worker.artifacts, artifact,
		                         &loaded->artifact, &length, error);
	if (status != WW_OK)
		return status;
	order.artifact = loaded->artifact;
	order.artifact_length = length;
	ww_call_start(&frame, NULL, INT64_MAX);
	status = seat->ops->load(&frame.call, seat->bench, &order, &facts.face,
	                         &loaded->handle);
	return ww_call_finish(&frame, status, error);
}

static void
unload(struct seat *seat, struct loaded *loaded)
{
	if (loaded->handle != NULL)
		seat->ops->unload(loaded->handle);
	free(loaded->artifact);
	*loaded = (struct loaded){ 0 };
}

/* ---------------------------------------------------------------- measuring */

static void
read_plan(struct json_object *object, struct ww_measure_plan *plan)
{
	int64_t minimum, maximum;

	ww_measure_plan_default(plan);
	minimum = ww_json_int(object, "min_samples", plan->min_samples);
	maximum = ww_json_int(object, "max_samples", plan->max_samples);
	plan->precision = ww_json_number(object, "precision", plan->precision);
	plan->min_samples = (uint32_t)(minimum > 0 ? minimum : 1);
	plan->max_samples = (uint32_t)(maximum > 0 ? maximum : 1);
	plan->budget_ns = ww_json_int(object, "budget_ns", plan->budget_ns);
	plan->abandon_factor = ww_json_number(object, "abandon_factor",
	                                      plan->abandon_factor);
	plan->incumbent_ms = ww_json_number(object, "incumbent_ms", NAN);
	plan->cold = ww_json_bool(object, "cold", plan->cold);
	plan->verify = ww_json_bool(object, "verify", plan->verify);
	plan->objective = ww_objective_parse(
		ww_json_string(object, "objective", "time"));
}

static struct json_object *
samples_json(const double *samples, uint64_t n)
{
	struct json_object *array = json_object_new_array();
	uint64_t i;

	for (i = 0; i < n; i++)
		json_object_array_add(array,
		                      ww_json_double(samples[i]));
	return array;
}

static struct json_object *
verdict_json(const struct ww_verdict *verdict)
{
	struct json_object *object = json_object_new_object();

	ww_json_put_bool(object, "compared", verdict->compared != 0);
	ww_json_put_int(object, "n_wrong", (int64_t)verdict->n_wrong);
	ww_json_put_int(object, "worst_index", (int64_t)verdict->worst_index);
	ww_json_put_number(object, "worst_difference",
	                   verdict->worst_difference);
	ww_json_put_number(object, "got", verdict->got);
	ww_json_put_number(object, "want", verdict->want);
	ww_json_put_string(object, "argument", verdict->argument);
	return object;
}

static void
write_measured(struct seat *seat, struct json_object *frame,
               const struct ww_measurement *measurement, bool verify,
               struct json_object *facts, int64_t measure_ns)
{
	struct json_object *answer = ww_frame_new("measured");
	/* A good one, too, may have left something behind. */
	uint32_t health = seat->ops->health(seat->device);

	ww_json_put_int(answer, "id", ww_json_int(frame, "id", 0));
	ww_json_put_string(answer, "outcome",
	                   ww_outcome_name(measurement->outcome));
	ww_json_put_number(answer, "median_ms", measurement->median_ms);
	ww_json_put_number(answer, "ci_low_ms", measurement->ci_low_ms);
	ww_json_put_number(answer, "ci_high_ms", measurement->ci_high_ms);
	json_object_object_add(answer, "samples_ms",
	                       samples_json(measurement->samples_ms,
	                                    measurement->n_samples));
	ww_json_put_int(answer, "repeats", measurement->repeats);
	ww_json_put_bool(answer, "abandoned", measurement->abandoned);
	json_object_object_add(answer, "facts", facts);
	ww_json_put_string(answer, "text", measurement->text);
	json_object_object_add(answer, "verdict",
	                       verdict_json(&measurement->verdict));
	ww_json_put_bool(answer, "unchecked",
	                 verify && !measurement->verdict.compared);
	ww_json_put_int(answer, "measure_ns", measure_ns);
	ww_json_put_int(answer, "health", health);
	ww_worker_write(&seat->worker, answer);
}

/* What else is known of a configuration that was measured. */
static void
add_means(const struct ww_measurement *measurement, struct json_object *facts)
{
	if (isnan(measurement->energy_mj))
		return;
	ww_json_put_number(facts, "energy_mj", measurement->energy_mj);
	ww_json_put_number(facts, "power_w", measurement->power_w);
	ww_json_put_number(facts, "time_ms", measurement->time_ms);
}

/* The device at the end of the measurement. */
static void
observe(struct seat *seat, struct json_object *known)
{
	struct facts facts = {
		.face = { .size = sizeof facts.face, .fact = take_fact },
		.object = known,
	};

	if (WW_HAS(struct ww_device_ops, seat->ops, observe))
		seat->ops->observe(seat->device, &facts.face);
}

static void
on_measure(struct seat *seat, struct json_object *frame)
{
	int64_t start_ns = ww_now_ns();
	struct json_object *facts = json_object_new_object();
	struct ww_measurement measurement = { 0 };
	struct ww_measure_plan plan;
	struct loaded loaded = { 0 };
	struct ww_error error;
	ww_status status = load(seat, ww_json_get(frame, "indices"),
	                        ww_json_string(frame, "artifact", ""), facts,
	                        &loaded, &error);

	read_plan(ww_json_get(frame, "plan"), &plan);
	if (status == WW_OK) {
		ww_measure(seat->ops, loaded.handle, &plan, NULL, &measurement);
		if (measurement.outcome == WW_TRIAL_OK)
			observe(seat, facts);
		add_means(&measurement, facts);
	} else {
		ww_measurement_clear(&measurement);
		measurement.status = status;
		measurement.outcome = ww_measure_outcome(status);
		ww_text_first_line(measurement.text, sizeof measurement.text,
		                   error.text);
	}
	unload(seat, &loaded);
	write_measured(seat, frame, &measurement, plan.verify, facts,
	               ww_now_ns() - start_ns);
	ww_measurement_clear(&measurement);
}

/* ------------------------------------------------------------- interleaving */

static void
write_interleaved(struct seat *seat, double **samples, const uint64_t *counts,
                  size_t n)
{
	struct json_object *answer = ww_frame_new("interleaved");
	struct json_object *rows = json_object_new_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_object_array_add(rows,
		                      samples_json(samples[i], counts[i]));
	json_object_object_add(answer, "values", rows);
	ww_worker_write(&seat->worker, answer);
}

static void
interleave(struct seat *seat, struct json_object *frame,
           const struct loaded *loaded, size_t n)
{
	void **handles = ww_alloc((n + 1) * sizeof *handles);
	double **samples = ww_alloc((n + 1) * sizeof *samples);
	uint64_t *counts = ww_alloc((n + 1) * sizeof *counts);
	const struct ww_contest contest = {
		.ops = seat->ops,
		.loaded = handles,
		.n = (uint32_t)n,
		.cold = ww_json_bool(frame, "cold", true),
		.objective = ww_objective_parse(
			ww_json_string(frame, "objective", "time")),
		.budget_ns = ww_json_int(frame, "budget_ns",
		                         INT64_C(5000000000)),
		.precision = ww_json_number(frame, "precision", 0.01),
		.seed = (uint64_t)ww_json_int(frame, "seed", 1),
	};
	size_t i;

	for (i = 0; i < n; i++)
		handles[i] = loaded[i].handle;
	ww_measure_interleaved(&contest, samples, counts);
	write_interleaved(seat, samples, counts, n);
	for (i = 0; i < n; i++)
		free(samples[i]);
	free(handles);
	free(samples);
	free(counts);
}

static void
on_interleave(struct seat *seat, struct json_object *frame)
{
	struct json_object *rows = ww_json_get(frame, "rows");
	struct json_object *names = ww_json_get(frame, "artifacts");
	bool fits = json_object_is_type(rows, json_type_array) &&
	            json_object_is_type(names, json_type_array) &&
	            json_object_array_length(rows) ==
	                    json_object_array_length(names);
	size_t n = fits ? json_object_array_length(rows) : 0;
	struct loaded *loaded = ww_alloc((n + 1) * sizeof *loaded);
	struct ww_error error;
	ww_status status = WW_OK;
	size_t i;

	if (!fits)
		status = ww_error_set(&error, WW_E_FORMAT,
		                      "rows and artifacts do not match");
	for (i = 0; i < n && status == WW_OK; i++) {
		const char *name = json_object_get_string(
			json_object_array_get_idx(names, i));

		status = load(seat, json_object_array_get_idx(rows, i),
		              name != NULL ? name : "", NULL, &loaded[i],
		              &error);
	}
	if (status == WW_OK)
		interleave(seat, frame, loaded, n);
	else
		ww_worker_write_failed(&seat->worker, &error);
	for (i = 0; i < n; i++)
		unload(seat, &loaded[i]);
	free(loaded);
}

/* ----------------------------------------------------------------- the role */

static void
on_list(struct seat *seat)
{
	struct json_object *devices, *answer;
	struct ww_error error;

	if (ww_worker_list(&seat->worker, &devices, &error) != WW_OK) {
		ww_worker_write_failed(&seat->worker, &error);
		return;
	}
	answer = ww_frame_new("devices");
	json_object_object_add(answer, "devices", devices);
	ww_worker_write(&seat->worker, answer);
}

/* In mode `none` this process compiles as well; the compile half opens with
 * the first build. */
static void
on_build(struct seat *seat, struct json_object *frame)
{
	struct ww_worker *worker = &seat->worker;
	struct ww_error error;

	if (worker->unit == NULL &&
	    ww_worker_prepare(worker, &error) != WW_OK)
		ww_worker_write_failed(worker, &error);
	else
		ww_worker_write(worker,
		                ww_worker_build(worker, frame, INT64_MAX));
}

static void
on_frame(struct seat *seat, struct json_object *frame)
{
	const char *type = ww_json_string(frame, "type", "");
	struct ww_error error;

	if (strcmp(type, "list") == 0) {
		on_list(seat);
	} else if (seat->worker.task == NULL) {
		ww_error_set(&error, WW_E_STATE,
		             "without a task a device worker can only list");
		ww_worker_write_failed(&seat->worker, &error);
	} else if (strcmp(type, "measure") == 0) {
		on_measure(seat, frame);
	} else if (strcmp(type, "build") == 0) {
		on_build(seat, frame);
	} else if (strcmp(type, "stage") == 0) {
		on_stage(seat, frame);
	} else if (strcmp(type, "interleave") == 0) {
		on_interleave(seat, frame);
	} else {
		ww_error_set(&error, WW_E_STATE,
		             "a device worker takes no '%s' frame", type);
		ww_worker_write_failed(&seat->worker, &error);
	}
}

static ww_status
open_seat(struct seat *seat, struct ww_error *error)
{
	ww_status status = ww_worker_open(&seat->worker, error);

	if (status != WW_OK)
		return status;
	seat->ops = seat->worker.ops->device;
	if (seat->ops == NULL)
		return ww_error_set(error, WW_E_UNSUPPORTED,
		                    "backend %s drives no device",
		                    seat->worker.plugin->name);
	if (seat->worker.task == NULL) {
		ww_worker_write(&seat->worker, ww_frame_new("ready"));
		return WW_OK;
	}
	seat->indices = ww_alloc(
		(seat->worker.task->space->view.n_slots + 1) *
		sizeof *seat->indices);
	return take_device(seat, error);
}

int
ww_worker_device(void)
{
	struct seat seat = { 0 };
	struct ww_error error = { 0 };
	struct json_object *frame;
	ww_status status;

	ww_worker_detach(&seat.worker);
	status = open_seat(&seat, &error);
	if (status < 0)
		ww_worker_write_failed(&seat.worker, &error);
	while (status == WW_OK &&
	       (frame = ww_worker_read(&seat.worker)) != NULL) {
		on_frame(&seat, frame);
		json_object_put(frame);
	}
	unstage(&seat);
	if (seat.device != NULL)
		seat.ops->detach(seat.device);
	free(seat.indices);
	ww_worker_close(&seat.worker);
	return status < 0 ? 1 : 0;
}
