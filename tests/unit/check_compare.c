/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>

#include "core/compare/bootstrap.h"
#include "core/compare/curve.h"
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

	/* Index round(k * 101 / (k + 1)) of 100, 99, … 1: 50, 81, 100 capped. */
	ck_assert_double_eq(ww_landscape_random(l, 1), 50);
	ck_assert_double_eq(ww_landscape_random(l, 4), 19);
	ck_assert_double_eq(ww_landscape_random(l, 1e9), 1);
	/* 95 % of the way from 50.5 to 1 is 3.475: index 97, 97 / (101 - 97).
	 * 1 % of it is 50.005: index 50, 50 / 51. */
	ck_assert_uint_eq(ww_landscape_cutoff(l, 0.95), 25);
	ck_assert_uint_eq(ww_landscape_cutoff(l, 0.01), 1);
	/* Not the optimum itself, but what comes before: 98 / (101 - 98). */
	ck_assert_uint_eq(ww_landscape_cutoff(l, 1.0), 33);
	ck_assert_double_eq_tol(ww_landscape_pace(l, 1, 1),
	                        2.0 + 4.0 / 104 * 2.0, 1e-9);
	ck_assert_double_eq_tol(ww_landscape_pace(l, 8, 1), 1.5 * 1.04, 1e-9);
	ww_landscape_free(l);
}
END_TEST

START_TEST(fits_a_falling_curve)
{
	double x[] = { 1, 2, 3, 3, 4, 5 };
	double y[] = { 3, 5, 1, 3, 0, 2 };
	double weight[] = { 1, 1, 1, 1, 1, 1 };
	const double at[] = { 0, 1, 1.5, 2.5, 3, 3.5, 9 };
	const double want[] = { 4, 4, 4, 3, 2, 1.5, 1 };
	double heavy_y[] = { 1, 4, 2 }, heavy[] = { 1, 2, 1 };
	double got[7];
	int i;

	/* 3 and 5 break the order and meet at 4, 0 and 2 at 1; the two points
	 * at 3 are one of value 2. */
	ck_assert_uint_eq(ww_isotonic_fit(x, y, weight, 6), 5);
	ck_assert_double_eq(weight[2], 2);
	ww_lines_at(x, y, 5, at, got, 7);
	for (i = 0; i < 7; i++)
		ck_assert_double_eq_tol(got[i], want[i], 1e-12);
	/* (1 * 1 + 2 * 4) / 3 */
	ck_assert_uint_eq(ww_isotonic_fit((double[]){ 1, 2, 3 }, heavy_y, heavy,
	                                  3),
	                  3);
	ck_assert_double_eq_tol(heavy_y[0], 3, 1e-12);
	ck_assert_double_eq_tol(heavy_y[1], 3, 1e-12);
	ck_assert_double_eq_tol(heavy_y[2], 2, 1e-12);
}
END_TEST

START_TEST(interpolates_without_overshoot)
{
	/* Widths 1 and 2, rises 1 and 1/2: the slope between is
	 * 9 / (5 / 1 + 4 / 0.5) = 9/13, that at the left end
	 * (4 * 1 - 1 * 0.5) / 3 = 7/6, at the right (5 * 0.5 - 2) / 3 = 1/6. */
	const double x[] = { 0, 1, 3 }, y[] = { 0, 1, 2 };
	const double at[] = { 0, 0.5, 1, 2, 3 };
	const double half = 0.5 + (7.0 / 6 - 9.0 / 13) / 8;
	const double two = 1.5 + (9.0 / 13 - 1.0 / 6) / 4;
	const double u[] = { 0, 1, 3, 4, 7 }, v[] = { 9, 5, 5, 1, 0 };
	const double between[] = { 0.5, 2, 3.25, 5.5 };
	double got[5];

	ww_pchip_at(x, y, 3, at, got, 5);
	ck_assert_double_eq_tol(got[0], 0, 1e-12);
	ck_assert_double_eq_tol(got[1], half, 1e-12);
	ck_assert_double_eq_tol(got[2], 1, 1e-12);
	ck_assert_double_eq_tol(got[3], two, 1e-12);
	ck_assert_double_eq_tol(got[4], 2, 1e-12);
	ww_pchip_at(x, y, 2, at, got, 2); /* two points: a line */
	ck_assert_double_eq_tol(got[1], 0.5, 1e-12);
	/* What SciPy's PchipInterpolator says. */
	ww_pchip_at(u, v, 5, between, got, 4);
	ck_assert_double_eq_tol(got[0], 6.33333333, 1e-8);
	ck_assert_double_eq_tol(got[1], 5, 1e-12);
	ck_assert_double_eq_tol(got[2], 4.40858209, 1e-8);
	ck_assert_double_eq_tol(got[3], 0.231343284, 1e-8);
}
END_TEST

/* A run whose evaluations end at these seconds with these objectives. */
static struct ww_run *
run_of(const double (*points)[2], uint32_t n)
{
	struct ww_run *run = calloc(1, sizeof *run + n * sizeof run->points[0]);
	double best = INFINITY;
	uint32_t i;

	run->n_points = n;
	for (i = 0; i < n; i++) {
		best = fmin(best, points[i][1]);
		run->points[i].seconds = points[i][0];
		run->points[i].best_ms = best;
	}
	return run;
}

/* The score of n runs of six evaluations on the staircase. */
static struct ww_score *
start_score(struct ww_landscape *l, const double (*runs)[6][2], uint32_t n,
            uint32_t max_evaluations)
{
	struct ww_score *score = calloc(1, sizeof *score);
	uint32_t i;

	ww_score_start(score, l, n, max_evaluations, 1, 1);
	for (i = 0; i < n; i++) {
		struct ww_run *run = run_of(runs[i], 6);

		ww_score_run(score, i, run);
		free(run);
	}
	ww_score_finish(score);
	return score;
}

static void
end_score(struct ww_score *score)
{
	ww_score_clear(score);
	free(score);
}

static const double three_runs[3][6][2] = {
	{ { 2, 80 }, { 4, 40 }, { 6, 40 }, { 8, 7 }, { 20, 7 }, { 40, 2 } },
	{ { 2, 80 }, { 4, 60 }, { 6, 30 }, { 8, 30 }, { 20, 10 }, { 60, 1 } },
	{ { 2, 80 }, { 4, 5 }, { 6, 5 }, { 8, 5 }, { 20, 3 }, { 40, 3 } },
};

START_TEST(draws_the_baseline)
{
	struct ww_landscape *l = staircase();
	struct ww_score *score = start_score(l, three_runs, 3, 1000);

	/* From 1 to 25 evaluations of 2 s; the pace is 2.077 s, so at its end
	 * a random search has made 24: index round(24 * 101 / 25) = 97. */
	ck_assert_double_eq(score->times[0], 2);
	ck_assert_double_eq_tol(score->times[WW_SCORE_POINTS - 1], 50, 1e-12);
	ck_assert_double_eq(score->covered, 1);
	ck_assert_double_eq_tol(score->baseline[0], 50, 1e-12);
	ck_assert_double_eq_tol(score->baseline[999], 3, 1e-12);
	/* Between whole evaluations: what SciPy makes of the same points. */
	ck_assert_double_eq_tol(score->baseline[1], 49.517999, 1e-6);
	ck_assert_double_eq_tol(score->baseline[100], 22.198566, 1e-6);
	ck_assert_double_eq_tol(score->baseline[500], 6.482736, 1e-6);
	end_score(score);
	ww_landscape_free(l);
}
END_TEST

START_TEST(scores_runs_as_the_methodology_does)
{
	const uint32_t all[] = { 0, 1, 2 }, resampled[] = { 0, 2, 0 };
	struct ww_landscape *l = staircase();
	struct ww_score *score = start_score(l, three_runs, 3, 1000);
	double curve[WW_SCORE_POINTS];

	/* At 2 s all three stand at rank 79. At 4 s the mean of the ranks 39,
	 * 59 and 4 is 34; at 8 s that of 6, 29 and 4 is 13. The point at 60 s
	 * lies beyond the axis and its margin. */
	ww_score_curve(score, all, 3, curve);
	ck_assert_double_eq(curve[0], 80);
	ck_assert_double_eq(curve[42], 35); /* 4.018 s: 33.9 */
	ck_assert_double_eq(curve[125], 14); /* 8.006 s: 13.0 */
	ck_assert_double_eq(curve[999], 3); /* ranks 1 and 2 */
	ck_assert_double_eq_tol(ww_score_mean(score, all, 3),
	                        0.17191936472, 1e-9);
	ck_assert_double_eq_tol(ww_score_mean(score, resampled, 3),
	                        0.40870134201, 1e-9);
	end_score(score);
	ww_landscape_free(l);
}
END_TEST

START_TEST(holds_the_curve_when_most_runs_are_over)
{
	static const double runs[3][6][2] = {
		{ { 2, 60 }, { 4, 50 }, { 6, 50 }, { 8, 40 }, { 9, 40 },
		  { 10, 40 } },
		{ { 2, 60 }, { 4, 50 }, { 6, 50 }, { 8, 40 }, { 9, 40 },
		  { 12, 40 } },
		{ { 2, 60 }, { 4, 50 }, { 6, 50 }, { 8, 40 }, { 14, 40 },
		  { 48, 2 } },
	};
	const uint32_t all[] = { 0, 1, 2 }, early[] = { 0, 1, 1 };
	struct ww_landscape *l = staircase();
	struct ww_score *score = start_score(l, runs, 3, 1000);
	double curve[WW_SCORE_POINTS];

	/* The median run ends at 12 s, the next one at 48 s: until there the
	 * last run is followed, on a line from rank 39 at 14 s to 1 at 48 s. */
	ww_score_curve(score, all, 3, curve);
	ck_assert_double_eq(curve[249], 40);            /* 13.96 s */
	ck_assert_double_eq(curve[603], 21);            /* 30.97 s */
	ck_assert_double_eq(curve[999], 2);
	/* With the ends at 10, 12 and 12 s none comes after the median. */
	ww_score_curve(score, early, 3, curve);
	ck_assert_double_eq(curve[999], 40);
	end_score(score);
	ww_landscape_free(l);
}
END_TEST

/* n runs that are at finds[i] from their first evaluation on. */
static double
score_of(const double *finds, uint32_t n)
{
	struct ww_landscape *l = staircase();
	double runs[3][6][2];
	const uint32_t picked[] = { 0, 1, 2 };
	struct ww_score *score;
	double mean;
	uint32_t i, k;

	for (i = 0; i < n; i++)
		for (k = 0; k < 6; k++) {
			runs[i][k][0] = 2 + 10 * k;
			runs[i][k][1] = finds[i];
		}
	score = start_score(l, (const double(*)[6][2])runs, n, 1000);
	mean = ww_score_mean(score, picked, n);
	end_score(score);
	ww_landscape_free(l);
	return mean;
}

START_TEST(scores_the_optimum_with_one)
{
	const double best[] = { 1, 1, 1 };
	const double nothing[] = { INFINITY, INFINITY, INFINITY };
	const double worst[] = { 100, 100, 100 };

	ck_assert_double_eq_tol(score_of(best, 3), 1.0, 1e-9);
	/* Who finds nothing is where the slowest configuration is. */
	ck_assert_double_eq_tol(score_of(nothing, 3), score_of(worst, 3),
	                        1e-9);
	ck_assert_double_lt(score_of(nothing, 3), -1.0);
}
END_TEST

START_TEST(scores_random_search_with_zero)
{
	struct ww_landscape *l = staircase();
	struct ww_score *score = calloc(1, sizeof *score);
	struct ww_run *run = calloc(1, sizeof *run +
	                                       200 * sizeof run->points[0]);
	const uint32_t picked[] = { 0 };
	double pace = ww_landscape_pace(l, 1, 1);
	uint32_t i;

	ww_score_start(score, l, 1, 1000, 1, 1);
	for (i = 0; i < 200; i++) {
		run->points[i].seconds = pace * (i + 1);
		run->points[i].best_ms = ww_landscape_random(l, i + 1);
	}
	run->n_points = 200;
	ww_score_run(score, 0, run);
	ww_score_finish(score);
	ck_assert_double_eq_tol(ww_score_mean(score, picked, 1), 0.0, 0.02);
	end_score(score);
	free(run);
	ww_landscape_free(l);
}
END_TEST

START_TEST(tells_how_much_of_the_time_is_covered)
{
	struct ww_landscape *l = staircase();
	struct ww_score *score = start_score(l, three_runs, 3, 10);
	double pace = ww_landscape_pace(l, 1, 1);

	/* Ten evaluations of the 25 that the methodology would allow. */
	ck_assert_double_eq_tol(score->times[WW_SCORE_POINTS - 1], 10 * pace,
	                        1e-9);
	ck_assert_double_eq_tol(score->covered, (10 * pace - 2) / 48, 1e-9);
	end_score(score);
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
	tcase_add_test(tests, fits_a_falling_curve);
	tcase_add_test(tests, interpolates_without_overshoot);
	tcase_add_test(tests, draws_the_baseline);
	tcase_add_test(tests, scores_runs_as_the_methodology_does);
	tcase_add_test(tests, holds_the_curve_when_most_runs_are_over);
	tcase_add_test(tests, scores_the_optimum_with_one);
	tcase_add_test(tests, scores_random_search_with_zero);
	tcase_add_test(tests, tells_how_much_of_the_time_is_covered);
	tcase_add_test(tests, bootstraps_a_mean);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
