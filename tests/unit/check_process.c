/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/plugin/host.h"
#include "tests/unit/unit.h"

#define SECOND INT64_C(1000000000)

/* Keeps what a program writes, or stops after `stop_after` bytes. */
struct catcher {
	struct ww_text_sink sink; /* first member */
	char *text;
	size_t length;
	size_t stop_after;
};

static ww_status
catch_text(struct ww_text_sink *self, const char *bytes, uint64_t length)
{
	struct catcher *catcher = (struct catcher *)self;

	catcher->text = ww_grow(catcher->text, catcher->length + length + 1);
	memcpy(catcher->text + catcher->length, bytes, length);
	catcher->length += length;
	catcher->text[catcher->length] = '\0';
	return catcher->stop_after != 0 &&
	                       catcher->length >= catcher->stop_after
	               ? WW_STOPPED
	               : WW_OK;
}

/* One run and everything that came of it. */
struct outcome {
	struct catcher out;
	struct ww_process_result result;
	struct ww_error error;
	ww_status status;
	int64_t took;
};

static struct ww_cancel cancel;

static void
run_with(const struct ww_process *service, struct outcome *outcome,
         const struct ww_process_request *request)
{
	struct ww_call_frame frame;
	int64_t start = ww_now_ns();

	ww_call_start(&frame, &cancel, INT64_MAX);
	outcome->out.sink.size = sizeof outcome->out.sink;
	outcome->out.sink.write = catch_text;
	outcome->result.size = sizeof outcome->result;
	outcome->status = service->run(service, &frame.call, request,
	                               &outcome->out.sink, &outcome->result);
	outcome->took = ww_now_ns() - start;
	ww_call_finish(&frame, outcome->status, &outcome->error);
}

static void
run(struct outcome *outcome, const struct ww_process_request *request)
{
	run_with(ww_process_service(), outcome, request);
}

/* A request for `sh -c script`. */
static struct ww_process_request
shell(const char **argv, const char *script)
{
	struct ww_process_request request = { .size = sizeof request };

	argv[0] = "/bin/sh";
	argv[1] = "-c";
	argv[2] = script;
	argv[3] = NULL;
	request.argv = argv;
	return request;
}

/* Waits until nobody has this process id, for at most ten seconds. */
static int
is_gone(pid_t pid)
{
	int i;

	for (i = 0; i < 1000; i++) {
		char path[64];
		char line[256] = "";
		FILE *file;

		snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
		file = fopen(path, "r");
		if (file == NULL)
			return 1;
		if (fgets(line, sizeof line, file) != NULL &&
		    strstr(line, ") Z ") != NULL) {
			/* Ended; whoever adopted it has not looked yet. */
			fclose(file);
			return 1;
		}
		fclose(file);
		usleep(10000);
	}
	return 0;
}

START_TEST(gives_back_output_exit_code_and_errors)
{
	const char *argv[4];
	struct ww_process_request request = shell(
		argv, "cat; echo oops >&2; exit 7");
	struct outcome outcome = { 0 };

	request.input = "hello";
	request.input_length = 5;
	run(&outcome, &request);
	ck_assert_msg(outcome.status == WW_OK, "%s", outcome.error.text);
	ck_assert_str_eq(outcome.out.text, "hello");
	ck_assert_int_eq(outcome.result.exit_code, 7);
	ck_assert_int_eq(outcome.result.signal, 0);
	ck_assert_str_eq(outcome.result.error_output, "oops\n");
	free(outcome.out.text);
}
END_TEST

START_TEST(says_which_signal_ended_it)
{
	const char *argv[4];
	struct ww_process_request request = shell(argv, "kill -SEGV $$");
	struct outcome outcome = { 0 };

	run(&outcome, &request);
	ck_assert_int_eq(outcome.status, WW_OK);
	ck_assert_int_eq(outcome.result.exit_code, -1);
	ck_assert_int_eq(outcome.result.signal, SIGSEGV);
}
END_TEST

START_TEST(finds_programs_in_the_path_and_says_when_there_is_none)
{
	const char *const here[] = { "echo", "x", NULL };
	const char *const nowhere[] = { "no-such-program-at-all", NULL };
	struct ww_process_request request = { .size = sizeof request,
		                              .argv = here };
	struct outcome outcome = { 0 };
	struct outcome missing = { 0 };

	run(&outcome, &request);
	ck_assert_int_eq(outcome.status, WW_OK);
	ck_assert_str_eq(outcome.out.text, "x\n");
	free(outcome.out.text);
	request.argv = nowhere;
	run(&missing, &request);
	ck_assert_int_eq(missing.status, WW_E_NOT_FOUND);
	ck_assert_str_eq(missing.error.text,
	                 "program no-such-program-at-all was not found");
}
END_TEST

/* Both sides write more than all pipes hold before either reads: a service that
 * first wrote and then read would wait for ever. */
START_TEST(cannot_deadlock_on_full_pipes)
{
	const char *argv[4];
	struct ww_process_request request = shell(
		argv, "head -c 3000000 /dev/zero >&2; "
	              "head -c 3000000 /dev/zero; cat");
	size_t length = 5000000;
	char *input = ww_alloc(length);
	struct outcome outcome = { 0 };

	memset(input, 'i', length);
	request.input = input;
	request.input_length = length;
	request.timeout_ns = 60 * SECOND;
	run(&outcome, &request);
	ck_assert_msg(outcome.status == WW_OK, "%s", outcome.error.text);
	ck_assert_uint_eq(outcome.out.length, 3000000 + length);
	ck_assert_mem_eq(outcome.out.text + 3000000, input, length);
	free(outcome.out.text);
	free(input);
}
END_TEST

START_TEST(survives_a_program_that_does_not_read)
{
	const char *argv[4];
	struct ww_process_request request = shell(argv,
	                                          "exec <&-; echo done");
	size_t length = 4000000;
	char *input = ww_alloc(length);
	struct outcome outcome = { 0 };

	signal(SIGPIPE, SIG_DFL); /* the service must not rely on the host */
	request.input = input;
	request.input_length = length;
	run(&outcome, &request);
	ck_assert_int_eq(outcome.status, WW_OK);
	ck_assert_str_eq(outcome.out.text, "done\n");
	free(outcome.out.text);
	free(input);
}
END_TEST

START_TEST(ends_grandchildren_at_the_deadline)
{
	const char *argv[4];
	struct ww_process_request request = shell(
		argv, "trap '' TERM; sleep 1000 & echo $!; wait; sleep 1000");
	struct outcome outcome = { 0 };
	pid_t grandchild;

	request.timeout_ns = SECOND / 2;
	run(&outcome, &request);
	ck_assert_int_eq(outcome.status, WW_E_TIMEOUT);
	ck_assert_str_eq(outcome.error.text,
	                 "/bin/sh ran longer than 0.5 s and was ended");
	ck_assert_int_eq(outcome.result.exit_code, -1);
	ck_assert_int_eq(outcome.result.signal, SIGKILL);
	grandchild = (pid_t)atoi(outcome.out.text);
	ck_assert_int_gt(grandchild, 0);
	ck_assert(is_gone(grandchild));
	free(outcome.out.text);
}
END_TEST

/* A background process that keeps stdout open must not keep us waiting. */
START_TEST(does_not_wait_for_what_is_left_behind)
{
	const char *argv[4];
	struct ww_process_request request = shell(argv,
	                                          "sleep 1000 & echo $!");
	struct outcome outcome = { 0 };

	request.timeout_ns = 100 * SECOND;
	run(&outcome, &request);
	ck_assert_msg(outcome.status == WW_OK, "%s", outcome.error.text);
	ck_assert_int_eq(outcome.result.exit_code, 0);
	ck_assert_int_lt(outcome.took, 60 * SECOND);
	ck_assert(is_gone((pid_t)atoi(outcome.out.text)));
	free(outcome.out.text);
}
END_TEST

static void *
cancel_soon(void *unused)
{
	(void)unused;
	usleep(200000);
	ww_cancel_request(&cancel);
	return NULL;
}

START_TEST(ends_when_the_host_cancels)
{
	const char *argv[4];
	struct ww_process_request request = shell(argv, "sleep 1000");
	struct outcome outcome = { 0 };
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, cancel_soon, NULL), 0);
	run(&outcome, &request);
	pthread_join(thread, NULL);
	ck_assert_int_eq(outcome.status, WW_E_CANCELLED);
	ck_assert_str_eq(outcome.error.text, "/bin/sh was ended: cancelled");
	ck_assert_int_eq(outcome.result.signal, SIGTERM);
}
END_TEST

START_TEST(stops_at_the_limit_of_output)
{
	const char *argv[4];
	struct ww_process_request request = shell(argv, "cat /dev/zero");
	struct outcome outcome = { 0 };

	request.output_limit = 100000;
	run(&outcome, &request);
	ck_assert_int_eq(outcome.status, WW_E_TRUNCATED);
	ck_assert_uint_eq(outcome.out.length, 100000);
	ck_assert_str_eq(outcome.error.text,
	                 "/bin/sh wrote more than 100000 bytes and was ended");
	free(outcome.out.text);
}
END_TEST

START_TEST(takes_output_of_exactly_the_limit)
{
	const char *argv[4];
	struct ww_process_request request = shell(
		argv, "head -c 100000 /dev/zero");
	struct outcome outcome = { 0 };

	request.output_limit = 100000;
	run(&outcome, &request);
	ck_assert_int_eq(outcome.status, WW_OK);
	ck_assert_uint_eq(outcome.out.length, 100000);
	free(outcome.out.text);
}
END_TEST

START_TEST(stops_when_the_receiver_has_enough)
{
	const char *argv[4];
	struct ww_process_request request = shell(argv, "cat /dev/zero");
	struct outcome outcome = { .out.stop_after = 1 };

	run(&outcome, &request);
	ck_assert_int_eq(outcome.status, WW_STOPPED);
	ck_assert_int_eq(outcome.result.signal, SIGTERM);
	free(outcome.out.text);
}
END_TEST

START_TEST(passes_on_the_named_variables_only)
{
	static const char *const names[] = { "WW_TEST_KEPT", "WW_TEST_ABSENT",
		                             NULL };
	static const char *const command[] = { "/usr/bin/env", NULL };
	struct ww_process_request request = { .size = sizeof request,
		                              .argv = command,
		                              .environment = names };
	struct outcome outcome = { 0 };

	setenv("WW_TEST_KEPT", "yes", 1);
	setenv("WW_TEST_KEPT_NOT", "no", 1);
	run(&outcome, &request);
	ck_assert_int_eq(outcome.status, WW_OK);
	ck_assert_str_eq(outcome.out.text, "WW_TEST_KEPT=yes\n");
	free(outcome.out.text);
}
END_TEST

START_TEST(works_in_an_empty_folder_that_goes_away)
{
	const char *argv[4];
	struct ww_process_request request = shell(argv,
	                                          "ls -A; touch left; pwd");
	struct outcome outcome = { 0 };
	struct stat info;

	run(&outcome, &request);
	ck_assert_int_eq(outcome.status, WW_OK);
	outcome.out.text[strcspn(outcome.out.text, "\n")] = '\0';
	ck_assert_ptr_nonnull(strstr(outcome.out.text, "/warpwright-"));
	ck_assert_int_ne(stat(outcome.out.text, &info), 0);
	free(outcome.out.text);
}
END_TEST

START_TEST(works_where_it_is_told_to)
{
	const char *argv[4];
	struct ww_process_request request = shell(argv, "pwd");
	struct outcome outcome = { 0 };
	struct outcome missing = { 0 };

	request.directory = "/usr";
	run(&outcome, &request);
	ck_assert_int_eq(outcome.status, WW_OK);
	ck_assert_str_eq(outcome.out.text, "/usr\n");
	free(outcome.out.text);
	request.directory = "/usr/no/such/folder";
	run(&missing, &request);
	ck_assert_int_eq(missing.status, WW_E_IO);
	ck_assert_str_eq(missing.error.text,
	                 "cannot work in folder /usr/no/such/folder: No such "
	                 "file or directory");
}
END_TEST

START_TEST(keeps_the_last_of_the_errors)
{
	const char *argv[4];
	struct ww_process_request request = shell(
		argv, "head -c 100000 /dev/zero | tr '\\0' a >&2; echo END >&2");
	struct outcome outcome = { 0 };

	run(&outcome, &request);
	ck_assert_int_eq(outcome.status, WW_OK);
	ck_assert_uint_eq(strlen(outcome.result.error_output), 4095);
	ck_assert_str_eq(outcome.result.error_output + 4091, "END\n");
}
END_TEST

START_TEST(leaves_no_descriptor_open)
{
	const char *argv[4];
	struct ww_process_request request = shell(argv, "ls /proc/self/fd");
	struct outcome outcome = { 0 };

	/* Not marked close-on-exec on purpose. */
	ck_assert_int_ge(dup2(STDERR_FILENO, 77), 0);
	run(&outcome, &request);
	ck_assert_int_eq(outcome.status, WW_OK);
	ck_assert_ptr_null(strstr(outcome.out.text, "77"));
	free(outcome.out.text);
}
END_TEST

/* Field 5 of the line is the process group. */
START_TEST(gets_a_process_group_or_stays_in_ours)
{
	const char *argv[4];
	struct ww_process_request request = shell(
		argv, "cut -d ' ' -f 5 /proc/$$/stat");
	struct outcome own = { 0 };
	struct outcome joined = { 0 };
	struct outcome late = { 0 };

	run(&own, &request);
	ck_assert_int_eq(own.status, WW_OK);
	ck_assert_int_ne(atoi(own.out.text), (int)getpgrp());
	run_with(ww_process_service_joined(), &joined, &request);
	ck_assert_int_eq(joined.status, WW_OK);
	ck_assert_int_eq(atoi(joined.out.text), (int)getpgrp());
	free(own.out.text);
	free(joined.out.text);
	request = shell(argv, "exec sleep 1000");
	request.timeout_ns = SECOND / 5;
	run_with(ww_process_service_joined(), &late, &request);
	ck_assert_int_eq(late.status, WW_E_TIMEOUT);
	ck_assert_int_eq(late.result.signal, SIGTERM);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("process");
	TCase *tests = tcase_create("process");

	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, gives_back_output_exit_code_and_errors);
	tcase_add_test(tests, says_which_signal_ended_it);
	tcase_add_test(tests,
	               finds_programs_in_the_path_and_says_when_there_is_none);
	tcase_add_test(tests, cannot_deadlock_on_full_pipes);
	tcase_add_test(tests, survives_a_program_that_does_not_read);
	tcase_add_test(tests, ends_grandchildren_at_the_deadline);
	tcase_add_test(tests, does_not_wait_for_what_is_left_behind);
	tcase_add_test(tests, stops_at_the_limit_of_output);
	tcase_add_test(tests, takes_output_of_exactly_the_limit);
	tcase_add_test(tests, stops_when_the_receiver_has_enough);
	tcase_add_test(tests, passes_on_the_named_variables_only);
	tcase_add_test(tests, works_in_an_empty_folder_that_goes_away);
	tcase_add_test(tests, works_where_it_is_told_to);
	tcase_add_test(tests, keeps_the_last_of_the_errors);
	tcase_add_test(tests, leaves_no_descriptor_open);
	tcase_add_test(tests, gets_a_process_group_or_stays_in_ours);
	/* Last: without forks it leaves `cancel` requested. */
	tcase_add_test(tests, ends_when_the_host_cancels);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
