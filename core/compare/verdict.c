/* SPDX-License-Identifier: MIT */
#include "core/compare/verdict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/compare/bootstrap.h"
#include "core/compare/score.h"
#include "core/measure/stats.h"

#define CLOSE 0.95 /* "within 5 %" */

const uint32_t ww_checkpoints[WW_CHECKPOINTS] = { 25, 85, 200 };
const double ww_arrivals[WW_ARRIVALS] = { 0.95, 0.99 };

/* One value a seed; a run that failed has NaN everywhere. */
struct cell_samples {
	double *fraction[WW_CHECKPOINTS];
	double *evaluations[WW_ARRIVALS]; /* INFINITY: never */
	double *seconds[WW_ARRIVALS];
	double *within;
	struct ww_score score;
	struct ww_verdict_cell counts; /* only what is no estimate */
};

struct ww_judge {
	struct ww_judge_plan plan;
	struct cell_samples *cells; /* n_tasks times n_strategies */
	double *memory;
};

static struct cell_samples *
cell_of(struct ww_judge *judge, size_t task, size_t strategy)
{
	return &judge->cells[task * judge->plan.n_strategies + strategy];
}

/* --------------------------------------------------------------- gathering */

static double
best_after(const struct ww_run *run, uint32_t evaluations)
{
	uint32_t n = evaluations < run->n_points ? evaluations : run->n_points;

	return n > 0 ? run->points[n - 1].best_ms : INFINITY;
}

static void
take_arrivals(struct cell_samples *cell, uint32_t seed,
              const struct ww_run *run, double optimum)
{
	uint32_t a, i;

	for (a = 0; a < WW_ARRIVALS; a++) {
		for (i = 0; i < run->n_points; i++)
			if (optimum / run->points[i].best_ms >= ww_arrivals[a])
				break;
		cell->evaluations[a][seed] = i < run->n_points ? i + 1
		                                               : INFINITY;
		cell->seconds[a][seed] = i < run->n_points
		                                 ? run->points[i].seconds
		                                 : INFINITY;
	}
}

static void
take_run(struct ww_judge *judge, struct cell_samples *cell, uint32_t seed,
         const struct ww_run *run, double optimum)
{
	struct ww_verdict_cell *counts = &cell->counts;
	uint32_t c;

	if (run->status != WW_OK) {
		counts->n_failed++;
		if (counts->error == NULL)
			counts->error = run->error;
		return;
	}
	counts->n_runs++;
	counts->n_fallback += run->fallback[0] != '\0';
	counts->model_calls += run->model_calls;
	counts->tokens += (double)run->tokens;
	counts->tokens_estimated |= run->tokens_estimated;
	if (run->n_points > 0)
		counts->seconds_total +=
			run->points[run->n_points - 1].seconds;
	for (c = 0; c < WW_CHECKPOINTS; c++)
		if (ww_checkpoints[c] <= judge->plan.max_evaluations)
			cell->fraction[c][seed] =
				optimum / best_after(run, ww_checkpoints[c]);
	cell->within[seed] = optimum / best_after(run, UINT32_MAX) >= CLOSE;
	take_arrivals(cell, seed, run, optimum);
	ww_score_run(&cell->score, seed, run);
}

static void
gather(struct ww_judge *judge, size_t task, size_t strategy, double **memory)
{
	const struct ww_judge_plan *plan = &judge->plan;
	struct cell_samples *cell = cell_of(judge, task, strategy);
	double optimum = ww_landscape_optimum(plan->landscapes[task]);
	double **arrays[] = { &cell->fraction[0],    &cell->fraction[1],
		              &cell->fraction[2],    &cell->evaluations[0],
		              &cell->evaluations[1], &cell->seconds[0],
		              &cell->seconds[1],     &cell->within };
	uint32_t seed;
	size_t i;

	for (i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
		*arrays[i] = *memory;
		for (seed = 0; seed < plan->n_seeds; seed++)
			*(*memory)++ = NAN;
	}
	ww_score_start(&cell->score, plan->landscapes[task], plan->n_seeds,
	               plan->max_evaluations, plan->workers, plan->devices);
	for (seed = 0; seed < plan->n_seeds; seed++)
		take_run(judge, cell, seed,
		         ww_runs_at(plan->runs, task, strategy, seed), optimum);
	ww_score_finish(&cell->score);
	cell->counts.score_covered = cell->score.covered;
	if (cell->counts.n_runs > 0) {
		cell->counts.seconds_total /= cell->counts.n_runs;
		cell->counts.model_calls /= cell->counts.n_runs;
		cell->counts.tokens /= cell->counts.n_runs;
	}
}

struct ww_judge *
ww_judge_new(const struct ww_judge_plan *plan)
{
	struct ww_judge *judge = ww_alloc(sizeof *judge);
	size_t n_cells = plan->n_tasks * plan->n_strategies;
	size_t per_cell = (WW_CHECKPOINTS + 2 * WW_ARRIVALS + 1) *
	                  (size_t)plan->n_seeds;
	double *memory;
	size_t task, strategy;

	judge->plan = *plan;
	judge->cells = ww_alloc((n_cells + 1) * sizeof *judge->cells);
	judge->memory = ww_alloc((n_cells * per_cell + 1) *
	                         sizeof *judge->memory);
	memory = judge->memory;
	for (task = 0; task < plan->n_tasks; task++)
		for (strategy = 0; strategy < plan->n_strategies; strategy++)
			gather(judge, task, strategy, &memory);
	return judge;
}

void
ww_judge_free(struct ww_judge *judge)
{
	size_t n, i;

	if (judge == NULL)
		return;
	n = judge->plan.n_tasks * judge->plan.n_strategies;
	for (i = 0; i < n; i++)
		ww_score_clear(&judge->cells[i].score);
	free(judge->cells);
	free(judge->memory);
	free(judge);
}

/* -------------------------------------------------------------- statistics */

/* Means of one array in each of several cells, then the mean of these. */
struct mean_of {
	const double *arrays[2];   /* the second is subtracted, or null */
	const struct mean_of *all; /* null, or n_tasks of them */
	size_t n_all;
};

static double
mean_picked(const struct mean_of *of, const uint32_t *picked, uint32_t n)
{
	double sum = 0.0;
	uint32_t used = 0;
	uint32_t i;

	for (i = 0; i < n; i++) {
		double value = of->arrays[0][picked[i]];

		if (of->arrays[1] != NULL)
			value -= of->arrays[1][picked[i]];
		if (isnan(value))
			continue;
		sum += value;
		used++;
	}
	return used > 0 ? sum / used : NAN;
}

static double
mean_statistic(void *context, const uint32_t *picked, uint32_t n)
{
	const struct mean_of *of = context;
	double sum = 0.0;
	size_t i;

	if (of->all == NULL)
		return mean_picked(of, picked, n);
	for (i = 0; i < of->n_all; i++)
		sum += mean_picked(&of->all[i], picked, n);
	return sum / (double)of->n_all;
}

struct median_of {
	const double *array;
	double *scratch;
};

static double
median_statistic(void *context, const uint32_t *picked, uint32_t n)
{
	const struct median_of *of = context;
	size_t used = 0;
	uint32_t i;
	double median;

	for (i = 0; i < n; i++)
		if (!isnan(of->array[picked[i]]))
			of->scratch[used++] = of->array[picked[i]];
	median = ww_median(of->scratch, used);
	return isfinite(median) ? median : INFINITY;
}

/* P of one task, or the mean of P over several. */
struct score_of {
	struct cell_samples **cells;
	size_t n;
	uint32_t *usable; /* picked runs that did not fail */
};

static double
score_statistic(void *context, const uint32_t *picked, uint32_t n)
{
	const struct score_of *of = context;
	double sum = 0.0;
	size_t c;

	for (c = 0; c < of->n; c++) {
		uint32_t used = 0;
		uint32_t i;

		for (i = 0; i < n; i++)
			if (!isnan(of->cells[c]->within[picked[i]]))
				of->usable[used++] = picked[i];
		sum += ww_score_mean(&of->cells[c]->score, of->usable, used);
	}
	return sum / (double)of->n;
}

static void
estimate(const struct ww_judge *judge, ww_statistic *statistic, void *context,
         struct ww_estimate *out)
{
	ww_bootstrap(statistic, context, judge->plan.n_seeds, &out->value,
	             &out->low, &out->high);
	if (isinf(out->value))
		out->value = NAN;
	if (isinf(out->low))
		out->low = NAN;
	if (isinf(out->high))
		out->high = NAN;
}

static void
estimate_mean(const struct ww_judge *judge, const double *array,
              struct ww_estimate *out)
{
	struct mean_of of = { .arrays = { array, NULL } };

	estimate(judge, mean_statistic, &of, out);
}

static void
estimate_median(const struct ww_judge *judge, const double *array,
                struct ww_estimate *out)
{
	struct median_of of = { .array = array };

	of.scratch = ww_alloc((judge->plan.n_seeds + (size_t)1) *
	                      sizeof *of.scratch);
	estimate(judge, median_statistic, &of, out);
	free(of.scratch);
}

static void
estimate_score(const struct ww_judge *judge, struct cell_samples **cells,
               size_t n, struct ww_estimate *out)
{
	struct score_of of = { .cells = cells, .n = n };

	of.usable = ww_alloc((judge->plan.n_seeds + (size_t)1) *
	                     sizeof *of.usable);
	estimate(judge, score_statistic, &of, out);
	free(of.usable);
}

void
ww_judge_cell(struct ww_judge *judge, size_t task, size_t strategy,
              struct ww_verdict_cell *out)
{
	struct cell_samples *cell = cell_of(judge, task, strategy);
	uint32_t i;

	*out = cell->counts;
	for (i = 0; i < WW_CHECKPOINTS; i++)
		estimate_mean(judge, cell->fraction[i], &out->fraction[i]);
	for (i = 0; i < WW_ARRIVALS; i++) {
		estimate_median(judge, cell->evaluations[i],
		                &out->evaluations[i]);
		estimate_median(judge, cell->seconds[i], &out->seconds[i]);
	}
	estimate_mean(judge, cell->within, &out->within);
	estimate_score(judge, &cell, 1, &out->score);
}

/* -------------------------------------------------------------- over tasks */

/* The arrays that `pick` chooses from every task's cell, as one statistic. */
static void
estimate_over_tasks(struct ww_judge *judge, size_t strategy,
                    const double *(*pick)(const struct cell_samples *cell,
                                          uint32_t which),
                    uint32_t which, struct ww_estimate *out)
{
	size_t n = judge->plan.n_tasks;
	struct mean_of *parts = ww_alloc((n + 1) * sizeof *parts);
	struct mean_of of = { .all = parts, .n_all = n };
	size_t task;

	for (task = 0; task < n; task++)
		parts[task].arrays[0] =
			pick(cell_of(judge, task, strategy), which);
	estimate(judge, mean_statistic, &of, out);
	free(parts);
}

static const double *
pick_fraction(const struct cell_samples *cell, uint32_t which)
{
	return cell->fraction[which];
}

static const double *
pick_within(const struct cell_samples *cell, uint32_t which)
{
	(void)which;
	return cell->within;
}

static void
add_counts(struct ww_verdict_cell *out, const struct ww_verdict_cell *counts,
           size_t n_tasks)
{
	out->n_runs += counts->n_runs;
	out->n_failed += counts->n_failed;
	out->n_fallback += counts->n_fallback;
	out->seconds_total += counts->seconds_total / (double)n_tasks;
	out->model_calls += counts->model_calls / (double)n_tasks;
	out->tokens += counts->tokens / (double)n_tasks;
	out->tokens_estimated |= counts->tokens_estimated;
	out->score_covered += counts->score_covered / (double)n_tasks;
	if (out->error == NULL)
		out->error = counts->error;
}

void
ww_judge_overall(struct ww_judge *judge, size_t strategy,
                 struct ww_verdict_cell *out)
{
	static const struct ww_estimate none = { NAN, NAN, NAN };
	size_t n = judge->plan.n_tasks;
	struct cell_samples **cells = ww_alloc((n + 1) * sizeof *cells);
	size_t task;
	uint32_t i;

	memset(out, 0, sizeof *out);
	for (task = 0; task < n; task++) {
		cells[task] = cell_of(judge, task, strategy);
		add_counts(out, &cells[task]->counts, n);
	}
	for (i = 0; i < WW_CHECKPOINTS; i++)
		estimate_over_tasks(judge, strategy, pick_fraction, i,
		                    &out->fraction[i]);
	estimate_over_tasks(judge, strategy, pick_within, 0, &out->within);
	estimate_score(judge, cells, n, &out->score);
	/* Counts and seconds of different tasks have no common scale. */
	for (i = 0; i < WW_ARRIVALS; i++)
		out->evaluations[i] = out->seconds[i] = none;
	free(cells);
}

void
ww_judge_difference(struct ww_judge *judge, size_t a, size_t b,
                    struct ww_estimate difference[WW_CHECKPOINTS])
{
	size_t n = judge->plan.n_tasks;
	struct mean_of *parts = ww_alloc((n + 1) * sizeof *parts);
	struct mean_of of = { .all = parts, .n_all = n };
	size_t task;
	uint32_t i;

	for (i = 0; i < WW_CHECKPOINTS; i++) {
		for (task = 0; task < n; task++) {
			parts[task].arrays[0] =
				cell_of(judge, task, a)->fraction[i];
			parts[task].arrays[1] =
				cell_of(judge, task, b)->fraction[i];
		}
		estimate(judge, mean_statistic, &of, &difference[i]);
	}
	free(parts);
}

double
ww_judge_worst(struct ww_judge *judge, size_t strategy, uint32_t checkpoint,
               size_t *task)
{
	double worst = NAN;
	size_t i;

	for (i = 0; i < judge->plan.n_tasks; i++) {
		struct mean_of of = {
			.arrays = { cell_of(judge, i, strategy)
			                    ->fraction[checkpoint],
			            NULL },
		};
		uint32_t seed, n = judge->plan.n_seeds;
		uint32_t *all = ww_alloc((n + (size_t)1) * sizeof *all);
		double mean;

		for (seed = 0; seed < n; seed++)
			all[seed] = seed;
		mean = mean_picked(&of, all, n);
		free(all);
		if (isnan(worst) || mean < worst) {
			worst = mean;
			*task = i;
		}
	}
	return worst;
}
