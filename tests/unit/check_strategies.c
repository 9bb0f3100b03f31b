/* SPDX-License-Identifier: MIT
 *
 * What every strategy promises, whatever its method: the same suite for all that
 * need no model. `plugin check` asks it of strategy llm, too, with a model of its
 * own (tests/integration/plugin-check.t).
 */
#include <math.h>
#include <string.h>

#include "tests/unit/strategy_run.h"
#include "tests/unit/unit.h"

static const char *const strategies[] = {
	"strategy-random",
	"strategy-pattern",
	"strategy-lfbo",
	"strategy-auto",
	"strategy-exhaustive",
	"strategy-anneal",
	"strategy-evolve",
	"strategy-genetic",
	"strategy-greywolf",
};
#define N_STRATEGIES (int)(sizeof strategies / sizeof strategies[0])

static const uint32_t middling[] = { 8, 8, 5, 4, 2, 6 };
static const uint32_t single[] = { 1, 1 };
static const uint32_t vast[] = { 100, 100, 100, 100, 100, 100 };
static const uint32_t small[] = { 4, 3, 2 };

/* About 60 % of the product. */
static int
rule(const uint32_t *indices)
{
	return indices[0] * indices[1] <= 20;
}

/* A bowl with its bottom away from the default and a failing corner. */
static double
bowl(const uint32_t *indices)
{
	double x = indices[0] - 5.0, y = indices[1] - 3.0;

	if (indices[2] == 4 && indices[3] == 0)
		return NAN;
	return 1 + x * x + y * y + (indices[2] != 2) + indices[3] * 0.5;
}

static double
plain(const uint32_t *indices)
{
	return 1 + indices[0];
}

START_TEST(stays_inside_and_repeats_nothing)
{
	struct fake_space space;
	struct strategy_run run = { .plugin = strategies[_i], .space = &space,
		                    .objective = bowl, .seed = 7, .want = 5,
		                    .lag = 3, .evaluations = 150 };

	fake_space_start(&space, 6, middling, rule);
	strategy_run(&run);
	ck_assert_int_eq(run.end, WW_OK);
	ck_assert_uint_eq(run.asked.n, 150);
	ck_assert_uint_eq(run.invalid, 0);
	/* The default is measured by the host before the strategy knows. */
	ck_assert_uint_le(run.duplicate, 1);
	strategy_run_end(&run);
	fake_space_end(&space);
}
END_TEST

START_TEST(is_deterministic)
{
	struct fake_space space;
	struct strategy_run runs[3];
	int i;

	fake_space_start(&space, 6, middling, rule);
	for (i = 0; i < 3; i++) {
		runs[i] = (struct strategy_run){
			.plugin = strategies[_i], .space = &space,
			.objective = bowl, .seed = i < 2 ? 11 : 12,
			.want = 4, .lag = 2, .evaluations = 120 };
		strategy_run(&runs[i]);
		ck_assert_uint_eq(runs[i].asked.n, 120);
	}
	ck_assert_mem_eq(runs[0].asked.rows, runs[1].asked.rows,
	                 120 * 6 * sizeof(uint32_t));
	/* There is one way to try everything in order. */
	if (strcmp(strategies[_i], "strategy-exhaustive") != 0)
		ck_assert_mem_ne(runs[0].asked.rows, runs[2].asked.rows,
		                 120 * 6 * sizeof(uint32_t));
	for (i = 0; i < 3; i++)
		strategy_run_end(&runs[i]);
	fake_space_end(&space);
}
END_TEST

START_TEST(survives_failures_only)
{
	struct fake_space space;
	struct strategy_run run = { .plugin = strategies[_i], .space = &space,
		                    .seed = 3, .want = 1, .lag = 1,
		                    .evaluations = 150, .unlimited = 1 };

	fake_space_start(&space, 6, middling, rule);
	strategy_run(&run);
	ck_assert_int_eq(run.end, WW_OK);
	ck_assert_uint_eq(run.asked.n, 150);
	ck_assert(isinf(run.best));
	strategy_run_end(&run);
	fake_space_end(&space);
}
END_TEST

static const uint32_t patchy[] = { 10, 10, 8, 6 };

/* 22 of 100 pairs, in one region that holds the default. */
static int
is_sick(const uint32_t *indices)
{
	return indices[0] * 10 + indices[1] < 22;
}

/* The best are right beside it. */
static double
edge(const uint32_t *indices)
{
	if (is_sick(indices))
		return NAN;
	return 1 + 0.3 * fabs(indices[0] - 3.0) + 0.2 * fabs(indices[1] - 2.0) +
	       0.1 * fabs(indices[2] - 4.0) + 0.1 * indices[3];
}

START_TEST(leaves_a_failing_region)
{
	struct fake_space space;
	struct strategy_run run = { .plugin = strategies[_i], .space = &space,
		                    .objective = edge, .seed = 9, .want = 5,
		                    .lag = 4, .evaluations = 600 };
	uint32_t sick = 0;
	size_t i;

	fake_space_start(&space, 4, patchy, NULL);
	strategy_run(&run);
	ck_assert_int_eq(run.end, WW_OK);
	ck_assert_uint_eq(run.asked.n, 600);
	ck_assert_uint_eq(run.invalid, 0);
	for (i = 300; i < 600; i++)
		sick += is_sick(ww_points_row(&run.asked, i));
	/* Chance would meet 66, give or take 7. */
	if (strcmp(strategies[_i], "strategy-exhaustive") != 0) {
		ck_assert_uint_lt(sick, 90);
		ck_assert_double_lt(run.best, 2);
	}
	strategy_run_end(&run);
	fake_space_end(&space);
}
END_TEST

START_TEST(tries_a_whole_small_space_then_ends)
{
	struct fake_space space;
	struct strategy_run run = { .plugin = strategies[_i], .space = &space,
		                    .objective = plain, .seed = 5, .want = 4,
		                    .evaluations = 1000 };

	fake_space_start(&space, 3, small, NULL);
	strategy_run(&run);
	ck_assert_int_eq(run.end, WW_EXHAUSTED);
	ck_assert_uint_eq(run.asked.n, 24);
	ck_assert_uint_eq(run.invalid, 0);
	strategy_run_end(&run);
	fake_space_end(&space);
}
END_TEST

START_TEST(ends_at_once_in_a_space_of_one)
{
	struct fake_space space;
	struct strategy_run run = { .plugin = strategies[_i], .space = &space,
		                    .objective = plain, .seed = 5, .want = 4,
		                    .evaluations = 10 };

	fake_space_start(&space, 2, single, NULL);
	strategy_run(&run);
	ck_assert_int_eq(run.end, WW_EXHAUSTED);
	ck_assert_uint_eq(run.asked.n, 1);
	strategy_run_end(&run);
	fake_space_end(&space);
}
END_TEST

START_TEST(works_in_a_space_of_a_million_millions)
{
	struct fake_space space;
	struct strategy_run run = { .plugin = strategies[_i], .space = &space,
		                    .objective = plain, .seed = 5, .want = 10,
		                    .lag = 8, .evaluations = 300 };

	fake_space_start(&space, 6, vast, NULL);
	strategy_run(&run);
	ck_assert_int_eq(run.end, WW_OK);
	ck_assert_uint_eq(run.asked.n, 300);
	ck_assert_uint_eq(run.invalid, 0);
	strategy_run_end(&run);
	fake_space_end(&space);
}
END_TEST

START_TEST(keeps_going_for_ten_thousand_trials)
{
	struct fake_space space;
	struct strategy_run run = { .plugin = strategies[_i], .space = &space,
		                    .objective = bowl, .seed = 2, .want = 20,
		                    .evaluations = 10000 };

	fake_space_start(&space, 6, vast, NULL);
	strategy_run(&run);
	ck_assert_int_eq(run.end, WW_OK);
	ck_assert_uint_eq(run.asked.n, 10000);
	ck_assert_uint_eq(run.invalid, 0);
	ck_assert_uint_le(run.duplicate, 1);
	strategy_run_end(&run);
	fake_space_end(&space);
}
END_TEST

START_TEST(uses_any_budget)
{
	struct fake_space space;
	uint32_t budget;

	fake_space_start(&space, 6, middling, rule);
	for (budget = 2; budget < 30; budget += 3) {
		struct strategy_run run = { .plugin = strategies[_i],
			                    .space = &space,
			                    .objective = bowl, .seed = budget,
			                    .want = 25,
			                    .evaluations = budget };

		strategy_run(&run);
		ck_assert_int_eq(run.end, WW_OK);
		ck_assert_uint_eq(run.asked.n, budget);
		strategy_run_end(&run);
	}
	fake_space_end(&space);
}
END_TEST

/* Most values cost much unless the next slot has the right one. */
static double
jagged(const uint32_t *indices)
{
	double value = 1;
	uint32_t i;

	for (i = 0; i < 6; i++)
		value += 0.1 * indices[i] +
		         3.0 * (indices[i] * 7 % 5 > 2) *
		                 (indices[(i + 1) % 6] != 2);
	return value;
}

/* A long search of auto ends with all moves of one parameter around its best. */
START_TEST(auto_tries_all_that_is_beside_its_best)
{
	static const uint32_t broad[] = { 9, 8, 8, 7, 6, 6 };
	struct fake_space space;
	struct strategy_run run = { .plugin = "strategy-auto",
		                    .space = &space, .objective = jagged,
		                    .seed = 4, .want = 1, .lag = 0,
		                    .evaluations = 500 };
	uint32_t row[FAKE_SLOTS], slot, value;
	size_t best;

	fake_space_start(&space, 6, broad, NULL);
	strategy_run(&run);
	ck_assert_uint_eq(ww_points_best(&run.asked, &best, 1), 1);
	for (slot = 0; slot < 6; slot++)
		for (value = 0; value < broad[slot]; value++) {
			memcpy(row, ww_points_row(&run.asked, best),
			       6 * sizeof *row);
			row[slot] = value;
			ck_assert_uint_ne(ww_points_find(&run.asked, row),
			                  WW_POINT_NONE);
		}
	strategy_run_end(&run);
	fake_space_end(&space);
}
END_TEST

/* -- better than chance -------------------------------------------------------- */

static const uint32_t wide[] = { 12, 10, 8, 6, 4, 3, 2 };

static int
fits(const uint32_t *indices)
{
	return indices[0] * indices[1] <= 70 && indices[2] + indices[3] <= 10;
}

/* One basin; two slots act together. */
static double
slope(const uint32_t *i)
{
	return 1 + 0.1 * fabs(i[0] - 9.0) + 0.1 * fabs(i[1] - 6.0) +
	       0.05 * fabs((double)i[2] - i[3] - 3) + 0.1 * (i[4] != 2) +
	       0.2 * (i[5] != 1);
}

/* A switch (slot 6) that hides the better of two basins. */
static double
basins(const uint32_t *i)
{
	if (i[6] == 0)
		return 2 + 0.2 * fabs(i[0] - 2.0) + 0.1 * i[1];
	return 1 + 0.25 * fabs(i[0] - 7.0) + 0.2 * fabs(i[1] - 8.0) +
	       0.1 * fabs(i[2] - 5.0);
}

/* A region that fails, with the best right beside it. */
static double
cliff(const uint32_t *i)
{
	if (i[0] + i[2] > 13)
		return NAN;
	return 4 - 0.15 * (i[0] + i[2]) + 0.1 * fabs(i[3] - 2.0) +
	       0.1 * fabs(i[1] - 4.0);
}

static double (*const landscapes[])(const uint32_t *indices) = {
	slope, basins, cliff,
};

static const char *const clever[] = {
	"strategy-pattern",
	"strategy-lfbo",
	"strategy-auto",
};

/* Mean of best values over seeds. */
static double
mean_best(const char *plugin, struct fake_space *space,
          double (*objective)(const uint32_t *indices))
{
	double sum = 0;
	int seed;

	for (seed = 1; seed <= 10; seed++) {
		struct strategy_run run = { .plugin = plugin, .space = space,
			                    .objective = objective,
			                    .seed = (uint64_t)seed, .want = 5,
			                    .evaluations = 85 };

		strategy_run(&run);
		sum += run.best;
		strategy_run_end(&run);
	}
	return sum / 10;
}

/* The distance to the optimum that chance leaves is at least halved. */
START_TEST(beats_chance_by_a_clear_margin)
{
	struct fake_space space;
	uint32_t indices[FAKE_SLOTS];
	double chance, mean, optimum = INFINITY;
	uint64_t rank;

	fake_space_start(&space, 7, wide, fits);
	for (rank = 0; rank < 12 * 10 * 8 * 6 * 4 * 3 * 2; rank++) {
		uint64_t rest = rank;
		double value;
		uint32_t k;

		for (k = 0; k < 7; k++) {
			indices[k] = (uint32_t)(rest % wide[k]);
			rest /= wide[k];
		}
		value = fits(indices) ? landscapes[_i / 3](indices) : NAN;
		optimum = value < optimum ? value : optimum;
	}
	chance = mean_best("strategy-random", &space, landscapes[_i / 3]);
	mean = mean_best(clever[_i % 3], &space, landscapes[_i / 3]);
	ck_assert_msg(mean - optimum < 0.5 * (chance - optimum),
	              "%s: %g, chance %g, optimum %g", clever[_i % 3], mean,
	              chance, optimum);
	fake_space_end(&space);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("strategies");
	TCase *promises = tcase_create("promises");
	TCase *quality;

	tcase_set_timeout(promises, 120);
	tcase_add_loop_test(promises, stays_inside_and_repeats_nothing, 0,
	                    N_STRATEGIES);
	tcase_add_loop_test(promises, is_deterministic, 0, N_STRATEGIES);
	tcase_add_loop_test(promises, survives_failures_only, 0, N_STRATEGIES);
	tcase_add_loop_test(promises, leaves_a_failing_region, 0, N_STRATEGIES);
	tcase_add_loop_test(promises, tries_a_whole_small_space_then_ends, 0,
	                    N_STRATEGIES);
	tcase_add_loop_test(promises, ends_at_once_in_a_space_of_one, 0,
	                    N_STRATEGIES);
	tcase_add_loop_test(promises, works_in_a_space_of_a_million_millions, 0,
	                    N_STRATEGIES);
	tcase_add_loop_test(promises, keeps_going_for_ten_thousand_trials, 0,
	                    N_STRATEGIES);
	tcase_add_loop_test(promises, uses_any_budget, 0, N_STRATEGIES);
	tcase_add_test(promises, auto_tries_all_that_is_beside_its_best);
	suite_add_tcase(suite, promises);
	quality = tcase_create("quality");
	tcase_set_timeout(quality, 120);
	tcase_add_loop_test(quality, beats_chance_by_a_clear_margin, 0, 9);
	suite_add_tcase(suite, quality);
	return ww_unit_run(suite);
}
