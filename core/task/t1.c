/* SPDX-License-Identifier: MIT */
#include "core/task/t1.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/task/t1_internal.h"
#include "core/task/t1_list.h"

bool
ww_t1_recognise(struct json_object *root)
{
	return json_object_is_type(ww_json_get(root, "ConfigurationSpace"),
	                           json_type_object);
}

void
ww_t1_unfit(struct ww_t1 *t1, const char *format, ...)
{
	char why[1024];
	va_list arguments;

	if (t1->unfit != NULL)
		return;
	va_start(arguments, format);
	vsnprintf(why, sizeof why, format, arguments);
	va_end(arguments);
	t1->unfit = ww_copy(why);
}

/* -------------------------------------------------------------- parameters */

struct json_object *
ww_t1_values(const struct ww_t1 *t1, const char *name)
{
	struct json_object *list = ww_json_get(t1->task, "parameters");
	size_t n = list == NULL ? 0 : json_object_array_length(list);
	size_t i;

	for (i = 0; i < n; i++) {
		struct json_object *one = json_object_array_get_idx(list, i);

		if (strcmp(ww_json_string(one, "name", ""), name) == 0)
			return ww_json_get(one, "values");
	}
	return NULL;
}

static bool
holds(struct json_object *array, struct json_object *value)
{
	size_t n = json_object_array_length(array);
	size_t i;

	for (i = 0; i < n; i++)
		if (json_object_equal(json_object_array_get_idx(array, i),
		                      value))
			return true;
	return false;
}

static struct json_object *
without_repeats(struct json_object *values)
{
	struct json_object *kept = json_object_new_array();
	size_t n = json_object_array_length(values);
	size_t i;

	for (i = 0; i < n; i++) {
		struct json_object *one = json_object_array_get_idx(values, i);

		if (!holds(kept, one))
			json_object_array_add(kept, json_object_get(one));
	}
	return kept;
}

static ww_status
read_values(struct ww_t1 *t1, const char *name, struct json_object *given,
            struct json_object **values)
{
	struct json_object *list = NULL;
	ww_status status;

	if (json_object_is_type(given, json_type_array)) {
		list = json_object_get(given);
	} else if (json_object_is_type(given, json_type_string)) {
		status = ww_t1_list(json_object_get_string(given), &list,
		                    t1->error);
		if (status != WW_OK)
			return ww_error_prefix(t1->error,
			                       "%s: values of '%s': ", t1->path,
			                       name);
	} else {
		return ww_error_set(t1->error, WW_E_FORMAT,
		                    "%s: parameter '%s' has no \"Values\": "
		                    "write a list or the text of one",
		                    t1->path, name);
	}
	*values = without_repeats(list);
	json_object_put(list);
	if (json_object_array_length(*values) > 0)
		return WW_OK;
	json_object_put(*values);
	return ww_error_set(t1->error, WW_E_CONFIG,
	                    "%s: parameter '%s' has no values", t1->path, name);
}

static bool
are_powers_of_two(struct json_object *values)
{
	size_t n = json_object_array_length(values);
	size_t i;

	for (i = 0; i < n; i++) {
		struct json_object *one = json_object_array_get_idx(values, i);
		int64_t value = json_object_get_int64(one);

		if (!json_object_is_type(one, json_type_int) || value < 1 ||
		    (value & (value - 1)) != 0)
			return false;
	}
	return n > 2;
}

/* T1's own types say how values are passed; ours say how they are searched. */
static const char *
search_type(struct json_object *values)
{
	static const struct {
		enum json_type json;
		const char *type;
	} types[] = {
		{ json_type_string, "enum" },
		{ json_type_boolean, "bool" },
		{ json_type_double, "float" },
	};
	size_t n = json_object_array_length(values);
	size_t i, k;

	for (k = 0; k < sizeof types / sizeof types[0]; k++)
		for (i = 0; i < n; i++)
			if (json_object_is_type(
				    json_object_array_get_idx(values, i),
				    types[k].json))
				return types[k].type;
	return are_powers_of_two(values) ? "power_of_two" : "int";
}

/* 32, 32.0 and true for 1 are all written for the same value. */
static bool
means(struct json_object *given, struct json_object *value)
{
	return json_object_equal(given, value) ||
	       (!json_object_is_type(given, json_type_string) &&
	        !json_object_is_type(value, json_type_string) &&
	        json_object_get_double(given) == json_object_get_double(value));
}

/* Default may be missing, an array of one, or outside of the values. */
static struct json_object *
default_of(struct json_object *parameter, struct json_object *values)
{
	struct json_object *given = ww_json_get(parameter, "Default");
	size_t n = json_object_array_length(values);
	size_t i;

	if (json_object_is_type(given, json_type_array))
		given = json_object_array_get_idx(given, 0);
	for (i = 0; i < n && given != NULL; i++) {
		struct json_object *one = json_object_array_get_idx(values, i);

		if (means(given, one))
			return json_object_get(one);
	}
	return json_object_get(json_object_array_get_idx(values, 0));
}

static ww_status
add_parameter(struct ww_t1 *t1, struct json_object *given)
{
	const char *name = ww_json_string(given, "Name", NULL);
	struct json_object *values = NULL;
	struct json_object *made;
	ww_status status;

	if (name == NULL)
		return ww_error_set(t1->error, WW_E_FORMAT,
		                    "%s: a parameter has no \"Name\"",
		                    t1->path);
	status = read_values(t1, name, ww_json_get(given, "Values"), &values);
	if (status != WW_OK)
		return status;
	made = json_object_new_object();
	ww_json_put_string(made, "name", name);
	ww_json_put_string(made, "type", search_type(values));
	json_object_object_add(made, "default", default_of(given, values));
	json_object_object_add(made, "values", values);
	return json_object_array_add(ww_json_get(t1->task, "parameters"),
	                             made) == 0
	               ? WW_OK
	               : WW_E_NO_MEMORY;
}

static ww_status
add_parameters(struct ww_t1 *t1)
{
	struct json_object *list = ww_json_get(t1->space, "TuningParameters");
	size_t n, i;
	ww_status status = WW_OK;

	json_object_object_add(t1->task, "parameters",
	                       json_object_new_array());
	if (!json_object_is_type(list, json_type_array) ||
	    json_object_array_length(list) == 0)
		return ww_error_set(t1->error, WW_E_FORMAT,
		                    "%s: ConfigurationSpace has no "
		                    "\"TuningParameters\"",
		                    t1->path);
	n = json_object_array_length(list);
	for (i = 0; i < n && status == WW_OK; i++)
		status = add_parameter(t1, json_object_array_get_idx(list, i));
	return status;
}

/* The names that a condition lists are incomplete in real files, so only the
 * expression counts. */
static ww_status
add_conditions(struct ww_t1 *t1)
{
	struct json_object *list = ww_json_get(t1->space, "Conditions");
	struct json_object *made = json_object_new_array();
	size_t n = json_object_is_type(list, json_type_array)
	                   ? json_object_array_length(list)
	                   : 0;
	size_t i;

	json_object_object_add(t1->task, "constraints", made);
	for (i = 0; i < n; i++) {
		struct json_object *one = json_object_array_get_idx(list, i);
		const char *text = json_object_is_type(one, json_type_string)
		                           ? json_object_get_string(one)
		                           : ww_json_string(one, "Expression",
		                                            NULL);

		if (text == NULL)
			return ww_error_set(t1->error, WW_E_FORMAT,
			                    "%s: condition %zu has no "
			                    "\"Expression\"",
			                    t1->path, i + 1);
		json_object_array_add(made, json_object_new_string(text));
	}
	return WW_OK;
}

/* ----------------------------------------------------------------- problem */

static void
add_size(struct ww_t1 *t1, const char *name, struct json_object *value)
{
	if (ww_t1_values(t1, name) == NULL &&
	    (json_object_is_type(value, json_type_int) ||
	     json_object_is_type(value, json_type_double)))
		json_object_object_add(ww_json_get(t1->task, "problem"), name,
		                       json_object_get(value));
}

static void
add_problem(struct ww_t1 *t1)
{
	static const char *const names[] = { "problem_size_x", "problem_size_y",
		                             "problem_size_z" };
	size_t n = t1->sizes == NULL ? 0 : json_object_array_length(t1->sizes);
	size_t i;

	json_object_object_add(t1->task, "problem", json_object_new_object());
	for (i = 0; i < n && i < 3; i++)
		add_size(t1, names[i],
		         json_object_array_get_idx(t1->sizes, i));
	if (json_object_is_type(t1->config, json_type_object)) {
		json_object_object_foreach(t1->config, key, value)
			add_size(t1, key, value);
	}
}

/* ------------------------------------------------------------------ kernel */

/* The kernel's file, to be freed: beside the T1 file or one folder up. Null if
 * it is nowhere. */
static char *
find_kernel(const struct ww_t1 *t1, const char *name)
{
	char *folder = ww_path_folder(t1->path);
	char *parent = ww_path_folder(folder);
	char *found = ww_path_join(folder, name);

	if (access(found, R_OK) != 0) {
		free(found);
		found = ww_path_join(parent, name);
	}
	free(folder);
	free(parent);
	if (access(found, R_OK) == 0)
		return found;
	free(found);
	return NULL;
}

static void
add_kernel(struct ww_t1 *t1)
{
	const char *file = ww_json_string(t1->kernel, "KernelFile", "");
	const char *entry = ww_json_string(t1->kernel, "KernelName", "");
	char *path = file[0] != '\0' ? find_kernel(t1, file) : NULL;
	char *language = ww_copy(ww_json_string(t1->kernel, "Language", ""));
	struct json_object *options = ww_json_get(t1->kernel,
	                                          "CompilerOptions");
	struct json_object *made;
	char *c;

	for (c = language; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	if (path == NULL) {
		ww_t1_unfit(t1,
		            "its kernel '%.200s' (KernelFile) is neither in its "
		            "folder nor in the one above",
		            file);
	} else {
		made = json_object_new_object();
		ww_json_put_string(made, "language", language);
		ww_json_put_string(made, "source", path);
		ww_json_put_string(made, "entry", entry);
		if (json_object_is_type(options, json_type_array))
			json_object_object_add(made, "options",
			                       json_object_get(options));
		json_object_object_add(t1->task, "kernel", made);
	}
	free(path);
	free(language);
}

static void
add_name(struct ww_t1 *t1, struct json_object *root)
{
	struct json_object *general = ww_json_get(root, "General");
	const char *name = ww_json_string(general, "BenchmarkName", NULL);

	if (name == NULL)
		name = ww_json_string(t1->kernel, "BenchmarkName", NULL);
	if (name == NULL)
		name = ww_json_string(t1->kernel, "KernelName", "t1");
	ww_json_put_string(t1->task, "name", name);
}

/* A file without the means to run keeps its space; the reason goes into the
 * description, where people and models see it. */
static void
drop_what_cannot_run(struct ww_t1 *t1)
{
	static const char *const members[] = { "kernel", "launch", "arguments",
		                               "reference" };
	char *text;
	size_t i;

	if (t1->unfit == NULL)
		return;
	for (i = 0; i < sizeof members / sizeof members[0]; i++)
		json_object_object_del(t1->task, members[i]);
	/* Results of it may have been recorded, though. */
	ww_json_put_string(t1->task, "backend", "recorded");
	text = ww_text("space of a T1 file; it cannot be run as it stands: %s",
	               t1->unfit);
	ww_json_put_string(t1->task, "description", text);
	free(text);
}

ww_status
ww_t1_translate(struct json_object *root, const char *path,
                struct json_object **task, struct ww_error *error)
{
	struct ww_t1 t1 = {
		.space = ww_json_get(root, "ConfigurationSpace"),
		.kernel = ww_json_get(root, "KernelSpecification"),
		.config = ww_json_get(root, "BenchmarkConfig"),
		.path = path,
		.error = error,
	};
	struct json_object *sizes = ww_json_get(t1.kernel, "ProblemSize");
	ww_status status;

	t1.task = json_object_new_object();
	if (json_object_is_type(sizes, json_type_array)) {
		t1.sizes = json_object_get(sizes);
	} else if (json_object_is_type(sizes, json_type_int)) {
		t1.sizes = json_object_new_array();
		json_object_array_add(t1.sizes, json_object_get(sizes));
	}
	add_name(&t1, root);
	status = add_parameters(&t1);
	if (status == WW_OK)
		status = add_conditions(&t1);
	if (status == WW_OK) {
		add_problem(&t1);
		add_kernel(&t1);
		status = ww_t1_mend_defaults(&t1);
	}
	if (status == WW_OK)
		status = ww_t1_add_launch(&t1);
	if (status == WW_OK)
		status = ww_t1_add_arguments(&t1);
	drop_what_cannot_run(&t1);
	free(t1.unfit);
	json_object_put(t1.sizes);
	if (status == WW_OK)
		*task = t1.task;
	else
		json_object_put(t1.task);
	return status;
}
