/* SPDX-License-Identifier: MIT */
#include "core/compare/landscape.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/compare/replay.h"
#include "core/measure/stats.h"

/* The space while it is being walked. */
struct survey {
	struct ww_replay *replay;
	const struct ww_space *space;
	struct ww_landscape *landscape;
	double *costs;
	uint64_t n, room;
	double valid_s, failing_s, compile_s, measure_s;
	struct ww_error *error;
	ww_status status;
};

static void
make_room(struct survey *survey)
{
	if (survey->n < survey->room)
		return;
	survey->room = survey->room * 2 + 1024;
	survey->costs = ww_grow(survey->costs,
	                        survey->room * sizeof *survey->costs);
	survey->landscape->valid =
		ww_grow(survey->landscape->valid,
	                survey->room * sizeof *survey->landscape->valid);
}

static void
take_entry(struct survey *survey, double objective, double compile_s,
           double measure_s)
{
	double cost = compile_s + measure_s;

	make_room(survey);
	survey->costs[survey->n++] = cost;
	survey->compile_s += compile_s;
	survey->measure_s += measure_s;
	if (isfinite(objective)) {
		survey->landscape->valid[survey->landscape->n_valid++] =
			objective;
		survey->valid_s += cost;
	} else {
		survey->landscape->n_failing++;
		survey->failing_s += cost;
	}
}

static bool
visit(void *context, const uint32_t *indices)
{
	struct survey *survey = context;
	struct ww_recorded recorded;

	survey->status = ww_replay_lookup(survey->replay, survey->space,
	                                  indices, &recorded, survey->error);
	if (survey->status != WW_OK)
		return false;
	take_entry(survey,
	           recorded.outcome == WW_TRIAL_OK ? recorded.objective : NAN,
	           (double)recorded.compile_ns / 1e9,
	           (double)recorded.measure_ns / 1e9);
	return true;
}

static int
compare_numbers(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
conclude(struct survey *survey)
{
	struct ww_landscape *landscape = survey->landscape;
	double n = (double)survey->n;

	qsort(landscape->valid, landscape->n_valid, sizeof *landscape->valid,
	      compare_numbers);
	landscape->median_cost_s = ww_median(survey->costs, survey->n);
	landscape->mean_compile_s = n > 0 ? survey->compile_s / n : 0;
	landscape->mean_measure_s = n > 0 ? survey->measure_s / n : 0;
	if (landscape->n_valid > 0)
		landscape->mean_valid_s =
			survey->valid_s / (double)landscape->n_valid;
	if (landscape->n_failing > 0)
		landscape->mean_failing_s =
			survey->failing_s / (double)landscape->n_failing;
	free(survey->costs);
}

ww_status
ww_landscape_new(const struct ww_task *task, const struct ww_settings *settings,
                 const struct ww_registry *registry,
                 struct ww_landscape **landscape, struct ww_error *error)
{
	struct survey survey = { .space = &task->space->view,
		                 .error = error };

	survey.status = ww_replay_open(task, settings, registry, NULL,
	                               &survey.replay, error);
	if (survey.status != WW_OK)
		return survey.status;
	survey.landscape = ww_alloc(sizeof *survey.landscape);
	ww_space_each(task->space, visit, &survey);
	ww_replay_close(survey.replay);
	conclude(&survey);
	if (survey.status == WW_OK && survey.landscape->n_valid == 0)
		survey.status = ww_error_set(
			error, WW_E_CONFIG,
			"%s: no configuration in it succeeded, so there is "
			"nothing to compare",
			task->path);
	if (survey.status != WW_OK) {
		ww_landscape_free(survey.landscape);
		return survey.status;
	}
	*landscape = survey.landscape;
	return WW_OK;
}

struct ww_landscape *
ww_landscape_of(const double *objectives, uint64_t n, double compile_s,
                double measure_s)
{
	struct survey survey = { 0 };
	uint64_t i;

	survey.landscape = ww_alloc(sizeof *survey.landscape);
	for (i = 0; i < n; i++)
		take_entry(&survey, objectives[i], compile_s, measure_s);
	conclude(&survey);
	return survey.landscape;
}

void
ww_landscape_free(struct ww_landscape *landscape)
{
	if (landscape == NULL)
		return;
	free(landscape->valid);
	free(landscape);
}

double
ww_landscape_optimum(const struct ww_landscape *landscape)
{
	return landscape->n_valid > 0 ? landscape->valid[0] : NAN;
}

uint64_t
ww_landscape_place(const struct ww_landscape *landscape, double objective)
{
	uint64_t low = 0, high = landscape->n_valid;

	/* The first in the ascending order that is not below it. */
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (landscape->valid[middle] < objective)
			low = middle + 1;
		else
			high = middle;
	}
	return low < landscape->n_valid ? landscape->n_valid - low : 1;
}

double
ww_landscape_at_place(const struct ww_landscape *landscape, uint64_t place)
{
	if (place < 1)
		place = 1;
	if (place > landscape->n_valid)
		place = landscape->n_valid;
	return landscape->valid[landscape->n_valid - place];
}

double
ww_landscape_random(const struct ww_landscape *landscape, double k)
{
	double n = (double)landscape->n_valid;
	double index = fmin(n - 1.0, rint(k * (n + 1.0) / (k + 1.0)));

	return ww_landscape_at_place(landscape, (uint64_t)index + 1);
}

uint64_t
ww_landscape_cutoff(const struct ww_landscape *landscape, double share)
{
	double median = ww_median(landscape->valid, landscape->n_valid);
	double best = landscape->valid[0];
	double value = best + (median - best) * (1.0 - share);
	uint64_t n = landscape->n_valid;
	uint64_t i = 0;

	while (i + 1 < n && ww_landscape_at_place(landscape, i + 1) > value)
		i++;
	/* A search is not asked to have found the optimum itself. */
	if (i > 0 && ww_landscape_at_place(landscape, i + 1) == best)
		i--;
	return (uint64_t)ceil((double)i / (double)(n + 1 - i));
}

double
ww_landscape_pace(const struct ww_landscape *landscape, uint32_t workers,
                  uint32_t devices)
{
	double failing = (double)landscape->n_failing;
	double all = failing + (double)landscape->n_valid;

	if (workers <= 1 && devices <= 1)
		return landscape->mean_valid_s +
		       failing / all * landscape->mean_failing_s;
	/* With several lanes the slower stage sets the pace of all entries. */
	return fmax(landscape->mean_compile_s / workers,
	            landscape->mean_measure_s / devices) *
	       all / (double)landscape->n_valid;
}
