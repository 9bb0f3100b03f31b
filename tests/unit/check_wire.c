/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/engine/wire.h"
#include "tests/unit/unit.h"

/* Everything that was delivered, as text, one line a frame. */
struct heard {
	char text[512];
	int n;
};

static void
hear(void *context, struct json_object *frame)
{
	struct heard *heard = context;

	strcat(heard->text, ww_json_text(frame));
	strcat(heard->text, "\n");
	heard->n++;
}

static struct json_object *
frame_of(const char *type, int number)
{
	struct json_object *frame = json_object_new_object();

	ww_json_put_string(frame, "type", type);
	ww_json_put_int(frame, "n", number);
	return frame;
}

/* Two frames, one after the other, to be freed. */
static char *
two_frames(size_t *length)
{
	struct json_object *a = frame_of("build", 1);
	struct json_object *b = frame_of("\xc3\xa4\\\"", 2);
	size_t na, nb;
	char *first = ww_frame_bytes(a, &na);
	char *second = ww_frame_bytes(b, &nb);
	char *both = ww_alloc(na + nb);

	memcpy(both, first, na);
	memcpy(both + na, second, nb);
	*length = na + nb;
	free(first);
	free(second);
	json_object_put(a);
	json_object_put(b);
	return both;
}

START_TEST(frames_survive_any_split)
{
	size_t length, a, b;
	char *bytes = two_frames(&length);

	for (a = 0; a <= length; a++)
		for (b = a; b <= length; b++) {
			struct ww_frame_reader *reader = ww_frame_reader_new();
			struct heard heard = { .n = 0 };
			struct ww_error error = { 0 };

			ck_assert_int_eq(ww_frame_reader_feed(reader, bytes, a,
			                                      hear, &heard,
			                                      &error), WW_OK);
			ck_assert_int_eq(ww_frame_reader_feed(
				reader, bytes + a, b - a, hear, &heard, &error),
				WW_OK);
			ck_assert_int_eq(ww_frame_reader_feed(
				reader, bytes + b, length - b, hear, &heard,
				&error), WW_OK);
			ck_assert_int_eq(heard.n, 2);
			ck_assert_str_eq(heard.text,
			                 "{\"type\":\"build\",\"n\":1}\n"
			                 "{\"type\":\"\xc3\xa4\\\\\\\"\",\"n\":2}\n");
			ww_frame_reader_free(reader);
		}
	free(bytes);
}
END_TEST

START_TEST(frames_pass_through_a_pipe)
{
	struct json_object *sent = frame_of("ready", 7);
	struct json_object *got;
	struct ww_error error = { 0 };
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(ww_frame_write(ends[1], sent, &error), WW_OK);
	ck_assert_int_eq(ww_frame_read(ends[0], &got, &error), WW_OK);
	ck_assert_str_eq(ww_json_text(got), ww_json_text(sent));
	json_object_put(got);
	json_object_put(sent);
	close(ends[1]);
	ck_assert_int_eq(ww_frame_read(ends[0], &got, &error), WW_STOPPED);
	close(ends[0]);
}
END_TEST

START_TEST(a_pipe_cut_inside_a_frame_is_an_error)
{
	size_t length, cut;
	char *bytes = two_frames(&length);

	for (cut = 1; cut < 20; cut++) {
		struct json_object *got;
		struct ww_error error = { 0 };
		int ends[2];

		ck_assert_int_eq(pipe(ends), 0);
		ck_assert_int_eq(write(ends[1], bytes, cut), (ssize_t)cut);
		close(ends[1]);
		ck_assert_int_eq(ww_frame_read(ends[0], &got, &error),
		                 WW_E_IO);
		close(ends[0]);
	}
	free(bytes);
}
END_TEST

/* What is no frame: length in four bytes, then text. */
static const struct {
	const char *bytes;
	size_t length;
	const char *message;
} wrong[] = {
	{ "\xff\xff\xff\xff{}", 6, "over the limit" },
	{ "\x00\x80\x00\x01", 4, "over the limit" },
	{ "\0\0\0\2{}", 6, "no string member" },
	{ "\0\0\0\x0a{\"type\":1}", 14, "no string member" },
	{ "\0\0\0\2[}", 6, "worker frame" },
	{ "\0\0\0\0", 4, "worker frame" },
};

START_TEST(what_is_no_frame_is_refused)
{
	struct ww_frame_reader *reader = ww_frame_reader_new();
	struct heard heard = { .n = 0 };
	struct ww_error error = { 0 };

	ck_assert_int_eq(ww_frame_reader_feed(reader, wrong[_i].bytes,
	                                      wrong[_i].length, hear, &heard,
	                                      &error), WW_E_FORMAT);
	ck_assert_msg(strstr(error.text, wrong[_i].message) != NULL, "%s",
	              error.text);
	ck_assert_int_eq(heard.n, 0);
	ww_frame_reader_free(reader);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("wire");
	TCase *tests = tcase_create("wire");

	tcase_add_test(tests, frames_survive_any_split);
	tcase_add_test(tests, frames_pass_through_a_pipe);
	tcase_add_test(tests, a_pipe_cut_inside_a_frame_is_an_error);
	tcase_add_loop_test(tests, what_is_no_frame_is_refused, 0,
	                    sizeof wrong / sizeof wrong[0]);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
