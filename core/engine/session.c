/* SPDX-License-Identifier: MIT */
#include "core/engine/session.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/engine/session_impl.h"
#include "core/engine/strategy_host.h"

#define PROGRESS_NS (INT64_C(100) * 1000000)
/* What is being measured when the user interrupts may take this long. */
#define GRACE_NS (INT64_C(2) * 1000000000)

void
ww_session_warn(struct ww_session *session, const char *text)
{
	if (session->observer->warning != NULL)
		session->observer->warning(session->observer->context, text);
	else
		ww_log_line(WW_LOG_WARNING, "engine", text);
}

void
ww_session_note_error(struct ww_session *session, const struct ww_error *error)
{
	if (session->error.status == WW_OK)
		session->error = *error;
	ww_search_stop(session->search, WW_STOP_ERROR, error);
}

/* --------------------------------------------------- finished trials go out */

static void
on_finished(void *context, struct ww_record *record)
{
	struct ww_session *session = context;

	if (session->n_fresh == session->room_fresh) {
		session->room_fresh = session->room_fresh * 2 + 16;
		session->fresh = ww_grow(session->fresh,
		                         session->room_fresh *
		                                 sizeof *session->fresh);
	}
	session->fresh[session->n_fresh++] = record;
}

/* First durable, then told. What cannot be stored is not shown either; a later
 * resume will measure it again. */
static void
publish(struct ww_session *session)
{
	size_t n = session->n_fresh;
	bool durable = ww_session_store_fresh(session) == WW_OK;
	size_t i;

	session->n_fresh = 0;
	for (i = 0; i < n; i++) {
		struct ww_record *record = session->fresh[i];

		if (!durable) {
			record->finished_ns = 0;
			continue;
		}
		session->failed += record->trial.outcome != WW_TRIAL_OK;
		ww_session_calibrate_by(session, record);
		ww_search_finished(session->search, record);
		if (session->observer->trial != NULL)
			session->observer->trial(session->observer->context,
			                         record);
	}
}

/* ------------------------------------------------------- what the search says */

static void
on_round(void *context, uint32_t round, const char *strategy, uint64_t trials,
         double best_ms)
{
	const struct ww_observer *observer =
		((struct ww_session *)context)->observer;

	if (observer->round != NULL)
		observer->round(observer->context, round, strategy, trials,
		                best_ms);
}

static void
on_model_call(void *context, const struct ww_model_call *call)
{
	struct ww_session *session = context;
	struct ww_model_call copy = *call;
	struct ww_error error = { 0 };

	copy.number = ++session->n_calls;
	/* One that was cut off because the session ended did not fail. */
	ww_text_first_line(session->call_error, sizeof session->call_error,
	                   strcmp(call->outcome,
	                          ww_status_name(WW_E_CANCELLED)) != 0
	                           ? call->error
	                           : "");
	if (session->begun &&
	    ww_store_model_call(session->request.store, session->id, &copy,
	                        &error) != WW_OK) {
		session->begun = false;
		ww_session_note_error(session, &error);
	}
	if (session->observer->model_call != NULL)
		session->observer->model_call(session->observer->context,
		                              &copy);
}

static void
on_search_warning(void *context, const char *text)
{
	ww_session_warn(context, text);
}

static const char *
on_stand_in(void *context, const char *name)
{
	const struct ww_session *session = context;

	return ww_strategy_stand_in(session->registry, name);
}

static void
report_progress(struct ww_session *session)
{
	const struct ww_scheduler_counts *counts =
		ww_scheduler_counts(session->scheduler);
	const struct ww_stop_usage *usage = ww_search_usage(session->search);
	int64_t now_ns = ww_now_ns();
	uint64_t done = ww_search_evaluations(session->search);
	uint64_t limit = session->limits.max_evaluations;
	struct ww_progress progress = {
		.round = ww_search_rounds(session->search),
		.proposed = done + counts->live,
		.compiled = counts->compiled,
		.measured = counts->measured,
		.failed = session->failed,
		.best_ms = usage->best_ms,
		.seconds_left = NAN,
		.waiting_for_model = ww_search_waiting(session->search),
	};

	if (session->observer->progress == NULL ||
	    now_ns - session->progress_ns < PROGRESS_NS)
		return;
	session->progress_ns = now_ns;
	if (done > 1 && limit != UINT64_MAX && limit > done)
		progress.seconds_left = (double)usage->elapsed_ns / 1e9 /
		                        (double)done * (double)(limit - done);
	session->observer->progress(session->observer->context, &progress);
}

/* ------------------------------------------------------------ the main loop */

static ww_status
step(struct ww_session *session)
{
	struct ww_error error = { 0 };
	ww_status status;

	if (session->lanes->ops->expect != NULL)
		session->lanes->ops->expect(session->lanes,
		                            ww_search_asking(session->search));
	status = session->lanes->ops->step(session->lanes, &error);
	if (status != WW_OK)
		ww_session_note_error(session, &error);
	else if (ww_cancel_requested(session->request.cancel))
		ww_search_stop(session->search, WW_STOP_INTERRUPTED, NULL);
	publish(session);
	return status;
}

/* Everything proposed so far runs to its end. */
static void
run_out(struct ww_session *session)
{
	while (ww_search_stopped(session->search) == WW_STOP_NONE &&
	       ww_scheduler_counts(session->scheduler)->live > 0) {
		ww_scheduler_pump(session->scheduler);
		step(session);
		report_progress(session);
	}
}

static void
search_until_stop(struct ww_session *session)
{
	while (ww_search_stopped(session->search) == WW_STOP_NONE) {
		bool asked;

		ww_search_read(session->search);
		ww_scheduler_pump(session->scheduler);
		publish(session);
		asked = ww_search_decide(session->search);
		report_progress(session);
		/* Without threads the answer is there already. */
		if (!(asked && session->lanes->simulated) &&
		    ww_search_stopped(session->search) == WW_STOP_NONE)
			step(session);
	}
}

/* Lets what is being measured come to its end; the rest is given up. */
static void
wind_down(struct ww_session *session)
{
	struct ww_lanes *lanes = session->lanes;
	unsigned stop = ww_search_stopped(session->search);
	int64_t end_ns = ww_now_ns() + GRACE_NS;
	bool hurry = stop == WW_STOP_INTERRUPTED ||
	             (stop == WW_STOP_ERROR && !lanes->on_demand);

	ww_scheduler_drop(session->scheduler, false);
	while (lanes->ops->measuring(lanes) > 0 &&
	       (!hurry || ww_now_ns() < end_ns) &&
	       session->error.status == WW_OK)
		step(session);
	session->idle_fraction = lanes->ops->idle_fraction(lanes);
	ww_scheduler_drop(session->scheduler, true);
	/* A model that is still answering, or a filler that still computes,
	 * would disturb the finalists. */
	ww_search_silence(session->search);
	publish(session);
	ww_search_read(session->search);
}

/* ------------------------------------------------------------ the beginning */

struct ww_record *
ww_session_propose(struct ww_session *session, const uint32_t *indices,
                   const char *source)
{
	uint32_t n_slots = session->task->space->view.n_slots;
	struct ww_record *record = ww_record_new(n_slots);

	memcpy(record->indices, indices, n_slots * sizeof *indices);
	ww_record_set_origin(record, source, "", "");
	record->proposed_ns = ww_wall_ns();
	if (!ww_inbox_know(session->inbox, indices) ||
	    !ww_archive_add(session->archive, record)) {
		ww_record_free(record);
		return NULL;
	}
	ww_scheduler_propose(session->scheduler, record);
	return record;
}

static void
propose_default(struct ww_session *session)
{
	const struct ww_search_space *space = session->task->space;
	uint32_t *indices = ww_alloc((space->view.n_slots + 1) *
	                             sizeof *indices);
	const struct ww_record *record;
	char why[512], text[768];

	ww_space_default(space, indices);
	record = ww_archive_find(session->archive, indices);
	if (ww_space_explain(space, indices, why, sizeof why)) {
		snprintf(text, sizeof text,
		         "the default configuration is not valid (%s); the "
		         "search goes on without a baseline", why);
		ww_session_warn(session, text);
	} else if (record == NULL) {
		record = ww_session_propose(session, indices, "default");
	}
	if (record != NULL)
		session->baseline_id = record->trial.id;
	free(indices);
}

/* Nothing has to be known of the default before the others are built. */
static void
measure_fixed(struct ww_session *session)
{
	uint32_t n_slots = session->task->space->view.n_slots;
	uint64_t i;

	if (session->request.compares)
		propose_default(session);
	for (i = 0; i < session->request.n_fixed; i++)
		ww_session_propose(session,
		                   session->request.fixed + i * n_slots,
		                   "given");
	run_out(session);
	ww_search_stop(session->search, WW_STOP_EXHAUSTED, NULL);
}

/* ------------------------------------------------------------------- parts */

static void
on_wake(void *context)
{
	struct ww_session *session = context;

	session->lanes->ops->wake(session->lanes);
}

/* Equal artifacts launched with another geometry are different measurements. */
static void
mix_launch(void *context, const uint32_t *indices, struct ww_hash *hash)
{
	const struct ww_session *session = context;
	struct ww_launch launch;

	memset(&launch, 0, sizeof launch);
	if (ww_task_launch(session->task, indices, &launch, NULL) == WW_OK)
		ww_hash_bytes(hash, &launch, sizeof launch);
}

static struct ww_search *
make_search(struct ww_session *session)
{
	const struct ww_settings *settings = session->settings;
	const char *fallback = ww_setting_string(
		settings, "fallback.fallback_on_llm_failure");
	struct ww_search_setup setup = {
		.space = &session->task->space->view,
		.archive = session->archive,
		.scheduler = session->scheduler,
		.lanes = session->lanes,
		.inbox = session->inbox,
		.limits = session->limits,
		.initial = (uint32_t)ww_setting_int(
			settings, "search.initial_batch_size"),
		.refinement = (uint32_t)ww_setting_int(
			settings, "search.refinement_batch_size"),
		.serial = session->serial,
		.limit_is_hard = session->limit_is_hard,
		.fallback = fallback != NULL ? fallback : "auto",
		.context = session,
		.open = ww_session_open_strategy,
		.stand_in = on_stand_in,
		.warning = on_search_warning,
		.round = on_round,
		.model_call = on_model_call,
	};

	return ww_search_new(&setup);
}

static void
make_parts(struct ww_session *session)
{
	const struct ww_space *space = &session->task->space->view;
	struct ww_scheduler_setup setup = {
		.space = space,
		.lanes = session->lanes,
		.serial = session->serial,
		.plan = session->plan,
		.context = session,
		.launch = mix_launch,
		.finished = on_finished,
	};

	session->archive = ww_archive_new(space->n_slots);
	session->inbox = ww_inbox_new(space, on_wake, session);
	session->scheduler = ww_scheduler_new(&setup);
	session->search = make_search(session);
	session->start_ns = session->lanes->ops->now_ns(session->lanes);
}

static void
say_started(struct ww_session *session)
{
	struct ww_strategist *main = ww_search_main(session->search);

	if (session->observer->started != NULL)
		session->observer->started(
			session->observer->context, session->id,
			session->hardware.name,
			main != NULL ? ww_strategist_name(main) : "given",
			main != NULL ? ww_strategist_model(main) : "");
}

/* What is left of the budget after the trials that are there. */
static void
limit_inbox(struct ww_session *session)
{
	uint64_t used = ww_archive_count(session->archive);
	uint64_t limit = session->limits.max_evaluations;

	if (limit != UINT64_MAX)
		ww_inbox_limit(session->inbox, limit > used ? limit - used : 0);
}

/* Whether the search waits for what it begins with: a model is told of the
 * default, results of earlier sessions are worth knowing, and with one compile
 * worker nothing is gained by going on. */
static bool
waits_for_first(const struct ww_session *session)
{
	return ww_strategist_uses_model(ww_search_main(session->search)) ||
	       ww_archive_count(session->archive) > 1 ||
	       session->lanes->n_compile < 2;
}

static void
begin_search(struct ww_session *session)
{
	bool on_demand = session->lanes->on_demand;

	propose_default(session);
	if (on_demand) /* whoever measures may want more at once, but later */
		run_out(session);
	ww_session_warm_start(session);
	if (!on_demand && waits_for_first(session))
		run_out(session);
	limit_inbox(session);
}

static ww_status
tune(struct ww_session *session, struct ww_error *error)
{
	bool fixed = session->request.fixed != NULL;
	ww_status status = ww_session_store_open(session, error);

	/* The strategy opens before the first trial, so that a wrong option
	 * or a missing model shows at once. */
	if (status == WW_OK && !fixed)
		status = ww_search_open(session->search,
		                        ww_session_strategy(session), error);
	if (status != WW_OK)
		return status;
	say_started(session);
	if (fixed) {
		measure_fixed(session);
	} else {
		begin_search(session);
		search_until_stop(session);
	}
	wind_down(session);
	if (ww_search_stopped(session->search) != WW_STOP_INTERRUPTED &&
	    session->error.status == WW_OK)
		ww_session_finalists(session);
	if (ww_search_stopped(session->search) == WW_STOP_ERROR &&
	    session->error.status == WW_OK)
		session->error = *ww_search_error(session->search);
	return WW_OK;
}

static ww_status
run(struct ww_session *session, struct ww_session_result *result,
    struct ww_error *error)
{
	ww_status status = ww_session_prepare(session, error);

	if (status != WW_OK)
		return status;
	make_parts(session);
	status = tune(session, error);
	ww_archive_keep_finished(session->archive);
	if (status != WW_OK) {
		session->error = *error;
		ww_search_stop(session->search, WW_STOP_ERROR, error);
	}
	ww_session_result(session, result);
	if (ww_session_store_end(session, result, error) != WW_OK &&
	    session->error.status == WW_OK)
		return error->status;
	if (session->error.status != WW_OK && error != NULL)
		*error = session->error;
	return session->error.status;
}

ww_status
ww_session_run(const struct ww_session_request *request,
               struct ww_session **result_session,
               struct ww_session_result *result, struct ww_error *error)
{
	struct ww_session *session = ww_alloc(sizeof *session);
	struct ww_error local = { 0 };
	ww_status status;

	session->request = *request;
	session->task = request->task;
	session->settings = request->settings;
	session->registry = request->registry;
	session->observer = request->observer != NULL ? request->observer
	                                              : &session->silent;
	session->baseline_ms = NAN;
	memset(result, 0, sizeof *result);
	status = run(session, result, &local);
	if (status != WW_OK && error != NULL)
		*error = local;
	*result_session = session;
	return status;
}

static void
close_backend(struct ww_session *session)
{
	const struct ww_backend_ops *ops;

	if (session->backend_self != NULL) {
		ops = session->backend->ops;
		ops->close(session->backend_self);
	}
	if (session->backend_box != NULL)
		ww_host_free(session->backend_box);
}

void
ww_session_free(struct ww_session *session)
{
	size_t i;

	if (session == NULL)
		return;
	if (!ww_search_free(session->search)) {
		ww_inbox_abandon(session->inbox);
		session->inbox = NULL;
	}
	if (session->lanes != NULL)
		session->lanes->ops->free(session->lanes);
	ww_scheduler_free(session->scheduler);
	ww_inbox_free(session->inbox);
	ww_archive_free(session->archive);
	close_backend(session);
	for (i = 0; i < session->n_locks; i++)
		close(session->locks[i]);
	ww_scratch_remove(&session->scratch);
	ww_devices_clear(&session->devices);
	json_object_put(session->device_json);
	free(session->locks);
	free(session->artifacts);
	free(session->hardware_facts);
	free(session->fresh);
	free(session->finalists);
	free(session->factors);
	free(session);
}
