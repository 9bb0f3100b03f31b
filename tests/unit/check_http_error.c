/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/model/http_error.h"
#include "core/model/retry.h"
#include "core/plugin/host.h"
#include "tests/unit/unit.h"

#define MESSAGE(message, type, param, code)                          \
	"{\"error\":{\"message\":\"" message "\",\"type\":\"" type    \
	"\",\"param\":" param ",\"code\":" code "}}"

/* Status and body as services send them; class, refused field, words that the
 * message must hold. */
static const struct {
	int status;
	const char *body;
	ww_status expected;
	const char *parameter;
	const char *words;
} errors[] = {
	/* Object with message, type, param and code. */
	{ 401, MESSAGE("Incorrect API key", "invalid_request_error", "null",
	               "\"invalid_api_key\""), WW_E_AUTH, "", "Incorrect" },
	{ 429, MESSAGE("quota", "insufficient_quota", "null",
	               "\"insufficient_quota\""), WW_E_BILLING, "", "credit" },
	{ 429, MESSAGE("quota", "insufficient_quota", "null", "null"),
	  WW_E_BILLING, "", "quota" },
	{ 429, MESSAGE("spend", "x", "null",
	               "\"project_spend_limit_exceeded\""), WW_E_BILLING, "",
	  "spend" },
	{ 429, MESSAGE("Rate limit reached", "requests", "null",
	               "\"rate_limit_exceeded\""), WW_E_RATE, "", "reached" },
	{ 429, MESSAGE("slow", "rate_limit_error", "null", "\"slow_down\""),
	  WW_E_OVERLOADED, "", "slow" },
	{ 503, MESSAGE("busy", "service_unavailable_error", "null",
	               "\"server_is_overloaded\""), WW_E_OVERLOADED, "", "busy" },
	{ 400, MESSAGE("This model's maximum context length is 8192 tokens.",
	               "invalid_request_error", "\"messages\"",
	               "\"context_length_exceeded\""), WW_E_CONTEXT, "",
	  "longer than" },
	{ 400, MESSAGE("Unsupported parameter: 'max_tokens' is not supported "
	               "with this model. Use 'max_completion_tokens' instead.",
	               "invalid_request_error", "\"max_tokens\"",
	               "\"unsupported_parameter\""), WW_E_PARAMETER,
	  "max_tokens", "Unsupported" },
	{ 400, MESSAGE("Unsupported value", "invalid_request_error",
	               "\"temperature\"", "\"unsupported_value\""),
	  WW_E_PARAMETER, "temperature", "Unsupported" },
	{ 400, MESSAGE("bad", "invalid_request_error", "\"reasoning.effort\"",
	               "\"unsupported_value\""), WW_E_PARAMETER,
	  "reasoning.effort", "bad" },
	{ 400, MESSAGE("Invalid schema for response_format 'x'",
	               "invalid_request_error", "\"response_format\"", "null"),
	  WW_E_PARAMETER, "response_format", "schema" },
	{ 400, MESSAGE("model is unsupported", "invalid_request_error",
	               "\"model\"", "\"unsupported_value\""), WW_E_REQUEST, "",
	  "model" },
	{ 404, MESSAGE("no such model", "invalid_request_error", "null",
	               "\"model_not_found\""), WW_E_REQUEST, "", "model's name" },
	{ 400, "{\"error\":{\"message\":\"filtered\",\"code\":\"content_filter\","
	       "\"innererror\":{\"code\":\"ResponsibleAIPolicyViolation\"}}}",
	  WW_E_REFUSAL, "", "filtered" },
	{ 500, MESSAGE("oops", "server_error", "null", "null"), WW_E_SERVER, "",
	  "oops" },
	/* The same with numbers as codes. */
	{ 503, "{\"error\":{\"code\":503,\"message\":\"Loading model\","
	       "\"type\":\"unavailable_error\"}}", WW_E_OVERLOADED, "",
	  "Loading" },
	{ 400, "{\"error\":{\"code\":400,\"message\":\"too long\",\"type\":"
	       "\"exceed_context_size_error\",\"n_ctx\":2048}}", WW_E_CONTEXT,
	  "", "too long" },
	{ 402, "{\"error\":{\"code\":402,\"message\":\"no credit\"}}",
	  WW_E_BILLING, "", "no credit" },
	{ 200, "{\"error\":{\"code\":502,\"message\":\"up\",\"metadata\":{"
	       "\"error_type\":\"provider_overloaded\"}}}", WW_E_OVERLOADED, "",
	  "up" },
	{ 0, "{\"error\":{\"code\":502,\"message\":\"died\"},\"choices\":[]}",
	  WW_E_SERVER, "", "stream" },
	{ 200, "{\"choices\":[{\"error\":{\"message\":\"inner\",\"code\":429,"
	       "\"metadata\":{\"error_type\":\"rate_limit_exceeded\"}}}]}",
	  WW_E_RATE, "", "inner" },
	/* Typed object around it. */
	{ 529, "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\","
	       "\"message\":\"Overloaded\"}}", WW_E_OVERLOADED, "", "529" },
	{ 429, "{\"type\":\"error\",\"error\":{\"type\":\"rate_limit_error\","
	       "\"message\":\"m\",\"details\":{\"error_code\":"
	       "\"enforced_spend_limit_reached\"}}}", WW_E_BILLING, "", "m" },
	{ 400, "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\""
	       ",\"message\":\"prompt is too long: 9 tokens > 8 maximum\"}}",
	  WW_E_CONTEXT, "", "9 tokens" },
	{ 400, "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\""
	       ",\"message\":\"temperature: Extra inputs are not permitted\"}}",
	  WW_E_PARAMETER, "temperature", "Extra" },
	{ 400, "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\""
	       ",\"message\":\"`temperature` is deprecated for this model.\"}}",
	  WW_E_PARAMETER, "temperature", "deprecated" },
	{ 400, "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\""
	       ",\"message\":\"output_config.format.schema: Invalid schema: The "
	       "compiled grammar is too large\"}}", WW_E_PARAMETER,
	  "output_config.format", "grammar" },
	/* Bare text. */
	{ 404, "{\"error\":\"model \\\"x\\\" not found, try pulling it first\"}",
	  WW_E_REQUEST, "", "pulling" },
	{ 503, "{\"error\":\"server busy, please try again.  maximum pending "
	       "requests exceeded\"}", WW_E_OVERLOADED, "", "server busy" },
	{ 0, "{\"error\":\"server busy\"}", WW_E_OVERLOADED, "", "busy" },
	/* Flat. */
	{ 400, "{\"object\":\"error\",\"message\":\"flat\",\"type\":\"x\","
	       "\"code\":3000}", WW_E_REQUEST, "", "flat" },
	/* Validation reports. */
	{ 422, "{\"detail\":[{\"loc\":[\"body\",\"temperature\"],\"msg\":"
	       "\"bad value\",\"type\":\"value_error\"}]}", WW_E_PARAMETER,
	  "temperature", "bad value" },
	{ 422, "{\"detail\":\"nope\"}", WW_E_REQUEST, "", "nope" },
	{ 500, "data: {\"error\":{\"message\":\"no stream\",\"type\":\"x\"}}\n\n"
	       "data: [DONE]\n\n", WW_E_SERVER, "", "no stream" },
	{ 500, "data:", WW_E_SERVER, "", "500" },
	/* In a list. */
	{ 429, "[{\"error\":{\"code\":429,\"message\":\"q\",\"status\":"
	       "\"RESOURCE_EXHAUSTED\"}}]", WW_E_RATE, "", "q" },
	/* Pages and nothing. */
	{ 413, "<html><head><title>413</title></head><body>Too Large</body>",
	  WW_E_REQUEST, "", "413 Too Large" },
	{ 502, "", WW_E_SERVER, "", "no explanation" },
	{ 504, "Gateway Timeout", WW_E_SERVER, "", "Gateway" },
	{ 408, "", WW_E_SERVER, "", "408" },
	{ 409, "", WW_E_SERVER, "", "409" },
	{ 403, "", WW_E_AUTH, "", "403" },
	{ 307, "", WW_E_REQUEST, "", "307" },
	{ 501, "", WW_E_REQUEST, "", "501" },
};

START_TEST(knows_every_shape)
{
	struct ww_http_fault fault;

	ww_http_fault_parse(errors[_i].status, errors[_i].body,
	                    strlen(errors[_i].body), &fault);
	ck_assert_str_eq(ww_status_name(fault.status),
	                 ww_status_name(errors[_i].expected));
	ck_assert_str_eq(fault.parameter, errors[_i].parameter);
	ck_assert_msg(strstr(fault.message, errors[_i].words) != NULL,
	              "%s lacks %s", fault.message, errors[_i].words);
}
END_TEST

/* Every prefix of every body: an error with a class, and never a crash. */
START_TEST(survives_a_cut_body)
{
	size_t length;

	for (length = 0; length < strlen(errors[_i].body); length++) {
		struct ww_http_fault fault;
		char *cut = ww_copy_n(errors[_i].body, length);

		ww_http_fault_parse(errors[_i].status, cut, length, &fault);
		ck_assert_int_lt(fault.status, 0);
		free(cut);
	}
}
END_TEST

START_TEST(masks_a_key_that_the_server_echoes)
{
	static const char body[] =
		"{\"error\":{\"message\":\"Incorrect API key provided: "
		"hunter2hunter2 and sk-abcdefghijkl\"}}";
	struct ww_http_fault fault;

	ww_secret_register("hunter2hunter2");
	ww_http_fault_parse(401, body, sizeof body - 1, &fault);
	ck_assert_ptr_null(strstr(fault.message, "hunter2hunter2"));
	ck_assert_ptr_null(strstr(fault.message, "abcdefghijkl"));
	ck_assert_ptr_nonnull(strstr(fault.message, "Incorrect API key"));
}
END_TEST

/* ------------------------------------------------------------------- retry */

/* A random stream that always draws the same, and a clock that only notes how
 * long it was to sleep. */
static uint64_t
draw_same(const struct ww_random *self)
{
	(void)self;
	return UINT64_C(123456789123456789);
}

static const struct ww_random same = { .size = sizeof same,
	                               .next = draw_same };
static int64_t slept;

static bool
note_sleep(void *context, int64_t nanoseconds)
{
	(void)context;
	slept += nanoseconds;
	return true;
}

static const struct ww_retry patience = {
	.attempts = 4,
	.limit_ns = INT64_C(300000000000),
	.random = &same,
	.sleep = note_sleep,
};

START_TEST(waits_longer_each_time_and_then_gives_up)
{
	static const double longest[] = { 1, 2, 4 };
	unsigned attempt;

	for (attempt = 1; attempt <= 3; attempt++) {
		slept = 0;
		ck_assert(ww_retry_wait(&patience, WW_E_SERVER, attempt, -1));
		ck_assert_int_le(slept, (int64_t)(longest[attempt - 1] * 1e9));
		ck_assert_int_ge(slept, 0);
	}
	ck_assert(!ww_retry_wait(&patience, WW_E_SERVER, 4, -1));
	ck_assert_int_le(ww_retry_delay(WW_E_SERVER, 50, -1, INT64_MAX,
	                                &same), INT64_C(60000000000));
}
END_TEST

START_TEST(jitter_spreads_over_the_whole_time)
{
	struct ww_random_stream stream;
	int64_t least = INT64_MAX, most = 0;
	int i;

	ww_random_start(&stream, 7);
	for (i = 0; i < 200; i++) {
		int64_t delay = ww_retry_delay(WW_E_OVERLOADED, 1, -1,
		                               INT64_MAX, &stream.random);

		least = delay < least ? delay : least;
		most = delay > most ? delay : most;
	}
	ck_assert_int_lt(least, INT64_C(400000000));
	ck_assert_int_gt(most, INT64_C(3600000000));
	ck_assert_int_le(most, INT64_C(4000000000));
}
END_TEST

START_TEST(does_what_the_server_asks_within_reason)
{
	slept = 0;
	ck_assert(ww_retry_wait(&patience, WW_E_RATE, 1, INT64_C(7000000000)));
	ck_assert_int_ge(slept, INT64_C(7000000000));
	ck_assert_int_le(slept, INT64_C(7250000000));
	/* A day is no time to wait; the next provider is asked. */
	ck_assert(!ww_retry_wait(&patience, WW_E_RATE, 1,
	                         INT64_C(86400000000000)));
}
END_TEST

START_TEST(some_failures_are_never_repeated)
{
	static const ww_status never[] = { WW_E_AUTH,      WW_E_BILLING,
		                           WW_E_REQUEST,   WW_E_PARAMETER,
		                           WW_E_REFUSAL,   WW_E_TRUNCATED,
		                           WW_E_CONTEXT,   WW_E_CANCELLED,
		                           WW_E_BUDGET };
	size_t i;

	slept = 0;
	for (i = 0; i < sizeof never / sizeof never[0]; i++)
		ck_assert(!ww_retry_wait(&patience, never[i], 1, 0));
	ck_assert_int_eq(slept, 0);
	/* Nonsense is worth one more try, at once. */
	ck_assert(ww_retry_wait(&patience, WW_E_FORMAT, 1, -1));
	ck_assert(!ww_retry_wait(&patience, WW_E_FORMAT, 2, -1));
	ck_assert_int_eq(slept, 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("http_error");
	TCase *tests = tcase_create("http_error");
	int n = (int)(sizeof errors / sizeof errors[0]);

	tcase_add_loop_test(tests, knows_every_shape, 0, n);
	tcase_add_loop_test(tests, survives_a_cut_body, 0, n);
	tcase_add_test(tests, masks_a_key_that_the_server_echoes);
	tcase_add_test(tests, waits_longer_each_time_and_then_gives_up);
	tcase_add_test(tests, jitter_spreads_over_the_whole_time);
	tcase_add_test(tests, does_what_the_server_asks_within_reason);
	tcase_add_test(tests, some_failures_are_never_repeated);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
