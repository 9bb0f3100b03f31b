/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/task/t1_internal.h"

static const char *const axes[] = { "X", "Y", "Z" };

/* ------------------------------------------------------------- expressions */

/* Largest number among a parameter's values; false if it has none. */
static bool
largest_value(const struct ww_t1 *t1, const char *name, double *largest)
{
	struct json_object *values = ww_t1_values(t1, name);
	size_t n = values == NULL ? 0 : json_object_array_length(values);
	size_t i;

	for (i = 0; i < n; i++) {
		double value = json_object_get_double(
			json_object_array_get_idx(values, i));

		if (i == 0 || value > *largest)
			*largest = value;
	}
	return n > 0;
}

/* In sizes ProblemSize is an array and a parameter's name stands for all its
 * values, neither of which our expressions have: both become numbers. Returns
 * the characters used, 0 if there is nothing of the kind at `at`. */
static size_t
put_number(const struct ww_t1 *t1, const char *at, char *number, size_t size)
{
	char name[128];
	double largest = 0.0;
	int used = 0;
	size_t k;

	if (sscanf(at, "ProblemSize[%zu]%n", &k, &used) == 1 && used > 0 &&
	    t1->sizes != NULL && k < json_object_array_length(t1->sizes)) {
		snprintf(number, size, "%.17g",
		         json_object_get_double(
				 json_object_array_get_idx(t1->sizes, k)));
		return (size_t)used;
	}
	used = 0;
	if (sscanf(at, "max( %127[A-Za-z0-9_] )%n", name, &used) == 1 &&
	    used > 0 && largest_value(t1, name, &largest)) {
		snprintf(number, size, "%.17g", largest);
		return (size_t)used;
	}
	return 0;
}

char *
ww_t1_expression(const struct ww_t1 *t1, struct json_object *value)
{
	const char *at;
	char *text;
	size_t n = 0;

	if (value == NULL)
		return NULL;
	at = json_object_get_string(value);
	/* Each replacement is longer than what it replaces by less than 32. */
	text = ww_alloc(strlen(at) * 8 + 64);
	while (*at != '\0') {
		char number[32];
		size_t used = 0;

		if (n == 0 || (!isalnum((unsigned char)at[-1]) && at[-1] != '_'))
			used = put_number(t1, at, number, sizeof number);
		if (used > 0) {
			memcpy(text + n, number, strlen(number));
			n += strlen(number);
			at += used;
		} else {
			text[n++] = *at++;
		}
	}
	text[n] = '\0';
	return text;
}

/* ---------------------------------------------------------------- geometry */

static void
add_text(struct json_object *array, char *text)
{
	json_object_array_add(array, json_object_new_string(text));
	free(text);
}

/* Name of the parameter that is the block's size along an axis: our own key
 * first, else Kernel Tuner's convention. Null: one thread. */
static const char *
block_name(const struct ww_t1 *t1, size_t axis)
{
	static const char *const names[] = { "block_size_x", "block_size_y",
		                             "block_size_z" };
	struct json_object *given = ww_json_get(t1->kernel, "BlockSizeNames");
	const char *name = names[axis];

	if (json_object_is_type(given, json_type_array))
		return json_object_get_string(
			json_object_array_get_idx(given, axis));
	return ww_t1_values(t1, name) != NULL ? name : NULL;
}

/* The product of the divisors of an axis; without any, the block's size. */
static char *
divisor(const struct ww_t1 *t1, size_t axis)
{
	static const char *const keys[] = { "GridDivX", "GridDivY",
		                            "GridDivZ" };
	struct json_object *list = ww_json_get(t1->kernel, keys[axis]);
	const char *block = block_name(t1, axis);
	size_t n = json_object_is_type(list, json_type_array)
	                   ? json_object_array_length(list)
	                   : 0;
	char *product = ww_copy("1");
	size_t i;

	if (n == 0 && block != NULL) {
		free(product);
		return ww_copy(block);
	}
	for (i = 0; i < n; i++) {
		char *factor = ww_t1_expression(
			t1, json_object_array_get_idx(list, i));
		char *longer = ww_text("%s * (%s)", product, factor);

		free(factor);
		free(product);
		product = longer;
	}
	return product;
}

/* Kernel Tuner's rule: blocks from parameters, grid from the problem's size.
 * GlobalSize and LocalSize are left-overs in these files. */
static void
add_by_problem(struct ww_t1 *t1, struct json_object *grid,
               struct json_object *block)
{
	size_t n = json_object_array_length(t1->sizes);
	size_t i;

	if (block_name(t1, 0) == NULL) {
		ww_t1_unfit(t1,
		            "it does not say which parameters are the block's "
		            "size (add \"BlockSizeNames\" to its "
		            "KernelSpecification)");
		return;
	}
	for (i = 0; i < n && i < 3; i++) {
		const char *name = block_name(t1, i);
		char *size = ww_t1_expression(
			t1, json_object_array_get_idx(t1->sizes, i));
		char *by = divisor(t1, i);

		add_text(grid, ww_text("ceil_div(%s, %s)", size, by));
		add_text(block, ww_copy(name != NULL ? name : "1"));
		free(size);
		free(by);
	}
}

/* The rule of KTT and BAT: GlobalSize and LocalSize are what they say. */
static void
add_by_size(struct ww_t1 *t1, struct json_object *grid,
            struct json_object *block)
{
	const char *kind = ww_json_string(t1->kernel, "GlobalSizeType", "");
	bool threads = strcmp(kind, "OpenCL") == 0; /* else it counts blocks */
	struct json_object *global = ww_json_get(t1->kernel, "GlobalSize");
	struct json_object *local = ww_json_get(t1->kernel, "LocalSize");
	size_t i;

	if (ww_json_get(global, "X") == NULL || ww_json_get(local, "X") == NULL) {
		ww_t1_unfit(t1, "it has neither ProblemSize nor GlobalSize and "
		                "LocalSize");
		return;
	}
	for (i = 0; i < 3; i++) {
		char *all = ww_t1_expression(t1, ww_json_get(global, axes[i]));
		char *one = ww_t1_expression(t1, ww_json_get(local, axes[i]));

		if (one == NULL)
			one = ww_copy("1");
		if (all == NULL)
			all = ww_copy("1");
		add_text(block, ww_copy(one));
		add_text(grid, threads ? ww_text("ceil_div(%s, %s)", all, one)
		                       : ww_copy(all));
		free(all);
		free(one);
	}
}

ww_status
ww_t1_add_launch(struct ww_t1 *t1)
{
	struct json_object *launch = json_object_new_object();
	struct json_object *grid = json_object_new_array();
	struct json_object *block = json_object_new_array();
	char *shared = ww_t1_expression(t1, ww_json_get(t1->kernel,
	                                                "SharedMemory"));

	json_object_object_add(t1->task, "launch", launch);
	json_object_object_add(launch, "grid", grid);
	json_object_object_add(launch, "block", block);
	if (t1->sizes != NULL)
		add_by_problem(t1, grid, block);
	else
		add_by_size(t1, grid, block);
	if (shared != NULL && strcmp(shared, "0") != 0)
		ww_json_put_string(launch, "shared_bytes", shared);
	free(shared);
	return WW_OK;
}
