/* SPDX-License-Identifier: MIT
 *
 * The best mix of classical methods, the default where no model answers: a short
 * space-filling start, then what a Gaussian process expects most improvement from
 * (moves of one parameter around the best are among its candidates). When that
 * stalls, every other pick is for what is far from there. A search of more than a
 * thousand results, or a space of too many parameters, goes on with the picks of
 * a forest, which cost less, with a new start elsewhere when that stalls. At the
 * end of all but short searches comes a complete polish: what differs from the
 * best in one parameter is tried even where the process expects nothing.
 */
#include <math.h>
#include <stdlib.h>

#include "plugins/common/far.h"
#include "plugins/common/improvement.h"
#include "plugins/common/surrogate.h"

/* Points of the first start: the process tells something from few results. */
#define START_POINTS 8
/* Results without a better best after which a new start is made: what the
 * surrogate has learnt by then leads to the same place again and again. */
#define STALLED_AFTER 30
/* Points of a new start. */
#define RESTART_POINTS 8
/* Part of the budget in which no new start is made. */
#define LAST_SHARE 0.25
/* Part of the budget that is left for the polish, */
#define POLISH_SHARE 0.12
/* less where the process has seen to most of it, and none in a search of fewer
 * points than this, which has none to spare. */
#define SHORT_POLISH_SHARE 0.05
#define POLISH_FROM 256

struct mix {
	struct ww_search search;
	struct ww_improvement improvement;
	struct ww_surrogate surrogate;
	size_t from;        /* first point of the present start */
	double best;        /* of the present start */
	size_t improved_at; /* told points when that was found */
};

/* Part of the budget that is left, 1 without a limit. */
static double
share_left(const struct ww_budget *budget)
{
	double left = (double)budget->evaluations_left;
	double used = (double)budget->evaluations_used +
	              (double)budget->outstanding;

	return budget->evaluations_left == UINT64_MAX ? 1 : left / (left + used);
}

static int
is_polish_time(const struct mix *mix, const struct ww_budget *budget)
{
	if (!ww_improvement_suits(&mix->improvement))
		return share_left(budget) < POLISH_SHARE;
	return share_left(budget) < SHORT_POLISH_SHARE &&
	       mix->search.known.n >= POLISH_FROM;
}

/* Makes a new start if the present one has stalled; near the end everything
 * known counts again. */
static void
restart(struct mix *mix, const struct ww_budget *budget)
{
	const struct ww_points *known = &mix->search.known;

	if (share_left(budget) < LAST_SHARE) {
		if (mix->from > 0)
			ww_surrogate_restart(&mix->surrogate, 0);
		mix->from = 0;
	} else if (known->n_told >= mix->improved_at + STALLED_AFTER) {
		mix->from = known->n;
		mix->best = INFINITY;
		mix->improved_at = known->n_told;
		ww_surrogate_restart(&mix->surrogate, mix->from);
	}
}

static ww_status
choose(struct mix *mix, const struct ww_budget *budget, uint32_t *row,
       const char **family)
{
	ww_status status = WW_PENDING;

	if (is_polish_time(mix, budget)) {
		*family = "polish";
		status = ww_surrogate_polish(&mix->surrogate, row);
	}
	if (status != WW_PENDING)
		return status;
	*family = "surrogate";
	return ww_improvement_suits(&mix->improvement)
	               ? ww_improvement_pick(&mix->improvement, row)
	               : ww_surrogate_pick(&mix->surrogate, row);
}

/* Points that a start has to have come to. */
static size_t
start_end(const struct mix *mix, const struct ww_budget *budget)
{
	if (ww_improvement_suits(&mix->improvement))
		return ww_far_count(budget, START_POINTS);
	return mix->from > 0 ? mix->from + RESTART_POINTS
	                     : ww_far_count(budget, WW_FAR_USUAL);
}

static ww_status
next(void *self, const struct ww_budget *budget, uint32_t *row,
     const char **family)
{
	struct mix *mix = self;
	ww_status status = WW_PENDING;

	if (!ww_improvement_suits(&mix->improvement))
		restart(mix, budget);
	if (mix->search.known.n >= start_end(mix, budget))
		status = choose(mix, budget, row, family);
	if (status != WW_PENDING)
		return status;
	*family = "start";
	return ww_far_point(&mix->search, row);
}

static void
mix_close(void *self)
{
	struct mix *mix = self;

	ww_improvement_clear(&mix->improvement);
	ww_surrogate_clear(&mix->surrogate);
	ww_search_clear(&mix->search);
	free(mix);
}

static ww_status
mix_open(struct ww_call *call, const struct ww_host *host,
          const struct ww_space *space, void **self)
{
	struct mix *mix = calloc(1, sizeof *mix);
	ww_status status;

	if (mix == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "auto: out of memory");
	status = ww_search_start(&mix->search, call, host, space, "auto");
	if (status != WW_OK) {
		free(mix);
		return status;
	}
	if (!ww_surrogate_start(&mix->surrogate, &mix->search) ||
	    !ww_improvement_start(&mix->improvement, &mix->search)) {
		ww_surrogate_clear(&mix->surrogate);
		ww_search_clear(&mix->search);
		free(mix);
		return ww_fail(call, WW_E_NO_MEMORY, "auto: out of memory");
	}
	mix->best = INFINITY;
	*self = mix;
	return WW_OK;
}

static ww_status
mix_ask(struct ww_call *call, void *self, const struct ww_budget *budget,
         struct ww_config_sink *sink)
{
	struct mix *mix = self;

	return ww_search_ask(&mix->search, call, budget, sink, next, NULL,
	                     mix);
}

static ww_status
mix_tell(struct ww_call *call, void *self,
          const struct ww_trial *const *trials, uint64_t n)
{
	struct mix *mix = self;
	ww_status status = WW_OK;
	size_t point;
	uint64_t i;

	for (i = 0; i < n && status == WW_OK; i++) {
		status = ww_search_tell(&mix->search, call, trials[i],
		                        &point);
		if (status == WW_OK && point >= mix->from &&
		    mix->search.known.objectives[point] < mix->best) {
			mix->best = mix->search.known.objectives[point];
			mix->improved_at = mix->search.known.n_told;
		}
	}
	return status;
}

static const struct ww_strategy_ops ops = {
	.size = sizeof ops,
	.mode = WW_STRATEGY_CONTINUOUS,
	.open = mix_open,
	.close = mix_close,
	.ask = mix_ask,
	.tell = mix_tell,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.threads = WW_THREADS_SERIAL,
	.kind = WW_KIND_STRATEGY,
	.name = "auto",
	.version = "0.1.0",
	.summary = "the best mix of classical search: a Gaussian process, then a forest",
	.license = "MIT",
	.ops = &ops,
};
