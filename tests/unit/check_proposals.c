/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/model/proposals.h"
#include "tests/unit/unit.h"

/* Everything that was delivered, as text to compare. */
struct heard {
	char text[65536];
	size_t length;
	unsigned n;
};

static void
hear(void *context, const struct ww_proposed *proposed)
{
	struct heard *heard = context;

	heard->n++;
	heard->length += (size_t)snprintf(
		heard->text + heard->length,
		sizeof heard->text - heard->length, "%s|%s|%s\n",
		ww_json_text(proposed->config),
		proposed->family != NULL ? proposed->family : "",
		proposed->reason != NULL ? proposed->reason : "");
	ck_assert_uint_lt(heard->length, sizeof heard->text);
}

/* Feeds in pieces of `step` bytes; what was heard, then the notes. */
static void
feed(const char *text, size_t length, size_t step, struct heard *heard)
{
	struct ww_proposals *proposals = ww_proposals_new(hear, heard);
	size_t at;

	heard->length = 0;
	heard->n = 0;
	heard->text[0] = '\0';
	for (at = 0; at < length; at += step)
		ww_proposals_feed(proposals, text + at,
		                  length - at < step ? length - at : step);
	ww_proposals_end(proposals);
	heard->length += (size_t)snprintf(
		heard->text + heard->length,
		sizeof heard->text - heard->length, "%s/%s/%u",
		ww_proposals_analysis(proposals),
		ww_proposals_strategy(proposals),
		ww_proposals_unreadable(proposals));
	ww_proposals_free(proposals);
}

#define FULL                                                             \
	"{\"analysis\": \"a \\\"b\\\" {[\", \"configs\": ["              \
	"{\"reasoning\": \"r1\", \"family\": \"exploit\", "              \
	"\"config\": {\"x\": 1, \"y\": \"}\"}},"                         \
	" {\"x\": 2}, [3, \"z\"], {\"config\": {\"x\": [1, {\"k\": 2}]}}]," \
	" \"strategy\": \"s\"}"

static const struct {
	const char *text;
	const char *heard;
} answers[] = {
	{ FULL, "{\"x\":1,\"y\":\"}\"}|exploit|r1\n{\"x\":2}||\n[3,\"z\"]||\n"
		"{\"x\":[1,{\"k\":2}]}||\na \"b\" {[/s/0" },
	/* Fences and prose, with what looks like structure in it. */
	{ "Here's a \"set\" {of} things [1]:\n```json\n{\"configs\": "
	  "[{\"x\": 1}]}\n```\nGood luck!",
	  "{\"x\":1}||\n//0" },
	{ "a stray \" and { first\n```\n[{\"x\": 1}]\n```", "{\"x\":1}||\n//0" },
	/* Shapes. */
	{ "[{\"x\": 1}, {\"x\": 2}]", "{\"x\":1}||\n{\"x\":2}||\n//0" },
	{ "[[1, 2], [3, 4]]", "[1,2]||\n[3,4]||\n//0" },
	{ "{\"config\": {\"x\": 1}}", "{\"x\":1}||\n//0" },
	{ "{\"x\": 1}\n{\"x\": 2}\n", "{\"x\":1}||\n{\"x\":2}||\n//0" },
	{ "{\"result\": {\"configs\": [{\"x\": 1}]}}", "{\"x\":1}||\n//0" },
	{ "[{\"configs\": [{\"x\": 1}]}]", "{\"x\":1}||\n//0" },
	{ "{\"configs\": [{\"config\": \"{\\\"x\\\": 1}\"}]}",
	  "{\"x\":1}||\n//0" },
	{ "<think>maybe {\"x\": 9}?</think>{\"x\": 1}", "{\"x\":1}||\n//0" },
	/* No configurations. */
	{ "I cannot do that.", "//0" },
	{ "", "//0" },
	{ "{\"configs\": []}", "//0" },
	{ "{\"analysis\": \"none\"}", "none//0" },
	{ "{\"error\": \"no\"}", "//0" },
	/* Habits of models. */
	{ "{'configs': [{'x': True, 'y': None,},]}",
	  "{\"x\":true,\"y\":null}||\n//0" },
	{ "[{\"x\": NaN}]", "{\"x\":NaN}||\n//0" },
	{ "{\"configs\": [{\"x\": 1}, {\"x\": }, {\"x\": 3}]}",
	  "{\"x\":1}||\n{\"x\":3}||\n//1" },
	{ "{\"configs\": [12, \"none\", {\"x\": 1}]}", "{\"x\":1}||\n//2" },
	/* Cut short. */
	{ "{\"configs\": [{\"x\": 1}, {\"x\": 2}, {\"x\"", "{\"x\":1}||\n"
	  "{\"x\":2}||\n//0" },
	{ "{\"analysis\": \"half a sen", "half a sen//0" },
	{ "{\"configs\": [{\"x\": \"\xff\xfe\"}]}", "{\"x\":\"??\"}||\n//0" },
};

START_TEST(finds_configurations_in_every_shape)
{
	struct heard heard;

	feed(answers[_i].text, strlen(answers[_i].text), 1u << 20, &heard);
	ck_assert_str_eq(heard.text, answers[_i].heard);
}
END_TEST

START_TEST(pieces_make_no_difference)
{
	struct heard heard;
	size_t step;

	for (step = 1; step < 40; step++) {
		feed(answers[_i].text, strlen(answers[_i].text), step, &heard);
		ck_assert_str_eq(heard.text, answers[_i].heard);
	}
}
END_TEST

/* A cut answer delivers exactly the elements whose end had arrived. */
START_TEST(a_cut_keeps_every_complete_element)
{
	static const char *const ends[] = { "\"}\"}}", "{\"x\": 2}",
		                            "\"z\"]", "{\"k\": 2}]}}" };
	struct heard heard;
	size_t length;
	unsigned i, n;

	for (length = 0; length <= strlen(FULL); length++) {
		n = 0;
		for (i = 0; i < 4; i++)
			if ((size_t)(strstr(FULL, ends[i]) - FULL) +
			            strlen(ends[i]) <= length)
				n++;
		feed(FULL, length, 7, &heard);
		ck_assert_uint_eq(heard.n, n);
	}
}
END_TEST

static uint32_t
draw(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Noise made of what matters to the reader: cutting it anywhere changes
 * nothing, and nothing crashes. */
START_TEST(noise_is_read_the_same_in_pieces)
{
	static const char *const parts[] = {
		"{", "}", "[", "]", "\"", "'", ":", ",", " ", "\n", "```",
		"configs", "\"configs\"", "\"config\"", "\"analysis\"", "\\",
		"1", "x", "\xff", "<think>", "</think>", "null", "\"x\": 1",
	};
	char text[400];
	struct heard whole, bytes;
	uint32_t state = 1;
	int round, i;

	for (round = 0; round < 3000; round++) {
		text[0] = '\0';
		for (i = 0; i < 40; i++)
			strcat(text, parts[draw(&state) %
			                   (sizeof parts / sizeof *parts)]);
		feed(text, strlen(text), sizeof text, &whole);
		feed(text, strlen(text), 1, &bytes);
		ck_assert_str_eq(whole.text, bytes.text);
	}
}
END_TEST

START_TEST(ten_megabytes_do_no_harm)
{
	static const char good[] = "{\"configs\": [{\"x\": 1}, ";
	size_t length = (size_t)10 << 20;
	char *text = ww_alloc(length + sizeof good);
	struct heard heard;

	memset(text, 'a', length);
	feed(text, length, 4096, &heard);
	ck_assert_uint_eq(heard.n, 0);
	memset(text, '{', length);
	feed(text, length, 4096, &heard);
	ck_assert_uint_eq(heard.n, 0);
	memcpy(text, good, sizeof good - 1);
	text[sizeof good - 1] = '"';
	feed(text, length, 4096, &heard);
	ck_assert_uint_eq(heard.n, 1);
	/* An element without end is dropped, what follows is read. */
	memset(text, ' ', length);
	memcpy(text, good, sizeof good - 1);
	text[sizeof good] = '{';
	memcpy(text + length - 14, "}, {\"x\": 2}]}", 13);
	memset(text + sizeof good + 1, '1', 600000);
	feed(text, length, 4096, &heard);
	ck_assert_uint_eq(heard.n, 2);
	ck_assert_ptr_nonnull(strstr(heard.text, "//1"));
	free(text);
}
END_TEST

START_TEST(deep_nesting_is_unreadable_not_fatal)
{
	char text[4096] = "{\"configs\": [{\"x\": ";
	struct heard heard;
	int i;

	for (i = 0; i < 1000; i++)
		strcat(text, "[");
	for (i = 0; i < 1000; i++)
		strcat(text, "]");
	strcat(text, "}, {\"x\": 1}]}");
	feed(text, strlen(text), 100, &heard);
	ck_assert_str_eq(heard.text, "{\"x\":1}||\n//1");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("proposals");
	TCase *tests = tcase_create("proposals");
	int n = (int)(sizeof answers / sizeof answers[0]);

	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, finds_configurations_in_every_shape, 0, n);
	tcase_add_loop_test(tests, pieces_make_no_difference, 0, n);
	tcase_add_test(tests, a_cut_keeps_every_complete_element);
	tcase_add_test(tests, noise_is_read_the_same_in_pieces);
	tcase_add_test(tests, ten_megabytes_do_no_harm);
	tcase_add_test(tests, deep_nesting_is_unreadable_not_fatal);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
