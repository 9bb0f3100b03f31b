/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>
#include <zlib.h>

#include "plugins/common/recording_file.h"
#include "tests/unit/unit.h"

#define HEAD                                                              \
	"{\"device_name\": \"D\", \"kernel_name\": \"k\", "               \
	"\"problem_size\": 7, \"tune_params_keys\": [\"x\", \"b\", "      \
	"\"f\"], \"tune_params\": {\"x\": [1, 2, 4], \"b\": [true, "      \
	"false], \"f\": [0.5, 1.0]}, \"objective\": [\"time\"],\n"        \
	"\"cache\": {\n"

#define GOOD                                                              \
	"\"1,True,0.5\": {\"x\": 1, \"b\": true, \"f\": 0.5, \"time\": "  \
	"2.5, \"times\": [2.0, 3.0], \"compile_time\": 10, "              \
	"\"verification_time\": 1, \"benchmark_time\": 5}"

static struct ww_recording *
parse(const char *text)
{
	struct ww_recording *recording = NULL;
	char message[WW_RECORDING_MESSAGE];
	ww_status status = ww_recording_parse(text, strlen(text), "r",
	                                      &recording, message);

	ck_assert_msg(status == WW_OK, "%s", message);
	return recording;
}

START_TEST(reads_a_cache)
{
	struct ww_recording *r = parse(HEAD GOOD "}\n}");
	const uint32_t row[] = { 0, 0, 0 };
	const uint32_t other[] = { 1, 0, 0 };

	ck_assert_str_eq(r->format, "kernel-tuner");
	ck_assert_str_eq(r->device, "D");
	ck_assert_str_eq(r->kernel, "k");
	ck_assert_uint_eq(r->n_parameters, 3);
	ck_assert_uint_eq(r->parameters[0].n_values, 3);
	ck_assert_uint_eq(r->parameters[1].is_bool, 1);
	ck_assert_uint_eq(r->parameters[2].is_float, 1);
	ck_assert_uint_eq(r->truncated, 0);
	ck_assert_uint_eq(ww_recording_find(r, row), 0);
	ck_assert_uint_eq(ww_recording_find(r, other), WW_RECORDING_ABSENT);
	ck_assert_uint_eq(r->entries[0].outcome, WW_TRIAL_OK);
	ck_assert_double_eq(r->entries[0].objective, 2.5);
	ck_assert_uint_eq(r->entries[0].n_samples, 2);
	ck_assert_int_eq(r->entries[0].compile_ns, 10000000);
	ck_assert_int_eq(r->entries[0].measure_ns, 6000000);
	ww_recording_free(r);
}
END_TEST

START_TEST(no_step_takes_longer_than_an_hour)
{
	struct ww_recording *r = parse(
		HEAD "\"1,True,0.5\": {\"x\": 1, \"b\": true, \"f\": 0.5, "
		     "\"time\": 2.5, \"compile_time\": 1e300, "
		     "\"benchmark_time\": 9e12}}\n}");

	ck_assert_int_eq(r->entries[0].compile_ns, INT64_C(3600000000000));
	ck_assert_int_eq(r->entries[0].measure_ns, INT64_C(3600000000000));
	ww_recording_free(r);
}
END_TEST

/* Files whose writer was stopped give what was whole. */
static const char *const cut[] = {
	HEAD GOOD ",\n",
	HEAD GOOD ",",
	HEAD GOOD,
	HEAD GOOD "}",
	HEAD GOOD ",\n\"2,True,0.5\": {\"x\": 2, \"b\": tr",
	HEAD GOOD ",\n\"2,Tr",
	HEAD GOOD ",\n\"2,True,0.5\"",
};

START_TEST(reads_what_an_interrupted_writer_left)
{
	struct ww_recording *r = parse(cut[_i]);

	ck_assert_uint_eq(r->n_entries, 1);
	ck_assert_uint_eq(r->truncated, 1);
	ww_recording_free(r);
}
END_TEST

static const struct {
	const char *entry;
	uint32_t outcome;
	const char *text;
} failures[] = {
	{ "\"time\": \"CompilationFailedConfig\"", WW_TRIAL_COMPILE_ERROR,
	  "CompilationFailedConfig" },
	{ "\"time\": \"RuntimeFailedConfig\", \"times\": [1.0]",
	  WW_TRIAL_LAUNCH_FAILURE, "RuntimeFailedConfig" },
	{ "\"__error__\": \"InvalidConfig\"", WW_TRIAL_CONSTRAINT,
	  "InvalidConfig" },
	{ "\"__error__\": \"ErrorConfig\"", WW_TRIAL_INTERNAL, "ErrorConfig" },
	{ "\"time\": 1e20", WW_TRIAL_INTERNAL,
	  "recorded without a usable time" },
	{ "\"time\": NaN", WW_TRIAL_INTERNAL,
	  "recorded without a usable time" },
	{ "\"time\": \"RuntimeFailedConfig\", \"outcome\": \"run_timeout\", "
	  "\"cause\": \"took too long\"",
	  WW_TRIAL_RUN_TIMEOUT, "took too long" },
};

START_TEST(knows_failures)
{
	char text[2048];
	struct ww_recording *r;

	snprintf(text, sizeof text,
	         HEAD "\"1,True,0.5\": {\"x\": 1, \"b\": true, \"f\": 0.5, "
	              "%s}}}",
	         failures[_i].entry);
	r = parse(text);
	ck_assert_uint_eq(r->entries[0].outcome, failures[_i].outcome);
	ck_assert_str_eq(r->entries[0].text, failures[_i].text);
	ck_assert(isnan(r->entries[0].objective));
	ck_assert_uint_eq(r->entries[0].n_samples, 0);
	ww_recording_free(r);
}
END_TEST

START_TEST(takes_variants_of_entries)
{
	/* Values only in the key, samples as [index, time], a value that the
	 * header lacks, the same key twice. */
	struct ww_recording *r = parse(
		HEAD "\"2,False,1.0\": {\"time\": 3, \"times\": [[0, 2.5], "
		     "[1, 3.5]]},"
		     "\"8,False,1.0\": {\"time\": 4},"
		     "\"8,False,1.0\": {\"time\": 5},"
		     "\"9,False\": {\"time\": 6}}}");
	const uint32_t row[] = { 1, 1, 1 };
	const uint32_t late[] = { 3, 1, 1 };

	ck_assert_uint_eq(r->n_entries, 2);
	ck_assert_uint_eq(r->n_repeated, 1);
	ck_assert_uint_eq(r->n_unusable, 1);
	ck_assert_uint_eq(r->parameters[0].n_values, 5);
	ck_assert_uint_eq(ww_recording_find(r, row), 0);
	ck_assert_double_eq(r->samples_ms[1], 3.5);
	ck_assert_double_eq(
		r->entries[ww_recording_find(r, late)].objective, 5);
	ww_recording_free(r);
}
END_TEST

START_TEST(takes_the_mean_where_only_samples_are)
{
	struct ww_recording *r = parse(
		"{\"tune_params\": {\"x\": [1]}, \"cache\": {\"1\": {\"x\": 1, "
		"\"times\": [2, 4]}}}");

	ck_assert_double_eq(r->entries[0].objective, 3.0);
	ck_assert_str_eq(r->device, "");
	ww_recording_free(r);
}
END_TEST

#define T4(invalidity, value)                                             \
	"{\"configuration\": {\"y\": 2, \"m\": \"fast\"}, \"times\": "    \
	"{\"compilation\": 4, \"runtimes\": [1.5, 2.5]}, "                \
	"\"invalidity\": \"" invalidity "\", \"correctness\": 1, "        \
	"\"measurements\": [{\"name\": \"GFLOP/s\", \"value\": 1}, "      \
	"{\"name\": \"time\", \"value\": " value ", \"unit\": \"\"}]}"

static const struct {
	const char *word;
	const char *text;
	uint32_t outcome;
} results[] = {
	{ "correct", T4("correct", "2.0"), WW_TRIAL_OK },
	{ "timeout", T4("timeout", "\"RuntimeFailedConfig\""),
	  WW_TRIAL_RUN_TIMEOUT },
	{ "compile", T4("compile", "\"CompilationFailedConfig\""),
	  WW_TRIAL_COMPILE_ERROR },
	{ "runtime", T4("runtime", "\"RuntimeFailedConfig\""),
	  WW_TRIAL_LAUNCH_FAILURE },
	{ "correctness", T4("correctness", "2.0"), WW_TRIAL_WRONG_RESULT },
	{ "constraints", T4("constraints", "\"InvalidConfig\""),
	  WW_TRIAL_CONSTRAINT },
};

START_TEST(reads_t4)
{
	char text[4096];
	struct ww_recording *r;

	snprintf(text, sizeof text,
	         "{\"metadata\": {}, \"results\": [%s], \"schema_version\": "
	         "\"1.0.0\"}",
	         results[_i].text);
	r = parse(text);
	ck_assert_str_eq(r->format, "t4");
	ck_assert_uint_eq(r->entries[0].outcome, results[_i].outcome);
	ck_assert_int_eq(r->entries[0].compile_ns, 4000000);
	/* Without a benchmark time the samples are what is known of it. */
	ck_assert_int_eq(r->entries[0].measure_ns, 4000000);
	ck_assert_uint_eq(r->parameters[1].is_text, 1);
	ww_recording_free(r);
}
END_TEST

START_TEST(orders_values_that_no_header_orders)
{
	struct ww_recording *r = parse(
		"{\"results\": ["
		"{\"configuration\": {\"x\": 8}, \"times\": {\"runtimes\": [1]}},"
		"{\"configuration\": {\"x\": 2}, \"times\": {\"runtimes\": [2]}},"
		"{\"configuration\": {\"x\": 4}, \"times\": {\"runtimes\": [3]}}"
		"]}");
	const uint32_t row[] = { 0 };

	ck_assert_int_eq(r->parameters[0].values[0].integer, 2);
	ck_assert_int_eq(r->parameters[0].values[2].integer, 8);
	ck_assert_double_eq(
		r->entries[ww_recording_find(r, row)].objective, 2);
	ww_recording_free(r);
}
END_TEST

static const struct {
	const char *text;
	const char *message;
} refused[] = {
	{ "", "r: line 1: this is not valid JSON" },
	{ "[1]", "r: line 1: this is not valid JSON" },
	{ "{\"a\": 1}", "r: neither \"cache\" (Kernel Tuner) nor \"results\" "
	                "(T4) is in it, so it is no recording" },
	{ "{\"a\":\n nonsense}", "r: line 2: this is not valid JSON" },
	{ HEAD "}}", "r: no usable entry is in it" },
	{ "{\"cache\": {\"1\": {\"time\": 1}}}",
	  "r: no \"tune_params\" stand before the entries" },
};

START_TEST(says_what_is_wrong)
{
	struct ww_recording *recording = NULL;
	char message[WW_RECORDING_MESSAGE];

	ck_assert_int_eq(ww_recording_parse(refused[_i].text,
	                                    strlen(refused[_i].text), "r",
	                                    &recording, message),
	                 WW_E_FORMAT);
	ck_assert_str_eq(message, refused[_i].message);
	ck_assert_ptr_null(recording);
}
END_TEST

START_TEST(unpacks_gzip_also_when_it_is_cut)
{
	const char *text = HEAD GOOD "}\n}";
	Bytef packed[4096];
	z_stream stream;
	struct ww_recording *r = NULL;
	char message[WW_RECORDING_MESSAGE];

	memset(&stream, 0, sizeof stream);
	deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8,
	             Z_DEFAULT_STRATEGY);
	stream.next_in = (Bytef *)(uintptr_t)text;
	stream.avail_in = (uInt)strlen(text);
	stream.next_out = packed;
	stream.avail_out = sizeof packed;
	ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
	ck_assert_int_eq(ww_recording_parse((char *)packed, stream.total_out,
	                                    "r", &r, message),
	                 WW_OK);
	ck_assert_uint_eq(r->n_entries, 1);
	ww_recording_free(r);
	/* Without its check sum at the end. */
	ck_assert_int_eq(ww_recording_parse((char *)packed,
	                                    stream.total_out - 8, "r", &r,
	                                    message),
	                 WW_OK);
	ck_assert_uint_eq(r->n_entries, 1);
	ww_recording_free(r);
	packed[12] ^= 0xff;
	packed[13] ^= 0xff;
	packed[14] ^= 0xff;
	ck_assert_int_eq(ww_recording_parse((char *)packed, stream.total_out,
	                                    "r", &r, message),
	                 WW_E_FORMAT);
	deflateEnd(&stream);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("recording");
	TCase *tests = tcase_create("recording");

	tcase_add_test(tests, reads_a_cache);
	tcase_add_test(tests, no_step_takes_longer_than_an_hour);
	tcase_add_loop_test(tests, reads_what_an_interrupted_writer_left, 0,
	                    sizeof cut / sizeof cut[0]);
	tcase_add_loop_test(tests, knows_failures, 0,
	                    sizeof failures / sizeof failures[0]);
	tcase_add_test(tests, takes_variants_of_entries);
	tcase_add_test(tests, takes_the_mean_where_only_samples_are);
	tcase_add_loop_test(tests, reads_t4, 0,
	                    sizeof results / sizeof results[0]);
	tcase_add_test(tests, orders_values_that_no_header_orders);
	tcase_add_loop_test(tests, says_what_is_wrong, 0,
	                    sizeof refused / sizeof refused[0]);
	tcase_add_test(tests, unpacks_gzip_also_when_it_is_cut);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
