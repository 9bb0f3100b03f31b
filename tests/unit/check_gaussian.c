/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "plugins/common/gaussian.h"
#include "plugins/common/levels.h"
#include "tests/unit/fake_host.h"
#include "tests/unit/unit.h"

#define N 40

static const uint32_t counts[] = { 8, 8, 8 };
static struct fake_space space;
static struct ww_gaussian process;
static uint32_t rows[2 * N][3];
static const uint32_t *examples[2 * N];
static double values[2 * N];

/* Slot 0 decides, slot 1 has a say, slot 2 has none. */
static double
truth(const uint32_t *row)
{
	double x = row[0] - 5.0, y = row[1] - 2.0;

	return x * x + 0.3 * y * y + 0.2 * x * y;
}

/* Different points all over the space, in no order. */
static void
start(void)
{
	size_t i;

	fake_space_start(&space, 3, counts, NULL);
	ck_assert(ww_gaussian_start(&process, &space.space));
	for (i = 0; i < 2 * N; i++) {
		size_t number = (i * 197 + 11) % 512;

		rows[i][0] = (uint32_t)(number % 8);
		rows[i][1] = (uint32_t)(number / 8 % 8);
		rows[i][2] = (uint32_t)(number / 64);
		examples[i] = rows[i];
		values[i] = truth(rows[i]);
	}
}

static void
end(void)
{
	ww_gaussian_clear(&process);
	fake_space_end(&space);
}

START_TEST(expects_what_is_there)
{
	double wrong = 0, spread = 0, mean = 0;
	size_t i;

	ck_assert_int_eq(ww_gaussian_fit(&process, examples, values, N, 30),
	                 WW_OK);
	for (i = 0; i < N; i++)
		mean += values[i] / N;
	for (i = N; i < 2 * N; i++) {
		wrong += pow(ww_gaussian_mean(&process, rows[i]) - values[i],
		             2);
		spread += pow(values[i] - mean, 2);
	}
	ck_assert_double_lt(wrong, 0.02 * spread);
}
END_TEST

START_TEST(learns_what_counts)
{
	ww_gaussian_fit(&process, examples, values, N, 30);
	ck_assert_double_lt(process.learnt[0], process.learnt[2]);
	ck_assert_double_lt(process.learnt[1], process.learnt[2]);
	ck_assert_double_lt(process.weights[WW_WEIGHT_NOISE], 0.01);
}
END_TEST

/* Looks at the second half. */
static void
look(double *means, double *variances)
{
	ck_assert_int_eq(ww_gaussian_look(&process, means, variances), WW_OK);
}

START_TEST(looking_again_is_like_looking_anew)
{
	double means[N + WW_GAUSSIAN_BLOCK], again[N + WW_GAUSSIAN_BLOCK];
	double variances[N + WW_GAUSSIAN_BLOCK];
	double variances_again[N + WW_GAUSSIAN_BLOCK];
	size_t i, n;

	ww_gaussian_fit(&process, examples, values, 12, 20);
	for (i = N; i < 2 * N; i++)
		ck_assert_int_eq(ww_gaussian_watch(&process, rows[i]), WW_OK);
	for (n = 12; n <= N; n++) {
		ww_gaussian_fit(&process, examples, values, n, 0);
		look(again, variances_again);
	}
	ww_gaussian_set(&process);
	ww_gaussian_fit(&process, examples, values, N, 0);
	look(means, variances);
	for (i = 0; i < N; i++) {
		ck_assert_double_eq_tol(means[i], again[i], 1e-8);
		ck_assert_double_eq_tol(variances[i], variances_again[i],
		                        1e-8);
		ck_assert_double_eq_tol(means[i],
		                        ww_gaussian_mean(&process, rows[N + i]),
		                        1e-6);
	}
}
END_TEST

START_TEST(is_sure_of_what_it_saw)
{
	double means[2 + WW_GAUSSIAN_BLOCK], variances[2 + WW_GAUSSIAN_BLOCK];

	ww_gaussian_fit(&process, examples, values, 12, 0);
	ww_gaussian_watch(&process, rows[0]);
	ww_gaussian_watch(&process, rows[N]);
	look(means, variances);
	ck_assert_double_lt(variances[0], 0.1 * variances[1]);
}
END_TEST

START_TEST(equal_values_are_no_trouble)
{
	size_t i;

	for (i = 0; i < N; i++)
		values[i] = 3;
	ck_assert_int_eq(ww_gaussian_fit(&process, examples, values, N, 12),
	                 WW_OK);
	ck_assert_double_eq_tol(ww_gaussian_mean(&process, rows[N]), 3, 1e-6);
}
END_TEST

START_TEST(round_numbers_are_alike)
{
	struct ww_value numbers[8];
	struct ww_slot slot = { .values = numbers, .n_values = 8,
		                .flags = WW_SLOT_ORDERED };
	struct ww_space sizes = { .n_slots = 1, .slots = &slot };
	static const double reaches[2];
	struct ww_factors factors;
	uint32_t i;

	for (i = 0; i < 8; i++)
		numbers[i] = (struct ww_value){ .type = WW_VALUE_INT,
			                        .integer = 8 * (i + 1),
			                        .number = 8 * (i + 1) };
	ck_assert(ww_factors_start(&factors, &sizes));
	ck_assert_uint_eq(factors.n, 2);
	ww_factors_set(&factors, reaches, 0);
	/* 32 is more like 64 than like 40. */
	ck_assert_double_gt(ww_factor_alike(&factors.of[1], 3, 7),
	                    ww_factor_alike(&factors.of[1], 3, 4));
	ck_assert_double_lt(ww_factor_alike(&factors.of[0], 3, 7),
	                    ww_factor_alike(&factors.of[0], 3, 4));
	ww_factors_clear(&factors);
}
END_TEST

START_TEST(levels_keep_the_order)
{
	static const double objectives[] = { 5, 1, INFINITY, 900, 2, 7, 1.1 };
	double levels[7];

	ck_assert(ww_levels_make(objectives, 7, levels));
	ck_assert_double_lt(levels[1], levels[6]);
	ck_assert_double_lt(levels[6], levels[4]);
	ck_assert_double_lt(levels[4], levels[0]);
	ck_assert_double_lt(levels[0], levels[5]);
	ck_assert_double_lt(levels[5], levels[3]);
	ck_assert_double_gt(levels[2], levels[0]);
	ck_assert_double_le(levels[2], levels[3]);
	ck_assert_double_lt(levels[3], 4);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("gaussian");
	TCase *learning = tcase_create("learning");

	tcase_add_checked_fixture(learning, start, end);
	tcase_add_test(learning, expects_what_is_there);
	tcase_add_test(learning, learns_what_counts);
	tcase_add_test(learning, looking_again_is_like_looking_anew);
	tcase_add_test(learning, is_sure_of_what_it_saw);
	tcase_add_test(learning, equal_values_are_no_trouble);
	tcase_add_test(learning, round_numbers_are_alike);
	tcase_add_test(learning, levels_keep_the_order);
	suite_add_tcase(suite, learning);
	return ww_unit_run(suite);
}
