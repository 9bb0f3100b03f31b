/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/engine/child.h"
#include "tests/unit/unit.h"

struct seen {
	unsigned frames, expired, died;
	char words[256];
};

static void
on_frame(void *context, struct json_object *frame)
{
	struct seen *seen = context;

	ck_assert_str_eq(ww_json_string(frame, "type", ""), "hi");
	seen->frames++;
}

static void
on_died(void *context, int signal, int exit_code, const char *words)
{
	struct seen *seen = context;

	(void)signal;
	(void)exit_code;
	seen->died++;
	snprintf(seen->words, sizeof seen->words, "%s", words);
}

static void
on_expired(void *context)
{
	struct seen *seen = context;

	seen->expired++;
}

static void
rest_ms(long ms)
{
	struct timespec time = { .tv_sec = ms / 1000,
		                 .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&time, NULL);
}

/* Starts `sh -c script`, lets `meanwhile` happen, and runs the loop until the
 * worker is gone. */
static void
run_script(const char *script, int64_t limit_ns, const char *wait_for,
           struct seen *seen)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	const struct ww_child_events events = { .context = seen,
		                                .frame = on_frame,
		                                .died = on_died,
		                                .expired = on_expired };
	struct ww_error error = { 0 };
	struct ww_child *child;
	uv_loop_t loop;
	int turns;

	uv_loop_init(&loop);
	child = ww_child_new(&loop, argv, NULL, "test", &events);
	ck_assert_msg(ww_child_start(child, &error) == WW_OK, "%s", error.text);
	ww_child_limit(child, limit_ns);
	for (turns = 0; wait_for != NULL && turns < 2000; turns++) {
		if (access(wait_for, F_OK) == 0)
			break;
		rest_ms(10);
	}
	if (wait_for != NULL)
		rest_ms(150);
	while (seen->died == 0) {
		uv_run(&loop, UV_RUN_ONCE);
		if (seen->frames > 0)
			ww_child_limit(child, 0);
		if (seen->frames > 0)
			ww_child_finish(child);
	}
	ww_child_free(child);
	uv_run(&loop, UV_RUN_DEFAULT);
	ck_assert_int_eq(uv_loop_close(&loop), 0);
}

/* The store may keep the main loop waiting for seconds; a result that came in
 * time is no time-out. */
START_TEST(what_came_in_time_is_read_before_the_limit_counts)
{
	char folder[] = "/tmp/check_child.XXXXXX";
	struct seen seen = { 0 };
	char *marker, *script;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	marker = ww_path_join(folder, "said");
	script = ww_text("printf '\\000\\000\\000\\015{\"type\":\"hi\"}'; "
	                 ": > %s; cat > %s/end", marker, folder);
	run_script(script, 1000000, marker, &seen);
	ck_assert_uint_eq(seen.frames, 1);
	ck_assert_uint_eq(seen.expired, 0);
	free(script);
	free(marker);
	ww_path_remove(folder);
}
END_TEST

START_TEST(a_limit_ends_a_worker_that_says_nothing)
{
	struct seen seen = { 0 };

	run_script("echo so long >&2; sleep 60", 300000000, NULL, &seen);
	ck_assert_uint_eq(seen.frames, 0);
	ck_assert_uint_eq(seen.expired, 1);
}
END_TEST

START_TEST(last_words_are_kept)
{
	struct seen seen = { 0 };

	run_script("echo first >&2; echo last >&2; exit 3", 0, NULL, &seen);
	ck_assert_str_eq(seen.words, "first\nlast\n");
}
END_TEST

START_TEST(noise_on_the_pipe_ends_the_worker)
{
	struct seen seen = { 0 };

	run_script("echo this is no frame; sleep 60", 0, NULL, &seen);
	ck_assert_uint_eq(seen.frames, 0);
	ck_assert_uint_eq(seen.expired, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("child");
	TCase *tests = tcase_create("child");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests,
	               what_came_in_time_is_read_before_the_limit_counts);
	tcase_add_test(tests, a_limit_ends_a_worker_that_says_nothing);
	tcase_add_test(tests, last_words_are_kept);
	tcase_add_test(tests, noise_on_the_pipe_ends_the_worker);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
