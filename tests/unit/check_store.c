/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/text.h"
#include "tests/unit/store_fixture.h"
#include "tests/unit/unit.h"

static struct store_fixture fixture;

static void
setup(void)
{
	store_fixture_open(&fixture);
}

static void
teardown(void)
{
	store_fixture_close(&fixture);
}

START_TEST(a_trial_comes_back_as_it_was)
{
	struct ww_store *store = store_fixture_store(&fixture);
	struct ww_record **records;
	struct ww_error error = { 0 };
	const struct ww_trial *trial;
	size_t n, skipped;
	char id[40];

	store_fixture_begin(store, "t", id);
	ck_assert_int_eq(store_fixture_trials(&fixture, store, id, 7, 1,
	                                      &error), WW_OK);
	ck_assert_int_eq(ww_store_load_trials(store, id, fixture.space,
	                                      &records, &n, &skipped, &error),
	                 WW_OK);
	ck_assert_uint_eq(n, 1);
	ck_assert_uint_eq(skipped, 0);
	trial = &records[0]->trial;
	ck_assert_uint_eq(trial->id, 7);
	ck_assert_uint_eq(trial->indices[0], 6);
	ck_assert_uint_eq(trial->n_samples, 3);
	ck_assert(trial->samples_ms[2] == 7.1);
	ck_assert(trial->objective == 2.25 && trial->ci_high == 3.5);
	ck_assert(ww_trial_fact(trial, "registers") == 32);
	ck_assert_str_eq(trial->source, "random");
	ck_assert_str_eq(trial->family, "joint");
	ck_assert_str_eq(trial->reason, "because");
	ck_assert_str_eq(records[0]->log, "warning: loop");
	ck_assert_str_eq(records[0]->artifact, "abc7");
	ck_assert_str_eq(records[0]->device, "cpu-0");
	ck_assert_uint_eq(trial->round, 3);
	ck_assert_uint_eq(trial->abandoned, 1);
	ck_assert_int_eq(trial->compile_ns, 1000);
	ck_assert(records[0]->from_cache && !records[0]->shared);
	ck_assert_int_eq(records[0]->finished_ns, 6);
	ww_record_free(records[0]);
	free(records);
	ww_store_close(store);
}
END_TEST

START_TEST(a_failure_has_no_numbers)
{
	struct ww_store *store = store_fixture_store(&fixture);
	struct ww_record *record = store_fixture_record(&fixture, 1);
	const struct ww_record *const one[] = { record };
	struct ww_record **records;
	struct ww_error error = { 0 };
	size_t n, skipped;
	char id[40];

	record->trial.outcome = WW_TRIAL_RUN_TIMEOUT;
	record->trial.objective = NAN;
	record->trial.ci_low = record->trial.ci_high = NAN;
	ww_record_set_samples(record, NULL, 0);
	ww_record_set_text(record, "did not end");
	store_fixture_begin(store, "t", id);
	ck_assert_int_eq(ww_store_trials(store, id, fixture.space, one, 1,
	                                 &error), WW_OK);
	ww_record_free(record);
	ck_assert_int_eq(ww_store_load_trials(store, id, fixture.space,
	                                      &records, &n, &skipped, &error),
	                 WW_OK);
	ck_assert_uint_eq(records[0]->trial.outcome, WW_TRIAL_RUN_TIMEOUT);
	ck_assert(isnan(records[0]->trial.objective));
	ck_assert(isnan(records[0]->trial.ci_low));
	ck_assert_uint_eq(records[0]->trial.n_samples, 0);
	ck_assert_str_eq(records[0]->trial.text, "did not end");
	ww_record_free(records[0]);
	free(records);
	ww_store_close(store);
}
END_TEST

START_TEST(a_batch_is_all_or_nothing)
{
	struct ww_store *store = store_fixture_store(&fixture);
	struct ww_record *records[3];
	const struct ww_record *batch[3];
	struct ww_error error = { 0 };
	char id[40];
	int i;

	store_fixture_begin(store, "t", id);
	for (i = 0; i < 3; i++)
		batch[i] = records[i] =
			store_fixture_record(&fixture, i < 2 ? 1u + (unsigned)i
		                                             : 1u);
	ck_assert_int_eq(ww_store_trials(store, id, fixture.space, batch, 3,
	                                 &error), WW_E_IO);
	ck_assert_uint_eq(store_fixture_count(&fixture, id), 0);
	ck_assert_int_eq(ww_store_trials(store, id, fixture.space, batch, 2,
	                                 &error), WW_OK);
	ck_assert_uint_eq(store_fixture_count(&fixture, id), 2);
	for (i = 0; i < 3; i++)
		ww_record_free(records[i]);
	ww_store_close(store);
}
END_TEST

START_TEST(a_configuration_that_left_the_space_is_counted)
{
	struct ww_store *store = store_fixture_store(&fixture);
	struct store_fixture other = fixture;
	struct ww_space_builder *builder = ww_space_builder_new();
	const struct ww_value one = { .type = WW_VALUE_INT, .string = "1",
		                      .integer = 1, .number = 1 };
	const uint32_t zero = 0;
	const struct ww_parameter_spec spec = {
		.name = "y", .type = "int", .values = &one, .n_values = 1,
		.defaults = &zero,
	};
	struct ww_record **records;
	struct ww_error error = { 0 };
	size_t n, skipped;
	char id[40];

	store_fixture_begin(store, "t", id);
	ck_assert_int_eq(store_fixture_trials(&fixture, store, id, 1, 3,
	                                      &error), WW_OK);
	ww_space_builder_parameter(builder, &spec, &error);
	ck_assert_int_eq(ww_space_build(builder, &other.space, &error), WW_OK);
	ck_assert_int_eq(ww_store_load_trials(store, id, other.space, &records,
	                                      &n, &skipped, &error), WW_OK);
	ck_assert_uint_eq(n, 0);
	ck_assert_uint_eq(skipped, 3);
	free(records);
	ww_space_free(other.space);
	ww_store_close(store);
}
END_TEST

/* -------------------------------------------------------------- sessions */

struct seen {
	int n;
	char ids[8][40];
	char states[8][16];
	uint64_t trials;
	double best_ms;
};

static void
see(void *context, const struct ww_session_row *row)
{
	struct seen *seen = context;

	snprintf(seen->ids[seen->n & 7], 40, "%s", row->id);
	snprintf(seen->states[seen->n & 7], 16, "%s", row->state);
	seen->trials = row->n_trials;
	seen->best_ms = row->best_ms;
	seen->n++;
}

START_TEST(sessions_are_found_by_name_and_beginning)
{
	struct ww_store *store = store_fixture_store(&fixture);
	struct seen seen = { 0 };
	struct ww_error error = { 0 };
	char ids[3][40];
	char day[5] = "";
	int i;

	for (i = 0; i < 3; i++)
		store_fixture_begin(store, i < 2 ? "one" : "two", ids[i]);
	ww_store_sessions(store, NULL, see, &seen, &error);
	ck_assert_int_eq(seen.n, 3);
	ck_assert_str_eq(seen.ids[0], ids[2]);
	ck_assert_str_eq(seen.ids[2], ids[0]);
	seen.n = 0;
	ww_store_sessions(store, "two", see, &seen, &error);
	ck_assert_int_eq(seen.n, 1);
	seen.n = 0;
	ck_assert_int_eq(ww_store_session(store, "last", see, &seen, &error),
	                 WW_OK);
	ck_assert_str_eq(seen.ids[0], ids[2]);
	ck_assert_int_eq(ww_store_session(store, ids[0], see, &seen, &error),
	                 WW_OK);
	ck_assert_str_eq(seen.ids[1], ids[0]);
	memcpy(day, ids[0], 4);
	ck_assert_int_eq(ww_store_session(store, day, see, &seen, &error),
	                 WW_E_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(error.text, "several"));
	ck_assert_int_eq(ww_store_session(store, "nothing", see, &seen,
	                                  &error), WW_E_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(error.text, "session list"));
	ww_store_close(store);
}
END_TEST

START_TEST(sessions_of_a_kernel_are_found_whatever_their_task)
{
	struct ww_store *store = store_fixture_store(&fixture);
	struct ww_session_row row = { .kernel_hash = "feed",
		                      .space_hash = "another",
		                      .settings = "{}" };
	struct seen seen = { 0 };
	struct ww_error error = { 0 };
	char id[40], kin[40];

	store_fixture_begin(store, "one", id);
	ck_assert_int_eq(ww_store_begin(store, &row, kin, &error), WW_OK);
	ck_assert_int_eq(ww_store_kin(store, "feed", see, &seen, &error),
	                 WW_OK);
	ck_assert_int_eq(seen.n, 1);
	ck_assert_str_eq(seen.ids[0], kin);
	seen.n = 0;
	ck_assert_int_eq(ww_store_kin(store, "none", see, &seen, &error),
	                 WW_OK);
	ck_assert_int_eq(seen.n, 0);
	ww_store_close(store);
}
END_TEST

START_TEST(an_ended_session_keeps_its_result)
{
	struct ww_store *store = store_fixture_store(&fixture);
	struct seen seen = { 0 };
	struct ww_error error = { 0 };
	char id[40];

	store_fixture_begin(store, "t", id);
	ck_assert_int_eq(store_fixture_trials(&fixture, store, id, 1, 2,
	                                      &error), WW_OK);
	ck_assert_int_eq(ww_store_end(store, id, "finished", "{}", 2.25, NAN,
	                              &error), WW_OK);
	ww_store_session(store, id, see, &seen, &error);
	ck_assert_str_eq(seen.states[0], "finished");
	ck_assert_uint_eq(seen.trials, 2);
	ck_assert(seen.best_ms == 2.25);
	ck_assert_int_eq(ww_store_end(store, "no", "finished", "", 0, 0,
	                              &error), WW_E_NOT_FOUND);
	ww_store_close(store);
}
END_TEST

START_TEST(a_living_session_is_not_taken_over)
{
	struct ww_store *store = store_fixture_store(&fixture);
	struct ww_error error = { 0 };
	char id[40];

	store_fixture_begin(store, "t", id);
	ck_assert_int_eq(ww_store_reopen(store, id, &error), WW_E_STATE);
	ck_assert_ptr_nonnull(strstr(error.text, "still running"));
	ck_assert_int_eq(ww_store_end(store, id, "interrupted", "", NAN, NAN,
	                              &error), WW_OK);
	ck_assert_int_eq(ww_store_reopen(store, id, &error), WW_OK);
	ck_assert_int_eq(ww_store_reopen(store, "no", &error),
	                 WW_E_NOT_FOUND);
	ww_store_close(store);
}
END_TEST

/* -------------------------------------------------------- several processes */

/* Begins a session, writes `n` trials, and ends without closing anything. */
static pid_t
start_writer(char id[40], uint64_t n)
{
	int tube[2];
	pid_t child;

	ck_assert_int_eq(pipe(tube), 0);
	child = fork();
	if (child == 0) {
		struct ww_store *store = store_fixture_store(&fixture);
		struct ww_error error = { 0 };

		store_fixture_begin(store, "t", id);
		if (write(tube[1], id, 40) != 40 ||
		    store_fixture_trials(&fixture, store, id, 1, n, &error) !=
		            WW_OK)
			_exit(1);
		_exit(0);
	}
	ck_assert_int_eq(read(tube[0], id, 40), 40);
	close(tube[0]);
	close(tube[1]);
	return child;
}

START_TEST(two_processes_write_at_once)
{
	char ids[2][40];
	pid_t children[2];
	int i, code;

	for (i = 0; i < 2; i++)
		children[i] = start_writer(ids[i], 100);
	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(waitpid(children[i], &code, 0), children[i]);
		ck_assert_int_eq(code, 0);
	}
	ck_assert_str_ne(ids[0], ids[1]);
	ck_assert_uint_eq(store_fixture_count(&fixture, ids[0]), 100);
	ck_assert_uint_eq(store_fixture_count(&fixture, ids[1]), 100);
}
END_TEST

/* Two processes may be the first to open it, too. */
START_TEST(several_processes_create_it_at_once)
{
	pid_t children[6];
	int i, code;

	for (i = 0; i < 6; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			struct ww_store *store = NULL;
			struct ww_error error = { 0 };

			_exit(ww_store_open(fixture.path, &store, &error) !=
			      WW_OK);
		}
	}
	for (i = 0; i < 6; i++) {
		ck_assert_int_eq(waitpid(children[i], &code, 0), children[i]);
		ck_assert_int_eq(code, 0);
	}
}
END_TEST

START_TEST(a_killed_session_can_be_resumed)
{
	struct ww_store *store;
	struct seen seen = { 0 };
	struct ww_error error = { 0 };
	char id[40];
	pid_t child = start_writer(id, 20);
	int code;

	waitpid(child, &code, 0);
	ck_assert_int_eq(code, 0);
	store = store_fixture_store(&fixture);
	ww_store_session(store, id, see, &seen, &error);
	ck_assert_str_eq(seen.states[0], "interrupted");
	ck_assert_int_eq(ww_store_reopen(store, id, &error), WW_OK);
	ck_assert_int_eq(store_fixture_trials(&fixture, store, id, 21, 5,
	                                      &error), WW_OK);
	ww_store_close(store);
	ck_assert_uint_eq(store_fixture_count(&fixture, id), 25);
}
END_TEST

/* Whatever the moment of the kill, the trials there are 1 … n. */
START_TEST(kill_leaves_a_whole_beginning)
{
	int i;

	for (i = 0; i < 8; i++) {
		struct timespec pause = { .tv_nsec = 3000000L * i };
		struct ww_store *store;
		struct ww_record **records;
		struct ww_error error = { 0 };
		size_t n, skipped, k;
		char id[40];
		pid_t child = start_writer(id, 200);
		int code;

		nanosleep(&pause, NULL);
		kill(child, SIGKILL);
		waitpid(child, &code, 0);
		store = store_fixture_store(&fixture);
		ck_assert_int_eq(ww_store_load_trials(store, id, fixture.space,
		                                      &records, &n, &skipped,
		                                      &error), WW_OK);
		for (k = 0; k < n; k++) {
			ck_assert_uint_eq(records[k]->trial.id, k + 1);
			ww_record_free(records[k]);
		}
		free(records);
		ww_store_close(store);
	}
}
END_TEST

/* ------------------------------------------------------------- model calls */

static void
check_call(void *context, const struct ww_model_call *call)
{
	uint64_t *n = context;

	(*n)++;
	ck_assert_uint_eq(call->number, *n);
	ck_assert_str_eq(call->answer, "text");
	ck_assert_str_eq(call->error, "");
	ck_assert_int_eq(call->reasoning_tokens, 4);
	ck_assert_uint_eq(call->duplicate, 9);
	ck_assert(isnan(call->cost));
	ck_assert_str_eq(call->exchange, "{\"a\":1}");
}

START_TEST(model_calls_go_on_counting)
{
	struct ww_store *store = store_fixture_store(&fixture);
	const struct ww_model_call call = {
		.number = 1, .round = 2, .provider = "p", .model = "m",
		.prompt = "[]", .answer = "text", .outcome = "ok",
		.input_tokens = 1, .cached_tokens = 2, .output_tokens = 3,
		.reasoning_tokens = 4, .cost = NAN, .latency_ns = 5,
		.attempts = 1, .found = 6, .taken = 7, .invalid = 8,
		.duplicate = 9, .exchange = "{\"a\":1}",
	};
	struct ww_error error = { 0 };
	uint64_t n = 0;
	char id[40];
	int i;

	store_fixture_begin(store, "t", id);
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(ww_store_model_call(store, id, &call, &error),
		                 WW_OK);
	ck_assert_int_eq(ww_store_model_calls(store, id, check_call, &n,
	                                      &error), WW_OK);
	ck_assert_uint_eq(n, 3);
	ww_store_close(store);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("store");
	TCase *tests = tcase_create("store");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, a_trial_comes_back_as_it_was);
	tcase_add_test(tests, a_failure_has_no_numbers);
	tcase_add_test(tests, a_batch_is_all_or_nothing);
	tcase_add_test(tests, a_configuration_that_left_the_space_is_counted);
	tcase_add_test(tests, sessions_are_found_by_name_and_beginning);
	tcase_add_test(tests,
	               sessions_of_a_kernel_are_found_whatever_their_task);
	tcase_add_test(tests, an_ended_session_keeps_its_result);
	tcase_add_test(tests, a_living_session_is_not_taken_over);
	tcase_add_test(tests, two_processes_write_at_once);
	tcase_add_test(tests, several_processes_create_it_at_once);
	tcase_add_test(tests, a_killed_session_can_be_resumed);
	tcase_add_test(tests, kill_leaves_a_whole_beginning);
	tcase_add_test(tests, model_calls_go_on_counting);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
