/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/engine/session_impl.h"
#include "core/measure/objective.h"
#include "core/measure/stats.h"

/* What is this much slower than the best is no candidate for the first place. */
#define NEAR 1.10

static int
by_objective(const void *a, const void *b)
{
	const struct ww_record *x = *(struct ww_record *const *)a;
	const struct ww_record *y = *(struct ww_record *const *)b;

	if (x->trial.objective != y->trial.objective)
		return x->trial.objective < y->trial.objective ? -1 : 1;
	return x->trial.id < y->trial.id ? -1 : 1;
}

/* Finished, good, measured by itself: best first. To be freed. */
static struct ww_record **
rank_records(const struct ww_session *session, size_t *n)
{
	size_t total, i;
	struct ww_record *const *records = ww_search_records(session->search,
	                                                     &total);
	struct ww_record **ranked = ww_alloc((total + 1) * sizeof *ranked);

	*n = 0;
	for (i = 0; i < total; i++)
		if (records[i]->trial.outcome == WW_TRIAL_OK &&
		    !records[i]->shared)
			ranked[(*n)++] = records[i];
	qsort(ranked, *n, sizeof *ranked, by_objective);
	return ranked;
}

static size_t
choose(const struct ww_session *session, struct ww_record **ranked, size_t n)
{
	int64_t wanted = ww_setting_int(session->settings, "measure.finalists");
	size_t limit = wanted > 0 ? (size_t)wanted : 0;
	size_t kept = 0;

	while (kept < n && kept < limit &&
	       ranked[kept]->trial.objective <=
	               NEAR * ranked[0]->trial.objective)
		kept++;
	return kept;
}

/* The record that stands for the default: itself, or the equal one that was
 * measured in its place. */
static const struct ww_record *
baseline_record(const struct ww_session *session)
{
	const struct ww_record *record =
		ww_archive_by_id(session->archive, session->baseline_id);

	return record != NULL && record->finished_ns != 0 &&
	                       record->trial.outcome == WW_TRIAL_OK
	               ? record
	               : NULL;
}

static bool
artifact_is_there(const struct ww_session *session,
                  const struct ww_record *record)
{
	char *path;
	bool there;

	if (session->artifacts == NULL || record->artifact[0] == '\0')
		return false;
	path = ww_path_join(session->artifacts, record->artifact);
	there = access(path, R_OK) == 0;
	free(path);
	return there;
}

static void
keep_first_timing(struct ww_session *session, struct ww_record **ranked,
                  size_t n)
{
	size_t i;

	session->finalists = ww_alloc((n + 1) * sizeof *session->finalists);
	session->n_finalists = (uint32_t)n;
	for (i = 0; i < n; i++)
		session->finalists[i] = (struct ww_finalist){
			.record = ranked[i],
			.median_ms = ranked[i]->trial.objective,
			.ci_low_ms = ranked[i]->trial.ci_low,
			.ci_high_ms = ranked[i]->trial.ci_high,
		};
}

static int
by_median(const void *a, const void *b)
{
	const struct ww_finalist *x = a;
	const struct ww_finalist *y = b;

	if (x->median_ms != y->median_ms)
		return x->median_ms < y->median_ms ? -1 : 1;
	return x->record->trial.id < y->record->trial.id ? -1 : 1;
}

static void
flag_ties(struct ww_session *session)
{
	struct ww_finalist *finalists = session->finalists;
	uint32_t i;

	if (session->n_finalists == 0)
		return;
	qsort(finalists, session->n_finalists, sizeof *finalists, by_median);
	for (i = 1; i < session->n_finalists; i++)
		/* Without intervals nothing tells them apart. */
		if (!(finalists[i].ci_low_ms > finalists[0].ci_high_ms))
			finalists[i].tied = finalists[0].tied = true;
}

/* What one row of the second timing says. */
static struct ww_finalist
summarised(const struct ww_record *record, const struct ww_interleave *rows,
           uint32_t i)
{
	struct ww_summary summary;

	ww_summarise(rows->samples[i], rows->counts[i], &summary);
	/* A single sample says nothing about how far it is to be relied on. */
	return (struct ww_finalist){
		.record = record,
		.median_ms = summary.median,
		.ci_low_ms = rows->counts[i] > 1 ? summary.low : NAN,
		.ci_high_ms = rows->counts[i] > 1 ? summary.high : NAN,
		.n_samples = rows->counts[i],
	};
}

/* The default in the same timing. Where it is the fastest after all, nothing else
 * may be called the best. */
static void
read_baseline(struct ww_session *session, const struct ww_record *baseline,
              const struct ww_interleave *rows)
{
	struct ww_finalist row = summarised(baseline, rows, rows->n - 1);
	uint32_t i;

	session->baseline_ms = row.median_ms;
	for (i = 0; i < session->n_finalists; i++)
		if (session->finalists[i].median_ms <= row.median_ms)
			return;
	session->finalists[session->n_finalists++] = row;
}

/* Fills the second timing in; false if it is not complete. */
static bool
read_samples(struct ww_session *session, const struct ww_interleave *rows)
{
	uint32_t i;

	for (i = 0; i < rows->n; i++)
		if (rows->counts[i] == 0)
			return false;
	for (i = 0; i < session->n_finalists; i++)
		session->finalists[i] =
			summarised(session->finalists[i].record, rows, i);
	return true;
}

/* Whether the default must be timed beside the finalists to be comparable. */
static bool
needs_row(const struct ww_session *session, const struct ww_record *baseline)
{
	uint32_t i;

	if (baseline == NULL || !artifact_is_there(session, baseline))
		return false;
	for (i = 0; i < session->n_finalists; i++)
		if (session->finalists[i].record == baseline)
			return false;
	return true;
}

static void
time_again(struct ww_session *session, const struct ww_record *baseline)
{
	uint32_t n = session->n_finalists;
	bool extra = needs_row(session, baseline);
	const uint32_t **rows = ww_alloc((n + 1) * sizeof *rows);
	const char **artifacts = ww_alloc((n + 1) * sizeof *artifacts);
	struct ww_interleave order = {
		.rows = rows,
		.artifacts = artifacts,
		.n = n + extra,
		.n_slots = session->task->space->view.n_slots,
		.budget_ns = (int64_t)(ww_setting_number(
					       session->settings,
					       "measure.finalist_seconds") *
		                       1e9),
		.precision = session->plan.precision / 2,
		.cold = session->plan.cold,
		.objective = session->plan.objective,
		.seed = (uint64_t)ww_setting_int(session->settings,
		                                 "search.seed"),
		.samples = ww_alloc((n + 1) * sizeof(double *)),
		.counts = ww_alloc((n + 1) * sizeof(uint64_t)),
	};
	struct ww_error error = { 0 };
	uint32_t i;

	for (i = 0; i < n + extra; i++) {
		const struct ww_record *record =
			i < n ? session->finalists[i].record : baseline;

		rows[i] = record->indices;
		artifacts[i] = record->artifact;
	}
	if (session->lanes->ops->interleave(session->lanes, &order, &error) !=
	            WW_OK ||
	    !read_samples(session, &order))
		ww_session_warn(session, error.text[0] != '\0'
		                                 ? error.text
		                                 : "the finalists could not be "
		                                   "measured again; the first "
		                                   "measurement stands");
	else if (extra)
		read_baseline(session, baseline, &order);
	for (i = 0; i < order.n; i++)
		free(order.samples[i]);
	free(order.samples);
	free(order.counts);
	free(artifacts);
	free(rows);
}

/* Only a time is called one, as in the result. */
static struct json_object *
row_json(const struct ww_finalist *finalist, uint32_t objective)
{
	bool is_time = objective == WW_OBJECTIVE_TIME;
	struct json_object *row = json_object_new_object();

	ww_json_put_int(row, "id", (int64_t)finalist->record->trial.id);
	ww_json_put_number(row, is_time ? "time_ms" : "value",
	                   finalist->median_ms);
	ww_json_put_number(row, is_time ? "ci_low_ms" : "ci_low",
	                   finalist->ci_low_ms);
	ww_json_put_number(row, is_time ? "ci_high_ms" : "ci_high",
	                   finalist->ci_high_ms);
	if (!is_time)
		ww_json_put_string(row, "unit", ww_objective_unit(objective));
	ww_json_put_bool(row, "tied", finalist->tied);
	return row;
}

static void
store_finalists(struct ww_session *session)
{
	struct json_object *array;
	struct ww_error error = { 0 };
	uint32_t i;

	if (!session->begun || session->n_finalists == 0)
		return;
	array = json_object_new_array();
	for (i = 0; i < session->n_finalists; i++)
		json_object_array_add(array,
		                      row_json(&session->finalists[i],
		                               session->plan.objective));
	if (ww_store_finalists(session->request.store, session->id,
	                       ww_json_text(array), &error) != WW_OK)
		ww_session_warn(session, error.text);
	json_object_put(array);
}

/* Whether the chosen ones can be measured again. */
static bool
can_time_again(struct ww_session *session, struct ww_record *const *ranked,
               size_t n)
{
	char text[256];
	size_t i;

	if (n == 0 || session->lanes->ops->interleave == NULL ||
	    (session->request.fixed != NULL && !session->request.compares) ||
	    ww_setting_number(session->settings, "measure.finalist_seconds") <=
	            0)
		return false;
	for (i = 0; i < n; i++)
		if (!artifact_is_there(session, ranked[i])) {
			snprintf(text, sizeof text,
			         "the finalists are not measured again, because "
			         "the binary of trial %llu is not in the cache "
			         "any more; the first measurement stands",
			         (unsigned long long)ranked[i]->trial.id);
			ww_session_warn(session, text);
			return false;
		}
	return true;
}

void
ww_session_finalists(struct ww_session *session)
{
	const struct ww_record *baseline = baseline_record(session);
	size_t n, i;
	struct ww_record **ranked = rank_records(session, &n);

	n = choose(session, ranked, n);
	keep_first_timing(session, ranked, n);
	if (baseline != NULL)
		session->baseline_ms = baseline->trial.objective;
	if (can_time_again(session, ranked, n))
		time_again(session, baseline);
	for (i = 0; i < session->n_finalists; i++)
		if (session->finalists[i].record == baseline)
			session->baseline_ms = session->finalists[i].median_ms;
	flag_ties(session);
	store_finalists(session);
	free(ranked);
}
