/* SPDX-License-Identifier: MIT
 *
 * Prompts of a small task: compared with golden files, byte for byte, and with
 * what they promise.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/prompt/prompt.h"
#include "tests/unit/unit.h"

static const char task_text[] =
	"{\"name\": \"saxpy\", \"description\": \"y = a x + y\",\n"
	" \"kernel\": {\"language\": \"c\", \"source\": \"saxpy.c\",\n"
	"   \"entry\": \"saxpy\", \"kind\": \"streaming\",\n"
	"   \"access_pattern\": \"two streams, unit stride\",\n"
	"   \"flops\": \"2*n\", \"bytes\": \"12*n\"},\n"
	" \"problem\": {\"n\": 1000000},\n"
	" \"parameters\": [\n"
	"  {\"name\": \"unroll\", \"type\": \"power_of_two\",\n"
	"   \"values\": [1,2,4,8], \"default\": 1,\n"
	"   \"description\": \"loop unrolling\",\n"
	"   \"tradeoff\": \"more instructions in flight, more registers\"},\n"
	"  {\"name\": \"tile\", \"type\": \"list\", \"dimensions\": [\"M\",\"N\"],\n"
	"   \"items\": {\"type\": \"int\", \"values\": [16,32,64]},\n"
	"   \"default\": [16,16]},\n"
	"  {\"name\": \"mode\", \"type\": \"enum\", \"values\": [\"row\",\"col\"],\n"
	"   \"default\": \"row\"},\n"
	"  {\"name\": \"fast\", \"type\": \"bool\", \"values\": [false,true],\n"
	"   \"default\": false, \"when\": \"unroll > 1\"}],\n"
	" \"constraints\": [{\"rule\": \"tile.M * tile.N <= 2048\",\n"
	"   \"reason\": \"the tile must fit in L1\"}]}";

static const struct ww_hardware_fact facts[] = {
	{ "cores", 8, NULL },
	{ "clock_mhz", 3000, NULL },
	{ "bandwidth_gbs", 40, NULL },
	{ "l1_bytes", 32768, NULL },
	{ "l2_bytes", 1048576, NULL },
	{ "vector_bytes", 32, NULL },
	{ "peak_gflops_f32", 384, NULL },
	{ "architecture", NAN, "x86_64" },
};
static const struct ww_hardware hardware = {
	.id = "cpu-0",
	.name = "Test CPU",
	.facts = facts,
	.n_facts = sizeof facts / sizeof facts[0],
};

#define MOST 4000

struct fixture {
	struct ww_task *task;
	struct ww_trial trials[MOST];
	const struct ww_trial *list[MOST];
	struct ww_fact registers[MOST];
	uint32_t rows[MOST][5];
	struct ww_prompt_view view;
};

static struct fixture *
fixture_of(const char *task)
{
	struct fixture *fixture = ww_alloc(sizeof *fixture);
	struct ww_error error = { 0 };
	char folder[] = "/tmp/check_promptXXXXXX";
	char *path, *source;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	path = ww_text("%s/task.json", folder);
	source = ww_text("%s/saxpy.c", folder);
	ck_assert_int_eq(ww_file_write(source, "void saxpy(void);\n", 18,
	                               &error), WW_OK);
	ck_assert_msg(ww_task_parse(task, strlen(task), path,
	                            &fixture->task, &error) == WW_OK,
	              "%s", error.text);
	ww_path_remove(folder);
	free(path);
	free(source);
	fixture->view = (struct ww_prompt_view){
		.task = fixture->task,
		.hardware = &hardware,
		.trials = fixture->list,
		.round = 1,
		.want = 6,
		.evaluations_left = 20,
	};
	return fixture;
}

static struct fixture *
fixture_new(void)
{
	return fixture_of(task_text);
}

static void
fixture_free(struct fixture *fixture)
{
	ww_task_free(fixture->task);
	free(fixture);
}

static struct ww_trial *
add(struct fixture *fixture, uint32_t unroll, uint32_t m, uint32_t n,
    uint32_t mode, uint32_t fast, double time)
{
	size_t i = fixture->view.n_trials++;
	struct ww_trial *trial = &fixture->trials[i];
	uint32_t row[5] = { unroll, m, n, mode, fast };

	memcpy(fixture->rows[i], row, sizeof row);
	fixture->registers[i] = (struct ww_fact){ "registers",
		                                  16.0 + 4 * unroll };
	*trial = (struct ww_trial){
		.size = sizeof *trial,
		.outcome = isnan(time) ? WW_TRIAL_WRONG_RESULT : WW_TRIAL_OK,
		.id = i + 1,
		.indices = fixture->rows[i],
		.objective = time,
		.ci_low = time * 0.99,
		.ci_high = time * 1.01,
		.facts = &fixture->registers[i],
		.n_facts = 1,
		.text = isnan(time) ? "y[3] is 1, not 2" : "",
		.source = i == 0 ? "default" : "llm",
		.family = "",
		.reason = "",
		.round = i == 0 ? 0 : 1,
	};
	fixture->list[i] = trial;
	return trial;
}

/* Some history: unroll helps, "col" fails. */
static void
add_history(struct fixture *fixture)
{
	static const struct ww_refusal refusals[] = {
		{ "{\"unroll\": 16}", "unroll: 16 is not one of 1, 2, 4, 8", 1 },
	};

	add(fixture, 0, 0, 0, 0, 0, 2.0);
	add(fixture, 1, 0, 1, 0, 0, 1.5);
	add(fixture, 1, 1, 1, 0, 1, 1.25);
	add(fixture, 2, 1, 0, 0, 0, 1.0);
	add(fixture, 2, 1, 1, 0, 1, 0.8);
	add(fixture, 2, 0, 1, 0, 0, 0.9);
	add(fixture, 0, 1, 1, 1, 0, NAN);
	add(fixture, 1, 0, 0, 1, 0, NAN);
	fixture->view.round = 2;
	fixture->view.refusals = refusals;
	fixture->view.n_refusals = 1;
}

static char *
render(const struct fixture *fixture, const char *name, const char *variables)
{
	struct ww_error error = { 0 };
	char *text = NULL;

	setenv("WARPWRIGHT_DATA", WW_SOURCE_DIR "/share", 1);
	ck_assert_msg(ww_prompt_render(&fixture->view, name, variables, &text,
	                               &error) == WW_OK, "%s", error.text);
	return text;
}

/* With WW_GOLDEN=write in the environment the files are made anew. */
static void
compare_golden(const char *name, const char *text)
{
	char *path = ww_text("%s/tests/unit/golden/%s.txt", WW_SOURCE_DIR,
	                     name);
	const char *mode = getenv("WW_GOLDEN");
	struct ww_error error = { 0 };
	char *wanted;
	size_t length;

	if (mode != NULL && strcmp(mode, "write") == 0)
		ck_assert_int_eq(ww_file_write(path, text, strlen(text),
		                               &error), WW_OK);
	ck_assert_msg(ww_file_read(path, 1 << 20, &wanted, &length, &error) ==
	                      WW_OK, "%s", error.text);
	ck_assert_str_eq(text, wanted);
	free(wanted);
	free(path);
}

START_TEST(equals_the_golden_files)
{
	static const char *const names[] = { "system", "initial", "refine" };
	struct fixture *fixture = fixture_new();
	char *golden, *text;

	if (_i == 2)
		add_history(fixture);
	text = render(fixture, names[_i], NULL);
	golden = ww_text("prompt-%s", names[_i]);
	compare_golden(golden, text);
	free(golden);
	free(text);
	fixture_free(fixture);
}
END_TEST

START_TEST(the_stable_part_does_not_change_with_the_history)
{
	struct fixture *fixture = fixture_new();
	char *before = render(fixture, "system", NULL);
	char *schema = ww_prompt_schema(&fixture->view);
	char *after, *again;

	add_history(fixture);
	after = render(fixture, "system", NULL);
	again = ww_prompt_schema(&fixture->view);
	ck_assert_str_eq(before, after);
	ck_assert_str_eq(schema, again);
	free(before);
	free(after);
	free(schema);
	free(again);
	fixture_free(fixture);
}
END_TEST

START_TEST(the_order_of_the_trials_does_not_matter)
{
	struct fixture *fixture = fixture_new();
	char *one, *other;
	size_t i;

	add_history(fixture);
	one = render(fixture, "refine", NULL);
	for (i = 0; i < fixture->view.n_trials / 2; i++) {
		size_t k = fixture->view.n_trials - 1 - i;
		const struct ww_trial *kept = fixture->list[i];

		fixture->list[i] = fixture->list[k];
		fixture->list[k] = kept;
	}
	other = render(fixture, "refine", NULL);
	ck_assert_str_eq(one, other);
	free(one);
	free(other);
	fixture_free(fixture);
}
END_TEST

START_TEST(a_long_history_is_condensed_in_whole_rows)
{
	struct fixture *fixture = fixture_new();
	char *text, *table, *line, *rest;
	size_t rows = 0, bars;
	uint32_t i;

	for (i = 0; i < MOST; i++)
		add(fixture, i % 4, i / 4 % 3, i / 12 % 2, 0, 0,
		    1.0 + i * 0.001);
	fixture->view.round = 3;
	text = render(fixture, "refine", NULL);
	ck_assert_uint_lt(strlen(text), 48 << 10);
	table = strstr(text, "unroll|tile.M|tile.N|mode|fast|");
	ck_assert_ptr_nonnull(table);
	ck_assert_ptr_nonnull(strstr(text, "of 4000 rows"));
	ck_assert_ptr_nonnull(strstr(text, "4000 tried"));
	for (line = strtok_r(table, "\n", &rest);
	     line != NULL && strchr(line, '|') != NULL;
	     line = strtok_r(NULL, "\n", &rest)) {
		for (bars = 0; *line != '\0'; line++)
			bars += *line == '|';
		ck_assert_uint_eq(bars, 9);
		rows++;
	}
	ck_assert_uint_gt(rows, 200);
	free(text);
	text = render(fixture, "refine", "{\"compact\": true}");
	ck_assert_uint_lt(strlen(text), 9 << 10);
	free(text);
	fixture_free(fixture);
}
END_TEST

START_TEST(variables_are_laid_over)
{
	struct fixture *fixture = fixture_new();
	struct ww_error error = { 0 };
	char *text = render(fixture, "initial",
	                    "{\"want\": 3, \"errors\": \"it was prose\"}");

	ck_assert_ptr_nonnull(strstr(text, "Propose 3 configurations"));
	ck_assert_ptr_nonnull(strstr(text, "could not be used: it was prose."));
	free(text);
	ck_assert_int_eq(ww_prompt_render(&fixture->view, "initial", "[1]",
	                                  &text, &error), WW_E_FORMAT);
	ck_assert_int_lt(ww_prompt_render(&fixture->view, "../system", NULL,
	                                  &text, &error), 0);
	ck_assert_int_lt(ww_prompt_render(&fixture->view, "nothing", NULL,
	                                  &text, &error), 0);
	fixture_free(fixture);
}
END_TEST

START_TEST(source_stays_out_unless_it_is_asked_for)
{
	struct fixture *fixture = fixture_new();
	struct ww_settings *settings = ww_settings_new();
	struct ww_error error = { 0 };
	char *text;

	fixture->view.settings = settings;
	text = render(fixture, "system", NULL);
	ck_assert_ptr_null(strstr(text, "void saxpy"));
	ck_assert_ptr_nonnull(strstr(text, "Test CPU"));
	free(text);
	ck_assert_int_eq(ww_settings_assign(settings,
	                                    "prompt.include_kernel_source=true",
	                                    &error), WW_OK);
	ck_assert_int_eq(ww_settings_assign(settings,
	                                    "prompt.hardware_context=false",
	                                    &error), WW_OK);
	ck_assert_int_eq(ww_settings_assign(settings, "prompt.reasoning=false",
	                                    &error), WW_OK);
	text = render(fixture, "system", NULL);
	ck_assert_ptr_nonnull(strstr(text, "void saxpy"));
	ck_assert_ptr_null(strstr(text, "Test CPU"));
	ck_assert_ptr_null(strstr(text, "takes at least"));
	ck_assert_ptr_null(strstr(text, "\"reasoning\""));
	free(text);
	ww_settings_free(settings);
	fixture_free(fixture);
}
END_TEST

/* Guidance belongs to a language and can be switched off. */
START_TEST(hints_go_with_the_language)
{
	struct fixture *fixture = fixture_new();
	struct ww_settings *settings = ww_settings_new();
	const char *language = fixture->task->kernel.language;
	struct ww_error error = { 0 };
	char *text = render(fixture, "system", NULL);

	ck_assert_ptr_null(strstr(text, "ABOUT THE LANGUAGE"));
	free(text);
	fixture->task->kernel.language = "triton";
	text = render(fixture, "system", NULL);
	ck_assert_ptr_nonnull(strstr(text, "num_stages is the depth"));
	free(text);
	ck_assert_int_eq(ww_settings_assign(
				 settings, "prompt.include_triton_hints=false",
				 &error), WW_OK);
	fixture->view.settings = settings;
	text = render(fixture, "system", NULL);
	ck_assert_ptr_null(strstr(text, "ABOUT THE LANGUAGE"));
	free(text);
	fixture->task->kernel.language = language;
	ww_settings_free(settings);
	fixture_free(fixture);
}
END_TEST

/* -- what is computed for the model ----------------------------------------- */

static const char gpu_task[] =
	"{\"name\": \"copy\", \"kernel\": {\"language\": \"opencl\",\n"
	"   \"source\": \"saxpy.c\", \"entry\": \"k\", \"flops\": \"n\",\n"
	"   \"bytes\": \"8*n\"}, \"problem\": {\"n\": 1000000},\n"
	" \"arguments\": [{\"name\": \"x\", \"type\": \"float32\",\n"
	"   \"kind\": \"output\", \"size\": \"n\"}],\n"
	" \"parameters\": [{\"name\": \"unroll\", \"type\": \"int\",\n"
	"   \"values\": [1,2,4,8], \"default\": 1},\n"
	"  {\"name\": \"a\", \"type\": \"int\", \"values\": [0,1,2],\n"
	"   \"default\": 0},\n"
	"  {\"name\": \"b\", \"type\": \"int\", \"values\": [0,1,2],\n"
	"   \"default\": 0},\n"
	"  {\"name\": \"c\", \"type\": \"bool\", \"values\": [false,true],\n"
	"   \"default\": false},\n"
	"  {\"name\": \"d\", \"type\": \"bool\", \"values\": [false,true],\n"
	"   \"default\": false}],\n"
	" \"launch\": {\"grid\": [\"n // (256 * unroll)\"], \"block\": [256],\n"
	"   \"shared_bytes\": \"20000 * a\"}}";

static const struct ww_hardware_fact gpu_facts[] = {
	{ "multiprocessors", 10, NULL },
	{ "bandwidth_gbs", 100, NULL },
	{ "peak_gflops_f32", 1000, NULL },
	{ "warp_width", 32, NULL },
	{ "threads_per_multiprocessor", 2048, NULL },
	{ "blocks_per_multiprocessor", 32, NULL },
	{ "registers_per_multiprocessor", 65536, NULL },
	{ "shared_per_multiprocessor", 100000, NULL },
	{ "shared_per_block", 100000, NULL },
};
static const struct ww_hardware gpu = {
	.id = "g", .name = "Test GPU", .facts = gpu_facts,
	.n_facts = sizeof gpu_facts / sizeof gpu_facts[0],
};

/* Registers are 16 and 4 more for each step of unroll: 2048 threads have room.
 * 20000 bytes of shared memory leave room for four blocks of 100000, rounded up
 * to 20096. */
START_TEST(rows_say_what_a_configuration_occupies)
{
	struct fixture *fixture = fixture_of(gpu_task);
	char *text;

	fixture->view.hardware = &gpu;
	add(fixture, 0, 0, 0, 0, 0, 0.16);
	add(fixture, 3, 1, 0, 0, 0, 0.1);
	fixture->view.round = 2;
	text = render(fixture, "refine", NULL);
	ck_assert_ptr_nonnull(strstr(text,
		"time/best|ms|% of bound|registers|blocks/multiprocessor|"
		"occupancy %|waves|limited by|from\n"));
	/* 8 MB at 100 GB/s are 0.08 ms. */
	ck_assert_ptr_nonnull(strstr(text,
		"1|0|0|false|false|1.60|0.16|50|16|8|100|48.83|threads|"));
	ck_assert_ptr_nonnull(strstr(text,
		"8|1|0|false|false|1.00|0.1|80|28|4|50|12.20|shared|"));
	free(text);
	text = render(fixture, "system", NULL);
	ck_assert_ptr_nonnull(strstr(text, "so memory traffic is the limit of "
	                                   "a perfect implementation: 0.08 ms"));
	free(text);
	fixture_free(fixture);
}
END_TEST

/* Times that depend on whether two parameters are equal, and on a third one. */
START_TEST(what_counts_only_together_is_told)
{
	struct fixture *fixture = fixture_of(gpu_task);
	uint32_t a, b, c;
	char *text;

	for (a = 0; a < 3; a++)
		for (b = 0; b < 3; b++)
			for (c = 0; c < 4; c++)
				add(fixture, c, a, b, 0, 0,
				    a == b ? 1 + 0.01 * c : 2 + 0.01 * c);
	fixture->view.round = 2;
	text = render(fixture, "refine", NULL);
	ck_assert_ptr_nonnull(strstr(text, "WHAT COUNTS ONLY TOGETHER"));
	ck_assert_ptr_nonnull(strstr(text, "- a with b ("));
	ck_assert_ptr_nonnull(strstr(text, " 0/0: 1.00 (4) 0/1: 2.00 (4)"));
	ck_assert_ptr_null(strstr(text, "- unroll with a"));
	free(text);
	/* The sum of two effects is no interaction. */
	fixture->view.n_trials = 0;
	for (a = 0; a < 3; a++)
		for (b = 0; b < 3; b++)
			for (c = 0; c < 4; c++)
				add(fixture, c, a, b, 0, 0,
				    (1 + 0.2 * a) * (1 + 0.3 * b));
	text = render(fixture, "refine", NULL);
	ck_assert_ptr_null(strstr(text, "WHAT COUNTS ONLY TOGETHER"));
	free(text);
	fixture_free(fixture);
}
END_TEST

/* As many values as trials explain everything and nothing. */
START_TEST(effects_of_single_trials_are_no_effects)
{
	struct fixture *fixture = fixture_of(gpu_task);
	uint32_t i;
	char *text;

	for (i = 0; i < 12; i++)
		add(fixture, i % 4, i / 4, i % 3, (i * 7 + i / 5) % 2, i % 2,
		    1 + 0.5 * (i % 2));
	fixture->view.round = 2;
	text = render(fixture, "refine", NULL);
	ck_assert_ptr_nonnull(strstr(text, "- d (explains 100 %)"));
	ck_assert_ptr_nonnull(strstr(text, "- b (explains 0 %)"));
	free(text);
	fixture_free(fixture);
}
END_TEST

START_TEST(impossible_pairs_are_not_called_untried)
{
	struct fixture *fixture = fixture_new();
	char *text;

	add_history(fixture);
	text = render(fixture, "refine", NULL);
	/* fast exists only with unroll > 1. */
	ck_assert_ptr_nonnull(strstr(text, "unroll with fast never together:"));
	ck_assert_ptr_null(strstr(text, "1/true"));
	free(text);
	fixture_free(fixture);
}
END_TEST

/* A best that the noise may have made ends no standstill. */
START_TEST(noise_is_no_progress)
{
	struct fixture *fixture = fixture_new();
	struct ww_trial *last;
	char *text;

	add_history(fixture);
	last = add(fixture, 3, 0, 0, 0, 0, 0.795);
	last->round = 3;
	fixture->view.round = 4;
	text = render(fixture, "refine", NULL);
	ck_assert_ptr_nonnull(strstr(text, "has not improved for 2 rounds"));
	free(text);
	last->objective = 0.7;
	last->ci_low = last->ci_high = 0.7;
	text = render(fixture, "refine", NULL);
	ck_assert_ptr_null(strstr(text, "has not improved"));
	free(text);
	fixture_free(fixture);
}
END_TEST

START_TEST(the_compiled_default_is_described)
{
	static const struct ww_fact code[] = {
		{ "code_instructions", 120 }, { "code_fma", 0 },
		{ "code_matrix", 0 },         { "code_packed", 2 },
		{ "code_loads", 12 },         { "code_scalar_loads", 3 },
		{ "code_local_loads", 4 },    { "code_local_stores", 5 },
		{ "code_barriers", 0 },       { "code_vector_bytes", 32 },
	};
	struct fixture *fixture = fixture_new();
	struct ww_trial *first = add(fixture, 0, 0, 0, 0, 0, 2.0);
	char *text;

	first->facts = code;
	first->n_facts = sizeof code / sizeof code[0];
	text = render(fixture, "system", NULL);
	ck_assert_ptr_nonnull(strstr(text,
		"machine code of the default: 120 instructions, 0 multiply-adds, "
		"0 matrix instructions, 2 packed operations (on several elements "
		"at once), 12 loads, 3 scalar loads (one for a whole warp), "
		"4 loads from a thread's local memory, 5 stores to a thread's "
		"local memory; widest vector register used: 32 bytes ("));
	free(text);
	fixture_free(fixture);
}
END_TEST

/* -- the schema ------------------------------------------------------------- */

static void
check_keyword(const char *key)
{
	static const char *const allowed[] = {
		"type", "description", "properties", "required", "items",
		"additionalProperties", "enum"
	};
	size_t i;

	for (i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
		if (strcmp(allowed[i], key) == 0)
			return;
	ck_abort_msg("the schema uses \"%s\"", key);
}

/* Depth of nesting below this schema. */
static int
check_schema(struct json_object *schema)
{
	struct json_object *properties = ww_json_get(schema, "properties");
	struct json_object *items = ww_json_get(schema, "items");
	struct json_object *required = ww_json_get(schema, "required");
	int deepest = 0;

	json_object_object_foreach(schema, key, value) {
		(void)value;
		check_keyword(key);
	}
	ck_assert_ptr_nonnull(ww_json_string(schema, "type", NULL));
	if (strcmp(ww_json_string(schema, "type", ""), "object") == 0) {
		size_t n = 0;

		ck_assert(!ww_json_bool(schema, "additionalProperties", true));
		json_object_object_foreach(properties, name, property) {
			int depth = check_schema(property);

			ck_assert_str_eq(json_object_get_string(
				json_object_array_get_idx(required, n++)),
				name);
			deepest = depth > deepest ? depth : deepest;
		}
		ck_assert_uint_eq(n, json_object_array_length(required));
	}
	if (items != NULL)
		deepest = check_schema(items);
	return deepest + (properties != NULL || items != NULL ? 1 : 0);
}

START_TEST(the_schema_keeps_to_what_every_service_takes)
{
	struct fixture *fixture = fixture_new();
	char *text = ww_prompt_schema(&fixture->view);
	struct ww_error error = { 0 };
	struct json_object *schema;

	ck_assert_int_eq(ww_json_parse(text, strlen(text), "schema", 0,
	                               &schema, &error), WW_OK);
	ck_assert_int_le(check_schema(schema), 5);
	ck_assert_ptr_nonnull(strstr(text, "\"enum\":[1,2,4,8]"));
	ck_assert_ptr_nonnull(strstr(text, "\"enum\":[\"row\",\"col\"]"));
	ck_assert_ptr_nonnull(strstr(text, "exactly 2 values: M, N"));
	json_object_put(schema);
	free(text);
	fixture_free(fixture);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("prompt");
	TCase *prompts = tcase_create("prompts");

	tcase_add_loop_test(prompts, equals_the_golden_files, 0, 3);
	tcase_add_test(prompts,
	               the_stable_part_does_not_change_with_the_history);
	tcase_add_test(prompts, the_order_of_the_trials_does_not_matter);
	tcase_add_test(prompts, a_long_history_is_condensed_in_whole_rows);
	tcase_add_test(prompts, variables_are_laid_over);
	tcase_add_test(prompts, source_stays_out_unless_it_is_asked_for);
	tcase_add_test(prompts, hints_go_with_the_language);
	tcase_add_test(prompts, rows_say_what_a_configuration_occupies);
	tcase_add_test(prompts, what_counts_only_together_is_told);
	tcase_add_test(prompts, effects_of_single_trials_are_no_effects);
	tcase_add_test(prompts, impossible_pairs_are_not_called_untried);
	tcase_add_test(prompts, noise_is_no_progress);
	tcase_add_test(prompts, the_compiled_default_is_described);
	tcase_add_test(prompts, the_schema_keeps_to_what_every_service_takes);
	suite_add_tcase(suite, prompts);
	return ww_unit_run(suite);
}
