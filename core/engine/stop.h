/* SPDX-License-Identifier: MIT
 *
 * Stop rules, as pure functions: every strategy stops alike.
 */
#ifndef WW_CORE_STOP_H
#define WW_CORE_STOP_H

#include <stddef.h>
#include <stdint.h>

/* 0, NaN or the type's largest value: no such limit. */
struct ww_stop_limits {
	uint32_t max_rounds;      /* 0 */
	uint32_t patience;        /* 0 */
	double min_improvement;   /* 0 */
	double target;            /* NaN */
	double floor_ms;          /* NaN: no configuration can be faster */
	double floor_margin;      /* 0: how close to it is close enough */
	uint64_t max_evaluations; /* UINT64_MAX */
	int64_t max_ns;           /* INT64_MAX */
	double max_cost;          /* NaN */
	int64_t max_tokens;       /* INT64_MAX */
	int64_t max_calls;        /* INT64_MAX */
};

/* Best so far at the end of a round; all NaN if there is none yet. */
struct ww_round_best {
	double ms, low_ms, high_ms;
};

/* What has been used up. */
struct ww_stop_usage {
	uint64_t evaluations;
	int64_t elapsed_ns;
	double best_ms;  /* NaN: none */
	double cost;
	int64_t tokens;
	int64_t calls;
};

void ww_stop_limits_none(struct ww_stop_limits *limits);
/* WW_STOP_… of core/engine/session.h, or WW_STOP_NONE. `rounds` holds the best
 * so far after each finished round, n of them. */
unsigned ww_stop_after_round(const struct ww_stop_limits *limits,
                             const struct ww_round_best *rounds, size_t n);
unsigned ww_stop_now(const struct ww_stop_limits *limits,
                     const struct ww_stop_usage *usage);
/* Before a strategy that uses a model is asked again. */
unsigned ww_stop_before_model(const struct ww_stop_limits *limits,
                              const struct ww_stop_usage *usage);

#endif
