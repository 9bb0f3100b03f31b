/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/task/t1.h"
#include "core/task/t1_list.h"
#include "tests/unit/unit.h"

static const struct {
	const char *text;
	const char *values; /* as JSON, or null: refused */
} lists[] = {
	{ "[1, 2, 4]", "[1,2,4]" },
	{ "[ ]", "[]" },
	{ "[1, 2,]", "[1,2]" },
	{ "[1, 2] + list(range(32, 128+1, 32))", "[1,2,32,64,96,128]" },
	{ "[2**i for i in range(0, 6)]", "[1,2,4,8,16,32]" },
	{ "[32 * i for i in range(1, 4)]", "[32,64,96]" },
	{ "[1] + [2 * i for i in range(1, 4)]", "[1,2,4,6]" },
	{ "[i for i in range(10, 0, -3)]", "[10,7,4,1]" },
	{ "list(range(3))", "[0,1,2]" },
	{ "range(2, 4)", "[2,3]" },
	{ "list([5])", "[5]" },
	{ "([1] + [2])", "[1,2]" },
	{ "['a', \"b, c\"] + ['d]']", "[\"a\",\"b, c\",\"d]\"]" },
	{ "[0.5, 1.5]", "[0.5,1.5]" },
	{ "[True, False]", "[true,false]" },
	{ "[-1, 7 // 2, -7 // 2, 7 % 3]", "[-1,3,-4,1]" },
	{ "[(i + 1) * 2 for i in range(2)]", "[2,4]" },
	{ "", NULL },
	{ "[1", NULL },
	{ "[1] +", NULL },
	{ "[1] - [1]", NULL },
	{ "[i for i in range(3) if i]", NULL },
	{ "[i*j for i in range(3) for j in range(3)]", NULL },
	{ "[i for i in [1, 2]]", NULL },
	{ "[x]", NULL },
	{ "[1 // 0]", NULL },
	{ "range(0, 10, 0)", NULL },
	{ "range(1, 2, 3, 4)", NULL },
	{ "list(range(1000000000))", NULL },
	{ "__import__('os').system('true')", NULL },
	{ "[9223372036854775807 + 1]", NULL },
	{ "((((((((((((((((((((([1])))))))))))))))))))))", NULL },
};

START_TEST(understands_lists_of_a_closed_grammar)
{
	struct json_object *values = NULL;
	struct ww_error error = { 0 };
	ww_status status = ww_t1_list(lists[_i].text, &values, &error);

	if (lists[_i].values == NULL) {
		ck_assert_int_eq(status, WW_E_FORMAT);
		ck_assert_uint_gt(strlen(error.text), 0);
		return;
	}
	ck_assert_msg(status == WW_OK, "%s", error.text);
	ck_assert_str_eq(ww_json_text(values), lists[_i].values);
	json_object_put(values);
}
END_TEST

/* Translates a T1 text; the caller puts the task. */
static struct json_object *
translate(const char *text)
{
	struct json_object *root = NULL, *task = NULL;
	struct ww_error error = { 0 };

	ck_assert_msg(ww_json_parse(text, strlen(text), "t1", 0, &root,
	                            &error) == WW_OK, "%s", error.text);
	ck_assert(ww_t1_recognise(root));
	/* The "kernel" is this test's own source, which is certainly there. */
	ck_assert_msg(ww_t1_translate(root, WW_SOURCE_DIR "/tests/unit/t.json",
	                              &task, &error) == WW_OK,
	              "%s", error.text);
	json_object_put(root);
	return task;
}

static const char *
text_of(struct json_object *task, const char *member)
{
	return ww_json_text(ww_json_get(task, member));
}

#define HUB                                                               \
	"{\"General\": {\"BenchmarkName\": \"hub\", \"FormatVersion\": "  \
	"\"1\"}, \"ConfigurationSpace\": {\"TuningParameters\": ["        \
	"{\"Name\": \"block_size_x\", \"Type\": \"int\", \"Values\": "    \
	"\"[16, 32, 64]\", \"Default\": 64},"                             \
	"{\"Name\": \"tile\", \"Type\": \"int\", \"Values\": "            \
	"\"[i for i in range(1, 4)]\", \"Default\": [2]},"                \
	"{\"Name\": \"one\", \"Type\": \"int\", \"Values\": \"[3]\", "    \
	"\"Default\": 7}], "                                              \
	"\"Conditions\": [{\"Expression\": \"16 <= block_size_x * tile "  \
	"<= 64\", \"Parameters\": []}]},"                                 \
	"\"KernelSpecification\": {\"Language\": \"C\", \"KernelName\": " \
	"\"k\", \"KernelFile\": \"check_t1.c\", \"CompilerOptions\": "    \
	"[\"-O2\"], \"GlobalSizeType\": \"OpenCL\", \"LocalSize\": "      \
	"{\"X\": \"nobody\"}, \"GlobalSize\": {\"X\": \"1\"}, "           \
	"\"GridDivX\": [\"block_size_x\", \"tile\"], \"ProblemSize\": "   \
	"[4096, 100], \"SharedMemory\": null, \"Stream\": null, "         \
	"\"Arguments\": [{\"Name\": \"out\", \"Type\": \"float\", "       \
	"\"MemoryType\": \"Vector\", \"AccessType\": \"WriteOnly\", "     \
	"\"FillType\": \"Constant\", \"FillValue\": 0, \"Size\": "        \
	"\"(ProblemSize[0]+max(one)-1)*ProblemSize[1]\", \"Output\": 1}," \
	"{\"Name\": \"in\", \"Type\": \"float4\", \"MemoryType\": "       \
	"\"Vector\", \"AccessType\": \"ReadOnly\", \"FillType\": "        \
	"\"Random\", \"FillValue\": 1.0, \"Size\": 10},"                  \
	"{\"Name\": \"n\", \"Type\": \"int32\", \"MemoryType\": "         \
	"\"Scalar\", \"FillValue\": 5}]}}"

START_TEST(reads_the_dialect_of_the_hub)
{
	struct json_object *task = translate(HUB);
	struct json_object *arguments = ww_json_get(task, "arguments");

	ck_assert_str_eq(ww_json_string(task, "name", ""), "hub");
	/* 64 * 2 breaks the rule: the nearest valid default keeps one of the
	 * two; a default outside the values is replaced. */
	ck_assert_str_eq(
		text_of(task, "parameters"),
		"[{\"name\":\"block_size_x\",\"type\":\"power_of_two\","
		"\"default\":32,\"values\":[16,32,64]},"
		"{\"name\":\"tile\",\"type\":\"int\",\"default\":2,"
		"\"values\":[1,2,3]},"
		"{\"name\":\"one\",\"type\":\"int\",\"default\":3,"
		"\"values\":[3]}]");
	ck_assert_str_eq(text_of(task, "constraints"),
	                 "[\"16 <= block_size_x * tile <= 64\"]");
	ck_assert_str_eq(text_of(task, "problem"),
	                 "{\"problem_size_x\":4096,\"problem_size_y\":100}");
	/* The left-over sizes are not looked at. */
	ck_assert_str_eq(
		text_of(task, "launch"),
		"{\"grid\":[\"ceil_div(4096, 1 * (block_size_x) * (tile))\","
		"\"ceil_div(100, 1)\"],\"block\":[\"block_size_x\",\"1\"]}");
	ck_assert_uint_eq(json_object_array_length(arguments), 3);
	ck_assert_str_eq(ww_json_string(json_object_array_get_idx(arguments, 0),
	                                "size", ""),
	                 "(4096+3-1)*100");
	ck_assert_str_eq(ww_json_string(json_object_array_get_idx(arguments, 1),
	                                "size", ""),
	                 "(10) * 4");
	ck_assert_str_eq(
		text_of(json_object_array_get_idx(arguments, 1), "fill"),
		"{\"kind\":\"normal\",\"mean\":0,\"deviation\":1}");
	json_object_put(task);
}
END_TEST

#define BAT                                                               \
	"{\"ConfigurationSpace\": {\"TuningParameters\": ["               \
	"{\"Name\": \"B\", \"Type\": \"int\", \"Values\": [8, 16, 16], "  \
	"\"Default\": 8}], \"Conditions\": []}, \"BenchmarkConfig\": "    \
	"{\"dataSize\": 64, \"note\": \"x\"}, \"Budget\": {\"Type\": "    \
	"\"ConfigurationCount\", \"BudgetValue\": 5}, "                   \
	"\"KernelSpecification\": {\"Language\": \"C\", \"KernelName\": " \
	"\"k\", \"KernelFile\": \"unit/check_t1.c\", "                    \
	"\"GlobalSizeType\": \"CUDA\", \"GlobalSize\": {\"X\": "          \
	"\"dataSize // B\", \"Y\": 2}, \"LocalSize\": {\"X\": \"B\"}, "   \
	"\"SharedMemory\": \"B * 4\", \"Arguments\": [{\"Name\": \"a\", " \
	"\"Type\": \"double\", \"MemoryType\": \"Vector\", \"Size\": "    \
	"64, \"FillType\": \"Constant\", \"FillValue\": 2}]}}"

START_TEST(reads_the_dialect_of_bat)
{
	struct json_object *task = translate(BAT);

	/* Found one folder up; repeated values count once. */
	ck_assert_str_eq(text_of(task, "parameters"),
	                 "[{\"name\":\"B\",\"type\":\"int\",\"default\":8,"
	                 "\"values\":[8,16]}]");
	ck_assert_ptr_nonnull(ww_json_get(task, "kernel"));
	ck_assert_str_eq(text_of(task, "problem"), "{\"dataSize\":64}");
	ck_assert_str_eq(text_of(task, "launch"),
	                 "{\"grid\":[\"dataSize // B\",\"2\",\"1\"],"
	                 "\"block\":[\"B\",\"1\",\"1\"],"
	                 "\"shared_bytes\":\"B * 4\"}");
	json_object_put(task);
}
END_TEST

#define KTT                                                               \
	"{\"ConfigurationSpace\": {\"TuningParameters\": ["               \
	"{\"Name\": \"L\", \"Type\": \"uint\", \"Values\": \"[32, 64]\"}" \
	"]}, \"KernelSpecification\": {\"Language\": \"C\", "             \
	"\"KernelName\": \"k\", \"KernelFile\": \"check_t1.c\", "         \
	"\"GlobalSizeType\": \"OpenCL\", \"GlobalSize\": {\"X\": "        \
	"\"1024\"}, \"LocalSize\": {\"X\": \"L\"}, \"Arguments\": ["      \
	"{\"Name\": \"a\", \"Type\": \"float\", \"MemoryType\": "         \
	"\"Vector\", \"Size\": 8, \"FillType\": \"Random\", "             \
	"\"FillValue\": 4, \"RandomSeed\": 9}]}}"

START_TEST(reads_the_dialect_of_ktt)
{
	struct json_object *task = translate(KTT);
	struct json_object *argument = json_object_array_get_idx(
		ww_json_get(task, "arguments"), 0);

	/* Here the global size counts threads. */
	ck_assert_str_eq(text_of(task, "launch"),
	                 "{\"grid\":[\"ceil_div(1024, L)\","
	                 "\"ceil_div(1, 1)\",\"ceil_div(1, 1)\"],"
	                 "\"block\":[\"L\",\"1\",\"1\"]}");
	ck_assert_str_eq(ww_json_string(argument, "kind", ""), "inout");
	ck_assert_str_eq(text_of(argument, "fill"),
	                 "{\"kind\":\"uniform\",\"low\":0,\"high\":4,"
	                 "\"seed\":9}");
	json_object_put(task);
}
END_TEST

START_TEST(keeps_the_space_of_what_cannot_run)
{
	struct json_object *task = translate(
		"{\"ConfigurationSpace\": {\"TuningParameters\": [{\"Name\": "
		"\"a\", \"Values\": \"[1, 2]\"}]}, \"KernelSpecification\": "
		"{\"KernelName\": \"k\", \"KernelFile\": \"nowhere.c\", "
		"\"ProblemSize\": 16}}");

	ck_assert_ptr_null(ww_json_get(task, "kernel"));
	ck_assert_ptr_null(ww_json_get(task, "launch"));
	ck_assert_str_eq(ww_json_string(task, "backend", ""), "recorded");
	ck_assert_ptr_nonnull(strstr(ww_json_string(task, "description", ""),
	                             "is neither in its folder nor in the one above"));
	json_object_put(task);
}
END_TEST

#define FILLS                                                             \
	"{\"ConfigurationSpace\": {\"TuningParameters\": [{\"Name\": \"B\", "  \
	"\"Values\": \"[8, 16]\", \"Default\": 16.0}]}, "                     \
	"\"KernelSpecification\": {\"Language\": \"CUDA\", \"KernelName\": " \
	"\"k\", \"KernelFile\": \"%s\", \"GlobalSize\": {\"X\": 4}, "      \
	"\"LocalSize\": {\"X\": \"B\"}, \"Arguments\": [{\"Name\": \"a\", " \
	"\"Type\": \"float\", \"MemoryType\": \"Vector\", \"Size\": 8, "    \
	"\"FillType\": \"%s\", \"DataSource\": \"%s\"}]%s}}"

static struct json_object *
translate_fill(const char *file, const char *kind, const char *source,
               const char *more)
{
	char text[2048];

	snprintf(text, sizeof text, FILLS, file, kind, source, more);
	return translate(text);
}

START_TEST(fills_by_straight_lines)
{
	static const struct {
		const char *formula;
		const char *fill; /* null: none of ours */
	} cases[] = {
		{ "i", "{\"kind\":\"index\",\"a\":0,\"b\":1}" },
		{ "3 - 2*i", "{\"kind\":\"index\",\"a\":3,\"b\":-2}" },
		{ "i / 2", "{\"kind\":\"index\",\"a\":0,\"b\":0.5}" },
		{ "7", "{\"kind\":\"index\",\"a\":7,\"b\":0}" },
		{ "i % 1000", NULL },
		{ "i * i", NULL },
		{ "open(i)", NULL },
	};
	const char *fill = cases[_i].fill;
	struct json_object *task = translate_fill(
		"check_t1.c", "Generator", cases[_i].formula, "");
	struct json_object *arguments = ww_json_get(task, "arguments");

	if (fill != NULL)
		ck_assert_str_eq(
			text_of(json_object_array_get_idx(arguments, 0), "fill"),
			fill);
	else
		ck_assert_ptr_nonnull(
			strstr(ww_json_string(task, "description", ""),
		               "argument 'a': its Generator '"));
	json_object_put(task);
}
END_TEST

START_TEST(runs_no_script)
{
	struct json_object *task = translate_fill("check_t1.c", "Script", "x.py",
	                                          "");

	ck_assert_ptr_nonnull(strstr(ww_json_string(task, "description", ""),
	                             "filled by the script 'x.py'"));
	ck_assert_ptr_null(ww_json_get(task, "kernel"));
	json_object_put(task);
}
END_TEST

START_TEST(names_what_it_cannot_read)
{
	static const char *const cases[][2] = {
		{ "BinaryHDF", "argument 'a' lies in the HDF5 file 'x', which is "
		               "not read; write the values to a file" },
		{ "Magic", "argument 'a': its FillType 'Magic' is not known" },
	};
	struct json_object *task = translate_fill("check_t1.c", cases[_i][0],
	                                          "x", "");

	ck_assert_ptr_nonnull(strstr(ww_json_string(task, "description", ""),
	                             cases[_i][1]));
	ck_assert_str_eq(ww_json_string(task, "backend", ""), "recorded");
	json_object_put(task);
}
END_TEST

START_TEST(takes_references_from_files)
{
	struct json_object *task = translate_fill(
		"check_t1.c", "BinaryRaw", "in.bin",
		", \"ReferenceArguments\": [{\"Name\": \"r\", \"TargetName\": "
		"\"a\", \"FillType\": \"BinaryRaw\", \"DataSource\": "
		"\"out.bin\", \"ValidationMethod\": "
		"\"SideBySideRelativeComparison\", \"ValidationThreshold\": "
		"0.5}]");
	struct json_object *argument = json_object_array_get_idx(
		ww_json_get(task, "arguments"), 0);

	ck_assert_str_eq(text_of(task, "reference"), "{\"files\":true}");
	ck_assert_str_eq(ww_json_string(argument, "expected", ""), "out.bin");
	ck_assert_str_eq(text_of(argument, "tolerance"),
	                 "{\"absolute\":0,\"relative\":0.5}");
	/* 16.0 is the default that 16 is. */
	ck_assert_str_eq(text_of(json_object_array_get_idx(
					 ww_json_get(task, "parameters"), 0),
	                         "default"),
	                 "16");
	json_object_put(task);
	task = translate_fill("check_t1.c", "Constant", "",
	                      ", \"ReferenceArguments\": [{\"TargetName\": "
	                      "\"a\", \"FillType\": \"Script\"}]");
	ck_assert_ptr_nonnull(strstr(ww_json_string(task, "description", ""),
	                             "the reference for argument 'a' has the "
	                             "FillType 'Script' and is not a file"));
	json_object_put(task);
}
END_TEST

static const char *const faulty[] = {
	"{\"ConfigurationSpace\": {}}",
	"{\"ConfigurationSpace\": {\"TuningParameters\": [{\"Name\": \"a\"}]}}",
	"{\"ConfigurationSpace\": {\"TuningParameters\": [{\"Values\": "
	"\"[1]\"}]}}",
	"{\"ConfigurationSpace\": {\"TuningParameters\": [{\"Name\": \"a\", "
	"\"Values\": \"[]\"}]}}",
	"{\"ConfigurationSpace\": {\"TuningParameters\": [{\"Name\": \"a\", "
	"\"Values\": \"open('f')\"}]}}",
	"{\"ConfigurationSpace\": {\"TuningParameters\": [{\"Name\": \"a\", "
	"\"Values\": \"[1]\"}], \"Conditions\": [{\"Expression\": \"b > "
	"1\"}]}}",
};

START_TEST(says_what_is_wrong)
{
	struct json_object *root = NULL, *task = NULL;
	struct ww_error error = { 0 };

	ck_assert_int_eq(ww_json_parse(faulty[_i], strlen(faulty[_i]), "t1", 0,
	                               &root, &error),
	                 WW_OK);
	ck_assert_int_lt(ww_t1_translate(root, "/x/t1.json", &task, &error), 0);
	ck_assert_int_eq(strncmp(error.text, "/x/t1.json: ", 12), 0);
	ck_assert_ptr_null(task);
	json_object_put(root);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("t1");
	TCase *tests = tcase_create("t1");

	tcase_add_loop_test(tests, understands_lists_of_a_closed_grammar, 0,
	                    sizeof lists / sizeof lists[0]);
	tcase_add_test(tests, reads_the_dialect_of_the_hub);
	tcase_add_test(tests, reads_the_dialect_of_bat);
	tcase_add_test(tests, reads_the_dialect_of_ktt);
	tcase_add_test(tests, keeps_the_space_of_what_cannot_run);
	tcase_add_loop_test(tests, fills_by_straight_lines, 0, 7);
	tcase_add_test(tests, runs_no_script);
	tcase_add_loop_test(tests, names_what_it_cannot_read, 0, 2);
	tcase_add_test(tests, takes_references_from_files);
	tcase_add_loop_test(tests, says_what_is_wrong, 0,
	                    sizeof faulty / sizeof faulty[0]);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
