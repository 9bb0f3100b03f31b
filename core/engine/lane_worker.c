/* SPDX-License-Identifier: MIT */
#include "core/engine/lane_worker.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/text.h"

#define START_LIMIT_NS (INT64_C(120) * 1000000000)
#define FORK_GRACE_NS (INT64_C(5) * 1000000000)
/* A worker that could not be started this often in a row is given up. */
#define START_ATTEMPTS 3u

static bool
is_device(const struct ww_lane *lane)
{
	return lane->device != NULL;
}

/* ---------------------------------------------------------------- starting */

static void
on_retry(uv_timer_t *timer)
{
	ww_lane_start(timer->data);
}

static void
start_later(struct ww_lane *lane)
{
	uint64_t wait_ms = lane->failures == 0 ? 0
	                                       : UINT64_C(100) << lane->failures;

	lane->phase = WW_PHASE_DOWN;
	uv_timer_start(lane->retry, on_retry, wait_ms, 0);
}

void
ww_lane_start(struct ww_lane *lane)
{
	struct ww_process_lanes *owner = lane->owner;
	struct ww_error error = { 0 };
	struct json_object *frame = ww_frame_open(owner, lane->device, &error);
	ww_status status = error.status;

	lane->why[0] = '\0';
	lane->expired = false;
	if (frame != NULL)
		status = ww_child_start(lane->child, &error);
	if (frame == NULL || status != WW_OK) {
		json_object_put(frame);
		ww_process_fail(owner, status, "%s", error.text);
		return;
	}
	lane->phase = WW_PHASE_OPENING;
	ww_child_send(lane->child, frame);
	ww_child_limit(lane->child, START_LIMIT_NS);
	if (owner->paused && !is_device(lane))
		ww_child_pause(lane->child, true);
}

/* ------------------------------------------------------------------ orders */

static void
send_order(struct ww_lane *lane)
{
	lane->phase = WW_PHASE_BUSY;
	lane->expired = false;
	lane->sent_ns = ww_now_ns();
	ww_child_send(lane->child, json_object_get(lane->order));
	ww_child_limit(lane->child, lane->limit_ns);
}

void
ww_lane_give(struct ww_lane *lane, unsigned kind, void *job,
             struct json_object *order, int64_t limit_ns)
{
	lane->kind = kind;
	lane->job = job;
	lane->order = order;
	lane->limit_ns = limit_ns;
	lane->again = false;
	lane->dropped = false;
	send_order(lane);
}

static void
forget_order(struct ww_lane *lane)
{
	json_object_put(lane->order);
	lane->order = NULL;
	lane->kind = WW_JOB_NONE;
	lane->job = NULL;
}

static void
give_reference(struct ww_lane *lane)
{
	struct ww_process_lanes *owner = lane->owner;

	owner->reference = WW_REFERENCE_BUILDING;
	ww_lane_give(lane, WW_JOB_REFERENCE, NULL, ww_frame_build(owner, NULL),
	             owner->compile_limit_ns + FORK_GRACE_NS);
}

/* What it would be built for. */
static bool
target_is_known(const struct ww_process_lanes *owner)
{
	return owner->setup.task->target != NULL || owner->device != NULL;
}

void
ww_lane_offer_reference(struct ww_lane *lane)
{
	/* In mode `none` a device builds it before it can stage. */
	unsigned free_phase = is_device(lane) ? WW_PHASE_WAITING
	                                      : WW_PHASE_IDLE;

	if (lane->owner->reference == WW_REFERENCE_WANTED &&
	    target_is_known(lane->owner) && lane->phase == free_phase &&
	    is_device(lane) == (lane->owner->n_compilers == 0))
		give_reference(lane);
}

static void
become_idle(struct ww_lane *lane)
{
	lane->phase = WW_PHASE_IDLE;
	lane->ever_idle = true;
	ww_child_limit(lane->child, 0);
	if (lane->order != NULL)
		send_order(lane);
	else if (is_device(lane))
		ww_calibrate_offer(lane);
	else
		ww_lane_offer_reference(lane);
}

/* A device that is open: stages as soon as there is a reference. */
static void
go_on_staging(struct ww_lane *lane)
{
	struct ww_process_lanes *owner = lane->owner;

	if (owner->reference == WW_REFERENCE_READY) {
		lane->phase = WW_PHASE_STAGING;
		ww_child_send(lane->child, ww_frame_stage(owner));
		ww_child_limit(lane->child, START_LIMIT_NS);
		return;
	}
	lane->phase = WW_PHASE_WAITING;
	ww_child_limit(lane->child, 0);
	if (lane->order != NULL) /* it was building the reference itself */
		send_order(lane);
	else
		ww_lane_offer_reference(lane);
}

/* ----------------------------------------------------------------- replies */

static void
finish_job(struct ww_lane *lane)
{
	lane->failures = 0;
	forget_order(lane);
	if (lane->owner->closing || lane->phase == WW_PHASE_GONE)
		return;
	become_idle(lane);
}

static void
on_built(struct ww_lane *lane, struct json_object *frame)
{
	uint32_t outcome = WW_TRIAL_OK;
	char text[512] = "";

	ww_child_limit(lane->child, 0);
	if (strcmp(ww_json_string(frame, "type", ""), "build_failed") == 0) {
		outcome = ww_outcome_parse(ww_json_string(frame, "outcome", ""));
		if (outcome >= WW_TRIAL_N_CLASSES || outcome == WW_TRIAL_OK)
			outcome = WW_TRIAL_INTERNAL;
		ww_text_first_line(text, sizeof text,
		                   ww_json_string(frame, "text", ""));
	}
	if (outcome == WW_TRIAL_COMPILER_CRASH && !lane->again) {
		lane->again = true; /* see worth_another_try() */
		send_order(lane);
		return;
	}
	if (lane->kind == WW_JOB_BUILD) {
		ww_lane_report_built(lane, frame, outcome, text);
		finish_job(lane);
		return;
	}
	forget_order(lane);
	lane->failures = 0;
	lane->phase = is_device(lane) ? WW_PHASE_WAITING : WW_PHASE_IDLE;
	if (outcome == WW_TRIAL_OK)
		ww_process_reference_built(lane->owner,
		                           ww_json_string(frame, "artifact",
		                                          ""));
	else
		ww_process_fail(lane->owner, WW_E_CONFIG,
		                "the reference of task %s cannot be built "
		                "(%s): %s; correct \"reference\" in %s",
		                lane->owner->setup.task->name,
		                ww_outcome_name(outcome), text,
		                lane->owner->setup.task->path);
}

/* False: the lane is given up. */
static bool
take_calibration(struct ww_lane *lane, struct json_object *frame,
                 uint32_t outcome, const char *text)
{
	if (outcome == WW_TRIAL_OK)
		ww_calibrate_take(lane, frame);
	else if (!ww_calibrate_missed(lane, text)) {
		forget_order(lane);
		ww_process_lost(lane->owner, lane);
		ww_child_kill(lane->child);
		return false;
	}
	return true;
}

static void
on_measured(struct ww_lane *lane, struct json_object *frame)
{
	uint32_t outcome = ww_outcome_parse(ww_json_string(frame, "outcome",
	                                                   ""));
	const char *text = ww_json_string(frame, "text", "");
	int64_t health = ww_json_int(frame, "health", 0);

	ww_child_limit(lane->child, 0);
	if (outcome >= WW_TRIAL_N_CLASSES ||
	    (outcome == WW_TRIAL_OK &&
	     isnan(ww_json_number(frame, "median_ms", NAN)))) {
		outcome = WW_TRIAL_INTERNAL;
		text = "the device worker's answer holds no result";
	}
	if (lane->kind != WW_JOB_CALIBRATE)
		ww_lane_report_measured(lane, frame, outcome, text);
	else if (!take_calibration(lane, frame, outcome, text))
		return;
	if (health == 0) {
		finish_job(lane);
		return;
	}
	/* The process, or the device with it, must be replaced. Nothing is given
	 * to it meanwhile. */
	forget_order(lane);
	lane->phase = WW_PHASE_DOWN;
	lane->failures = 0;
	ww_child_kill(lane->child);
}

static void
on_failed(struct ww_lane *lane, struct json_object *frame)
{
	const char *text = ww_json_string(frame, "text", "no reason given");

	lane->status = (ww_status)ww_json_int(frame, "status", WW_E_INTERNAL);
	snprintf(lane->why, sizeof lane->why, "%s", text);
	if (lane->phase == WW_PHASE_BUSY && lane->kind == WW_JOB_MEASURE) {
		ww_lane_report_measured(lane, NULL, WW_TRIAL_INTERNAL, text);
		finish_job(lane);
	} else if (lane->phase == WW_PHASE_BUSY &&
	           lane->kind == WW_JOB_CALIBRATE) {
		if (take_calibration(lane, NULL, WW_TRIAL_INTERNAL, text))
			finish_job(lane);
	} else if (lane->phase == WW_PHASE_BUSY &&
	           lane->kind == WW_JOB_INTERLEAVE) {
		ww_text_clean(lane->owner->interleave_why,
		              sizeof lane->owner->interleave_why, text,
		              strlen(text));
		finish_job(lane);
	} else if (lane->phase == WW_PHASE_BUSY) {
		ww_process_fail(lane->owner, lane->status, "%s", text);
	} else {
		ww_child_kill(lane->child);
	}
}

static void
on_ready(struct ww_lane *lane, struct json_object *frame)
{
	if (!is_device(lane)) {
		become_idle(lane);
		return;
	}
	ww_process_device_ready(lane->owner, frame);
	go_on_staging(lane);
}

static void
on_frame(void *context, struct json_object *frame)
{
	struct ww_lane *lane = context;
	const char *type = ww_json_string(frame, "type", "");
	bool busy = lane->phase == WW_PHASE_BUSY;

	if (lane->phase == WW_PHASE_GONE || lane->owner->closing)
		return;
	if (strcmp(type, "failed") == 0) {
		on_failed(lane, frame);
	} else if (lane->phase == WW_PHASE_OPENING &&
	           strcmp(type, "ready") == 0) {
		on_ready(lane, frame);
	} else if (lane->phase == WW_PHASE_STAGING &&
	           strcmp(type, "staged") == 0) {
		become_idle(lane);
	} else if (busy && (strcmp(type, "built") == 0 ||
	                    strcmp(type, "build_failed") == 0)) {
		on_built(lane, frame);
	} else if (busy && strcmp(type, "measured") == 0) {
		on_measured(lane, frame);
	} else if (busy && strcmp(type, "interleaved") == 0) {
		lane->owner->interleaved = json_object_get(frame);
		ww_child_limit(lane->child, 0);
		finish_job(lane);
	} else {
		ww_logf(WW_LOG_WARNING, "engine",
		        "%s: a frame '%s' that nobody waits for", lane->label,
		        type);
	}
}

/* ------------------------------------------------------------------- death */

/* Why the process ended, in words. */
static void
explain_death(const struct ww_lane *lane, int signal, int exit_code,
              const char *words, char *text, size_t size)
{
	char last[256] = "";
	const char *line = words;
	const char *at;

	for (at = words; *at != '\0'; at++)
		if (*at == '\n' && at[1] != '\0')
			line = at + 1;
	ww_text_clean(last, sizeof last, line, strcspn(line, "\n"));
	if (lane->why[0] != '\0')
		ww_text_clean(text, size, lane->why, strlen(lane->why));
	else if (signal != 0)
		snprintf(text, size, "ended by signal %d (%s)%s%s", signal,
		         strsignal(signal), last[0] != '\0' ? ": " : "", last);
	else
		snprintf(text, size, "ended with exit code %d%s%s", exit_code,
		         last[0] != '\0' ? ": " : "", last);
}

static void
die_building(struct ww_lane *lane, const char *text)
{
	char words[1400];

	if (lane->expired) {
		snprintf(words, sizeof words,
		         "not compiled after %.3g s (parallel.compile_timeout)",
		         (double)lane->owner->compile_limit_ns / 1e9);
		ww_lane_report_built(lane, NULL, WW_TRIAL_COMPILE_TIMEOUT,
		                     words);
	} else {
		snprintf(words, sizeof words, "the compiler %s", text);
		ww_lane_report_built(lane, NULL, WW_TRIAL_COMPILER_CRASH,
		                     words);
	}
}

static void
die_measuring(struct ww_lane *lane, const char *text)
{
	char words[1400];

	if (lane->expired) {
		snprintf(words, sizeof words,
		         "not done after %.3g s (parallel.run_timeout)",
		         (double)lane->owner->run_limit_ns / 1e9);
		ww_lane_report_measured(lane, NULL, WW_TRIAL_RUN_TIMEOUT,
		                        words);
	} else {
		snprintf(words, sizeof words, "the kernel's process %s", text);
		ww_lane_report_measured(lane, NULL, WW_TRIAL_CRASH, words);
	}
}

/* Whether a death says nothing about the configuration until it happens twice:
 * killed by somebody else (a user, the kernel's memory killer), or a compiler
 * that crashed, which some do by chance when several run at once. A kernel that
 * crashes is believed: it may harm its device. */
static bool
worth_another_try(const struct ww_lane *lane, int signal)
{
	if (lane->expired || lane->again || lane->dropped ||
	    lane->kind == WW_JOB_INTERLEAVE)
		return false;
	return signal == SIGKILL || lane->kind != WW_JOB_MEASURE;
}

/* The process died over its job: that is the job's result. */
static void
die_busy(struct ww_lane *lane, int signal, const char *text)
{
	if (worth_another_try(lane, signal)) {
		lane->again = true;
		start_later(lane);
		return;
	}
	if (lane->kind == WW_JOB_BUILD)
		die_building(lane, text);
	else if (lane->kind == WW_JOB_MEASURE)
		die_measuring(lane, text);
	else if (lane->kind == WW_JOB_REFERENCE)
		ww_process_fail(lane->owner, WW_E_CONFIG,
		                "the reference of task %s cannot be built: the "
		                "compiler %s%s",
		                lane->owner->setup.task->name, text,
		                lane->expired ? " (parallel.compile_timeout)"
		                              : "");
	else if (lane->kind == WW_JOB_INTERLEAVE)
		snprintf(lane->owner->interleave_why,
		         sizeof lane->owner->interleave_why, "the worker %.400s%s",
		         text, lane->expired ? " because its time was over" : "");
	else if (lane->kind == WW_JOB_CALIBRATE &&
	         !take_calibration(lane, NULL, WW_TRIAL_CRASH, text))
		return;
	forget_order(lane);
	start_later(lane);
}

static void
die_starting(struct ww_lane *lane, const char *text)
{
	bool staging = lane->phase == WW_PHASE_STAGING;

	if (lane->why[0] == '\0') {
		lane->status = is_device(lane) ? WW_E_DEVICE_LOST : WW_E_CRASH;
		snprintf(lane->why, sizeof lane->why, "%s: the worker %s%s",
		         lane->label, text,
		         lane->expired ? " because it did not answer" : "");
	}
	if (staging && !lane->ever_idle)
		lane->status = WW_E_CONFIG;
	lane->failures++;
	if (staging && !lane->ever_idle && lane->failures >= START_ATTEMPTS)
		ww_process_fail(lane->owner, lane->status,
		                "the reference of task %s cannot be run: %s; "
		                "correct \"reference\" or \"arguments\" in %s",
		                lane->owner->setup.task->name, lane->why,
		                lane->owner->setup.task->path);
	else if (lane->failures >= START_ATTEMPTS)
		ww_process_lost(lane->owner, lane);
	else
		start_later(lane);
}

static void
on_died(void *context, int signal, int exit_code, const char *words)
{
	struct ww_lane *lane = context;
	char text[1300];

	if (lane->owner->closing || lane->phase == WW_PHASE_GONE) {
		lane->phase = WW_PHASE_GONE;
		return;
	}
	explain_death(lane, signal, exit_code, words, text, sizeof text);
	ww_logf(WW_LOG_INFO, "engine", "%s: %s", lane->label, text);
	if (lane->phase == WW_PHASE_BUSY)
		die_busy(lane, signal, text);
	else if (lane->phase == WW_PHASE_DOWN)
		start_later(lane);
	else
		die_starting(lane, text);
}

static void
on_expired(void *context)
{
	struct ww_lane *lane = context;

	lane->expired = true;
}

/* -------------------------------------------------------------------- life */

void
ww_lane_init(struct ww_lane *lane, struct ww_process_lanes *owner,
             const char *device, uint32_t number)
{
	struct ww_child_events events = {
		.context = lane,
		.frame = on_frame,
		.died = on_died,
		.expired = on_expired,
	};
	const struct ww_launch_line *line = device != NULL
	                                            ? &owner->device_line
	                                            : &owner->compile_line;

	lane->owner = owner;
	lane->device = device;
	snprintf(lane->label, sizeof lane->label, "%s worker %u",
	         device != NULL ? "device" : "compile", number + 1);
	lane->child = ww_child_new(&owner->loop, line->argv,
	                           owner->environment.list, lane->label,
	                           &events);
	lane->retry = ww_alloc(sizeof *lane->retry);
	uv_timer_init(&owner->loop, lane->retry);
	lane->retry->data = lane;
}

void
ww_lane_drop(struct ww_lane *lane, bool for_good)
{
	lane->dropped = true;
	if (for_good) {
		forget_order(lane);
		lane->phase = WW_PHASE_GONE;
		uv_timer_stop(lane->retry);
		ww_child_kill(lane->child);
	} else if (lane->phase == WW_PHASE_BUSY) {
		ww_child_kill(lane->child);
	} else {
		forget_order(lane); /* was to be sent again */
	}
}

static void
free_handle(uv_handle_t *handle)
{
	free(handle);
}

void
ww_lane_free(struct ww_lane *lane)
{
	forget_order(lane);
	ww_child_free(lane->child);
	uv_close((uv_handle_t *)lane->retry, free_handle);
}
