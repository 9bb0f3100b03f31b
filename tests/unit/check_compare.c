/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>

#include "core/compare/bootstrap.h"
#include "core/compare/score.h"
#include "tests/unit/unit.h"

/* 100, 99, … 1 and four failures; an evaluation takes two seconds. */
static struct ww_landscape *
staircase(void)
{
	double values[104];
	int i;

	for (i = 0; i < 100; i++)
		values[i] = 100 - i;
	for (; i < 104; i++)
		values[i] = NAN;
	return ww_landscape_of(values, 104, 0.5, 1.5);
}

START_TEST(knows_the_places_of_values)
{
	struct ww_landscape *l = staircase();

	ck_assert_uint_eq(l->n_valid, 100);
	ck_assert_uint_eq(l->n_failing, 4);
	ck_assert_double_eq(ww_landscape_optimum(l), 1);
	ck_assert_uint_eq(ww_landscape_place(l, 1), 100);
	ck_assert_uint_eq(ww_landscape_place(l, 100), 1);
	ck_assert_uint_eq(ww_landscape_place(l, 1000), 1);
	ck_assert_double_eq(ww_landscape_at_place(l, 100), 1);
	ck_assert_double_eq(ww_landscape_at_place(l, 1000), 1);
	ck_assert_double_eq(ww_landscape_at_place(l, 0), 100);
	ww_landscape_free(l);
}
END_TEST

START_TEST(expects_of_random_search_what_theory_says)
{
	struct ww_landscape *l = staircase();

	/* The best of k out of 100 stands at place k * 101 / (k + 1). */
	ck_assert_double_eq_tol(ww_landscape_random(l, 1), 50.5, 1e-9);
	ck_assert_double_eq_tol(ww_landscape_random(l, 4), 101 - 80.8, 1e-9);
	ck_assert_double_eq_tol(ww_landscape_random(l, 1e9), 1, 1e-3);
	/* 95 % of the way from 50.5 to 1 is 3.475: place 98 of 100. */
	ck_assert_uint_eq(ww_landscape_cutoff(l, 0.95), 33);
	ck_assert_double_eq_tol(ww_landscape_pace(l, 1, 1),
	                        2.0 + 4.0 / 104 * 2.0, 1e-9);
	ck_assert_double_eq_tol(ww_landscape_pace(l, 8, 1), 1.5 * 1.04, 1e-9);
	ww_landscape_free(l);
}
END_TEST

/* A run that is at `best_ms` from its first evaluation on. */
static struct ww_run *
constant_run(double best_ms)
{
	struct ww_run *run = calloc(1, sizeof *run + sizeof run->points[0]);

	run->n_points = 1;
	run->points[0].seconds = 0;
	run->points[0].best_ms = best_ms;
	return run;
}

static double
score_of(const double *finds, uint32_t n)
{
	struct ww_landscape *l = staircase();
	struct ww_score score;
	uint32_t picked[8];
	double mean;
	uint32_t i;

	ww_score_start(&score, l, n, 1000, 1, 1);
	for (i = 0; i < n; i++) {
		struct ww_run *run = constant_run(finds[i]);

		ww_score_run(&score, i, run);
		picked[i] = i;
		free(run);
	}
	ww_score_finish(&score);
	mean = ww_score_mean(&score, picked, n);
	ww_score_clear(&score);
	ww_landscape_free(l);
	return mean;
}

START_TEST(scores_the_optimum_with_one)
{
	const double best[] = { 1, 1, 1 };
	const double nothing[] = { INFINITY, INFINITY, INFINITY };
	const double mixed[] = { 100, 1, 1 };

	ck_assert_double_eq_tol(score_of(best, 3), 1.0, 1e-9);
	ck_assert_double_lt(score_of(nothing, 3), -1.0);
	/* The median of the runs counts. */
	ck_assert_double_eq_tol(score_of(mixed, 3), 1.0, 1e-9);
}
END_TEST

START_TEST(scores_random_search_with_zero)
{
	struct ww_landscape *l = staircase();
	struct ww_score score;
	struct ww_run *run = calloc(1, sizeof *run +
	                                       200 * sizeof run->points[0]);
	const uint32_t picked[] = { 0 };
	double pace = ww_landscape_pace(l, 1, 1);
	uint32_t i;

	ww_score_start(&score, l, 1, 1000, 1, 1);
	for (i = 0; i < 200; i++) {
		run->points[i].seconds = pace * (i + 1);
		run->points[i].best_ms =
			floor(ww_landscape_random(l, i + 1));
	}
	run->n_points = 200;
	ww_score_run(&score, 0, run);
	ww_score_finish(&score);
	ck_assert_double_eq_tol(ww_score_mean(&score, picked, 1), 0.0, 0.12);
	ww_score_clear(&score);
	free(run);
	ww_landscape_free(l);
}
END_TEST

static double
mean_of(void *context, const uint32_t *picked, uint32_t n)
{
	const double *values = context;
	double sum = 0;
	uint32_t i;

	for (i = 0; i < n; i++)
		sum += values[picked[i]];
	return sum / n;
}

START_TEST(bootstraps_a_mean)
{
	double values[50], value, low, high, again;
	int i;

	for (i = 0; i < 50; i++)
		values[i] = i % 2;
	ww_bootstrap(mean_of, values, 50, &value, &low, &high);
	ck_assert_double_eq_tol(value, 0.5, 1e-12);
	/* 1.96 * sqrt(0.25 / 50) = 0.139 */
	ck_assert_double_eq_tol(low, 0.5 - 0.139, 0.04);
	ck_assert_double_eq_tol(high, 0.5 + 0.139, 0.04);
	ww_bootstrap(mean_of, values, 50, &value, &again, &high);
	ck_assert_double_eq(low, again);
	ww_bootstrap(mean_of, values, 1, &value, &low, &high);
	ck_assert_double_eq(value, 0);
	ck_assert(isnan(low));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("compare");
	TCase *tests = tcase_create("compare");

	tcase_add_test(tests, knows_the_places_of_values);
	tcase_add_test(tests, expects_of_random_search_what_theory_says);
	tcase_add_test(tests, scores_the_optimum_with_one);
	tcase_add_test(tests, scores_random_search_with_zero);
	tcase_add_test(tests, bootstraps_a_mean);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
