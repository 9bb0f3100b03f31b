/* SPDX-License-Identifier: MIT */
#include "sdk/checker/spaces.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MOST_VALUES 16

static void
must(struct check *check, ww_status status, const struct ww_error *error)
{
	check_that(check, status == WW_OK, "the checker's own space: %s",
	           error->text);
}

/* `words` is "a,b,c" for an enum, else null: numbers first, first * 2 … for
 * powers of two, first, first + 1 … for integers. */
static void
add(struct check *check, struct ww_space_builder *builder, const char *name,
    const char *type, uint32_t n, int64_t first, const char *const *words,
    const char *condition)
{
	struct ww_value values[MOST_VALUES];
	struct ww_error error = { 0 };
	const uint32_t standard = n / 2;
	struct ww_parameter_spec spec = {
		.name = name,
		.type = type,
		.description = "",
		.tradeoff = "",
		.condition = condition,
		.values = values,
		.n_values = n,
		.defaults = &standard,
	};
	uint32_t i;

	memset(values, 0, sizeof values);
	for (i = 0; i < n; i++) {
		int64_t number = strcmp(type, "power_of_two") == 0
		                         ? first << i
		                         : first + (int64_t)i;

		values[i].type = words != NULL ? WW_VALUE_STRING
		                 : strcmp(type, "bool") == 0 ? WW_VALUE_BOOL
		                                             : WW_VALUE_INT;
		values[i].string = words != NULL ? words[i] : NULL;
		values[i].integer = number;
		values[i].number = words != NULL ? NAN : (double)number;
	}
	must(check, ww_space_builder_parameter(builder, &spec, &error), &error);
}

static struct ww_search_space *
build(struct check *check, struct ww_space_builder *builder)
{
	struct ww_search_space *space = NULL;
	struct ww_error error = { 0 };

	must(check, ww_space_build(builder, &space, &error), &error);
	return space;
}

struct ww_search_space *
check_space_one(struct check *check)
{
	struct ww_space_builder *builder = ww_space_builder_new();

	add(check, builder, "only", "int", 1, 7, NULL, NULL);
	return build(check, builder);
}

struct ww_search_space *
check_space_six(struct check *check)
{
	struct ww_space_builder *builder = ww_space_builder_new();

	add(check, builder, "a", "int", 2, 0, NULL, NULL);
	add(check, builder, "b", "int", 3, 0, NULL, NULL);
	return build(check, builder);
}

struct ww_search_space *
check_space_usual(struct check *check)
{
	static const char *const words[] = { "row", "column", "block" };
	struct ww_space_builder *builder = ww_space_builder_new();
	struct ww_error error = { 0 };

	add(check, builder, "block_x", "power_of_two", 6, 8, NULL, NULL);
	add(check, builder, "block_y", "power_of_two", 6, 1, NULL, NULL);
	add(check, builder, "unroll", "int", 8, 1, NULL, NULL);
	add(check, builder, "order", "enum", 3, 0, words, NULL);
	add(check, builder, "shared", "bool", 2, 0, NULL, NULL);
	add(check, builder, "padding", "int", 4, 0, NULL, "shared");
	must(check,
	     ww_space_builder_constraint(builder, "block_x * block_y <= 1024",
	                                 "threads of a block", &error),
	     &error);
	return build(check, builder);
}

struct ww_search_space *
check_space_large(struct check *check)
{
	struct ww_space_builder *builder = ww_space_builder_new();
	char name[16];
	int i;

	for (i = 0; i < 12; i++) {
		snprintf(name, sizeof name, "p%d", i);
		add(check, builder, name, "int", 10, 0, NULL, NULL);
	}
	return build(check, builder);
}
