/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "core/measure/stats.h"
#include "core/plugin/host.h"
#include "tests/unit/unit.h"

START_TEST(knows_order_statistics)
{
	const double samples[] = { 9, 1, 5, 3, 7 };
	struct ww_summary summary;

	ww_summarise(samples, 5, &summary);
	ck_assert_double_eq(summary.median, 5);
	ck_assert_double_eq(summary.mean, 5);
	ck_assert_double_eq_tol(summary.deviation, sqrt(10), 1e-12);
	ck_assert_double_eq(summary.minimum, 1);
	/* Below six samples the interval is the range. */
	ck_assert_double_eq(summary.low, 1);
	ck_assert_double_eq(summary.high, 9);
	ck_assert_double_eq(samples[0], 9);
	ck_assert_double_eq(ww_median(samples, 4), 4);
	ck_assert_double_eq(ww_quantile(samples, 5, 0.25), 3);
	ck_assert_double_eq(ww_quantile(samples, 5, 0), 1);
	ck_assert_double_eq(ww_quantile(samples, 5, 1), 9);
	ck_assert_double_nan(ww_median(samples, 0));
}
END_TEST

/* Ranks (from 1) of the interval's ends, from tables of the sign test: the
 * largest r with 2 * P(Bin(n, 1/2) < r) <= 0.05. */
static const struct {
	size_t n, low;
} ranks[] = { { 1, 1 },  { 2, 1 },  { 5, 1 },  { 6, 1 },  { 8, 1 },
	      { 9, 2 },  { 11, 2 }, { 12, 3 }, { 15, 4 }, { 20, 6 },
	      { 25, 8 }, { 50, 18 }, { 100, 40 } };

START_TEST(bounds_the_median_by_the_binomial)
{
	double samples[100];
	struct ww_summary summary;
	size_t i;

	for (i = 0; i < ranks[_i].n; i++)
		samples[i] = (double)(i + 1);
	ww_summarise(samples, ranks[_i].n, &summary);
	ck_assert_double_eq(summary.low, (double)ranks[_i].low);
	ck_assert_double_eq(summary.high,
	                    (double)(ranks[_i].n + 1 - ranks[_i].low));
}
END_TEST

/* A skewed distribution like that of run times: exponential, median ln 2. */
START_TEST(covers_the_true_median)
{
	struct ww_random_stream stream;
	struct ww_summary summary;
	double samples[20];
	int trial, covered = 0;
	size_t i;

	ww_random_start(&stream, 20261122);
	for (trial = 0; trial < 4000; trial++) {
		for (i = 0; i < 20; i++)
			samples[i] = -log(1 - ww_random_unit(&stream.random));
		ww_summarise(samples, 20, &summary);
		covered += summary.low <= log(2) && log(2) <= summary.high;
	}
	/* With ranks 6 and 15 the exact probability is 0.9586. */
	ck_assert_double_eq_tol(covered / 4000.0, 0.9586, 0.01);
}
END_TEST

START_TEST(knows_student)
{
	/* From the usual tables. */
	ck_assert_double_eq_tol(ww_t_quantile(1), 12.706, 1e-3);
	ck_assert_double_eq_tol(ww_t_quantile(6), 2.447, 1e-3);
	ck_assert_double_eq_tol(ww_t_quantile(10), 2.228, 1e-3);
	ck_assert_double_eq_tol(ww_t_quantile(11), 2.201, 1e-3);
	ck_assert_double_eq_tol(ww_t_quantile(31), 2.040, 1e-3);
	ck_assert_double_eq_tol(ww_t_quantile(1000), 1.962, 1e-3);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stats");
	TCase *tests = tcase_create("stats");

	tcase_add_test(tests, knows_order_statistics);
	tcase_add_loop_test(tests, bounds_the_median_by_the_binomial, 0,
	                    sizeof ranks / sizeof ranks[0]);
	tcase_add_test(tests, covers_the_true_median);
	tcase_add_test(tests, knows_student);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
