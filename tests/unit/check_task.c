/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/json.h"
#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/task/task.h"
#include "tests/unit/unit.h"

#define A "{\"name\":\"a\",\"type\":\"int\",\"values\":[1,2,3]}"
#define TASK(rest) \
	"{\"name\":\"t\",\"backend\":\"b\",\"parameters\":[" A "]" rest "}"
#define PARAMETER(text) \
	"{\"name\":\"t\",\"backend\":\"b\",\n\"parameters\":[\n{" text "}]}"

static ww_status
parse(const char *text, struct ww_task **task, struct ww_error *error)
{
	return ww_task_parse(text, strlen(text), "t.json", task, error);
}

static const struct {
	const char *text;
	const char *message; /* whole, or its beginning if it ends in '~' */
} wrong[] = {
	{ "{", "t.json:1:2: the text ends too early" },
	{ "[]", "t.json:1: a task is a JSON object with \"name\", \"kernel\" and "
	        "\"parameters\"" },
	{ "{}", "t.json:1: the task has no \"name\"" },
	{ "{\"name\":\"t\"}",
	  "t.json:1: the task has no \"parameters\": nothing could be tuned" },
	{ "{\"name\":1}", "t.json:1: \"name\" must be a string" },
	{ "{\"name\":\"t\",\n\"parametres\":[]}",
	  "t.json:2: unknown member \"parametres\"; did you mean \"parameters\"?" },
	{ TASK(",\"objective\":\"noise\""),
	  "t.json:1: objective \"noise\" is not known; there are \"time\", "
	  "\"energy\" and \"edp\"" },
	{ TASK(",\"seed\":-1"), "t.json:1: a seed is not negative" },
	{ TASK(",\"problem\":{\"N\":\"many\"}"),
	  "t.json:1: problem size 'N' must be a number" },
	{ TASK(",\"problem\":{\"min\":3}"),
	  "t.json:1: problem size 'min': the word has a meaning in expressions; "
	  "choose another name" },
	{ TASK(",\"problem\":{\"a\":3}"),
	  "t.json:1: the name 'a' is used twice" },
	{ PARAMETER("\"type\":\"int\""), "t.json:3: a parameter has no \"name\"" },
	{ PARAMETER("\"name\":\"a\""), "t.json:3: parameter 'a' has no \"type\": "
	                               "int, power_of_two, float, bool, enum or "
	                               "list" },
	{ PARAMETER("\"name\":\"a\",\n\"type\":\"integer\""),
	  "t.json:4: no type \"integer\"; there are int, power_of_two, float, "
	  "bool, enum and list" },
	{ PARAMETER("\"name\":\"a\",\n\"type\":\"flaot\""),
	  "t.json:4: no type \"flaot\"; did you mean \"float\"?" },
	{ PARAMETER("\"name\":\"1a\",\"type\":\"bool\""),
	  "t.json:3: parameter '1a': a name has letters, digits and '_', no digit "
	  "first, and at most 63 of them" },
	{ PARAMETER("\"name\":\"a\",\"type\":\"int\""),
	  "t.json:3: parameter 'a' needs \"values\" or \"range\"" },
	{ PARAMETER("\"name\":\"a\",\"type\":\"int\",\"values\":[]"),
	  "t.json:3: parameter 'a' has no values" },
	{ PARAMETER("\"name\":\"a\",\"type\":\"int\",\"values\":[1,2.5]"),
	  "t.json:3: parameter 'a': 2.5 is not a whole number" },
	{ PARAMETER("\"name\":\"a\",\"type\":\"power_of_two\",\"values\":[2,3]"),
	  "t.json:3: parameter 'a': 3 is not a power of two" },
	{ PARAMETER("\"name\":\"a\",\"type\":\"int\",\"values\":[1,2,1]"),
	  "t.json:3: parameter 'a' has the value 1 twice" },
	{ PARAMETER("\"name\":\"a\",\"type\":\"int\",\"range\":[4,1]"),
	  "t.json:3: parameter 'a': the range ends before it begins" },
	{ PARAMETER("\"name\":\"a\",\"type\":\"float\",\"range\":[0,1]"),
	  "t.json:3: parameter 'a': a range of floats needs a \"step\"" },
	{ PARAMETER("\"name\":\"a\",\"type\":\"int\",\"range\":[0,4],\"step\":0"),
	  "t.json:3: parameter 'a': \"step\" must be a whole number above 0" },
	{ PARAMETER("\"name\":\"a\",\"type\":\"int\",\"range\":[0,90000000]"),
	  "t.json:3: parameter 'a' has more than 1000000 values" },
	{ PARAMETER("\"name\":\"a\",\"type\":\"enum\",\"range\":[0,4]"),
	  "t.json:3: parameter 'a': type \"enum\" takes no \"range\"" },
	{ PARAMETER("\"name\":\"a\",\"type\":\"int\",\"values\":[1],\"range\":[1,2]"),
	  "t.json:3: parameter 'a' has both \"values\" and \"range\"; keep one" },
	{ PARAMETER("\"name\":\"a\",\"type\":\"int\",\"values\":[1,2],\n"
	            "\"default\":3"),
	  "t.json:4: the default 3 of 'a' is not among its values" },
	{ PARAMETER("\"name\":\"a\",\"type\":\"int\",\"values\":[1],\n"
	            "\"defualt\":1"),
	  "t.json:4: unknown member \"defualt\"; did you mean \"default\"?" },
	{ PARAMETER("\"name\":\"a\",\"type\":\"list\""),
	  "t.json:3: list 'a' needs \"items\" with \"type\" and \"values\" or "
	  "\"range\"" },
	{ PARAMETER("\"name\":\"a\",\"type\":\"list\",\"items\":{\"type\":\"bool\"}"),
	  "t.json:3: list 'a' needs \"dimensions\": 1 to 64 names such as [\"M\", "
	  "\"N\"]" },
	{ PARAMETER("\"name\":\"a\",\"type\":\"bool\",\"when\":\"b\"},{\"name\":"
	            "\"b\",\"type\":\"bool\""),
	  "t.json:3: condition of 'a' (it may name only what stands before it): "
	  "column 1: no parameter or problem size 'b'" },
	{ TASK(",\n\"constraints\":[\n\"a <\"]"),
	  "t.json:3: constraint 'a <': column 4: expected a value, the text ends" },
	{ TASK(",\"constraints\":[{\"reason\":\"x\"}]"),
	  "t.json:1: a constraint is an expression, or an object with \"rule\" and "
	  "\"reason\"" },
	{ TASK(",\"constraints\":[\"a > 2\", \"a < 2\"]"),
	  "t.json:1: the space is empty: no configuration out of 3 obeys all "
	  "constraints; the default, for one, breaks a > 2 with a = 1, that is "
	  "1 > 2; loosen a constraint or add values" },
	{ TASK(",\"constraints\":[\"a // 0 > 2\"]"),
	  "t.json:1: the space is empty: no configuration out of 3 obeys all "
	  "constraints (3 of them because a constraint divides by zero, overflows "
	  "or mixes text and numbers); the default, for one, breaks a // 0 > 2 "
	  "with a = 1: division by zero; loosen a constraint or add values" },
	{ TASK(",\"constraints\":[\"a > 1\"]"),
	  "t.json:1: the default configuration breaks a > 1 with a = 1, that is "
	  "1 > 1; a default that works: {\"a\":2}" },
	{ TASK(",\"kernel\":{\"entry\":\"k\"}"),
	  "t.json:1: the kernel has no \"language\", such as \"c\" or \"c++\"" },
	{ TASK(",\n\"kernel\":{\"source\":\"no-such-file.c\"}"),
	  "t.json:2: cannot open ~" },
	{ TASK(",\"kernel\":{\"language\":\"c\",\"options\":[1]}"),
	  "t.json:1: compiler options are strings" },
	{ TASK(",\"kernel\":{\"language\":\"c\",\"options\":[\"-DA\\u0000B\"]}"),
	  "t.json:1: \"-DA\" holds a NUL character" },
	{ TASK(",\"kernel\":{\"language\":\"c\",\"flops\":\"a\\u0000 * 2\"}"),
	  "t.json:1: \"a\" holds a NUL character" },
	{ TASK(",\"constraints\":[\"a < 9\\u0000 and a > 5\"]"),
	  "t.json:1: \"a < 9\" holds a NUL character" },
	{ TASK(",\"launch\":{\"grid\":[1]}"),
	  "t.json:1: a launch needs \"grid\" and \"block\"" },
	{ TASK(",\"launch\":{\"grid\":[\"b\"],\"block\":[1]}"),
	  "t.json:1: grid 'b': column 1: no parameter or problem size 'b'; did you "
	  "mean 'a'?" },
	{ TASK(",\"arguments\":[{\"name\":\"x\"}]"),
	  "t.json:1: \"type\" is missing, such as \"int8\"" },
	{ TASK(",\"arguments\":[{\"name\":\"x\",\"type\":\"float\"}]"),
	  "t.json:1: no type \"float\"; there are int8, uint8, int16, uint16, "
	  "int32, uint32, int64, uint64, float16, bfloat16, float32 and float64" },
	{ TASK(",\"arguments\":[{\"name\":\"x\",\"type\":\"int32\",\"kind\":"
	       "\"input\",\"size\":\"a\"}]"),
	  "t.json:1: 'a' depends on a parameter; it must hold for every "
	  "configuration: use problem sizes, or max(name)" },
	{ TASK(",\"arguments\":[{\"name\":\"x\",\"type\":\"int32\",\"kind\":"
	       "\"input\",\"size\":0}]"),
	  "t.json:1: argument 'x': its \"size\" comes to 0 elements; it must be "
	  "a whole number from 1 to 1e+12" },
	{ TASK(",\"arguments\":[{\"name\":\"x\",\"type\":\"int32\",\"kind\":"
	       "\"scalar\"}]"),
	  "t.json:1: \"value\" is missing" },
	{ TASK(",\"reference\":{}"),
	  "t.json:1: a reference is one of \"kernel\", \"configuration\" and "
	  "\"files\": true" },
	{ TASK(",\"reference\":{\"configuration\":{\"a\":9}}"),
	  "t.json:1: a = 9 is not among its values" },
	{ TASK(",\"reference\":{\"files\":true},\"arguments\":[{\"name\":\"y\","
	       "\"type\":\"int32\",\"kind\":\"output\",\"size\":4}]"),
	  "t.json:1: argument 'y' needs \"expected\": the file it must equal" },
	{ TASK(",\"tolerance\":{\"absolute\":-1}"),
	  "t.json:1: a tolerance is not negative" },
};

START_TEST(says_what_is_wrong_with_a_task)
{
	struct ww_task *task;
	struct ww_error error = { 0 };
	const char *message = wrong[_i].message;
	size_t length = strlen(message);

	ck_assert_int_ne(parse(wrong[_i].text, &task, &error), WW_OK);
	ck_assert_ptr_null(task);
	if (message[length - 1] == '~')
		ck_assert_msg(strncmp(error.text, message, length - 1) == 0,
		              "%s", error.text);
	else
		ck_assert_str_eq(error.text, message);
}
END_TEST

static char folder[64];

static void
set_up(void)
{
	char *path;
	struct ww_error error;

	strcpy(folder, "/tmp/check_task.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	path = ww_path_join(folder, "k.c");
	ck_assert_int_eq(ww_file_write(path, "void k(void){}", 14, &error),
	                 WW_OK);
	free(path);
}

static void
tear_down(void)
{
	ww_path_remove(folder);
}

static const char whole[] =
	"{ // comments are allowed\n"
	"\"name\":\"whole\", \"seed\": 9, \"target\": \"native\",\n"
	"\"kernel\": {\"source\":\"k.c\",\"entry\":\"k\",\"options\":[\"-O2\"],\n"
	"  \"kind\":\"stencil\",\"flops\":\"2 * N * tile.M\",\"bytes\":4096},\n"
	"\"problem\": {\"N\": 1000, \"w\": 0.5},\n"
	"\"parameters\": [\n"
	"  {\"name\":\"bx\",\"type\":\"power_of_two\",\"range\":[8,64],"
	"   \"default\":16},\n"
	"  {\"name\":\"tile\",\"type\":\"list\",\"dimensions\":[\"M\",\"N\"],\n"
	"   \"items\":{\"type\":\"int\",\"values\":[1,2,4]},\"default\":[4,2]},\n"
	"  {\"name\":\"pipe\",\"type\":\"bool\"},\n"
	"  {\"name\":\"depth\",\"type\":\"int\",\"range\":[2,6],\"step\":2,"
	"   \"when\":\"pipe\"},\n"
	"  {\"name\":\"rate\",\"type\":\"float\",\"range\":[0.1,0.5],"
	"   \"step\":0.1,\"default\":0.3}],\n"
	"\"constraints\": [\"bx * tile.M <= 128\"],\n"
	"\"launch\": {\"grid\":[\"ceil_div(N, bx)\",2],\"block\":[\"bx\"],"
	"  \"shared_bytes\":\"bx * 4\"},\n"
	"\"arguments\": [\n"
	"  {\"name\":\"n\",\"type\":\"int32\",\"kind\":\"scalar\",\"value\":\"N\"},\n"
	"  {\"name\":\"x\",\"type\":\"float32\",\"kind\":\"input\",\"size\":\"N * max(bx)\",\n"
	"   \"fill\":{\"kind\":\"uniform\",\"low\":-1}},\n"
	"  {\"name\":\"y\",\"type\":\"float64\",\"kind\":\"output\",\"size\":\"N\",\n"
	"   \"tolerance\":{\"relative\":0.5}}],\n"
	"\"reference\": {\"kernel\":{\"entry\":\"plain\"},"
	"  \"launch\":{\"grid\":[\"N\"],\"block\":[1]}}\n"
	"}\n";

static struct ww_task *
load_whole(void)
{
	struct ww_error error = { 0 };
	struct ww_task *task;
	char *path = ww_path_join(folder, "task.json");

	ck_assert_int_eq(ww_file_write(path, whole, sizeof whole - 1, &error),
	                 WW_OK);
	ck_assert_msg(ww_task_load(path, &task, &error) == WW_OK, "%s",
	              error.text);
	free(path);
	return task;
}

START_TEST(reads_every_section)
{
	struct ww_task *task = load_whole();
	uint32_t indices[8];
	struct ww_launch launch;
	struct ww_value values[16];
	struct ww_error error;
	const struct ww_argument *x = &task->arguments[1];

	ck_assert_str_eq(task->kernel.language, "c");
	ck_assert_str_eq(task->kernel.source, "void k(void){}");
	ck_assert_str_eq(task->kernel.options[0], "-O2");
	ck_assert_str_eq(task->kind, "stencil");
	ck_assert_double_eq(task->space->view.count(&task->space->view, NULL),
	                    (4 + 4 + 4 - 1) * 3 * (1 + 3) * 5);
	ww_space_default(task->space, indices);
	ck_assert_int_eq(ww_task_launch(task, indices, &launch, &error), WW_OK);
	ck_assert_uint_eq(launch.dimensions, 2);
	ck_assert_uint_eq(launch.grid[0], 63);
	ck_assert_uint_eq(launch.grid[1], 2);
	ck_assert_uint_eq(launch.block[0], 16);
	ck_assert_uint_eq(launch.block[1], 1);
	ck_assert_uint_eq(launch.shared_bytes, 64);
	ck_assert_double_eq(ww_task_flops(task, indices), 8000);
	ck_assert_double_eq(ww_task_bytes(task, indices), 4096);
	ck_assert_uint_eq(ww_task_values(task, indices, values), 2 + 5);
	ck_assert_str_eq(values[0].name, "N");
	ck_assert_str_eq(values[3].name, "tile.M");
	ck_assert_str_eq(values[6].string, "0.3");
	ck_assert_double_eq(task->arguments[0].a, 1000);
	ck_assert_uint_eq(x->n_elements, 64000);
	ck_assert_uint_eq(x->fill, WW_FILL_UNIFORM);
	ck_assert_double_eq(x->a, -1);
	ck_assert_double_eq(x->b, 1);
	ck_assert_double_eq(task->arguments[2].relative_tolerance, 0.5);
	ck_assert_double_eq(task->arguments[2].absolute_tolerance, 0);
	ck_assert_uint_eq(task->reference.kind, WW_TASK_REFERENCE_KERNEL);
	ck_assert_str_eq(task->reference.kernel.entry, "plain");
	ck_assert_str_eq(task->reference.kernel.options[0], "-O2");
	ck_assert_uint_eq(task->reference.launch.grid[0], 1000);
	ww_task_free(task);
}
END_TEST

START_TEST(hashes_tell_changes_apart)
{
	struct ww_task *task = load_whole();
	struct ww_task *other;
	struct ww_error error;
	char *changed = ww_copy(whole);
	char *path = ww_path_join(folder, "task.json");

	memcpy(strstr(changed, "<= 128"), "<= 127", 6);
	ck_assert_int_eq(ww_task_parse(changed, strlen(changed), path, &other,
	                               &error),
	                 WW_OK);
	ck_assert_str_eq(task->kernel_hash, other->kernel_hash);
	ck_assert_str_ne(task->space_hash, other->space_hash);
	free(path);
	free(changed);
	ww_task_free(other);
	ww_task_free(task);
}
END_TEST

START_TEST(a_missing_file_is_named)
{
	struct ww_task *task;
	struct ww_error error = { 0 };

	ck_assert_int_eq(ww_task_load("/nonexistent/task.json", &task, &error),
	                 WW_E_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(error.text, "/nonexistent/task.json"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("task");
	TCase *tests = tcase_create("task");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(tests, says_what_is_wrong_with_a_task, 0,
	                    sizeof wrong / sizeof wrong[0]);
	tcase_add_test(tests, reads_every_section);
	tcase_add_test(tests, hashes_tell_changes_apart);
	tcase_add_test(tests, a_missing_file_is_named);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
