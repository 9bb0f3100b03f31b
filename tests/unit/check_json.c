/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "tests/unit/unit.h"

static const struct {
	const char *text;
	unsigned flags;
	const char *message; /* null: accepted */
} texts[] = {
	{ "{}", 0, NULL },
	{ " [1, -2, 3.5e-3, true, null, \"a\\\"b\"] ", 0, NULL },
	{ "7", 0, NULL },
	{ "\xef\xbb\xbf{}", 0, NULL },
	{ "{ // said\n \"a\": /* by a person */ 1 }", WW_JSON_COMMENTS, NULL },
	{ "{ // said\n \"a\": 1 }", 0, "t:1:3: unexpected character '/'" },
	{ "{\"a\": NaN}", 0, "t:1:7: unexpected word or character" },
	{ "{'a': 1}", 0, "t:1:2: unexpected word or character" },
	{ "[1,\n 99999999999999999999]", 0, "t:2:2: integer beyond 64 bits" },
	{ "[1.5e308]", 0, NULL },
	{ "[1.5e309]", 0, "t:1:2: number too large" },
	{ "[\"a\nb\"]", 0, "t:1:4: control character in a string" },
	{ "[1", 0, "t:1:3: the text ends too early" },
	{ "{\"a\": 1} x", 0, "t:1:10: unexpected word or character" },
	{ "[\"\xff\"]", 0, "t:1:3: invalid utf-8 string" },
	{ "", 0, "t:1:1: the text ends too early" },
};

START_TEST(accepts_json_and_says_where_it_is_none)
{
	struct json_object *value;
	struct ww_error error = { 0 };
	ww_status status = ww_json_parse(texts[_i].text,
	                                 strlen(texts[_i].text), "t",
	                                 texts[_i].flags, &value, &error);

	if (texts[_i].message == NULL) {
		ck_assert_msg(status == WW_OK, "%s", error.text);
		json_object_put(value);
	} else {
		ck_assert_int_eq(status, WW_E_FORMAT);
		ck_assert_str_eq(error.text, texts[_i].message);
		ck_assert_ptr_null(value);
	}
}
END_TEST

/* A message that was cut inside a character must not spoil the text it is put
 * into. */
START_TEST(writes_no_invalid_text)
{
	struct json_object *object = json_object_new_object();
	struct json_object *value = NULL;
	const char *text;

	ww_json_put_string(object, "why", "gcc said \xe2\x80\x98int\xe2\x80");
	text = ww_json_text(object);
	ck_assert_int_eq(ww_json_parse(text, strlen(text), "t", 0, &value, NULL),
	                 WW_OK);
	ck_assert_str_eq(ww_json_string(value, "why", ""),
	                 "gcc said \xe2\x80\x98int??");
	json_object_put(value);
	json_object_put(object);
}
END_TEST

START_TEST(refuses_deep_nesting)
{
	char text[4096];
	struct json_object *value;
	struct ww_error error;

	memset(text, '[', sizeof text);
	ck_assert_int_eq(ww_json_parse(text, sizeof text, "t", 0, &value,
	                               &error),
	                 WW_E_FORMAT);
}
END_TEST

START_TEST(finds_the_line_of_a_member)
{
	const char *text = "{ // \"b\"\n \"a\": 1,\n \"b\": {\n  \"c\": [\n"
	                   "   {\"d\": 1},\n   {\"d\": 2}\n]}}";

	ck_assert_int_eq(ww_json_line(text, "a"), 2);
	ck_assert_int_eq(ww_json_line(text, "b"), 3);
	ck_assert_int_eq(ww_json_line(text, "b.c"), 4);
	ck_assert_int_eq(ww_json_line(text, "b.c[1].d"), 6);
	ck_assert_int_eq(ww_json_line(text, "z"), 0);
}
END_TEST

START_TEST(writes_numbers_as_short_as_they_are)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = {
		{ 4814.304, "4814.304" },      { 0.1, "0.1" },
		{ 0.1 + 0.2, "0.30000000000000004" }, { 2, "2" },
		{ 25276510208.0, "25276510208" }, { -1.5e-7, "-1.5e-07" },
		{ 1e300, "1e+300" },           { NAN, "null" },
		{ INFINITY, "null" },
	};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct json_object *value = ww_json_double(cases[i].value);

		ck_assert_str_eq(ww_json_text(value), cases[i].text);
		if (value != NULL)
			ck_assert_double_eq(strtod(ww_json_text(value), NULL),
			                    cases[i].value);
		json_object_put(value);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("json");
	TCase *tests = tcase_create("json");

	tcase_add_loop_test(tests, accepts_json_and_says_where_it_is_none, 0,
	                    sizeof texts / sizeof texts[0]);
	tcase_add_test(tests, writes_no_invalid_text);
	tcase_add_test(tests, refuses_deep_nesting);
	tcase_add_test(tests, finds_the_line_of_a_member);
	tcase_add_test(tests, writes_numbers_as_short_as_they_are);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
