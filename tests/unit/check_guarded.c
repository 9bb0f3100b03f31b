/* SPDX-License-Identifier: MIT
 *
 * Work in a child process: its result comes back, and nothing else of it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "plugins/common/guarded.h"
#include "tests/unit/unit.h"

#define LONG_MS 30000

static int touched;

static void
answer(const void *context, void *result)
{
	touched = 1;
	memcpy(result, context, 8);
}

static void
write_nowhere(const void *context, void *result)
{
	printf("not ok 99 - this is heard\n");
	fprintf(stderr, "not ok 98 - so is this\n");
	fflush(stdout);
	memcpy(result, context, 8);
}

static void
crash(const void *context, void *result)
{
	(void)context;
	memset(result, 1, 8);
	raise(SIGSEGV);
}

static void
give_up(const void *context, void *result)
{
	(void)context;
	(void)result;
	abort();
}

static void
leave(const void *context, void *result)
{
	(void)context;
	(void)result;
	_exit(0);
}

static void
hang(const void *context, void *result)
{
	(void)context;
	(void)result;
	for (;;)
		pause();
}

static int
run(guarded_work work, char result[9], int limit_ms)
{
	strcpy(result, "untouch.");
	return guarded_run(work, "12345678", result, 8, limit_ms);
}

START_TEST(a_result_comes_back)
{
	char result[9];

	ck_assert_int_eq(run(answer, result, LONG_MS), 1);
	ck_assert_str_eq(result, "12345678");
	ck_assert_int_eq(touched, 0);
	ck_assert_int_eq(run(write_nowhere, result, LONG_MS), 1);
	ck_assert_str_eq(result, "12345678");
}
END_TEST

START_TEST(a_death_costs_the_result)
{
	static const guarded_work works[] = { crash, give_up, leave };
	char result[9];
	size_t i;

	for (i = 0; i < sizeof works / sizeof works[0]; i++) {
		ck_assert_int_eq(run(works[i], result, LONG_MS), 0);
		ck_assert_str_eq(result, "untouch.");
	}
}
END_TEST

START_TEST(what_hangs_is_ended)
{
	char result[9];

	ck_assert_int_eq(run(hang, result, 120), 0);
	ck_assert_str_eq(result, "untouch.");
}
END_TEST

START_TEST(no_child_is_left)
{
	char result[9];

	run(answer, result, LONG_MS);
	run(crash, result, LONG_MS);
	run(hang, result, 60);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

START_TEST(a_large_result_is_refused)
{
	char result[GUARDED_MOST_BYTES + 1];

	ck_assert_int_eq(guarded_run(answer, "12345678", result, sizeof result,
	                             LONG_MS),
	                 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("guarded");
	TCase *runs = tcase_create("runs");

	tcase_add_test(runs, a_result_comes_back);
	tcase_add_test(runs, a_death_costs_the_result);
	tcase_add_test(runs, what_hangs_is_ended);
	tcase_add_test(runs, no_child_is_left);
	tcase_add_test(runs, a_large_result_is_refused);
	suite_add_tcase(suite, runs);
	return ww_unit_run(suite);
}
