/* SPDX-License-Identifier: MIT
 *
 * What strategy llm tells its model, and the user, about the search.
 */
#include <string.h>

#include "tests/unit/llm_scene.h"
#include "tests/unit/unit.h"

START_TEST(gaps_are_named_to_the_model)
{
	struct scene s;
	uint32_t n;

	scene_start(&s, "l", NULL);
	ck_assert_int_eq(play(1, 3, 84, &n, NULL), WW_OK);
	ck_assert_str_eq(s.variables,
	                 "{\"gaps\":\"\",\"picks\":\"\",\"neighbours\":\"\"}");
	ck_assert_int_eq(play(2, 3, 81, &n, NULL), WW_OK);
	ck_assert_ptr_nonnull(strstr(s.variables, "a = "));
	scene_end();
}
END_TEST

START_TEST(the_partners_picks_are_told_to_the_model)
{
	struct scene s;
	uint32_t n;

	scene_start(&s, "g", NULL);
	ck_assert_int_eq(play(1, 25, 84, &n, NULL), WW_OK);
	ck_assert_ptr_nonnull(strstr(s.variables, "\"picks\":\"\""));
	ck_assert_int_eq(play(2, 15, 59, &n, NULL), WW_OK);
	ck_assert_ptr_nonnull(strstr(s.variables, "\"picks\":\"1. a = "));
	ck_assert_ptr_nonnull(strstr(s.variables, "\\n2. a = "));
	scene_end();
}
END_TEST

/* A model that goes round the best without moving it is told; one that jumps is
 * not. */
START_TEST(a_circling_model_is_told_to_jump)
{
	static const char *const set[] = { "coverage=false", NULL };
	struct scene s;
	uint32_t n;

	scene_start(&s, "Gcc", set);
	ck_assert_int_eq(play(1, 25, 184, &n, NULL), WW_OK);
	ck_assert_int_eq(play(2, 15, 159, &n, NULL), WW_OK);
	ck_assert_int_eq(play(3, 15, 144, &n, NULL), WW_OK);
	ck_assert_ptr_nonnull(strstr(s.variables, "\"neighbours\":\""));
	ck_assert_ptr_nonnull(strstr(s.variables, "in at most two parameters"));
	scene_end();
	scene_start(&s, "g", set);
	ck_assert_int_eq(play(1, 25, 184, &n, NULL), WW_OK);
	ck_assert_int_eq(play(2, 15, 159, &n, NULL), WW_OK);
	ck_assert_int_eq(play(3, 15, 144, &n, NULL), WW_OK);
	ck_assert_ptr_nonnull(strstr(s.variables, "\"neighbours\":\"\""));
	scene_end();
}
END_TEST

static ww_status
keep_text(struct ww_text_sink *self, const char *bytes, uint64_t length)
{
	(void)self;
	strncat(scene->variables, bytes, (size_t)length);
	return WW_OK;
}

START_TEST(the_note_says_what_happened)
{
	struct ww_text_sink sink = { .size = sizeof sink, .write = keep_text };
	struct fake_call call;
	struct scene s;
	uint32_t n;

	scene_start(&s, "h", NULL);
	ck_assert_int_eq(play(1, 20, 80, &n, NULL), WW_OK);
	s.variables[0] = '\0';
	fake_call_start(&call);
	ck_assert_int_eq(s.ops->note(&call.call, s.self, &sink), WW_OK);
	ck_assert_ptr_nonnull(strstr(s.variables, "Round 1: answer 1"));
	ck_assert_ptr_nonnull(strstr(s.variables,
	                             "8 configurations from the model"));
	ck_assert_ptr_nonnull(strstr(s.variables, "from pattern"));
	ck_assert_int_eq(play(2, 15, 60, &n, NULL), WW_OK);
	s.variables[0] = '\0';
	ck_assert_int_eq(s.ops->note(&call.call, s.self, &sink), WW_OK);
	ck_assert_ptr_nonnull(strstr(s.variables, "Last shared batch: "));
	scene_end();
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("llm_words");
	TCase *tests = tcase_create("llm_words");

	tcase_add_test(tests, gaps_are_named_to_the_model);
	tcase_add_test(tests, the_partners_picks_are_told_to_the_model);
	tcase_add_test(tests, a_circling_model_is_told_to_jump);
	tcase_add_test(tests, the_note_says_what_happened);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
