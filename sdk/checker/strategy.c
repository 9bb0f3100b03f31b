/* SPDX-License-Identifier: MIT */
#include "sdk/checker/strategy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/text.h"

#define FRUITLESS_ASKS 50

static uint32_t *
row_at(const struct strategy_run *run, uint64_t i)
{
	return run->rows + i * run->space->n_slots;
}

static void
append(struct strategy_run *run, const uint32_t *indices)
{
	size_t bytes = run->space->n_slots * sizeof *indices;

	if (run->n == run->room) {
		run->room = run->room > 0 ? 2 * run->room : 64;
		run->rows = ww_grow(run->rows, run->room * bytes);
	}
	memcpy(row_at(run, run->n++), indices, bytes);
}

static int
is_known(const struct strategy_run *run, const uint32_t *indices)
{
	size_t bytes = run->space->n_slots * sizeof *indices;
	uint64_t i;

	for (i = 0; i < run->n; i++)
		if (memcmp(row_at(run, i), indices, bytes) == 0)
			return 1;
	return 0;
}

static ww_status
push(struct ww_config_sink *self, const uint32_t *indices,
     const struct ww_proposal_info *info)
{
	struct strategy_run *run = (struct strategy_run *)self;
	uint32_t i;

	if (info != NULL && info->reason != NULL)
		host_show("reason", info->reason, strlen(info->reason));
	for (i = 0; i < run->space->n_slots; i++)
		run->trace = (run->trace ^ indices[i]) *
		             UINT64_C(0x100000001b3);
	if (run->pause_us > 0)
		usleep(run->pause_us);
	/* As the host's: who is cancelled has enough. */
	if (ww_cancel_requested(&run->host->cancel))
		return WW_STOPPED;
	if (run->taken >= run->want) {
		run->after_stop++;
		return WW_STOPPED;
	}
	if (!run->space->valid(run->space, indices)) {
		run->invalid++;
		return WW_E_INVALID;
	}
	if (is_known(run, indices)) {
		/* What a model repeats is the model's doing. */
		run->duplicates += !run->host->model_speaks;
		return WW_E_DUPLICATE;
	}
	append(run, indices);
	run->taken++;
	return run->taken == run->want ? WW_STOPPED : WW_OK;
}

void
strategy_run_start(struct strategy_run *run, struct host *host)
{
	uint32_t standard[64];
	uint32_t i;

	memset(run, 0, sizeof *run);
	run->host = host;
	run->space = host->space;
	run->trace = UINT64_C(0xcbf29ce484222325);
	run->sink = (struct ww_config_sink){ .size = sizeof run->sink,
		                             .push = push };
	for (i = 0; i < run->space->n_slots && i < 64; i++)
		standard[i] = run->space->slots[i].default_index;
	run->space->canonical(run->space, standard);
	append(run, standard);
}

void
strategy_run_clear(struct strategy_run *run)
{
	free(run->rows);
	run->rows = NULL;
}

/* A bowl with its bottom at the highest indices and some roughness. */
static double
objective(const struct strategy_run *run, const uint32_t *indices)
{
	double sum = 1;
	uint32_t i;

	for (i = 0; i < run->space->n_slots; i++) {
		double n = run->space->slots[i].n_values;
		double x = (n - 1 - indices[i]) / n;

		sum += x * x * (1 + 0.3 * (indices[i] * (i + 3) % 5));
	}
	return sum;
}

static double
best(const struct strategy_run *run)
{
	double value = NAN;
	uint64_t i;

	for (i = 0; i < run->told && !run->failing; i++)
		value = fmin(value, objective(run, row_at(run, i)));
	return value;
}

ww_status
strategy_run_ask(struct strategy_run *run, uint32_t want)
{
	const struct ww_strategy_ops *ops = run->host->check->plugin->ops;
	const struct ww_budget budget = {
		.size = sizeof budget,
		.want = want,
		.round = ++run->round,
		.outstanding = (uint32_t)(run->n - run->told),
		.evaluations_used = run->told,
		.evaluations_left = UINT64_MAX,
		.time_left_ns = INT64_MAX,
		.best = best(run),
		.target = NAN,
	};
	struct ww_call_frame frame;

	run->want = want;
	run->taken = 0;
	host_call_start(run->host, &frame);
	run->status = ops->ask(&frame.call, run->host->self, &budget,
	                       &run->sink);
	host_call_end(run->host, &frame, run->status);
	run->want = 0; /* nothing may be pushed from now on */
	return run->status;
}

static void
fill_trial(const struct strategy_run *run, uint64_t i, struct ww_trial *trial,
           double *samples)
{
	double value = objective(run, row_at(run, i));
	int k;

	*trial = (struct ww_trial){
		.size = sizeof *trial,
		.outcome = run->failing ? WW_TRIAL_COMPILE_ERROR : WW_TRIAL_OK,
		.id = i + 1,
		.indices = row_at(run, i),
		.objective = run->failing ? NAN : value,
		.ci_low = run->failing ? NAN : value * 0.99,
		.ci_high = run->failing ? NAN : value * 1.01,
		.samples_ms = run->failing ? NULL : samples,
		.n_samples = run->failing ? 0 : 5,
		.text = run->failing ? "error: made up by the checker" : "",
		.source = i == 0 ? "default" : run->host->check->file.name,
		.family = "",
		.reason = "",
		.round = i == 0 ? 0 : run->round,
		.compile_ns = 1000000,
		.measure_ns = 1000000,
	};
	for (k = 0; k < 5; k++)
		samples[k] = value * (0.99 + 0.005 * k);
}

ww_status
strategy_run_tell(struct strategy_run *run)
{
	const struct ww_strategy_ops *ops = run->host->check->plugin->ops;
	uint64_t n = run->n - run->told;
	struct ww_trial *trials = ww_alloc((n + 1) * sizeof *trials);
	const struct ww_trial **list = ww_alloc((n + 1) * sizeof *list);
	double *samples = ww_alloc((n + 1) * 5 * sizeof *samples);
	struct ww_call_frame frame;
	uint64_t i;

	for (i = 0; i < n; i++) {
		fill_trial(run, run->told + i, &trials[i], samples + 5 * i);
		list[i] = &trials[i];
	}
	host_call_start(run->host, &frame);
	run->status = ops->tell(&frame.call, run->host->self, list, n);
	host_call_end(run->host, &frame, run->status);
	run->told = run->n;
	/* They were borrowed: who keeps them reads rubbish from now on. */
	memset(trials, 0xA5, n * sizeof *trials);
	memset(samples, 0xA5, n * 5 * sizeof *samples);
	free(samples);
	free(list);
	free(trials);
	return run->status;
}

void
strategy_run_search(struct strategy_run *run, uint64_t evaluations)
{
	unsigned fruitless = 0;

	if (run->told == 0 && strategy_run_tell(run) < 0)
		return;
	while (run->n < evaluations && fruitless < FRUITLESS_ASKS) {
		uint64_t before = run->n;
		ww_status status;

		strategy_run_ask(run, run->round == 0 ? 25 : 15);
		if (run->status < 0)
			return;
		status = run->status;
		if (run->n > run->told && strategy_run_tell(run) < 0)
			return;
		fruitless = run->n > before ? 0 : fruitless + 1;
		run->status = status;
		if (status == WW_EXHAUSTED)
			return;
	}
}
