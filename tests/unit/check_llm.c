/* SPDX-License-Identifier: MIT
 *
 * Strategy llm's rounds: who fills them, repair, coverage, polish, and which
 * failures it hands on.
 */
#include <string.h>

#include "tests/unit/llm_scene.h"
#include "tests/unit/unit.h"

START_TEST(rounds_are_filled_by_the_model)
{
	struct scene s;
	uint32_t n;

	scene_start(&s, "g", NULL);
	ck_assert_str_eq(s.filler, "pattern"); /* auto is not there */
	ck_assert_int_eq(play(1, 25, 84, &n, NULL), WW_OK);
	ck_assert_uint_eq(n, 25);
	ck_assert_uint_eq(s.requests, 1);
	ck_assert_uint_eq(s.initial, 1);
	ck_assert_uint_eq(s.partner_asks, 0);
	/* Four fifths are the model's; the rest is far from those. */
	ck_assert_uint_eq(s.families[3], 20);
	ck_assert_uint_eq(s.families[1] + s.families[5], 5);
	ck_assert_int_eq(play(2, 15, 59, &n, NULL), WW_OK);
	ck_assert_uint_eq(n, 15);
	ck_assert_uint_ge(s.families[2], 2);
	ck_assert_uint_ge(s.families[3], 2);
	ck_assert_uint_ge(s.families[4], 1);
	ck_assert_uint_eq(s.initial, 1);
	ck_assert_uint_eq(s.told_to_partner, 26);
	scene_end();
}
END_TEST

START_TEST(what_the_model_leaves_out_the_partner_adds)
{
	static const char *const set[] = { "coverage=false", NULL };
	struct scene s;
	uint32_t n;

	scene_start(&s, "h", set);
	ck_assert_int_eq(play(1, 20, 80, &n, NULL), WW_OK);
	ck_assert_uint_eq(n, 20);
	ck_assert_uint_eq(s.families[3], 8);
	/* Four are far from those; the partner has the rest. */
	ck_assert_uint_eq(s.families[5], 4);
	ck_assert_uint_eq(s.families[2], 8);
	ck_assert_uint_eq(s.requests, 1);
	scene_end();
}
END_TEST

START_TEST(a_broken_partner_costs_nothing)
{
	static const char *const set[] = { "coverage=false", NULL };
	struct scene s;
	uint32_t n;

	scene_start(&s, "h", set);
	s.partner_fails = 1;
	ck_assert_int_eq(play(1, 20, 80, &n, NULL), WW_OK);
	ck_assert_uint_eq(n, 20);
	ck_assert_int_eq(play(2, 10, 60, &n, NULL), WW_OK);
	ck_assert_uint_eq(n, 10);
	ck_assert_uint_eq(s.partner_asks, 1);
	scene_end();
}
END_TEST

static const struct {
	const char *script;
	ww_status status;   /* of round 1 */
	uint32_t requests;
	uint32_t n;         /* proposed in round 1 */
	const char *text;   /* in the message */
} openings[] = {
	{ "eg", WW_OK, 2, 20, "" },
	{ "fg", WW_OK, 2, 20, "prose" },
	{ "e", WW_E_FORMAT, 2, 0, "no usable configuration" },
	{ "f", WW_E_FORMAT, 2, 0, "prose" },
	{ "k", WW_E_FORMAT, 2, 0, "no usable configuration" },
	{ "r", WW_E_REFUSAL, 1, 0, "declined" },
	{ "a", WW_E_AUTH, 1, 0, "no key" },
	{ "t", WW_E_TRANSPORT, 1, 2, "cut" },
};

START_TEST(a_first_answer_may_be_bad)
{
	char text[1024];
	struct scene s;
	uint32_t n;

	scene_start(&s, openings[_i].script, NULL);
	ck_assert_int_eq(play(1, 20, 80, &n, text), openings[_i].status);
	ck_assert_uint_eq(s.requests, openings[_i].requests);
	ck_assert_uint_eq(s.repairs, openings[_i].requests - 1);
	ck_assert_uint_eq(n, openings[_i].n);
	ck_assert_ptr_nonnull(strstr(text, openings[_i].text));
	scene_end();
}
END_TEST

START_TEST(later_one_empty_round_is_filled_and_two_are_an_error)
{
	static const char *const set[] = { "repair=false", "coverage=false",
		                           NULL };
	char text[1024];
	struct scene s;
	uint32_t n;

	scene_start(&s, "gee", set);
	ck_assert_int_eq(play(1, 10, 90, &n, NULL), WW_OK);
	ck_assert_int_eq(play(2, 10, 80, &n, NULL), WW_OK);
	ck_assert_uint_eq(n, 10);
	ck_assert_uint_eq(s.families[3], 0);
	ck_assert_int_eq(play(3, 10, 70, &n, text), WW_E_FORMAT);
	ck_assert_ptr_nonnull(strstr(text, "no usable configuration"));
	scene_end();
}
END_TEST

/* The model that stays in one structural family: by about the thirtieth trial
 * the other one has been tried all the same. */
START_TEST(a_locked_model_does_not_lock_the_search)
{
	uint32_t times = 0, n;
	struct scene s;
	size_t i;

	scene_start(&s, "l", NULL);
	ck_assert_int_eq(play(1, 25, 84, &n, NULL), WW_OK);
	ck_assert_int_eq(play(2, 15, 59, &n, NULL), WW_OK);
	for (i = 0; i < 31; i++)
		times += ww_points_row(&s.known, i)[2] == 1;
	ck_assert_uint_ge(times, 2);
	scene_end();
}
END_TEST

/* Eight values each of two parameters that the model leaves alone; their order
 * means nothing, so each counts. */
START_TEST(every_value_is_tried_twice)
{
	uint32_t slot, value, n;
	struct scene s;
	size_t i;

	scene_start(&s, "n", NULL);
	for (slot = 0; slot < N_SLOTS; slot++)
		s.space.slots[slot].flags = 0;
	ck_assert_int_eq(play(1, 25, 84, &n, NULL), WW_OK);
	ck_assert_int_eq(play(2, 15, 59, &n, NULL), WW_OK);
	for (slot = 0; slot < N_SLOTS; slot++)
		for (value = 0; value < scene_counts[slot]; value++) {
			uint32_t times = 0;

			for (i = 0; i < 36; i++)
				times += ww_points_row(&s.known, i)[slot] ==
				         value;
			ck_assert_msg(times >= 2, "slot %u, value %u: %u", slot,
			              value, times);
		}
	scene_end();
}
END_TEST

START_TEST(the_last_round_polishes_the_best)
{
	struct scene s;
	uint32_t n;

	scene_start(&s, "g", NULL);
	ck_assert_int_eq(play(1, 25, 40, &n, NULL), WW_OK);
	ck_assert_uint_eq(s.families[0], 0);
	ck_assert_int_eq(play(2, 15, 15, &n, NULL), WW_OK);
	ck_assert_uint_eq(s.families[0], 8);
	ck_assert_uint_eq(n, 15);
	scene_end();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("llm");
	TCase *tests = tcase_create("llm");

	tcase_add_test(tests, rounds_are_filled_by_the_model);
	tcase_add_test(tests, what_the_model_leaves_out_the_partner_adds);
	tcase_add_test(tests, a_broken_partner_costs_nothing);
	tcase_add_loop_test(tests, a_first_answer_may_be_bad, 0,
	                    (int)(sizeof openings / sizeof openings[0]));
	tcase_add_test(tests,
	               later_one_empty_round_is_filled_and_two_are_an_error);
	tcase_add_test(tests, a_locked_model_does_not_lock_the_search);
	tcase_add_test(tests, every_value_is_tried_twice);
	tcase_add_test(tests, the_last_round_polishes_the_best);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
