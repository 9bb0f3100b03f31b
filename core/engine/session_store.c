/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/engine/session_impl.h"

/* Trials of the session's earlier run. */
static ww_status
load_trials(struct ww_session *session, struct ww_error *error)
{
	struct ww_record **records = NULL;
	size_t n = 0, skipped = 0, i;
	ww_status status = ww_store_load_trials(
		session->request.store, session->id, session->task->space,
		&records, &n, &skipped, error);

	if (status != WW_OK)
		return status;
	if (skipped > 0) {
		char text[256];

		snprintf(text, sizeof text,
		         "%zu stored trials are not in the task's space any "
		         "more and are left out", skipped);
		ww_session_warn(session, text);
	}
	for (i = 0; i < n; i++) {
		struct ww_record *record = records[i];

		ww_inbox_know(session->inbox, record->indices);
		if (!ww_archive_add(session->archive, record)) {
			ww_record_free(record);
			continue;
		}
		session->failed += record->trial.outcome != WW_TRIAL_OK;
		ww_scheduler_remember(session->scheduler, record);
		ww_search_finished(session->search, record);
	}
	free(records);
	ww_session_calibrate_again(session);
	return WW_OK;
}

/* What a stored session says about being resumed. */
struct candidate {
	struct ww_session *session;
	struct ww_error *error;
	char id[40];
};

static void
take_candidate(void *context, const struct ww_session_row *row)
{
	struct candidate *candidate = context;

	snprintf(candidate->id, sizeof candidate->id, "%s", row->id);
	ww_session_check_resume(candidate->session, row, candidate->error);
}

static void
on_stored_call(void *context, const struct ww_model_call *call)
{
	struct ww_session *session = context;

	if (call->number > session->n_calls)
		session->n_calls = (uint32_t)call->number;
	/* Money that is spent stays spent. */
	ww_search_count_call(session->search, call);
}

static void
take_id(void *context, const struct ww_session_row *row)
{
	struct candidate *candidate = context;

	snprintf(candidate->id, sizeof candidate->id, "%s", row->id);
}

ww_status
ww_session_check_free(const struct ww_session *session, struct ww_error *error)
{
	struct ww_store *store = session->request.store;
	struct candidate candidate = { .id = "" };
	ww_status status = ww_store_session(store, session->request.resume,
	                                    take_id, &candidate, error);

	return status == WW_OK ? ww_store_check_free(store, candidate.id, error)
	                       : status;
}

static ww_status
resume(struct ww_session *session, struct ww_error *error)
{
	struct ww_store *store = session->request.store;
	struct candidate candidate = { .session = session, .error = error };
	ww_status status = ww_store_session(store, session->request.resume,
	                                    take_candidate, &candidate, error);

	if (status != WW_OK || error->status != WW_OK)
		return error->status;
	memcpy(session->id, candidate.id, sizeof session->id);
	status = ww_store_reopen(store, session->id, error);
	if (status == WW_OK)
		status = load_trials(session, error);
	if (status == WW_OK)
		status = ww_store_model_calls(store, session->id,
		                              on_stored_call, session, error);
	session->begun = status == WW_OK;
	return status;
}

const char *
ww_session_strategy(const struct ww_session *session)
{
	const char *name = ww_setting_string(session->settings,
	                                     "search.strategy");

	if (session->request.fixed != NULL)
		return WW_STRATEGY_GIVEN;
	return name != NULL ? name : "llm";
}

static ww_status
begin(struct ww_session *session, struct ww_error *error)
{
	const struct ww_task *task = session->task;
	struct json_object *settings = ww_settings_json(session->settings);
	const char *model = ww_setting_string(session->settings, "llm.model");
	struct ww_session_row row = {
		.id = "",
		.task_name = task->name,
		.task_path = task->path,
		.task_text = task->text,
		.kernel_hash = task->kernel_hash,
		.space_hash = task->space_hash,
		.backend = session->backend != NULL ? session->backend->name
		                                    : WW_BACKEND_FAR,
		.device = session->hardware.id,
		.device_name = session->hardware.name,
		.strategy = ww_session_strategy(session),
		.model = model != NULL ? model : "",
		.settings = ww_json_text(settings),
		.state = "running",
		.result = "",
		.finalists = "",
		.objective = task->objective,
		.started_ns = ww_wall_ns(),
		.best_ms = NAN,
		.default_ms = NAN,
	};
	ww_status status = ww_store_begin(session->request.store, &row,
	                                  session->id, error);

	session->begun = status == WW_OK;
	json_object_put(settings);
	return status;
}

ww_status
ww_session_store_open(struct ww_session *session, struct ww_error *error)
{
	if (session->request.store != NULL && session->request.resume != NULL)
		return resume(session, error);
	if (session->request.store != NULL)
		return begin(session, error);
	snprintf(session->id, sizeof session->id, "unstored");
	return WW_OK;
}

ww_status
ww_session_store_fresh(struct ww_session *session)
{
	struct ww_error error = { 0 };
	ww_status status;

	if (!session->begun || session->n_fresh == 0)
		return WW_OK;
	status = ww_store_trials(session->request.store, session->id,
	                         session->task->space,
	                         (const struct ww_record *const *)
	                                 session->fresh,
	                         session->n_fresh, &error);
	if (status == WW_OK)
		return WW_OK;
	session->begun = false; /* nothing more can be written */
	ww_session_note_error(session, &error);
	return status;
}

ww_status
ww_session_store_end(struct ww_session *session, const struct ww_session_result *result,
          struct ww_error *error)
{
	struct json_object *json = NULL;
	const char *state = "finished";
	ww_status status;

	if (!session->begun)
		return WW_OK;
	if (session->observer->describe != NULL)
		json = session->observer->describe(session->observer->context,
		                                   result);
	if (result->stop == WW_STOP_INTERRUPTED)
		state = "interrupted";
	else if (result->stop == WW_STOP_ERROR)
		state = "failed";
	status = ww_store_end(session->request.store, session->id, state,
	                      json != NULL ? ww_json_text(json) : "",
	                      result->best_ms, result->baseline_ms, error);
	json_object_put(json);
	return status;
}
