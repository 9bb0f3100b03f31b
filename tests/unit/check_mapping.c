/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/base/text.h"
#include "core/space/mapping.h"
#include "tests/unit/unit.h"

static struct ww_search_space *space;

static void
add(struct ww_space_builder *builder, const char *name, const char *type,
    const char *condition, const struct ww_value *values, uint32_t n)
{
	static const char *const axes[] = { "M", "N" };
	static const uint32_t defaults[2] = { 0, 1 };
	bool list = strcmp(type, "list") == 0;
	struct ww_parameter_spec spec = { .name = name,
		                          .type = type,
		                          .condition = condition,
		                          .dimensions = list ? axes : NULL,
		                          .n_dimensions = list ? 2 : 0,
		                          .values = values,
		                          .n_values = n,
		                          .defaults = defaults };
	struct ww_error error = { 0 };

	ck_assert_msg(ww_space_builder_parameter(builder, &spec, &error) ==
	                      WW_OK,
	              "%s", error.text);
}

static void
set_up(void)
{
	static const struct ww_value sizes[] = {
		{ .type = WW_VALUE_INT, .integer = 32 },
		{ .type = WW_VALUE_INT, .integer = 64 },
		{ .type = WW_VALUE_INT, .integer = 128 },
	};
	static const struct ww_value truths[] = {
		{ .type = WW_VALUE_BOOL, .integer = 0 },
		{ .type = WW_VALUE_BOOL, .integer = 1 },
	};
	static const struct ww_value words[] = {
		{ .type = WW_VALUE_STRING, .string = "row" },
		{ .type = WW_VALUE_STRING, .string = "column" },
	};
	struct ww_space_builder *builder = ww_space_builder_new();
	struct ww_error error;

	add(builder, "block", "int", NULL, sizes, 3);
	add(builder, "tile", "list", NULL, sizes, 3);
	add(builder, "pipe", "bool", NULL, truths, 2);
	add(builder, "depth", "int", "pipe", sizes, 3);
	add(builder, "order", "enum", NULL, words, 2);
	ck_assert_int_eq(ww_space_builder_constraint(
				 builder, "tile.M * tile.N <= 8192",
				 "registers", &error),
	                 WW_OK);
	ck_assert_int_eq(ww_space_build(builder, &space, &error), WW_OK);
}

static void
tear_down(void)
{
	ww_space_free(space);
}

/* `config` is what comes out, or null where no indices are set. */
static const struct {
	const char *text;
	unsigned result;
	const char *config;
	const char *note; /* must occur in the note */
} maps[] = {
	{ "{\"block\":64,\"tile\":[32,64],\"pipe\":false,\"order\":\"row\"}",
	  WW_MAPPED,
	  "{\"block\":64,\"tile\":[32,64],\"pipe\":false,\"order\":\"row\"}", "" },
	{ "{\"block\":\"64\",\"tile\":[32,64.0],\"pipe\":1,\"depth\":64,"
	  "\"order\":\"Row\"}",
	  WW_MAPPED_REPAIRED,
	  "{\"block\":64,\"tile\":[32,64],\"pipe\":true,\"depth\":64,\"order\":"
	  "\"row\"}",
	  "block: took \"64\" as 64" },
	{ "{\"block\":128}", WW_MAPPED_REPAIRED,
	  "{\"block\":128,\"tile\":[32,64],\"pipe\":false,\"order\":\"row\"}",
	  "order is missing: took its default row" },
	{ "{\"tile\":{\"N\":32,\"M\":128}}", WW_MAPPED_REPAIRED,
	  "{\"block\":32,\"tile\":[128,32],\"pipe\":false,\"order\":\"row\"}",
	  "tile: took an object as a list" },
	{ "{\"tile.M\":64,\"tile_N\":128}", WW_MAPPED_REPAIRED,
	  "{\"block\":32,\"tile\":[64,128],\"pipe\":false,\"order\":\"row\"}",
	  "took tile_N as tile.N" },
	{ "[64,[32,32],\"true\",128,\"column\"]", WW_MAPPED_REPAIRED,
	  "{\"block\":64,\"tile\":[32,32],\"pipe\":true,\"depth\":128,"
	  "\"order\":\"column\"}",
	  "took a list as the parameters in their order" },
	{ "[64,32,32,true,128,\"column\"]", WW_MAPPED_REPAIRED,
	  "{\"block\":64,\"tile\":[32,32],\"pipe\":true,\"depth\":128,"
	  "\"order\":\"column\"}",
	  "in their order" },
	{ "{\"Block\":64}", WW_MAPPED_REPAIRED,
	  "{\"block\":64,\"tile\":[32,64],\"pipe\":false,\"order\":\"row\"}",
	  "took Block as block" },
	{ "{\"block\":[64]}", WW_MAPPED_REPAIRED,
	  "{\"block\":64,\"tile\":[32,64],\"pipe\":false,\"order\":\"row\"}",
	  "block: took a list of one as its value" },
	{ "{\"pipe\":false,\"depth\":128}", WW_MAPPED_REPAIRED,
	  "{\"block\":32,\"tile\":[32,64],\"pipe\":false,\"order\":\"row\"}",
	  "depth does not exist here: dropped" },
	{ "{\"block\":null}", WW_MAPPED_REPAIRED,
	  "{\"block\":32,\"tile\":[32,64],\"pipe\":false,\"order\":\"row\"}",
	  "block is missing" },
	{ "{\"tile\":[128,128]}", WW_MAPPED_CONSTRAINT,
	  "{\"block\":32,\"tile\":[128,128],\"pipe\":false,\"order\":\"row\"}",
	  "that is 16384 <= 8192 (registers)" },
	{ "{\"block\":100}", WW_MAPPED_VALUE, NULL,
	  "block = 100 is not allowed, the nearest value is 128; allowed: 32, "
	  "64, 128" },
	{ "{\"block\":\"64 threads\"}", WW_MAPPED_VALUE, NULL,
	  "block = \"64 threads\" is not allowed; allowed: 32, 64, 128" },
	{ "{\"order\":\"colum\"}", WW_MAPPED_VALUE, NULL,
	  "the nearest value is column" },
	{ "{\"block\":1e300}", WW_MAPPED_VALUE, NULL, "block = 1e300" },
	{ "{\"block\":true}", WW_MAPPED_VALUE, NULL, "block = true" },
	{ "{\"pipe\":2}", WW_MAPPED_VALUE, NULL, "pipe = 2" },
	{ "{\"block\":\"nan\"}", WW_MAPPED_VALUE, NULL, "block = \"nan\"" },
	{ "{\"block\":\"64\\u0000x\"}", WW_MAPPED_VALUE, NULL, "block = " },
	{ "{\"block\":{\"x\":{\"y\":[[[]]]}}}", WW_MAPPED_VALUE, NULL,
	  "block = " },
	{ "{\"blok\":64}", WW_MAPPED_VALUE, NULL,
	  "there is no parameter blok; the closest is block" },
	{ "{\"tile\":64}", WW_MAPPED_VALUE, NULL,
	  "tile must be a list of 2 values, not 64" },
	{ "{\"tile\":[64]}", WW_MAPPED_VALUE, NULL, "a list of 2 values" },
	{ "{\"tile\":{\"K\":64}}", WW_MAPPED_VALUE, NULL,
	  "tile has no dimension K" },
	{ "{\"tile\":[32,32],\"tile.M\":64}", WW_MAPPED_VALUE, NULL,
	  "tile.M is given twice with different values" },
	{ "{}", WW_MAPPED_UNREADABLE, NULL, "the configuration is empty" },
	{ "[1,2]", WW_MAPPED_UNREADABLE, NULL,
	  "a list of 2 values for 5 parameters" },
	{ "\"block=64\"", WW_MAPPED_UNREADABLE, NULL, "not a configuration" },
	{ "null", WW_MAPPED_UNREADABLE, NULL, "not a configuration" },
};

START_TEST(maps_what_is_beyond_doubt)
{
	struct json_object *config, *result;
	struct ww_error error = { 0 };
	struct ww_mapping mapping;
	uint32_t indices[8];

	ck_assert_msg(ww_json_parse(maps[_i].text, strlen(maps[_i].text), "t",
	                            0, &config, &error) == WW_OK,
	              "%s", error.text);
	ww_map_config(space, config, indices, &mapping);
	ck_assert_msg(mapping.result == maps[_i].result, "%s: result %u: %s",
	              maps[_i].text, mapping.result, mapping.note);
	ck_assert_msg(strstr(mapping.note, maps[_i].note) != NULL, "%s: %s",
	              maps[_i].text, mapping.note);
	if (maps[_i].result == WW_MAPPED)
		ck_assert_str_eq(mapping.note, "");
	if (maps[_i].config != NULL) {
		result = ww_space_config(space, indices);
		ck_assert_str_eq(ww_json_text(result), maps[_i].config);
		json_object_put(result);
	}
	json_object_put(config);
}
END_TEST

START_TEST(notes_stay_in_bounds)
{
	char text[3000];
	struct json_object *config = json_object_new_object();
	struct ww_mapping mapping;
	uint32_t indices[8];

	memset(text, 'x', sizeof text);
	text[sizeof text - 1] = '\0';
	json_object_object_add(config, "order", json_object_new_string(text));
	ww_map_config(space, config, indices, &mapping);
	ck_assert_uint_eq(mapping.result, WW_MAPPED_VALUE);
	ck_assert_uint_lt(strlen(mapping.note), sizeof mapping.note);
	json_object_object_add(config, text, json_object_new_int(1));
	json_object_object_del(config, "order");
	ww_map_config(space, config, indices, &mapping);
	ck_assert_uint_eq(mapping.result, WW_MAPPED_VALUE);
	json_object_put(config);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("mapping");
	TCase *tests = tcase_create("mapping");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(tests, maps_what_is_beyond_doubt, 0,
	                    sizeof maps / sizeof maps[0]);
	tcase_add_test(tests, notes_stay_in_bounds);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
