/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "core/engine/session.h"
#include "core/engine/stop.h"
#include "tests/unit/unit.h"

/* Best so far after each round with a half width of its interval, and what the
 * rules say; 0 ends a row, -1 stands for "none yet". */
static const struct {
	double best[8];
	double half;
	uint32_t max_rounds, patience;
	double min_improvement;
	unsigned stop;
	const char *why;
} rounds[] = {
	{ { 10 }, 0.1, 5, 2, 0.01, WW_STOP_NONE, "first round" },
	{ { 10, 9, 8, 7, 6 }, 0.1, 5, 2, 0.01, WW_STOP_ROUNDS, "all rounds" },
	{ { 10, 9, 8, 7, 6 }, 0.1, 0, 2, 0.01, WW_STOP_NONE, "no limit" },
	{ { 10, 10, 10 }, 0.1, 5, 2, 0, WW_STOP_PATIENCE, "nothing gained" },
	{ { 10, 10 }, 0.1, 5, 2, 0, WW_STOP_NONE, "one round is allowed" },
	{ { 10, 9.95, 9.92 }, 0.1, 5, 2, 0, WW_STOP_PATIENCE, "only noise" },
	{ { 10, 9.95, 9.88 }, 0.1, 5, 2, 0, WW_STOP_NONE, "noise adds up" },
	{ { 10, 9.95, 9.88 }, 0.1, 5, 0, 0, WW_STOP_NONE, "no patience rule" },
	{ { 10, 9, 9, 8 }, 0.1, 5, 2, 0, WW_STOP_NONE, "gained again" },
	{ { 10, 9.96, 9.92 }, 0.001, 5, 2, 0.01, WW_STOP_IMPROVEMENT,
	  "0.8 % in two rounds" },
	{ { 10, 9.96, 9.89 }, 0.001, 5, 2, 0.01, WW_STOP_NONE,
	  "1.1 % in two rounds" },
	{ { 10, 9.9, 9.8 }, 0.25, 5, 0, 0.01, WW_STOP_IMPROVEMENT,
	  "2 % in two rounds, but that may be noise" },
	{ { 10, 9.9, 9.8 }, 0.05, 5, 0, 0.01, WW_STOP_NONE,
	  "2 % beyond the noise" },
	{ { 10, 9.99 }, 0.001, 5, 2, 0.01, WW_STOP_NONE,
	  "two rounds are not over" },
	{ { -1, -1 }, 0.1, 5, 2, 0.01, WW_STOP_PATIENCE, "nothing ever ran" },
	{ { -1, 10 }, 0.1, 5, 2, 0.01, WW_STOP_NONE, "the first that ran" },
	{ { -1, 10, 10 }, 0.1, 5, 2, 0.01, WW_STOP_NONE, "one round after it" },
};

START_TEST(rounds_end_the_search)
{
	struct ww_stop_limits limits;
	struct ww_round_best history[8];
	size_t n;

	ww_stop_limits_none(&limits);
	limits.max_rounds = rounds[_i].max_rounds;
	limits.patience = rounds[_i].patience;
	limits.min_improvement = rounds[_i].min_improvement;
	for (n = 0; n < 8 && rounds[_i].best[n] != 0; n++) {
		double ms = rounds[_i].best[n] < 0 ? NAN : rounds[_i].best[n];

		history[n] = (struct ww_round_best){
			ms, ms - rounds[_i].half, ms + rounds[_i].half
		};
	}
	ck_assert_msg(ww_stop_after_round(&limits, history, n) ==
	                      rounds[_i].stop,
	              "%s: %s", rounds[_i].why,
	              ww_stop_name(ww_stop_after_round(&limits, history, n)));
}
END_TEST

static const struct {
	struct ww_stop_usage usage;
	unsigned stop;
	unsigned before_model;
} usages[] = {
	{ { .evaluations = 9, .best_ms = 5 }, WW_STOP_NONE, WW_STOP_NONE },
	{ { .evaluations = 10, .best_ms = 5 }, WW_STOP_EVALUATIONS,
	  WW_STOP_NONE },
	{ { .evaluations = 10, .best_ms = 2 }, WW_STOP_TARGET, WW_STOP_NONE },
	{ { .best_ms = NAN }, WW_STOP_NONE, WW_STOP_NONE },
	{ { .elapsed_ns = 1000, .best_ms = NAN }, WW_STOP_SECONDS,
	  WW_STOP_NONE },
	{ { .cost = 0.5, .best_ms = 5 }, WW_STOP_NONE, WW_STOP_COST },
	{ { .tokens = 100, .best_ms = 5 }, WW_STOP_NONE, WW_STOP_COST },
	{ { .calls = 3, .best_ms = 5 }, WW_STOP_NONE, WW_STOP_COST },
};

START_TEST(budgets_end_the_search)
{
	struct ww_stop_limits limits;
	struct ww_stop_limits none;

	ww_stop_limits_none(&none);
	limits = none;
	limits.target = 2;
	limits.max_evaluations = 10;
	limits.max_ns = 1000;
	limits.max_cost = 0.5;
	limits.max_tokens = 100;
	limits.max_calls = 3;
	ck_assert_uint_eq(ww_stop_now(&limits, &usages[_i].usage),
	                  usages[_i].stop);
	ck_assert_uint_eq(ww_stop_before_model(&limits, &usages[_i].usage),
	                  usages[_i].before_model);
	ck_assert_uint_eq(ww_stop_now(&none, &usages[_i].usage), WW_STOP_NONE);
	ck_assert_uint_eq(ww_stop_before_model(&none, &usages[_i].usage),
	                  WW_STOP_NONE);
}
END_TEST

/* Within the margin around the floor; what is far below shows that it is none. */
START_TEST(the_time_floor_ends_the_search)
{
	static const struct {
		double best, margin;
		unsigned stop;
	} rows[] = {
		{ 2.07, 0.03, WW_STOP_NONE },  { 2.05, 0.03, WW_STOP_FLOOR },
		{ 1.98, 0.03, WW_STOP_FLOOR }, { 1.5, 0.03, WW_STOP_NONE },
		{ 2.0, 0, WW_STOP_NONE },      { NAN, 0.03, WW_STOP_NONE },
	};
	struct ww_stop_usage usage = { 0 };
	struct ww_stop_limits limits;

	ww_stop_limits_none(&limits);
	usage.best_ms = rows[_i].best;
	limits.floor_margin = rows[_i].margin;
	ck_assert_uint_eq(ww_stop_now(&limits, &usage), WW_STOP_NONE);
	limits.floor_ms = 2;
	ck_assert_uint_eq(ww_stop_now(&limits, &usage), rows[_i].stop);
	ck_assert_str_eq(ww_stop_name(WW_STOP_FLOOR), "time_floor");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stop");
	TCase *tests = tcase_create("stop");

	tcase_add_loop_test(tests, rounds_end_the_search, 0,
	                    sizeof rounds / sizeof rounds[0]);
	tcase_add_loop_test(tests, the_time_floor_ends_the_search, 0, 6);
	tcase_add_loop_test(tests, budgets_end_the_search, 0,
	                    sizeof usages / sizeof usages[0]);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
