/* SPDX-License-Identifier: MIT
 *
 * The parts of strategy auto's process that a short search does not show: where
 * it has stalled and looks elsewhere, and what it learns from when results are
 * too many.
 */
#include <math.h>
#include <string.h>

#include "plugins/common/improvement.h"
#include "tests/unit/fake_host.h"
#include "tests/unit/unit.h"

#define WIDTH 11 /* of each of three slots */

static const uint32_t counts[] = { WIDTH, WIDTH, WIDTH };
/* Steps of a tenth: the first is near the bottom, the others are far. */
static const uint32_t bottom[] = { 0, 0, 0 };
static const uint32_t near_it[] = { 5, 5, 0 };
static const uint32_t far_off[] = { 10, 10, 0 };
static const uint32_t farther[] = { 10, 0, 10 };

static struct fake_space space;
static struct fake_host host;
static struct ww_search search;
static struct ww_basins basins;
static const struct ww_plugin plugin = { .name = "test" };

static void
start(void)
{
	struct fake_call call;

	fake_space_start(&space, 3, counts, NULL);
	fake_host_start(&host, &plugin, NULL, 5);
	fake_call_start(&call);
	ck_assert_int_eq(ww_search_start(&search, &call.call, &host.host,
	                                 &space.space, "test"), WW_OK);
	ww_basins_start(&basins, &search);
}

static void
end(void)
{
	ww_basins_clear(&basins);
	ww_search_clear(&search);
	fake_space_end(&space);
}

static void
tell(const uint32_t *row, double objective)
{
	struct ww_trial trial = { .size = sizeof trial, .indices = row,
		                  .objective = objective };

	ck_assert_int_eq(ww_points_tell(&search.known, &trial), WW_OK);
}

/* n results that are not worth a look, all of them near the bottom. */
static void
tell_poor(size_t n)
{
	static const uint32_t size = 6;
	uint32_t i;

	for (i = 0; n > 0 && i < size * size * size; i++) {
		uint32_t row[] = { i % size, i / size % size,
			           i / size / size };

		if (row[0] + row[1] + row[2] < 12 &&
		    ww_points_find(&search.known, row) == WW_POINT_NONE) {
			tell(row, 100 + i);
			n--;
		}
	}
	ck_assert_uint_eq(n, 0);
}

static int
update(void)
{
	int changed = 0;

	ck_assert_int_eq(ww_basins_update(&basins, &changed), WW_OK);
	return changed;
}

/* Three slots of the same numbers, of which two hold the same one; then slots of
 * two values, and of different numbers, which have nothing to exchange. */
START_TEST(slots_of_the_same_numbers_exchange_them)
{
	static const uint32_t from[] = { 2, 9, 2 }, wanted[][3] = {
		{ 9, 2, 2 }, { 2, 2, 9 },
	};
	static const uint32_t pairs[] = { 2, 2, 5 }, mixed[] = { 0, 1, 4 };
	struct fake_space other;
	struct ww_moves moves;
	uint32_t i;

	ck_assert(ww_moves_start(&moves, &space.space, &search.known));
	ck_assert_int_eq(ww_moves_exchange(&moves, from), WW_OK);
	ck_assert_uint_eq(moves.found.n, 2);
	for (i = 0; i < 2; i++)
		ck_assert_uint_ne(ww_points_find(&moves.found, wanted[i]),
		                  WW_POINT_NONE);
	ww_moves_clear(&moves);
	fake_space_start(&other, 3, pairs, NULL);
	ck_assert(ww_moves_start(&moves, &other.space, &search.known));
	ck_assert_int_eq(ww_moves_exchange(&moves, mixed), WW_OK);
	ck_assert_uint_eq(moves.found.n, 0);
	ww_moves_clear(&moves);
	fake_space_end(&other);
}
END_TEST

START_TEST(nothing_is_closed_while_it_gets_better)
{
	uint32_t i;

	for (i = 0; i < 200; i++) {
		uint32_t row[] = { i % WIDTH, i / WIDTH % WIDTH,
			           i / WIDTH / WIDTH };

		tell(row, 1000 - i);
		ck_assert_int_eq(update(), 0);
	}
	ck_assert(ww_basins_outside(&basins, bottom));
}
END_TEST

/* The bottom stalls, with two places known elsewhere. */
static void
stall(void)
{
	tell(far_off, 3);
	tell(farther, 2);
	tell_poor(110);
	tell(bottom, 1);
	ck_assert_int_eq(update(), 0);
	tell_poor(19);
	ck_assert_int_eq(update(), 0);
	tell_poor(1);
	ck_assert_int_eq(update(), 1);
}

START_TEST(what_stalled_is_closed_with_what_is_near)
{
	size_t best[8];

	stall();
	ck_assert(!ww_basins_outside(&basins, bottom));
	ck_assert(!ww_basins_outside(&basins, near_it));
	ck_assert(ww_basins_outside(&basins, far_off));
	ck_assert_uint_eq(ww_basins_best(&basins, best, 8), 2);
	ck_assert_mem_eq(ww_points_row(&search.known, best[0]), farther,
	                 sizeof farther);
	ck_assert_mem_eq(ww_points_row(&search.known, best[1]), far_off,
	                 sizeof far_off);
	ck_assert_uint_eq(ww_basins_best(&basins, best, 1), 1);
	ck_assert_mem_eq(ww_points_row(&search.known, best[0]), farther,
	                 sizeof farther);
}
END_TEST

START_TEST(a_hunt_ends_when_it_finds_nothing_better)
{
	static const uint32_t better[] = { 10, 1, 10 };

	stall();
	tell_poor(29);
	ck_assert_int_eq(update(), 0);
	tell(better, 1.5);
	ck_assert_int_eq(update(), 0);
	tell_poor(29);
	ck_assert_int_eq(update(), 0);
	ck_assert(ww_basins_outside(&basins, farther));
	tell_poor(1);
	ck_assert_int_eq(update(), 1);
	ck_assert(!ww_basins_outside(&basins, farther));
	ck_assert(ww_basins_outside(&basins, far_off));
}
END_TEST

START_TEST(all_is_open_again_when_nothing_is_left)
{
	tell_poor(120);
	tell(bottom, 1);
	update();
	tell_poor(20);
	update();
	ck_assert_uint_eq(basins.closed.n, 0);
	ck_assert(ww_basins_outside(&basins, bottom));
}
END_TEST

/* Of many results the process gets the best and some of the others, and those
 * of the last time stay in their places. */
START_TEST(learns_from_a_part_of_many_results)
{
	struct ww_improvement improvement;
	uint32_t row[3], i;
	size_t k, n_best = 0, first;

	ck_assert(ww_improvement_start(&improvement, &search));
	for (i = 0; i < 900; i++) {
		uint32_t number = i * 197 % (WIDTH * WIDTH * WIDTH);
		uint32_t at[] = { number % WIDTH, number / WIDTH % WIDTH,
			          number / WIDTH / WIDTH };

		tell(at, 1 + i);
	}
	ck_assert_int_eq(ww_improvement_pick(&improvement, row), WW_OK);
	ck_assert_uint_lt(improvement.process.n, 450);
	ck_assert_uint_gt(improvement.process.n, 300);
	for (k = 0; k < improvement.n_kept; k++)
		n_best += improvement.kept[k] < 150 ? 1 : 0;
	ck_assert_uint_eq(n_best, 150);
	ck_assert_uint_gt(improvement.kept[improvement.n_kept - 1], 850);
	first = improvement.process.n;
	tell(row, 0.5);
	ck_assert_int_eq(ww_improvement_pick(&improvement, row), WW_OK);
	ck_assert_uint_eq(improvement.process.n, first + 1);
	ww_improvement_clear(&improvement);
}
END_TEST

/* Once it has stalled, picks are for far from the bottom in turn. */
START_TEST(every_other_pick_is_elsewhere)
{
	struct ww_improvement improvement;
	uint32_t row[3];
	int i, n_outside = 0;

	ck_assert(ww_improvement_start(&improvement, &search));
	stall();
	ck_assert_int_eq(ww_improvement_pick(&improvement, row), WW_OK);
	ck_assert_uint_eq(improvement.basins.closed.n, 0);
	tell_poor(20);
	for (i = 0; i < 10; i++) {
		int outside;

		ck_assert_int_eq(ww_improvement_pick(&improvement, row), WW_OK);
		ck_assert_uint_eq(improvement.basins.closed.n, 1);
		outside = ww_basins_outside(&improvement.basins, row);
		ck_assert(outside || search.known.n % 2 == 1);
		n_outside += outside;
		tell(row, 50 + i);
	}
	ck_assert_int_ge(n_outside, 5);
	ww_improvement_clear(&improvement);
}
END_TEST

/* Before anything else a bottom is looked at with its sides exchanged, which is
 * elsewhere, however near. */
START_TEST(the_bottom_is_turned_first)
{
	static const uint32_t slanted[] = { 7, 9, 7 },
		turned[][3] = { { 9, 7, 7 }, { 7, 7, 9 } };
	struct ww_improvement improvement;
	uint32_t row[3], i;

	ck_assert(ww_improvement_start(&improvement, &search));
	tell(farther, 2);
	tell_poor(110);
	tell(slanted, 1);
	ck_assert_int_eq(ww_improvement_pick(&improvement, row), WW_OK);
	tell_poor(20);
	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(ww_improvement_pick(&improvement, row), WW_OK);
		ck_assert_mem_eq(row, turned[i], sizeof row);
		ck_assert(ww_basins_outside(&improvement.basins, row));
		tell(row, 50);
	}
	ck_assert(!ww_basins_outside(&improvement.basins, slanted));
	ck_assert_int_eq(ww_improvement_pick(&improvement, row), WW_OK);
	ww_improvement_clear(&improvement);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("improvement");
	TCase *tests = tcase_create("tests");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, start, end);
	tcase_add_test(tests, slots_of_the_same_numbers_exchange_them);
	tcase_add_test(tests, nothing_is_closed_while_it_gets_better);
	tcase_add_test(tests, what_stalled_is_closed_with_what_is_near);
	tcase_add_test(tests, a_hunt_ends_when_it_finds_nothing_better);
	tcase_add_test(tests, all_is_open_again_when_nothing_is_left);
	tcase_add_test(tests, learns_from_a_part_of_many_results);
	tcase_add_test(tests, every_other_pick_is_elsewhere);
	tcase_add_test(tests, the_bottom_is_turned_first);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
