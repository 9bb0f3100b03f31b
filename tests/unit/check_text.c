/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "tests/unit/unit.h"

START_TEST(finds_the_closest_name)
{
	static const char *const names[] = { "max_rounds", "patience", "seed" };

	ck_assert_str_eq(ww_text_closest("max_round", names, 3), "max_rounds");
	ck_assert_str_eq(ww_text_closest("patiens", names, 3), "patience");
	ck_assert_ptr_null(ww_text_closest("temperature", names, 3));
}
END_TEST

START_TEST(cleans_text_for_a_terminal)
{
	char out[8];

	ww_text_clean(out, sizeof out, "a\x1b[\xffz", 5);
	ck_assert_str_eq(out, "a [?z");
	/* Cut at a character, never inside one. */
	ww_text_clean(out, sizeof out, "123456\xc3\xa4", 8);
	ck_assert_str_eq(out, "123456");
}
END_TEST

START_TEST(masks_secrets_and_keys)
{
	size_t length = strlen("a hunter2-secret b Bearer abcdefgh12 sk-abcdefghij c");
	char *clean;

	ww_secret_register("hunter2-secret");
	clean = ww_redact_copy("a hunter2-secret b Bearer abcdefgh12 "
	                       "sk-abcdefghij c",
	                       &length);
	ck_assert_str_eq(clean, "a [redacted] b Bearer [redacted] "
	                        "sk-[redacted] c");
	free(clean);
}
END_TEST

START_TEST(masks_the_whole_of_a_token)
{
	char text[] = "Authorization: Bearer abcd+efgh/ijkl~mnop== refused";

	ww_redact(text);
	ck_assert_str_eq(text, "Authorization: Bearer [redacted] refused");
}
END_TEST

START_TEST(mends_what_is_no_utf8)
{
	char text[] = "a\xc3\xa4\xc3";

	ww_text_mend(text, strlen(text));
	ck_assert_str_eq(text, "a\xc3\xa4?");
}
END_TEST

START_TEST(words_that_end_like_a_key_begins_are_no_keys)
{
	char text[] = "task-granularity, disk-bandwidth and (sk-abcdefghij)";

	ww_redact(text);
	ck_assert_ptr_nonnull(strstr(text, "task-granularity, disk-bandwidth"));
	ck_assert_ptr_null(strstr(text, "abcdefghij"));
}
END_TEST

START_TEST(hashes_keep_fields_apart)
{
	char one[WW_HASH_TEXT], two[WW_HASH_TEXT];
	struct ww_hash *hash = ww_hash_new();

	ww_hash_text(hash, "ab");
	ww_hash_text(hash, "c");
	ww_hash_finish(hash, one);
	hash = ww_hash_new();
	ww_hash_text(hash, "a");
	ww_hash_text(hash, "bc");
	ww_hash_finish(hash, two);
	ck_assert_str_ne(one, two);
	ck_assert_uint_eq(strlen(one), 32);
}
END_TEST

START_TEST(an_error_keeps_its_cause_behind_prefixes)
{
	struct ww_error error;

	ww_error_set(&error, WW_E_IO, "disk %s", "full");
	ck_assert_int_eq(ww_error_prefix(&error, "store %s: ", "x"), WW_E_IO);
	ck_assert_str_eq(error.text, "store x: disk full");
	ck_assert_uint_eq(ww_outcome_parse("run_timeout"), 8);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("text");
	TCase *tests = tcase_create("text");

	tcase_add_test(tests, finds_the_closest_name);
	tcase_add_test(tests, cleans_text_for_a_terminal);
	tcase_add_test(tests, masks_secrets_and_keys);
	tcase_add_test(tests, masks_the_whole_of_a_token);
	tcase_add_test(tests, mends_what_is_no_utf8);
	tcase_add_test(tests, words_that_end_like_a_key_begins_are_no_keys);
	tcase_add_test(tests, hashes_keep_fields_apart);
	tcase_add_test(tests, an_error_keeps_its_cause_behind_prefixes);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
