/* SPDX-License-Identifier: MIT */
#include "core/engine/lane_process.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/processors.h"
#include "core/base/text.h"
#include "core/engine/lane_worker.h"

#define TICK_MS 100
#define FORK_GRACE_NS (INT64_C(5) * 1000000000)
#define LEAVE_NS (INT64_C(2) * 1000000000)

static struct ww_process_lanes *
owner_of(struct ww_lanes *lanes)
{
	return (struct ww_process_lanes *)lanes;
}

static const struct ww_process_lanes *
owner_view(const struct ww_lanes *lanes)
{
	return (const struct ww_process_lanes *)lanes;
}

/* --------------------------------------------------------------- reactions */

void
ww_process_fail(struct ww_process_lanes *owner, ww_status status,
                const char *format, ...)
{
	char text[WW_ERROR_TEXT];
	va_list args;

	if (owner->failed.status != WW_OK)
		return; /* the first cause counts */
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	ww_error_set(&owner->failed, status, "%s", text);
}

void
ww_process_device_ready(struct ww_process_lanes *owner,
                        struct json_object *frame)
{
	const char *target = ww_json_string(frame, "target", NULL);
	uint32_t i;

	if (owner->device != NULL)
		return;
	owner->device = json_object_get(ww_json_get(frame, "device"));
	owner->shares_cpu = ww_device_shares_cpu(owner->setup.backend,
	                                         owner->device);
	if (target != NULL && target[0] != '\0')
		owner->target = ww_copy(target);
	for (i = 0; i < owner->n_compilers; i++)
		ww_lane_offer_reference(&owner->compile[i]);
}

void
ww_process_reference_built(struct ww_process_lanes *owner, const char *hash)
{
	uint32_t i;

	snprintf(owner->reference_hash, sizeof owner->reference_hash, "%s",
	         hash);
	owner->reference = WW_REFERENCE_READY;
	for (i = 0; i < owner->lanes.n_devices; i++) {
		struct ww_lane *lane = &owner->devices[i];

		if (lane->phase != WW_PHASE_WAITING)
			continue;
		lane->phase = WW_PHASE_STAGING;
		ww_child_send(lane->child, ww_frame_stage(owner));
		ww_child_limit(lane->child, INT64_C(120) * 1000000000);
	}
}

void
ww_process_unchecked(struct ww_process_lanes *owner)
{
	const struct ww_task *task = owner->setup.task;
	char text[512];

	if (owner->unchecked || owner->setup.warning == NULL)
		return;
	owner->unchecked = true;
	snprintf(text, sizeof text,
	         "nothing tells right results from wrong ones, so a wrong "
	         "configuration may win: %s",
	         task->reference.kind == WW_TASK_REFERENCE_NONE
	                 ? "the task has no \"reference\""
	                 : "no output was compared with the reference");
	owner->setup.warning(owner->setup.context, text);
}

void
ww_process_lost(struct ww_process_lanes *owner, struct ww_lane *lane)
{
	bool device = lane->device != NULL;
	struct ww_lane *lanes = device ? owner->devices : owner->compile;
	uint32_t n = device ? owner->lanes.n_devices : owner->n_compilers;
	char text[1700];
	uint32_t i;

	lane->phase = WW_PHASE_GONE;
	if (lane->order != NULL && lane->kind == WW_JOB_BUILD)
		ww_lane_report_built(lane, NULL, WW_TRIAL_INTERNAL, lane->why);
	else if (lane->order != NULL && lane->kind == WW_JOB_MEASURE)
		ww_lane_report_measured(lane, NULL, WW_TRIAL_INTERNAL,
		                        lane->why);
	for (i = 0; i < n; i++)
		if (lanes[i].phase != WW_PHASE_GONE)
			break;
	if (i == n) {
		ww_process_fail(owner, lane->status, "%s", lane->why);
		return;
	}
	if (lane->kind == WW_JOB_REFERENCE) {
		owner->reference = WW_REFERENCE_WANTED;
		for (i = 0; i < n; i++)
			ww_lane_offer_reference(&lanes[i]);
	}
	snprintf(text, sizeof text, "%s is given up after 3 attempts: %s",
	         lane->label, lane->why);
	if (owner->setup.warning != NULL)
		owner->setup.warning(owner->setup.context, text);
}

/* --------------------------------------------------------------- the lanes */

static uint32_t
count_idle(const struct ww_lane *lanes, uint32_t n)
{
	uint32_t idle = 0;
	uint32_t i;

	for (i = 0; i < n; i++)
		idle += lanes[i].phase == WW_PHASE_IDLE &&
		        ww_child_running(lanes[i].child);
	return idle;
}

static struct ww_lane *
first_idle(struct ww_lane *lanes, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (lanes[i].phase == WW_PHASE_IDLE &&
		    ww_child_running(lanes[i].child))
			return &lanes[i];
	return NULL;
}

static uint32_t
compile_room(const struct ww_lanes *lanes)
{
	const struct ww_process_lanes *owner = owner_view(lanes);

	if (owner->n_compilers == 0)
		return count_idle(owner->devices, lanes->n_devices);
	return count_idle(owner->compile, owner->n_compilers);
}

static uint32_t
device_room(const struct ww_lanes *lanes)
{
	const struct ww_process_lanes *owner = owner_view(lanes);

	return owner->held ? 0 : ww_calibrate_room(owner);
}

static bool
times_now(const struct ww_lane *lane)
{
	return lane->phase == WW_PHASE_BUSY &&
	       (lane->kind == WW_JOB_MEASURE ||
	        lane->kind == WW_JOB_INTERLEAVE ||
	        lane->kind == WW_JOB_CALIBRATE);
}

static uint32_t
measuring(const struct ww_lanes *lanes)
{
	const struct ww_process_lanes *owner = owner_view(lanes);
	uint32_t n = 0;
	uint32_t i;

	for (i = 0; i < lanes->n_devices; i++)
		n += times_now(&owner->devices[i]);
	return n;
}

void
ww_process_pause(struct ww_process_lanes *owner)
{
	bool paused = owner->shares_cpu && measuring(&owner->lanes) > 0;
	uint32_t i;

	if (paused == owner->paused)
		return;
	owner->paused = paused;
	for (i = 0; i < owner->n_compilers; i++)
		ww_child_pause(owner->compile[i].child, paused);
}

static void
build(struct ww_lanes *lanes, void *job, const uint32_t *indices)
{
	struct ww_process_lanes *owner = owner_of(lanes);
	struct ww_lane *lane = owner->n_compilers > 0
	                               ? first_idle(owner->compile,
	                                            owner->n_compilers)
	                               : first_idle(owner->devices,
	                                            lanes->n_devices);
	int64_t limit_ns = owner->compile_limit_ns;

	/* In mode `fork` the worker itself ends its child in time. */
	if (strcmp(owner->mode, "fork") == 0)
		limit_ns += FORK_GRACE_NS;
	ww_lane_give(lane, WW_JOB_BUILD, job, ww_frame_build(owner, indices),
	             limit_ns);
}

static void
measure(struct ww_lanes *lanes, void *job, const uint32_t *indices,
        const char *artifact, const struct ww_measure_plan *plan)
{
	struct ww_process_lanes *owner = owner_of(lanes);
	struct ww_lane *lane = ww_calibrate_free(owner);
	struct ww_measure_plan own = *plan;

	own.incumbent_ms *= ww_calibrate_factor(lane);
	if (owner->first_ns == 0)
		owner->first_ns = ww_now_ns();
	if (owner->shares_cpu && !owner->paused) {
		uint32_t i;

		owner->paused = true;
		for (i = 0; i < owner->n_compilers; i++)
			ww_child_pause(owner->compile[i].child, true);
	}
	ww_lane_give(lane, WW_JOB_MEASURE, job,
	             ww_frame_measure(owner, indices, artifact, &own),
	             owner->run_limit_ns + plan->budget_ns);
}

static void
hold(struct ww_lanes *lanes, bool held)
{
	owner_of(lanes)->held = held;
}

static ww_status
step(struct ww_lanes *lanes, struct ww_error *error)
{
	struct ww_process_lanes *owner = owner_of(lanes);

	ww_process_pause(owner);
	if (owner->failed.status == WW_OK)
		uv_run(&owner->loop, UV_RUN_ONCE);
	if (owner->failed.status == WW_OK)
		return WW_OK;
	if (error != NULL)
		*error = owner->failed;
	return owner->failed.status;
}

static void
wake(struct ww_lanes *lanes)
{
	uv_async_send(&owner_of(lanes)->async);
}

static int64_t
now_ns(const struct ww_lanes *lanes)
{
	(void)lanes;
	return ww_now_ns();
}

/* Without the reference no device gets ready to time the finalists. */
static bool
builds_reference(const struct ww_process_lanes *owner, uint32_t i)
{
	if (owner->reference == WW_REFERENCE_WANTED)
		return i == 0;
	return owner->reference == WW_REFERENCE_BUILDING &&
	       owner->compile[i].kind == WW_JOB_REFERENCE;
}

static void
abandon(struct ww_lanes *lanes, bool all)
{
	struct ww_process_lanes *owner = owner_of(lanes);
	uint32_t i;

	for (i = 0; i < owner->n_compilers; i++)
		if (!builds_reference(owner, i))
			ww_lane_drop(&owner->compile[i], true);
	for (i = 0; i < lanes->n_devices; i++)
		if (owner->devices[i].kind == WW_JOB_BUILD ||
		    (all && owner->devices[i].kind == WW_JOB_MEASURE))
			ww_lane_drop(&owner->devices[i], false);
}

static double
idle_fraction(const struct ww_lanes *lanes)
{
	const struct ww_process_lanes *owner = owner_view(lanes);
	double span;

	if (owner->first_ns == 0)
		return 0;
	span = (double)(ww_now_ns() - owner->first_ns) * lanes->n_devices;
	return (double)owner->busy_ns < span
	               ? 1 - (double)owner->busy_ns / span
	               : 0;
}

/* -------------------------------------------------------------------- life */

static void
on_wake(uv_async_t *async)
{
	(void)async; /* ends uv_run(UV_RUN_ONCE) */
}

static void
on_tick(uv_timer_t *timer)
{
	(void)timer;
}

static uint32_t
compiler_count(const struct ww_settings *settings)
{
	int64_t n = ww_setting_int(settings, "parallel.compile_workers");

	if (!ww_setting_bool(settings, "parallel.use_parallel_benchmark"))
		return 1;
	if (n <= 0)
		n = ww_processors();
	return n > 256 ? 256 : (uint32_t)n;
}

static void
read_settings(struct ww_process_lanes *owner)
{
	const struct ww_settings *settings = owner->setup.settings;
	const char *mode = ww_setting_string(settings,
	                                     "parallel.precompile_mode");

	owner->mode = mode != NULL ? mode : "spawn";
	owner->n_compilers = strcmp(owner->mode, "none") == 0
	                             ? 0
	                             : compiler_count(settings);
	owner->compile_limit_ns = (int64_t)(
		ww_setting_number(settings, "parallel.compile_timeout") * 1e9);
	owner->run_limit_ns = (int64_t)(
		ww_setting_number(settings, "parallel.run_timeout") * 1e9);
	switch (owner->setup.task->reference.kind) {
	case WW_TASK_REFERENCE_KERNEL:
	case WW_TASK_REFERENCE_CONFIG:
		owner->reference = WW_REFERENCE_WANTED;
		break;
	default:
		owner->reference = WW_REFERENCE_READY;
	}
}

static void
make_lanes(struct ww_process_lanes *owner)
{
	uint32_t n = (uint32_t)owner->setup.devices->n;
	uint32_t i;

	owner->lanes.n_devices = n;
	owner->lanes.n_compile = owner->n_compilers > 0 ? owner->n_compilers
	                                                : n;
	owner->devices = ww_alloc(n * sizeof *owner->devices);
	owner->compile = ww_alloc((owner->n_compilers + 1) *
	                          sizeof *owner->compile);
	for (i = 0; i < n; i++)
		ww_lane_init(&owner->devices[i], owner,
		             owner->setup.devices->devices[i].id, i);
	for (i = 0; i < owner->n_compilers; i++)
		ww_lane_init(&owner->compile[i], owner, NULL, i);
}

/* Lets the workers leave by themselves, then ends what is left. */
static void
end_workers(struct ww_process_lanes *owner)
{
	int64_t end_ns = ww_now_ns() + LEAVE_NS;
	bool running = true;
	uint32_t i;

	owner->closing = true;
	for (i = 0; i < owner->n_compilers; i++)
		ww_child_finish(owner->compile[i].child);
	for (i = 0; i < owner->lanes.n_devices; i++)
		ww_child_finish(owner->devices[i].child);
	while (running && ww_now_ns() < end_ns) {
		running = false;
		for (i = 0; i < owner->n_compilers; i++)
			running |= ww_child_running(owner->compile[i].child);
		for (i = 0; i < owner->lanes.n_devices; i++)
			running |= ww_child_running(owner->devices[i].child);
		if (running)
			uv_run(&owner->loop, UV_RUN_ONCE);
	}
}

static void
free_lanes(struct ww_lanes *lanes)
{
	struct ww_process_lanes *owner = owner_of(lanes);
	uint32_t i;

	end_workers(owner);
	for (i = 0; i < owner->n_compilers; i++)
		ww_lane_free(&owner->compile[i]);
	for (i = 0; i < lanes->n_devices; i++)
		ww_lane_free(&owner->devices[i]);
	uv_close((uv_handle_t *)&owner->async, NULL);
	uv_close((uv_handle_t *)&owner->tick, NULL);
	uv_run(&owner->loop, UV_RUN_DEFAULT);
	uv_loop_close(&owner->loop);
	ww_launch_line_free(&owner->compile_line);
	ww_launch_line_free(&owner->device_line);
	json_object_put(owner->device);
	json_object_put(owner->interleaved);
	ww_launch_environment_free(&owner->environment);
	free(owner->target);
	free(owner->shared_indices);
	free(owner->compile);
	free(owner->devices);
	free(owner);
}

static const struct ww_lanes_ops process_ops = {
	.compile_room = compile_room,
	.device_room = device_room,
	.build = build,
	.measure = measure,
	.hold = hold,
	.step = step,
	.wake = wake,
	.now_ns = now_ns,
	.measuring = measuring,
	.abandon = abandon,
	.interleave = ww_lanes_interleave,
	.share = ww_lanes_share,
	.factors = ww_lanes_factors,
	.idle_fraction = idle_fraction,
	.free = free_lanes,
};

static ww_status
wait_for_first_device(struct ww_process_lanes *owner, struct ww_error *error)
{
	ww_status status = WW_OK;

	while (status == WW_OK && owner->device == NULL) {
		status = step(&owner->lanes, error);
		if (status == WW_OK && ww_cancel_requested(owner->setup.cancel))
			status = ww_error_set(error, WW_E_CANCELLED,
			                      "stopped while the workers were "
			                      "starting");
	}
	return status;
}

ww_status
ww_lanes_process(const struct ww_process_setup *setup, struct ww_lanes **lanes,
                 struct ww_error *error)
{
	struct ww_process_lanes *owner = ww_alloc(sizeof *owner);
	ww_status status;
	uint32_t i;

	owner->lanes.ops = &process_ops;
	owner->setup = *setup;
	uv_loop_init(&owner->loop);
	uv_async_init(&owner->loop, &owner->async, on_wake);
	uv_timer_init(&owner->loop, &owner->tick);
	uv_timer_start(&owner->tick, on_tick, TICK_MS, TICK_MS);
	ww_launch_line_make(&owner->compile_line, setup->settings, "compile");
	ww_launch_line_make(&owner->device_line, setup->settings, "device");
	ww_launch_environment_make(&owner->environment, setup->scratch);
	read_settings(owner);
	make_lanes(owner);
	for (i = 0; i < owner->lanes.n_devices; i++)
		ww_lane_start(&owner->devices[i]);
	/* They open their compiler while the device opens. */
	for (i = 0; i < owner->n_compilers; i++)
		ww_lane_start(&owner->compile[i]);
	status = wait_for_first_device(owner, error);
	if (status != WW_OK)
		free_lanes(&owner->lanes);
	else
		*lanes = &owner->lanes;
	return status;
}

struct json_object *
ww_lanes_device(const struct ww_lanes *lanes)
{
	return owner_view(lanes)->device;
}
