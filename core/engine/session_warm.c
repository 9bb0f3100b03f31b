/* SPDX-License-Identifier: MIT
 *
 * What a session starts from where the kernel is not new: the best of what was
 * measured on other devices, at other sizes, or here before. Only the choice is
 * taken over; every number is measured again.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/engine/session_impl.h"

/* Transferred configurations at most, and the part of the budget that they may
 * take. Ten from other devices gave 0.95 of the optimum in replays, one 0.8. */
#define MOST_CONFIGURATIONS 10u
#define BUDGET_PART 4u
/* Sessions that are looked at, newest first. */
#define MOST_SESSIONS 32u

struct kin {
	struct ww_session *session;
	struct ww_portfolio *portfolio;
	char ids[MOST_SESSIONS][40];
	size_t n;
};

static void
note_session(void *context, const struct ww_session_row *row)
{
	struct kin *kin = context;

	/* What is fast need not be frugal. */
	if (kin->n < MOST_SESSIONS && strcmp(row->id, kin->session->id) != 0 &&
	    strcmp(row->objective, kin->session->task->objective) == 0 &&
	    row->n_trials > 0)
		snprintf(kin->ids[kin->n++], sizeof kin->ids[0], "%s",
		         row->id);
}

/* Configurations that this task's space does not have are left out by the
 * store. */
static ww_status
add_session(struct kin *kin, const char *id, struct ww_error *error)
{
	struct ww_session *session = kin->session;
	struct ww_record **records = NULL;
	size_t n = 0, skipped = 0, i;
	ww_status status = ww_store_load_trials(session->request.store, id,
	                                        session->task->space, &records,
	                                        &n, &skipped, error);

	if (status != WW_OK)
		return status;
	if (n > 0)
		ww_portfolio_source(kin->portfolio);
	for (i = 0; i < n; i++) {
		const struct ww_trial *trial = &records[i]->trial;

		ww_portfolio_add(kin->portfolio, records[i]->indices,
		                 trial->outcome == WW_TRIAL_OK
		                         ? trial->objective
		                         : INFINITY);
		ww_record_free(records[i]);
	}
	free(records);
	return WW_OK;
}

static struct ww_portfolio *
read_store(struct ww_session *session)
{
	struct kin kin = { .session = session };
	struct ww_error error = { 0 };
	ww_status status;
	size_t i;

	kin.portfolio = ww_portfolio_new(session->task->space->view.n_slots);
	status = ww_store_kin(session->request.store,
	                      session->task->kernel_hash, note_session, &kin,
	                      &error);
	for (i = 0; status == WW_OK && i < kin.n; i++)
		status = add_session(&kin, kin.ids[i], &error);
	if (status != WW_OK) {
		char *text = ww_text("earlier results are not used: %s",
		                     error.text);

		ww_session_warn(session, text);
		free(text);
	}
	return kin.portfolio;
}

static size_t
count_wanted(const struct ww_session *session)
{
	uint64_t part = session->limits.max_evaluations / BUDGET_PART;

	return part < MOST_CONFIGURATIONS ? (size_t)part : MOST_CONFIGURATIONS;
}

void
ww_session_warm_start(struct ww_session *session)
{
	const struct ww_portfolio *given = session->request.portfolio;
	uint32_t n_slots = session->task->space->view.n_slots;
	size_t wanted = count_wanted(session), n, i;
	struct ww_portfolio *read = NULL;
	uint32_t *rows;

	if (session->request.resume != NULL || wanted == 0 ||
	    !ww_setting_bool(session->settings, "search.warm_start"))
		return;
	if (given == NULL && session->request.store != NULL)
		given = read = read_store(session);
	if (given == NULL)
		return;
	rows = ww_alloc((wanted * n_slots + 1) * sizeof *rows);
	n = ww_portfolio_choose(given, wanted, rows);
	for (i = 0; i < n; i++)
		ww_session_propose(session, rows + i * n_slots, "warm_start");
	free(rows);
	ww_portfolio_free(read);
}
