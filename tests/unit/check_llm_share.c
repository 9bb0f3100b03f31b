/* SPDX-License-Identifier: MIT
 *
 * How much of a round strategy llm gives to its model, by what came of the
 * model's earlier proposals.
 */
#include "tests/unit/llm_scene.h"
#include "tests/unit/unit.h"

/* Configurations asked of the model in rounds `from` to `to`, over seeds. */
static double
mean_share(const char *script, uint32_t from, uint32_t to)
{
	uint32_t total = 0, seed, round, n;

	for (seed = 1; seed <= 8; seed++) {
		struct scene s;

		scene_start_seeded(&s, script, NULL, seed);
		s.state = seed;
		for (round = 1; round <= to; round++) {
			ck_assert_int_eq(play(round, round == 1 ? 25 : 15, 400,
			                      &n, NULL), WW_OK);
			ck_assert_uint_eq(n, round == 1 ? 25 : 15);
			if (round >= from)
				total += s.asked;
		}
		scene_end();
	}
	return total / 8.0 / (to - from + 1);
}

START_TEST(a_good_model_gets_more_and_a_bad_one_less)
{
	double good = mean_share("G", 3, 4);
	double bad = mean_share("B", 3, 4);

	ck_assert_double_ge(good, 7);
	ck_assert_double_le(bad, 4);
	ck_assert_double_ge(bad, 1);
}
END_TEST

START_TEST(a_share_that_was_lost_can_be_won_back)
{
	double lost = mean_share("BBBB", 4, 4);
	double won = mean_share("BBBGGG", 6, 6);

	ck_assert_double_ge(won, lost + 2);
}
END_TEST

START_TEST(useless_answers_cost_the_model_its_share)
{
	ck_assert_double_le(mean_share("w", 2, 3) + 1, mean_share("G", 2, 3));
}
END_TEST

/* What a store knows of a trial: source and family. */
static void
tell_stored(const char *source, const char *family, int good, uint32_t from)
{
	uint32_t i;

	for (i = 0; i < 12; i++) {
		uint32_t row[N_SLOTS] = { good ? 7 : 0, good ? 7 : 0, i % 2,
			                  good ? 0 : 3, (from + i / 2) % 3,
			                  i / 2 };
		struct ww_trial trial = { .size = sizeof trial, .id = 1,
			                  .indices = row,
			                  .objective = good ? 1 : 13,
			                  .text = "", .source = source,
			                  .family = family, .reason = "",
			                  .round = 1 };
		const struct ww_trial *list[1] = { &trial };
		struct fake_call call;

		if (ww_points_find(&scene->known, row) == WW_POINT_NONE) {
			ww_points_add(&scene->known, row);
			ww_points_tell(&scene->known, &trial);
		}
		fake_call_start(&call);
		ck_assert_int_eq(scene->ops->tell(&call.call, scene->self,
		                                  list, 1), WW_OK);
	}
	scene->told = scene->known.n;
}

/* A session that is taken up again: the share of the model in its next round
 * follows from whose trials the good ones were. */
static double
share_after(const char *good_source, const char *good_family,
            const char *bad_source, const char *bad_family)
{
	static const char *const set[] = { "coverage=false", NULL };
	uint32_t total = 0, seed, n;

	for (seed = 1; seed <= 8; seed++) {
		struct scene s;

		scene_start_seeded(&s, "g", set, seed);
		tell_stored(good_source, good_family, 1, 0);
		tell_stored(bad_source, bad_family, 0, 1);
		ck_assert_int_eq(play(2, 15, 100, &n, NULL), WW_OK);
		total += s.asked;
		scene_end();
	}
	return total / 8.0;
}

START_TEST(a_resumed_session_knows_whose_its_trials_are)
{
	double model = share_after("llm", "explore", "llm",
	                           "pattern: surrogate");
	double partner = share_after("llm", "pattern: surrogate", "llm",
	                             "explore");
	double filler = share_after("auto", "surrogate", "llm", "exploit");
	double nobody = share_after("default", "", "given", "");

	ck_assert_double_ge(model, partner + 3);
	ck_assert_double_ge(model, filler + 3);
	ck_assert_double_ge(nobody, partner);
	ck_assert_double_le(nobody, model);
}
END_TEST

START_TEST(a_model_cannot_sign_as_somebody_else)
{
	struct ww_proposal_info info = { .size = sizeof info,
		                         .family = "polish" };
	static const char *const names[] = { "polish", "auto: surrogate",
		                             "my own" };
	struct scene s;
	uint32_t n;

	info.family = names[_i];
	scene_start(&s, "g", NULL);
	scene->forged = &info;
	ck_assert_int_eq(play(1, 1, 84, &n, NULL), WW_OK);
	ck_assert_str_eq(s.last_family, _i == 2 ? "my own" : "model");
	scene_end();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("llm_share");
	TCase *tests = tcase_create("llm_share");

	tcase_add_test(tests, a_good_model_gets_more_and_a_bad_one_less);
	tcase_add_test(tests, a_share_that_was_lost_can_be_won_back);
	tcase_add_test(tests, useless_answers_cost_the_model_its_share);
	tcase_add_test(tests, a_resumed_session_knows_whose_its_trials_are);
	tcase_add_loop_test(tests, a_model_cannot_sign_as_somebody_else, 0, 3);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
