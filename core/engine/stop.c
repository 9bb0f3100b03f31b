/* SPDX-License-Identifier: MIT */
#include "core/engine/stop.h"

#include <math.h>

#include "core/engine/session.h"

static const char *const stop_names[] = {
	[WW_STOP_NONE] = "none",
	[WW_STOP_EXHAUSTED] = "exhausted",
	[WW_STOP_ROUNDS] = "max_rounds",
	[WW_STOP_PATIENCE] = "patience",
	[WW_STOP_IMPROVEMENT] = "min_improvement",
	[WW_STOP_TARGET] = "target",
	[WW_STOP_EVALUATIONS] = "max_evaluations",
	[WW_STOP_SECONDS] = "max_seconds",
	[WW_STOP_COST] = "max_cost",
	[WW_STOP_INTERRUPTED] = "interrupted",
	[WW_STOP_ERROR] = "error",
	[WW_STOP_FLOOR] = "time_floor",
	[WW_STOP_LEFT] = "left",
};

const char *
ww_stop_name(unsigned stop)
{
	return stop < sizeof stop_names / sizeof stop_names[0]
	               ? stop_names[stop]
	               : "unknown";
}

void
ww_stop_limits_none(struct ww_stop_limits *limits)
{
	*limits = (struct ww_stop_limits){
		.target = NAN,
		.floor_ms = NAN,
		.max_evaluations = UINT64_MAX,
		.max_ns = INT64_MAX,
		.max_cost = NAN,
		.max_tokens = INT64_MAX,
		.max_calls = INT64_MAX,
	};
}

static int
gained(const struct ww_round_best *before, const struct ww_round_best *now)
{
	if (isnan(now->ms))
		return 0;
	if (isnan(before->ms))
		return 1;
	return now->ms < before->low_ms && now->high_ms < before->ms;
}

/* Rounds at the end of the list without an improvement beyond noise: a new best
 * counts only if neither interval holds the other's median. */
static uint32_t
rounds_without_gain(const struct ww_round_best *rounds, size_t n)
{
	struct ww_round_best best = { NAN, NAN, NAN };
	uint32_t without = 0;
	size_t i;

	/* Compared with the last best that counted, so that many small steps
	 * add up to a gain in the end. */
	for (i = 0; i < n; i++) {
		if (gained(&best, &rounds[i])) {
			best = rounds[i];
			without = 0;
		} else {
			without++;
		}
	}
	return without;
}

/* Relative gain over the last two rounds; infinite if there was no best, none if
 * it may be noise. */
static double
recent_gain(const struct ww_round_best *rounds, size_t n)
{
	const struct ww_round_best *before = &rounds[n - 3];
	const struct ww_round_best *now = &rounds[n - 1];

	if (!gained(before, now))
		return 0;
	return isnan(before->ms) ? INFINITY
	                         : (before->ms - now->ms) / before->ms;
}

/* Times well below the floor say that it is none (a wrong number in the task,
 * data that stays in a cache): then it ends nothing. */
static int
is_at_floor(const struct ww_stop_limits *limits, double best_ms)
{
	return limits->floor_margin > 0 &&
	       best_ms <= limits->floor_ms * (1 + limits->floor_margin) &&
	       best_ms >= limits->floor_ms * (1 - limits->floor_margin);
}

unsigned
ww_stop_after_round(const struct ww_stop_limits *limits,
                    const struct ww_round_best *rounds, size_t n)
{
	if (limits->max_rounds > 0 && n >= limits->max_rounds)
		return WW_STOP_ROUNDS;
	if (limits->patience > 0 &&
	    rounds_without_gain(rounds, n) >= limits->patience)
		return WW_STOP_PATIENCE;
	if (limits->min_improvement > 0 && n >= 3 &&
	    recent_gain(rounds, n) < limits->min_improvement)
		return WW_STOP_IMPROVEMENT;
	return WW_STOP_NONE;
}

unsigned
ww_stop_now(const struct ww_stop_limits *limits,
            const struct ww_stop_usage *usage)
{
	if (usage->best_ms <= limits->target)
		return WW_STOP_TARGET;
	if (is_at_floor(limits, usage->best_ms))
		return WW_STOP_FLOOR;
	if (usage->evaluations >= limits->max_evaluations)
		return WW_STOP_EVALUATIONS;
	if (usage->elapsed_ns >= limits->max_ns)
		return WW_STOP_SECONDS;
	return WW_STOP_NONE;
}

unsigned
ww_stop_before_model(const struct ww_stop_limits *limits,
                     const struct ww_stop_usage *usage)
{
	if (usage->cost >= limits->max_cost ||
	    usage->tokens >= limits->max_tokens ||
	    usage->calls >= limits->max_calls)
		return WW_STOP_COST;
	return WW_STOP_NONE;
}
