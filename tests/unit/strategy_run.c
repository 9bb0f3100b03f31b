/* SPDX-License-Identifier: MIT */
#include "tests/unit/strategy_run.h"

#include <check.h>
#include <math.h>
#include <string.h>

struct run_sink {
	struct ww_config_sink sink; /* first */
	struct strategy_run *run;
	uint32_t taken;
	uint32_t want;
};

static ww_status
run_push(struct ww_config_sink *self, const uint32_t *indices,
         const struct ww_proposal_info *info)
{
	struct run_sink *sink = (struct run_sink *)self;
	struct strategy_run *run = sink->run;
	const struct ww_space *space = &run->space->space;

	ck_assert(info == NULL || info->size >= sizeof *info);
	if (sink->taken == sink->want || run->asked.n >= run->evaluations)
		return WW_STOPPED;
	if (!space->valid(space, indices)) {
		run->invalid++;
		return WW_E_INVALID;
	}
	if (ww_points_find(&run->asked, indices) != WW_POINT_NONE) {
		run->duplicate++;
		return WW_E_DUPLICATE;
	}
	ck_assert(ww_points_add(&run->asked, indices) != WW_POINT_NONE);
	sink->taken++;
	return WW_OK;
}

static void
tell_one(struct strategy_run *run, const struct ww_strategy_ops *ops,
         void *self, size_t i)
{
	struct fake_call call;
	struct ww_trial trial = {
		.size = sizeof trial,
		.id = i + 1,
		.indices = ww_points_row(&run->asked, i),
		.objective = NAN,
		.ci_low = NAN,
		.ci_high = NAN,
		.text = "",
		.source = "",
		.family = "",
		.reason = "",
	};
	const struct ww_trial *list[1] = { &trial };

	if (run->objective != NULL)
		trial.objective = run->objective(trial.indices);
	if (isnan(trial.objective))
		trial.outcome = WW_TRIAL_COMPILE_ERROR;
	else if (trial.objective < run->best)
		run->best = trial.objective;
	ck_assert_int_eq(ww_points_tell(&run->asked, &trial), WW_OK);
	fake_call_start(&call);
	ck_assert_int_eq(ops->tell(&call.call, self, list, 1), WW_OK);
}

static ww_status
ask_once(struct strategy_run *run, const struct ww_strategy_ops *ops,
         void *self, size_t told)
{
	struct fake_call call;
	struct run_sink sink = {
		.sink = { .size = sizeof sink.sink, .push = run_push },
		.run = run,
		.want = run->want,
	};
	struct ww_budget budget = {
		.size = sizeof budget,
		.want = run->want,
		.round = ++run->asks,
		.outstanding = (uint32_t)(run->asked.n - told),
		.evaluations_used = told,
		.evaluations_left = run->unlimited
		                            ? UINT64_MAX
		                            : run->evaluations - run->asked.n,
		.time_left_ns = INT64_MAX,
		.best = isinf(run->best) ? NAN : run->best,
		.target = NAN,
	};
	ww_status status;

	fake_call_start(&call);
	status = ops->ask(&call.call, self, &budget, &sink.sink);
	ck_assert_msg(status >= 0, "%s: ask: %s", run->plugin, call.text);
	ck_assert_msg(status != WW_OK || sink.taken > 0 ||
	                      run->asked.n >= run->evaluations,
	              "%s: ask gave nothing and no reason", run->plugin);
	return status;
}

void
strategy_run(struct strategy_run *run)
{
	const struct ww_plugin *plugin = fake_plugin(run->plugin);
	const struct ww_strategy_ops *ops = plugin->ops;
	uint32_t first[FAKE_SLOTS] = { 0 };
	struct fake_host host;
	struct fake_call call;
	size_t told = 0;
	void *self;

	run->best = INFINITY;
	ww_points_start(&run->asked, run->space->space.n_slots);
	fake_host_start(&host, plugin, NULL, run->seed);
	fake_call_start(&call);
	ck_assert_int_eq(ops->open(&call.call, &host.host, &run->space->space,
	                           &self), WW_OK);
	ww_points_add(&run->asked, first);
	while (run->asked.n < run->evaluations && run->end == WW_OK) {
		while (told < run->asked.n && run->asked.n - told > run->lag)
			tell_one(run, ops, self, told++);
		run->end = ask_once(run, ops, self, told);
		if (run->end == WW_PENDING && told < run->asked.n) {
			tell_one(run, ops, self, told++);
			run->end = WW_OK;
		}
	}
	while (told < run->asked.n)
		tell_one(run, ops, self, told++);
	ops->close(self);
}

void
strategy_run_end(struct strategy_run *run)
{
	ww_points_clear(&run->asked);
}
