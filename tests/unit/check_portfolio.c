/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "core/engine/portfolio.h"
#include "tests/unit/unit.h"

#define SLOTS 2u

static struct ww_portfolio *portfolio; /* of the running test */

static void
set_up(void)
{
	portfolio = ww_portfolio_new(SLOTS);
}

static void
tear_down(void)
{
	ww_portfolio_free(portfolio);
}

static void
add(uint32_t a, uint32_t b, double objective)
{
	const uint32_t row[SLOTS] = { a, b };

	ww_portfolio_add(portfolio, row, objective);
}

START_TEST(one_source_gives_its_best)
{
	uint32_t rows[3 * SLOTS];

	ww_portfolio_source(portfolio);
	add(0, 0, 4);
	add(1, 1, 2);
	add(2, 2, INFINITY);
	add(3, 3, 1);
	ck_assert_uint_eq(ww_portfolio_choose(portfolio, 2, rows), 2);
	ck_assert_uint_eq(rows[0], 3);
	ck_assert_uint_eq(rows[2], 1);
	/* What only failed is not worth a try. */
	ck_assert_uint_eq(ww_portfolio_choose(portfolio, 3, rows), 3);
	ck_assert_uint_eq(rows[4], 0);
}
END_TEST

/* The best compromise first, then what is best on one source each, and only then
 * the second compromise. */
START_TEST(every_source_is_covered)
{
	uint32_t rows[4 * SLOTS];

	ww_portfolio_source(portfolio);
	add(0, 0, 1);
	add(0, 1, 100);
	add(5, 5, 1.6);
	add(6, 6, 1.7);
	ww_portfolio_source(portfolio);
	add(0, 0, 100);
	add(0, 1, 7);
	add(5, 5, 11);
	add(6, 6, 12);
	ck_assert_uint_eq(ww_portfolio_choose(portfolio, 4, rows), 4);
	ck_assert_uint_eq(rows[0], 5);
	ck_assert_uint_eq(rows[2], 0);
	ck_assert_uint_eq(rows[4], 0);
	ck_assert_uint_ne(rows[3], rows[5]);
	ck_assert_uint_eq(rows[6], 6);
}
END_TEST

/* A neighbour of a chosen one gives way to something else. */
START_TEST(neighbours_are_tried_once)
{
	uint32_t rows[8 * SLOTS];
	uint32_t i;

	ww_portfolio_source(portfolio);
	for (i = 0; i < 8; i++)
		add(0, i, 1 + i * 0.01);
	add(3, 9, 5);
	ck_assert_uint_eq(ww_portfolio_choose(portfolio, 8, rows), 2);
	ck_assert_uint_eq(rows[1], 0);
	ck_assert_uint_eq(rows[2], 3);
}
END_TEST

/* However much one source knows, it is one place. */
START_TEST(one_source_has_few_places)
{
	uint32_t rows[10 * SLOTS];
	uint32_t i;

	ww_portfolio_source(portfolio);
	for (i = 0; i < 20; i++)
		add(i, i, 1 + i);
	ck_assert_uint_eq(ww_portfolio_choose(portfolio, 10, rows), 4);
	ww_portfolio_source(portfolio);
	for (i = 0; i < 20; i++)
		add(i, i, 21 - i);
	ck_assert_uint_eq(ww_portfolio_choose(portfolio, 10, rows), 8);
}
END_TEST

START_TEST(the_last_result_counts)
{
	uint32_t rows[2 * SLOTS];

	ww_portfolio_source(portfolio);
	add(0, 0, 3);
	add(1, 1, 2);
	add(1, 1, 5);
	ck_assert_uint_eq(ww_portfolio_choose(portfolio, 2, rows), 2);
	ck_assert_uint_eq(rows[1], 0);
	ck_assert_uint_eq(rows[3], 1);
}
END_TEST

START_TEST(nothing_known_gives_nothing)
{
	uint32_t rows[SLOTS];

	ck_assert_uint_eq(ww_portfolio_choose(portfolio, 1, rows), 0);
	ww_portfolio_source(portfolio);
	add(1, 1, NAN);
	ck_assert_uint_eq(ww_portfolio_choose(portfolio, 1, rows), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("portfolio");
	TCase *tests = tcase_create("portfolio");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, one_source_gives_its_best);
	tcase_add_test(tests, every_source_is_covered);
	tcase_add_test(tests, neighbours_are_tried_once);
	tcase_add_test(tests, one_source_has_few_places);
	tcase_add_test(tests, the_last_result_counts);
	tcase_add_test(tests, nothing_known_gives_nothing);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
