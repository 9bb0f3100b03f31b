/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/plugin/host.h"
#include "tests/unit/unit.h"

/* ------------------------------------------------------------------- calls */

START_TEST(a_call_keeps_the_first_cause)
{
	struct ww_call_frame frame;
	struct ww_error error;

	ww_call_start(&frame, NULL, 42);
	ck_assert_int_eq(frame.call.deadline_ns(&frame.call), 42);
	ck_assert(!ww_cancelled(&frame.call));
	ck_assert_int_eq(ww_fail(&frame.call, WW_E_AUTH, "key %d\nis wrong", 7),
	                 WW_E_AUTH);
	ck_assert_int_eq(ww_fail(&frame.call, WW_E_IO, "later"), WW_E_IO);
	ck_assert_int_eq(ww_call_finish(&frame, WW_E_AUTH, &error), WW_E_AUTH);
	ck_assert_int_eq(error.status, WW_E_AUTH);
	ck_assert_str_eq(error.text, "key 7 is wrong");
}
END_TEST

START_TEST(a_call_without_a_cause_names_the_status)
{
	struct ww_call_frame frame;
	struct ww_error error;

	ww_call_start(&frame, NULL, INT64_MAX);
	ww_call_finish(&frame, WW_E_COMPILE, &error);
	ck_assert_str_eq(error.text, "compile (the plugin gave no reason)");
	ww_call_start(&frame, NULL, INT64_MAX);
	ck_assert_int_eq(ww_call_finish(&frame, WW_PENDING, &error),
	                 WW_PENDING);
	ck_assert_str_eq(error.text, "");
}
END_TEST

START_TEST(a_failure_is_never_success)
{
	struct ww_call_frame frame;

	ww_call_start(&frame, NULL, INT64_MAX);
	ck_assert_int_eq(ww_fail(&frame.call, WW_OK, "all is well"),
	                 WW_E_INTERNAL);
}
END_TEST

START_TEST(a_call_hears_of_cancellation)
{
	struct ww_cancel cancel = { 0 };
	struct ww_call_frame frame;

	ww_call_start(&frame, &cancel, INT64_MAX);
	ck_assert(!ww_cancelled(&frame.call));
	ww_cancel_request(&cancel);
	ck_assert(ww_cancelled(&frame.call));
}
END_TEST

START_TEST(a_call_that_is_over_is_refused)
{
	struct ww_call_frame frame;

	ww_log_set_level(-1);
	ww_call_start(&frame, NULL, 42);
	ww_call_finish(&frame, WW_OK, NULL);
	ck_assert_int_eq(ww_fail(&frame.call, WW_E_IO, "too late"),
	                 WW_E_BAD_HANDLE);
	ck_assert(ww_cancelled(&frame.call));
	ck_assert_int_eq(frame.call.deadline_ns(&frame.call), 0);
}
END_TEST

START_TEST(a_cause_is_bounded_and_holds_no_secret)
{
	struct ww_call_frame frame;
	struct ww_error error;
	char text[4000];

	memset(text, 'a', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	ww_secret_register("open-sesame");
	ww_call_start(&frame, NULL, 42);
	frame.call.fail(&frame.call, WW_E_IO, text);
	ww_call_finish(&frame, WW_E_IO, &error);
	ck_assert_uint_eq(strlen(error.text), 1023);
	ww_call_start(&frame, NULL, 42);
	ww_fail(&frame.call, WW_E_IO, "said %s", "open-sesame");
	ww_call_finish(&frame, WW_E_IO, &error);
	ck_assert_str_eq(error.text, "said [redacted]");
}
END_TEST

/* ------------------------------------------------------------------ random */

/* The published sequence of xoshiro256** for the state 1, 2, 3, 4, and of
 * splitmix64 for the seed 0. */
START_TEST(random_numbers_are_the_published_ones)
{
	static const uint64_t expected[] = {
		UINT64_C(11520),
		UINT64_C(0),
		UINT64_C(1509978240),
		UINT64_C(1215971899390074240),
		UINT64_C(1216172134540287360),
		UINT64_C(607988272756665600),
		UINT64_C(16172922978634559625),
		UINT64_C(8476171486693032832),
		UINT64_C(10595114339597558777),
		UINT64_C(2904607092377533576),
	};
	struct ww_random_stream stream;
	size_t i;

	ww_random_start(&stream, 0);
	ck_assert_uint_eq(stream.state[0], UINT64_C(0xe220a8397b1dcdaf));
	ck_assert_uint_eq(stream.state[1], UINT64_C(0x6e789e6aa1b965f4));
	ck_assert_uint_eq(stream.state[2], UINT64_C(0x06c45d188009454f));
	ck_assert_uint_eq(stream.state[3], UINT64_C(0xf88bb8a8724c81ec));
	for (i = 0; i < 4; i++)
		stream.state[i] = i + 1;
	for (i = 0; i < sizeof expected / sizeof expected[0]; i++)
		ck_assert_uint_eq(stream.random.next(&stream.random),
		                  expected[i]);
}
END_TEST

START_TEST(bounded_random_numbers_stay_in_bounds)
{
	struct ww_random_stream stream;
	unsigned seen[7] = { 0 };
	int i;

	ww_random_start(&stream, 3);
	for (i = 0; i < 7000; i++) {
		double unit = ww_random_unit(&stream.random);

		ck_assert(unit >= 0 && unit < 1);
		seen[ww_random_below(&stream.random, 7)]++;
	}
	/* Six standard deviations around 1000. */
	for (i = 0; i < 7; i++)
		ck_assert_msg(seen[i] > 824 && seen[i] < 1176, "%d: %u", i,
		              seen[i]);
}
END_TEST

/* ----------------------------------------------------------------- the box */

static const struct ww_plugin plugin = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.kind = WW_KIND_BACKEND,
	.name = "sample",
};

START_TEST(memory_grows_and_has_an_end)
{
	struct ww_host_box *box = ww_host_new(&plugin, NULL, 1, NULL);
	const struct ww_memory *memory = ww_host_of(box)->memory;
	char *a = memory->allocate(memory, 100);
	char *b = memory->resize(memory, NULL, 0);

	memset(a, 1, 100);
	a = memory->resize(memory, a, 300);
	ck_assert_int_eq(a[99], 1);
	ck_assert_ptr_nonnull(b);
	b = memory->resize(memory, b, 0);
	ck_assert_ptr_nonnull(b);
	ck_assert_ptr_null(memory->allocate(memory, UINT64_MAX));
	ck_assert_ptr_null(memory->resize(memory, a, UINT64_MAX));
	memory->release(memory, a);
	memory->release(memory, b);
	memory->release(memory, NULL);
	ww_host_free(box);
}
END_TEST

START_TEST(each_kind_gets_its_own_services)
{
	struct ww_plugin strategy = plugin;
	struct ww_services services = { .process = ww_process_service() };
	struct ww_host_box *box = ww_host_new(&plugin, NULL, 1, &services);
	const struct ww_host *host = ww_host_of(box);

	ck_assert_uint_eq(host->size, sizeof *host);
	ck_assert_ptr_eq(host->process, services.process);
	ck_assert_ptr_nonnull(host->random);
	ck_assert_ptr_null(host->http);
	ck_assert_ptr_null(host->model);
	ck_assert_int_gt(host->clock->now_ns(host->clock), 0);
	ck_assert((host->features & WW_FEATURE_CANCELLATION) != 0);
	ck_assert((host->features & WW_FEATURE_SUBSTRATEGIES) == 0);
	ww_host_free(box);
	strategy.kind = WW_KIND_STRATEGY;
	box = ww_host_new(&strategy, NULL, 1, &services);
	ck_assert_ptr_null(ww_host_of(box)->process);
	ww_host_free(box);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("host");
	TCase *tests = tcase_create("host");

	tcase_add_test(tests, a_call_keeps_the_first_cause);
	tcase_add_test(tests, a_call_without_a_cause_names_the_status);
	tcase_add_test(tests, a_failure_is_never_success);
	tcase_add_test(tests, a_call_hears_of_cancellation);
	tcase_add_test(tests, a_call_that_is_over_is_refused);
	tcase_add_test(tests, a_cause_is_bounded_and_holds_no_secret);
	tcase_add_test(tests, random_numbers_are_the_published_ones);
	tcase_add_test(tests, bounded_random_numbers_stay_in_bounds);
	tcase_add_test(tests, memory_grows_and_has_an_end);
	tcase_add_test(tests, each_kind_gets_its_own_services);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
