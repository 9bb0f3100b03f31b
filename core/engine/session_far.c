/* SPDX-License-Identifier: MIT
 *
 * A session whose trials a program outside measures: what its lanes may ask of
 * the session.
 */
#include <string.h>

#include "core/engine/session_impl.h"

static struct ww_record *
find(void *context, const uint32_t *indices)
{
	const struct ww_session *session = context;

	return ww_archive_find(session->archive, indices);
}

/* Somebody may be proposing it at this moment, so what was proposed is read
 * first. */
static ww_status
admit(void *context, const uint32_t *indices, struct ww_error *error)
{
	struct ww_session *session = context;

	ww_search_read(session->search);
	if (ww_search_stopped(session->search) != WW_STOP_NONE)
		return ww_error_set(error, WW_E_STATE,
		                    "the search has ended (%s); only "
		                    "configurations that were given can still "
		                    "have a result",
		                    ww_stop_name(ww_search_stopped(
					    session->search)));
	if (ww_session_propose(session, indices, "told") == NULL &&
	    ww_archive_find(session->archive, indices) == NULL)
		return ww_error_set(error, WW_E_STATE,
		                    "it was proposed and given up before");
	return WW_OK;
}

static const struct ww_record *
best(void *context)
{
	const struct ww_session *session = context;
	const struct ww_record *best = NULL;
	uint64_t i;

	for (i = 0; i < ww_archive_count(session->archive); i++) {
		const struct ww_record *record =
			ww_archive_at(session->archive, i);

		if (record->finished_ns != 0 &&
		    record->trial.outcome == WW_TRIAL_OK &&
		    (best == NULL ||
		     record->trial.objective < best->trial.objective))
			best = record;
	}
	return best;
}

static const struct ww_record *
baseline(void *context)
{
	const struct ww_session *session = context;
	const struct ww_record *record = ww_archive_by_id(
		session->archive, session->baseline_id);

	return record != NULL && record->finished_ns != 0 ? record : NULL;
}

static void
leave(void *context)
{
	struct ww_session *session = context;

	ww_search_stop(session->search, WW_STOP_LEFT, NULL);
}

static const char *
stopped(void *context, const char **why)
{
	const struct ww_session *session = context;
	unsigned stop = ww_search_stopped(session->search);

	if (stop == WW_STOP_NONE)
		return NULL;
	*why = stop == WW_STOP_ERROR ? ww_search_error(session->search)->text
	                             : "";
	return ww_stop_name(stop);
}

ww_status
ww_session_open_far(struct ww_session *session, struct ww_error *error)
{
	const struct ww_far_session face = {
		.context = session,
		.find = find,
		.admit = admit,
		.best = best,
		.baseline = baseline,
		.leave = leave,
		.stopped = stopped,
	};

	return ww_lanes_far(session->request.far, &face,
	                    session->task->space->view.n_slots,
	                    &session->lanes, error);
}
