/* SPDX-License-Identifier: MIT
 *
 * The model service with scripted providers: who is asked after a failure, how
 * often, what is kept of an answer that broke off, and when it is enough.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/paths.h"
#include "core/base/text.h"
#include "tests/unit/fake_provider.h"
#include "tests/unit/unit.h"

#define SECOND INT64_C(1000000000)

static const char *const two_attempts[] = { "http.attempts=2", NULL };
static const struct fake_step good = { .text = "fine" };

static struct fake_step
failing(ww_status status, const char *message)
{
	return (struct fake_step){ .status = status, .message = message };
}

/* An answer with configurations (i, i) for i in from … to - 1, and no end of
 * the list if `open`. To be freed. */
static char *
answer(int from, int to, bool open)
{
	char *text = ww_copy("{\"analysis\": \"a\", \"configs\": [");
	int i;

	for (i = from; i < to; i++) {
		char *longer = ww_text("%s%s{\"config\": {\"x\": %d, \"y\": %d}}",
		                       text, i > from ? ", " : "", i, i);

		free(text);
		text = longer;
	}
	if (!open) {
		char *longer = ww_text("%s]}", text);

		free(text);
		text = longer;
	}
	return text;
}

/* ------------------------------------------------------- who is asked next */

START_TEST(the_next_provider_takes_over_after_passing_errors)
{
	static const ww_status passing[] = { WW_E_RATE, WW_E_OVERLOADED,
		                             WW_E_SERVER, WW_E_TRANSPORT };
	struct fake_model *model = fake_model_new(two_attempts);
	char text[256];

	fake_model_script(model, 0, failing(passing[_i], "try again later"));
	fake_model_script(model, 1, good);
	ck_assert_int_eq(fake_model_chat(model, "hello", text, NULL), WW_OK);
	ck_assert_str_eq(text, "fine");
	ck_assert_uint_eq(model->providers[0].n_requests, 2);
	ck_assert_uint_eq(model->n_sleeps, 1);
	ck_assert_uint_eq(model->providers[1].n_requests, 1);
	ck_assert_ptr_nonnull(strstr(model->warnings,
	                             "first: try again later"));
	ck_assert_uint_eq(model->n_calls, 2);
	ck_assert_str_eq(model->outcomes[0], ww_status_name(passing[_i]));
	ck_assert_uint_eq(model->attempts[0], 2);
	ck_assert_str_eq(model->outcomes[1], "ok");
	/* The one that works stays in charge. */
	ck_assert_int_eq(fake_model_chat(model, "again", text, NULL), WW_OK);
	ck_assert_uint_eq(model->providers[0].n_requests, 2);
	ck_assert_int_eq(model->waits, 4);
	fake_model_free(model);
}
END_TEST

START_TEST(after_all_have_failed_the_first_gets_another_chance)
{
	struct fake_model *model = fake_model_new(two_attempts);
	char text[256];

	fake_model_script(model, 0, failing(WW_E_SERVER, "ill"));
	fake_model_script(model, 0, failing(WW_E_SERVER, "ill"));
	fake_model_script(model, 0, good);
	fake_model_script(model, 1, failing(WW_E_OVERLOADED, "busy"));
	ck_assert_int_eq(fake_model_chat(model, "hello", text, NULL),
	                 WW_E_OVERLOADED);
	ck_assert_str_eq(text, "");
	ck_assert_int_eq(fake_model_chat(model, "hello", text, NULL), WW_OK);
	ck_assert_str_eq(text, "fine");
	ck_assert_uint_eq(model->providers[1].n_requests, 2);
	fake_model_free(model);
}
END_TEST

START_TEST(a_provider_that_cannot_be_mended_is_out_and_said_to_be)
{
	static const ww_status lasting[] = { WW_E_AUTH, WW_E_BILLING,
		                             WW_E_REQUEST, WW_E_PARAMETER };
	struct fake_model *model = fake_model_new(NULL);
	const struct ww_model *face = ww_model_face(model->service);
	struct ww_error error;
	char text[256];

	fake_model_script(model, 0, failing(lasting[_i], "so it is"));
	fake_model_script(model, 1, good);
	ck_assert_int_eq(fake_model_chat(model, "one", text, NULL), WW_OK);
	ck_assert_ptr_nonnull(strstr(model->warnings, "first: so it is; it is "
	                             "not asked again in this session"));
	ck_assert_int_eq(fake_model_chat(model, "two", text, NULL), WW_OK);
	ck_assert_uint_eq(model->providers[0].n_requests, 1);
	ck_assert_uint_eq(model->n_sleeps, 0);
	ck_assert_int_eq(face->available(face), 1);
	/* The other one goes the same way: nobody is left. */
	model->providers[1].steps[0] = failing(lasting[_i], "here too");
	ck_assert_int_eq(fake_model_chat(model, "three", text, &error),
	                 lasting[_i]);
	ck_assert_ptr_nonnull(strstr(error.text, "second: here too"));
	ck_assert_int_eq(face->available(face), 0);
	ck_assert_int_eq(fake_model_chat(model, "four", text, NULL),
	                 WW_E_UNAVAILABLE);
	ck_assert_uint_eq(model->providers[1].n_requests, 3);
	fake_model_free(model);
}
END_TEST

START_TEST(a_time_out_is_not_tried_again_and_the_next_one_is_asked)
{
	struct fake_model *model = fake_model_new(NULL);
	char text[256];

	fake_model_script(model, 0, failing(WW_E_TIMEOUT, "too slow"));
	fake_model_script(model, 1, good);
	ck_assert_int_eq(fake_model_chat(model, "hello", text, NULL), WW_OK);
	ck_assert_uint_eq(model->providers[0].n_requests, 1);
	fake_model_free(model);
}
END_TEST

START_TEST(an_answer_that_makes_no_sense_is_asked_for_once_more)
{
	struct fake_model *model = fake_model_new(NULL);
	char text[256];

	fake_model_script(model, 0, failing(WW_E_FORMAT, "no JSON"));
	fake_model_script(model, 1, good);
	ck_assert_int_eq(fake_model_chat(model, "hello", text, NULL), WW_OK);
	ck_assert_uint_eq(model->providers[0].n_requests, 2);
	ck_assert_uint_eq(model->n_sleeps, 0);
	fake_model_free(model);
}
END_TEST

START_TEST(a_wait_ends_when_the_session_does)
{
	struct fake_model *model = fake_model_new(NULL);
	char text[256];

	model->cancel_in_sleep = 1;
	fake_model_script(model, 0, failing(WW_E_RATE, "wait"));
	fake_model_script(model, 1, good);
	ck_assert_int_eq(fake_model_chat(model, "hello", text, NULL),
	                 WW_E_CANCELLED);
	ck_assert_uint_eq(model->n_sleeps, 1);
	ck_assert_uint_eq(model->providers[1].n_requests, 0);
	fake_model_free(model);
}
END_TEST

START_TEST(text_of_an_attempt_that_failed_is_not_handed_on)
{
	struct fake_model *model = fake_model_new(NULL);
	char text[256];

	fake_model_script(model, 0, (struct fake_step){
		.text = "half an ans", .status = WW_E_TRANSPORT,
		.message = "cut" });
	fake_model_script(model, 0, good);
	ck_assert_int_eq(fake_model_chat(model, "hello", text, NULL), WW_OK);
	ck_assert_str_eq(text, "fine");
	ck_assert_uint_eq(model->n_calls, 1);
	ck_assert_uint_eq(model->attempts[0], 2);
	fake_model_free(model);
}
END_TEST

START_TEST(waits_of_local_models_are_marked)
{
	struct fake_model *model = fake_model_new(two_attempts);
	char text[256];

	model->providers[0].capabilities = WW_PROVIDER_LOCAL;
	fake_model_script(model, 0, failing(WW_E_SERVER, "ill"));
	fake_model_script(model, 1, good);
	ck_assert_int_eq(fake_model_chat(model, "hello", text, NULL), WW_OK);
	ck_assert_int_eq(model->waits, 3);
	ck_assert_int_eq(model->local_waits, 2);
	fake_model_free(model);
}
END_TEST

/* ----------------------------------------------------------------- budgets */

/* Two answers of 100 + 100 tokens for a dollar each are all that is allowed. */
START_TEST(no_request_leaves_beyond_a_budget)
{
	static const char *const limits[] = { "search.max_model_calls=2",
		                              "search.max_tokens=400",
		                              "search.max_tokens=350",
		                              "search.max_cost=2",
		                              "search.max_cost=1.5" };
	const char *const settings[] = { limits[_i], NULL };
	struct fake_model *model = fake_model_new(settings);
	struct ww_error error;
	char text[256];
	char *name = ww_copy(limits[_i]);

	*strchr(name, '=') = '\0';
	fake_model_script(model, 0, (struct fake_step){
		.text = "fine", .tokens = 100, .cost = 1 });
	ck_assert_int_eq(fake_model_chat(model, "one", text, NULL), WW_OK);
	ck_assert_int_eq(fake_model_chat(model, "two", text, NULL), WW_OK);
	ck_assert_int_eq(fake_model_chat(model, "three", text, &error),
	                 WW_E_BUDGET);
	ck_assert_ptr_nonnull(strstr(error.text, name));
	ck_assert_uint_eq(model->providers[0].n_requests, 2);
	ck_assert_str_eq(model->warnings, "");
	free(name);
	fake_model_free(model);
}
END_TEST

START_TEST(no_attempt_is_repeated_beyond_a_budget)
{
	static const char *const settings[] = { "search.max_tokens=100", NULL };
	struct fake_model *model = fake_model_new(settings);
	char text[256];

	fake_model_script(model, 0, (struct fake_step){
		.status = WW_E_TRANSPORT, .message = "cut", .tokens = 100 });
	fake_model_script(model, 1, failing(WW_E_SERVER, "ill"));
	ck_assert_int_eq(fake_model_chat(model, "one", text, NULL),
	                 WW_E_BUDGET);
	ck_assert_uint_eq(model->providers[0].n_requests, 1);
	ck_assert_uint_eq(model->providers[1].n_requests, 0);
	fake_model_free(model);
}
END_TEST

/* The limit counts calls, not the attempts that one of them takes. */
START_TEST(the_last_call_is_tried_as_often_as_any_other)
{
	static const char *const settings[] = { "search.max_model_calls=1",
		                                "http.attempts=2", NULL };
	struct fake_model *model = fake_model_new(settings);
	char text[256];

	fake_model_script(model, 0, failing(WW_E_RATE, "wait"));
	fake_model_script(model, 1, failing(WW_E_RATE, "wait"));
	fake_model_script(model, 1, good);
	ck_assert_int_eq(fake_model_chat(model, "one", text, NULL), WW_OK);
	ck_assert_uint_eq(model->providers[0].n_requests, 2);
	ck_assert_uint_eq(model->providers[1].n_requests, 2);
	ck_assert_int_eq(fake_model_chat(model, "two", text, NULL),
	                 WW_E_BUDGET);
	fake_model_free(model);
}
END_TEST

START_TEST(a_cost_limit_that_cannot_be_kept_is_told_once)
{
	static const char *const settings[] = { "search.max_cost=2", NULL };
	struct fake_model *model = fake_model_new(settings);
	char text[256];
	char *told;

	fake_model_script(model, 0, good);
	ck_assert_int_eq(fake_model_chat(model, "one", text, NULL), WW_OK);
	told = strstr(model->warnings, "search.max_cost cannot be kept");
	ck_assert_ptr_nonnull(told);
	ck_assert_int_eq(fake_model_chat(model, "two", text, NULL), WW_OK);
	ck_assert_ptr_null(strstr(told + 1, "search.max_cost cannot be kept"));
	fake_model_free(model);
}
END_TEST

/* ------------------------------------------------------------ answer cache */

START_TEST(only_an_identical_request_is_answered_from_the_cache)
{
	static const char *const settings[] = { "llm.cache=true",
		                                "search.max_tokens=1000",
		                                NULL };
	char folder[] = "/tmp/check_modelXXXXXX";
	struct fake_model *model;
	char text[256];

	ck_assert_ptr_nonnull(mkdtemp(folder));
	setenv("XDG_CACHE_HOME", folder, 1);
	model = fake_model_new(settings);
	fake_model_script(model, 0, (struct fake_step){
		.text = "cut", .finish = WW_FINISH_LENGTH });
	fake_model_script(model, 0, (struct fake_step){
		.text = "fine", .tokens = 10 });
	fake_model_script(model, 0, (struct fake_step){ .text = "other" });
	/* A cut answer is not kept. */
	ck_assert_int_eq(fake_model_chat(model, "one", text, NULL), WW_OK);
	ck_assert_int_eq(fake_model_chat(model, "one", text, NULL), WW_OK);
	ck_assert_str_eq(text, "fine");
	ck_assert_int_eq(fake_model_chat(model, "one", text, NULL), WW_OK);
	ck_assert_str_eq(text, "fine");
	ck_assert_uint_eq(model->providers[0].n_requests, 2);
	/* Of the cut answer nobody said what it used: one for "one", one for
	 * "cut". What comes from the cache costs nothing. */
	ck_assert_int_eq(model->service->budget.tokens.input, 11);
	ck_assert_int_eq(model->service->budget.tokens.output, 11);
	ck_assert(model->service->budget.tokens.estimated);
	ck_assert_int_eq(fake_model_chat(model, "One", text, NULL), WW_OK);
	ck_assert_str_eq(text, "other");
	ck_assert_uint_eq(model->providers[0].n_requests, 3);
	ww_path_remove(folder);
	fake_model_free(model);
}
END_TEST

START_TEST(without_the_setting_nothing_is_cached)
{
	struct fake_model *model = fake_model_new(NULL);
	char text[256];

	fake_model_script(model, 0, good);
	ck_assert_int_eq(fake_model_chat(model, "one", text, NULL), WW_OK);
	ck_assert_int_eq(fake_model_chat(model, "one", text, NULL), WW_OK);
	ck_assert_uint_eq(model->providers[0].n_requests, 2);
	fake_model_free(model);
}
END_TEST

/* --------------------------------------------------------------- proposals */

START_TEST(what_had_arrived_before_a_cut_is_kept)
{
	struct fake_model *model = fake_model_new(NULL);
	struct ww_proposal_report report;
	char *text = answer(0, 5, true);

	fake_model_script(model, 0, (struct fake_step){
		.text = text, .status = WW_E_TRANSPORT, .message = "cut" });
	ck_assert_int_eq(fake_model_propose(model, 8, &report, NULL), WW_OK);
	ck_assert_uint_eq(report.taken, 5);
	ck_assert_uint_eq(model->n_rows, 5);
	/* More than half: not worth another request. */
	ck_assert_uint_eq(model->providers[0].n_requests, 1);
	ck_assert_uint_eq(model->providers[1].n_requests, 0);
	ck_assert_ptr_nonnull(strstr(model->warnings, "going on with the 5 "
	                             "configurations that had arrived"));
	free(text);
	fake_model_free(model);
}
END_TEST

START_TEST(the_second_attempt_echoes_the_first_without_being_blamed)
{
	struct fake_model *model = fake_model_new(NULL);
	struct ww_proposal_report report;
	char *cut = answer(0, 2, true);
	char *whole = answer(0, 8, false);

	fake_model_script(model, 0, (struct fake_step){
		.text = cut, .status = WW_E_TRANSPORT, .message = "cut" });
	fake_model_script(model, 0, (struct fake_step){ .text = whole });
	ck_assert_int_eq(fake_model_propose(model, 8, &report, NULL), WW_OK);
	ck_assert_uint_eq(model->providers[0].n_requests, 2);
	ck_assert_uint_eq(report.found, 8);
	ck_assert_uint_eq(report.taken, 8);
	ck_assert_uint_eq(report.duplicate, 0);
	ck_assert_uint_eq(model->n_rows, 8);
	ck_assert_uint_eq(model->n_repeats, 0);
	ck_assert_uint_eq(model->service->n_refusals, 0);
	free(cut);
	free(whole);
	fake_model_free(model);
}
END_TEST

/* Everything that was pushed stays, whatever fails in the end. */
START_TEST(a_few_are_kept_even_if_all_attempts_fail)
{
	struct fake_model *model = fake_model_new(two_attempts);
	struct ww_proposal_report report;
	char *cut = answer(0, 2, true);

	fake_model_script(model, 0, (struct fake_step){
		.text = cut, .status = WW_E_TRANSPORT, .message = "cut" });
	fake_model_script(model, 1, failing(WW_E_SERVER, "ill"));
	ck_assert_int_eq(fake_model_propose(model, 8, &report, NULL),
	                 WW_E_SERVER);
	ck_assert_uint_eq(report.taken, 2);
	ck_assert_uint_eq(model->n_rows, 2);
	ck_assert_uint_eq(model->n_repeats, 0);
	free(cut);
	fake_model_free(model);
}
END_TEST

START_TEST(under_half_usable_is_told)
{
	struct fake_model *model = fake_model_new(NULL);
	struct ww_proposal_report report;

	fake_model_script(model, 0, (struct fake_step){
		.text = "{\"configs\": [{\"x\": 1, \"y\": 1},"
			"{\"x\": 99, \"y\": 1}, {\"x\": 14, \"y\": 14},"
			"{\"x\": 1, \"y\": 1}, {\"x\": 3}]}" });
	ck_assert_int_eq(fake_model_propose(model, 5, &report, NULL), WW_OK);
	ck_assert_uint_eq(report.found, 5);
	ck_assert_uint_eq(report.taken, 2); /* (1, 1), and (3, default) */
	ck_assert_uint_eq(report.invalid, 2);
	ck_assert_uint_eq(report.duplicate, 1);
	ck_assert_uint_eq(report.repaired, 1);
	ck_assert_ptr_nonnull(strstr(model->warnings,
	                             "only 2 of 5 configurations"));
	ck_assert_uint_eq(model->service->n_refusals, 3);
	fake_model_free(model);
}
END_TEST

/* What is proposed again is answered with what is known of it. */
START_TEST(repeated_proposals_are_answered)
{
	static const uint32_t rows[2][2] = { { 1, 1 }, { 2, 2 } };
	static const struct ww_trial trials[2] = {
		{ .size = sizeof trials[0], .outcome = WW_TRIAL_OK, .id = 1,
		  .indices = rows[0], .round = 1, .objective = 0.5,
		  .ci_low = 0.5, .ci_high = 0.5, .text = "", .source = "llm",
		  .family = "", .reason = "" },
		{ .size = sizeof trials[0], .outcome = WW_TRIAL_RESOURCES,
		  .id = 2, .indices = rows[1], .round = 1, .objective = NAN,
		  .ci_low = NAN, .ci_high = NAN, .text = "too many registers",
		  .source = "llm", .family = "", .reason = "" },
	};
	static const struct ww_trial *const list[2] = { &trials[0],
		                                        &trials[1] };
	struct fake_model *model = fake_model_new(NULL);
	struct ww_proposal_report report;
	size_t i;

	model->view.trials = list;
	model->view.n_trials = 2;
	for (i = 0; i < 2; i++)
		memcpy(model->rows[model->n_rows++], rows[i], sizeof rows[i]);
	fake_model_script(model, 0, (struct fake_step){
		.text = "{\"configs\": [{\"x\": 1, \"y\": 1},"
			"{\"x\": 2, \"y\": 2}, {\"x\": 3, \"y\": 3},"
			"{\"x\": 3, \"y\": 3}]}" });
	ck_assert_int_eq(fake_model_propose(model, 4, &report, NULL), WW_OK);
	ck_assert_uint_eq(report.duplicate, 3);
	ck_assert_str_eq(model->service->refusals[0].why,
	                 "known already: measured with 0.5 ms, 1.00 times the "
	                 "best");
	ck_assert_str_eq(model->service->refusals[1].why,
	                 "known already: it failed (out_of_resources: too "
	                 "many registers)");
	ck_assert_ptr_nonnull(strstr(model->service->refusals[2].why,
	                             "not measured yet"));
	fake_model_free(model);
}
END_TEST

START_TEST(half_usable_is_not_worth_a_word)
{
	struct fake_model *model = fake_model_new(NULL);
	struct ww_proposal_report report;

	fake_model_script(model, 0, (struct fake_step){
		.text = "[{\"x\": 1, \"y\": 1}, {\"x\": 99, \"y\": 1}]" });
	ck_assert_int_eq(fake_model_propose(model, 2, &report, NULL), WW_OK);
	ck_assert_str_eq(model->warnings, "");
	fake_model_free(model);
}
END_TEST

START_TEST(nothing_usable_is_an_error_of_its_kind)
{
	static const struct {
		struct fake_step step;
		ww_status status;
	} cases[] = {
		{ { .text = "I would try larger tiles." }, WW_E_FORMAT },
		{ { .text = "Sorry.", .finish = WW_FINISH_REFUSAL },
		  WW_E_REFUSAL },
		{ { .text = "", .finish = WW_FINISH_FILTER }, WW_E_REFUSAL },
		{ { .text = "{\"configs\": [{", .finish = WW_FINISH_LENGTH },
		  WW_E_TRUNCATED },
	};
	struct fake_model *model = fake_model_new(NULL);
	struct ww_proposal_report report;

	fake_model_script(model, 0, cases[_i].step);
	ck_assert_int_eq(fake_model_propose(model, 5, &report, NULL),
	                 cases[_i].status);
	ck_assert_uint_eq(model->n_rows, 0);
	ck_assert_uint_eq(model->providers[1].n_requests, 0);
	fake_model_free(model);
}
END_TEST

START_TEST(a_prompt_that_is_too_long_is_shortened_once)
{
	enum { N = 1000 };
	static struct ww_trial trials[N];
	static const struct ww_trial *list[N];
	static uint32_t rows[N][2];
	struct fake_model *model = fake_model_new(NULL);
	struct ww_proposal_report report;
	char *text = answer(0, 8, false);
	size_t i;

	for (i = 0; i < N; i++) {
		rows[i][0] = (uint32_t)(i % 14);
		rows[i][1] = (uint32_t)(i / 14 % 14);
		trials[i] = (struct ww_trial){
			.size = sizeof trials[i], .outcome = WW_TRIAL_OK,
			.id = i + 1, .indices = rows[i], .round = 1,
			.objective = 1 + (double)i * 0.01, .text = "",
			.ci_low = 1, .ci_high = 2, .source = "llm",
			.family = "", .reason = "" };
		list[i] = &trials[i];
	}
	model->view.trials = list;
	model->view.n_trials = N;
	fake_model_script(model, 0, (struct fake_step){
		.status = _i == 0 ? WW_OK : WW_E_CONTEXT, .text = text,
		.message = "too long" });
	model->providers[0].steps[0].text = _i == 0 ? text : NULL;
	ck_assert_int_eq(fake_model_propose(model, 8, &report, NULL),
	                 _i == 0 ? WW_OK : WW_E_CONTEXT);
	ck_assert_uint_eq(model->providers[0].n_requests, _i == 0 ? 1 : 2);
	i = model->providers[0].last_length;
	if (_i == 0) {
		model->providers[0].n_requests = model->n_rows = 0;
		model->providers[0].steps[0] = failing(WW_E_CONTEXT, "long");
		fake_model_script(model, 0, (struct fake_step){ .text = text });
		ck_assert_int_eq(fake_model_propose(model, 8, &report, NULL),
		                 WW_OK);
		ck_assert_uint_eq(report.taken, 8);
		ck_assert_uint_eq(model->providers[0].n_requests, 2);
		ck_assert_uint_lt(model->providers[0].last_length, i);
		ck_assert_ptr_nonnull(strstr(model->warnings,
		                             "a shorter history"));
	}
	ck_assert_uint_eq(model->providers[1].n_requests, 0);
	ck_assert_uint_eq(model->n_sleeps, 0);
	free(text);
	fake_model_free(model);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("model");
	TCase *service = tcase_create("service");

	tcase_add_loop_test(service,
	                    the_next_provider_takes_over_after_passing_errors,
	                    0, 4);
	tcase_add_test(service,
	               after_all_have_failed_the_first_gets_another_chance);
	tcase_add_loop_test(service,
	                    a_provider_that_cannot_be_mended_is_out_and_said_to_be,
	                    0, 4);
	tcase_add_test(service,
	               a_time_out_is_not_tried_again_and_the_next_one_is_asked);
	tcase_add_test(service,
	               an_answer_that_makes_no_sense_is_asked_for_once_more);
	tcase_add_test(service, a_wait_ends_when_the_session_does);
	tcase_add_test(service,
	               text_of_an_attempt_that_failed_is_not_handed_on);
	tcase_add_test(service, waits_of_local_models_are_marked);
	tcase_add_loop_test(service, no_request_leaves_beyond_a_budget, 0, 5);
	tcase_add_test(service, no_attempt_is_repeated_beyond_a_budget);
	tcase_add_test(service,
	               the_last_call_is_tried_as_often_as_any_other);
	tcase_add_test(service, a_cost_limit_that_cannot_be_kept_is_told_once);
	tcase_add_test(service,
	               only_an_identical_request_is_answered_from_the_cache);
	tcase_add_test(service, without_the_setting_nothing_is_cached);
	tcase_add_test(service, what_had_arrived_before_a_cut_is_kept);
	tcase_add_test(service,
	               the_second_attempt_echoes_the_first_without_being_blamed);
	tcase_add_test(service, a_few_are_kept_even_if_all_attempts_fail);
	tcase_add_test(service, under_half_usable_is_told);
	tcase_add_test(service, repeated_proposals_are_answered);
	tcase_add_test(service, half_usable_is_not_worth_a_word);
	tcase_add_loop_test(service, nothing_usable_is_an_error_of_its_kind, 0,
	                    4);
	tcase_add_loop_test(service, a_prompt_that_is_too_long_is_shortened_once,
	                    0, 2);
	suite_add_tcase(suite, service);
	return ww_unit_run(suite);
}
