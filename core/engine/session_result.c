/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/engine/session_impl.h"

static void
count_outcomes(const struct ww_session *session,
               struct ww_session_result *result)
{
	uint64_t n = ww_archive_count(session->archive);
	uint64_t i;

	result->n_trials = n;
	for (i = 0; i < n; i++) {
		const struct ww_record *record =
			ww_archive_at(session->archive, i);

		if (record->trial.outcome != WW_TRIAL_OK)
			result->failed[record->trial.outcome]++;
		else if (result->best == NULL ||
		         record->trial.objective <
		                 result->best->trial.objective)
			result->best = record;
	}
}

/* The winner of the second timing if there was one, else of the first. */
static void
fill_best(const struct ww_session *session, struct ww_session_result *result)
{
	result->best_ms = result->best_low_ms = result->best_high_ms = NAN;
	if (session->n_finalists > 0) {
		result->finalists = session->finalists;
		result->n_finalists = session->n_finalists;
		result->best = session->finalists[0].record;
		result->best_ms = session->finalists[0].median_ms;
		result->best_low_ms = session->finalists[0].ci_low_ms;
		result->best_high_ms = session->finalists[0].ci_high_ms;
	} else if (result->best != NULL) {
		result->best_ms = result->best->trial.objective;
		result->best_low_ms = result->best->trial.ci_low;
		result->best_high_ms = result->best->trial.ci_high;
	}
}

/* Whether the winner's time can be relied on. */
static void
fill_quality(const struct ww_session *session, struct ww_session_result *result)
{
	double load;

	result->spread = (result->best_high_ms - result->best_low_ms) /
	                 result->best_ms;
	result->disturbed = result->spread > WW_WIDEST_INTERVAL ||
	                    (result->best != NULL &&
	                     ww_trial_fact(&result->best->trial,
	                                   "throttled") > 0);
	result->load = NAN;
	if (!session->lanes->simulated && getloadavg(&load, 1) == 1)
		result->load = load;
}

static void
fill_baseline(const struct ww_session *session,
              struct ww_session_result *result)
{
	result->baseline = ww_archive_by_id(session->archive,
	                                    session->baseline_id);
	result->baseline_ms = session->baseline_ms;
	if (isnan(result->baseline_ms) && result->baseline != NULL &&
	    result->baseline->trial.outcome == WW_TRIAL_OK)
		result->baseline_ms = result->baseline->trial.objective;
	result->speedup = result->baseline_ms / result->best_ms;
}

static void
fill_strategy(struct ww_session *session, struct ww_session_result *result)
{
	struct ww_strategist *main = ww_search_main(session->search);

	snprintf(result->fallback, sizeof result->fallback, "%s",
	         ww_search_fallback_reason(session->search));
	snprintf(result->strategy, sizeof result->strategy, "%s",
	         main != NULL ? ww_strategist_name(main)
	                      : ww_session_strategy(session));
	if (main == NULL)
		return;
	if (ww_strategist_stop(main))
		ww_strategist_note(main, result->analysis,
		                   sizeof result->analysis);
}

static void
fill_devices(struct ww_session *session, struct ww_session_result *result)
{
	struct ww_lanes *lanes = session->lanes;

	if (lanes->ops->factors == NULL)
		return;
	session->factors = ww_grow(session->factors, (lanes->n_devices + 1) *
	                                                     sizeof *session->factors);
	session->n_factors = lanes->ops->factors(lanes, session->factors);
	result->factors = session->factors;
	result->n_factors = session->n_factors;
}

void
ww_session_result(struct ww_session *session, struct ww_session_result *result)
{
	const struct ww_stop_usage *usage = ww_search_usage(session->search);
	struct ww_lanes *lanes = session->lanes;

	memset(result, 0, sizeof *result);
	memcpy(result->id, session->id, sizeof result->id);
	count_outcomes(session, result);
	fill_best(session, result);
	fill_quality(session, result);
	fill_baseline(session, result);
	fill_strategy(session, result);
	fill_devices(session, result);
	result->rounds = ww_search_rounds(session->search);
	result->model_calls = session->n_calls;
	memcpy(result->model_error, session->call_error,
	       sizeof result->model_error);
	result->tokens = *ww_search_tokens(session->search);
	result->cost = usage->cost;
	result->stop = ww_search_stopped(session->search);
	result->seconds = (double)(lanes->ops->now_ns(lanes) -
	                           session->start_ns) / 1e9;
	result->idle_fraction = session->idle_fraction;
}
