/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/task/t1_internal.h"
#include "core/task/t1_list.h"

/* What to do about data that only running something would give. */
#define IN_A_FILE "write the values to a file and name it with BinaryRaw"

static const struct {
	const char *t1;
	const char *own;
} types[] = {
	{ "int8", "int8" },       { "uint8", "uint8" },
	{ "int16", "int16" },     { "uint16", "uint16" },
	{ "int32", "int32" },     { "uint32", "uint32" },
	{ "int64", "int64" },     { "uint64", "uint64" },
	{ "half", "float16" },    { "float", "float32" },
	{ "double", "float64" },  { "int", "int32" },
	{ "uint", "uint32" },     { "bool", "uint8" },
};

/* "float4" is four floats; *lanes receives how many. Null: not supported. */
static const char *
element_type(const char *name, int *lanes)
{
	size_t i;

	for (i = 0; i < sizeof types / sizeof types[0]; i++) {
		size_t length = strlen(types[i].t1);

		if (strncmp(name, types[i].t1, length) != 0)
			continue;
		if (name[length] == '\0') {
			*lanes = 1;
			return types[i].own;
		}
		if (isdigit((unsigned char)name[length]) &&
		    !isdigit((unsigned char)name[length - 1])) {
			*lanes = (int)strtol(name + length, NULL, 10);
			if (*lanes == 2 || *lanes == 3 || *lanes == 4 ||
			    *lanes == 8 || *lanes == 16)
				return types[i].own;
		}
	}
	return NULL;
}

static const char *
buffer_kind(struct json_object *given)
{
	const char *access = ww_json_string(given, "AccessType", "ReadWrite");

	if (strcmp(access, "ReadOnly") == 0)
		return "input";
	return strcmp(access, "WriteOnly") == 0 ? "output" : "inout";
}

static struct json_object *
fill_kind(const char *kind)
{
	struct json_object *fill = json_object_new_object();

	ww_json_put_string(fill, "kind", kind);
	return fill;
}

static void
fill_random(const struct ww_t1 *t1, struct json_object *given,
            struct json_object *made)
{
	double high = ww_json_number(given, "FillValue", 1.0);
	struct json_object *fill;

	/* Kernel Tuner and BAT draw from the standard normal distribution and
	 * ignore FillValue; KTT draws uniformly below it. */
	if (t1->sizes != NULL || t1->config != NULL) {
		fill = fill_kind("normal");
		ww_json_put_number(fill, "mean", 0.0);
		ww_json_put_number(fill, "deviation", 1.0);
	} else {
		fill = fill_kind("uniform");
		ww_json_put_number(fill, "low", 0.0);
		ww_json_put_number(fill, "high", high);
	}
	if (ww_json_get(given, "RandomSeed") != NULL)
		ww_json_put_int(fill, "seed",
		                ww_json_int(given, "RandomSeed", 1));
	json_object_object_add(made, "fill", fill);
}

/* Element `i` of what a generator's formula gives from `first` on; NaN if it
 * cannot be had. */
static double
element_of(struct json_object *list, size_t i)
{
	struct json_object *value = list != NULL
	                                    ? json_object_array_get_idx(list, i)
	                                    : NULL;

	return json_object_is_type(value, json_type_int) ||
	                       json_object_is_type(value, json_type_double)
	               ? json_object_get_double(value)
	               : (double)NAN;
}

/* Whether a formula in `i`, the number of the element, is a + b * i. Looked at
 * far from zero too, because a remainder begins as a straight line. */
static bool
is_straight(const char *formula, double *a, double *b)
{
	static const int64_t starts[] = { 0, 1000000, 16777217 };
	bool straight = true;
	size_t k, i;

	*a = *b = NAN;
	for (k = 0; k < sizeof starts / sizeof starts[0] && straight; k++) {
		char *text = ww_text("[(%s) for i in range(%lld, %lld)]", formula,
		                     (long long)starts[k],
		                     (long long)starts[k] + 100);
		struct json_object *list = NULL;
		struct ww_error error;

		if (ww_t1_list(text, &list, &error) != WW_OK)
			list = NULL;
		if (k == 0) {
			*a = element_of(list, 0);
			*b = element_of(list, 1) - *a;
		}
		for (i = 0; i < 100 && straight; i++) {
			double want = *a + *b * (double)(starts[k] + (int64_t)i);

			straight = fabs(element_of(list, i) - want) <=
			           1e-12 * fabs(want);
		}
		json_object_put(list);
		free(text);
	}
	return straight;
}

static void
fill_generated(struct ww_t1 *t1, struct json_object *given,
               struct json_object *made)
{
	const char *formula = ww_json_string(given, "DataSource", "");
	struct json_object *fill;
	double a, b;

	if (!is_straight(formula, &a, &b)) {
		ww_t1_unfit(t1,
		            "argument '%.100s': its Generator '%.100s' is not of "
		            "the form a + b * i, the only one that is understood; "
		            IN_A_FILE,
		            ww_json_string(made, "name", ""), formula);
		return;
	}
	fill = fill_kind("index");
	ww_json_put_number(fill, "a", a);
	ww_json_put_number(fill, "b", b);
	json_object_object_add(made, "fill", fill);
}

static void
add_fill(struct ww_t1 *t1, struct json_object *given, struct json_object *made)
{
	const char *kind = ww_json_string(given, "FillType", "Constant");
	const char *source = ww_json_string(given, "DataSource", "");
	const char *name = ww_json_string(made, "name", "");
	struct json_object *fill;

	if (strcmp(kind, "Random") == 0) {
		fill_random(t1, given, made);
	} else if (strcmp(kind, "Generator") == 0) {
		fill_generated(t1, given, made);
	} else if (strcmp(kind, "Constant") == 0) {
		fill = fill_kind("constant");
		ww_json_put_number(fill, "value",
		                   ww_json_number(given, "FillValue", 0.0));
		json_object_object_add(made, "fill", fill);
	} else if (strcmp(kind, "BinaryRaw") == 0) {
		fill = fill_kind("file");
		ww_json_put_string(fill, "path", source);
		json_object_object_add(made, "fill", fill);
	} else if (strcmp(kind, "Script") == 0) {
		ww_t1_unfit(t1,
		            "argument '%.100s' is filled by the script '%.100s', "
		            "and nothing but the kernel is run; " IN_A_FILE,
		            name, source);
	} else if (strcmp(kind, "BinaryHDF") == 0) {
		ww_t1_unfit(t1,
		            "argument '%.100s' lies in the HDF5 file '%.100s', "
		            "which is not read; " IN_A_FILE,
		            name, source);
	} else {
		ww_t1_unfit(t1,
		            "argument '%.100s': its FillType '%.100s' is not "
		            "known; there are Constant, Random, Generator and "
		            "BinaryRaw",
		            name, kind);
	}
}

static void
add_scalar(struct ww_t1 *t1, struct json_object *given,
           struct json_object *made)
{
	struct json_object *value = ww_json_get(given, "FillValue");

	if (!json_object_is_type(value, json_type_int) &&
	    !json_object_is_type(value, json_type_double)) {
		ww_t1_unfit(t1, "the scalar argument '%.100s' has no number as "
		                "FillValue",
		            ww_json_string(made, "name", ""));
		return;
	}
	ww_json_put_string(made, "kind", "scalar");
	json_object_object_add(made, "value", json_object_get(value));
}

static void
add_buffer(struct ww_t1 *t1, struct json_object *given,
           struct json_object *made, int lanes)
{
	char *size = ww_t1_expression(t1, ww_json_get(given, "Size"));
	char *elements;

	if (size == NULL) {
		ww_t1_unfit(t1, "argument '%.100s' has no Size",
		            ww_json_string(made, "name", ""));
		return;
	}
	elements = lanes == 1 ? ww_copy(size)
	                      : ww_text("(%s) * %d", size, lanes);
	ww_json_put_string(made, "kind", buffer_kind(given));
	ww_json_put_string(made, "size", elements);
	free(size);
	free(elements);
	add_fill(t1, given, made);
}

static void
add_argument(struct ww_t1 *t1, struct json_object *given,
             struct json_object *made)
{
	const char *memory = ww_json_string(given, "MemoryType", "");
	const char *name = ww_json_string(given, "Name", "arg");
	const char *wanted = ww_json_string(given, "Type", "");
	int lanes = 1;
	const char *type = element_type(wanted, &lanes);

	if (type == NULL) {
		ww_t1_unfit(t1, "argument '%.100s' has the type '%.100s', which "
		                "is not supported",
		            name, wanted);
		return;
	}
	ww_json_put_string(made, "name", name);
	ww_json_put_string(made, "type", type);
	if (strcmp(memory, "Scalar") == 0) {
		add_scalar(t1, given, made);
		return;
	}
	if (strcmp(memory, "Vector") != 0 && strcmp(memory, "Symbol") != 0) {
		ww_t1_unfit(t1, "argument '%.100s' has the MemoryType '%.100s'; "
		                "there are Scalar, Vector and Symbol",
		            name, memory);
		return;
	}
	add_buffer(t1, given, made, lanes);
	if (strcmp(memory, "Symbol") == 0 ||
	    strcmp(ww_json_string(given, "MemType", ""), "Constant") == 0)
		ww_json_put_string(made, "kind", "constant");
}

/* Kernel Tuner hands a constant-memory argument over as an ordinary one too. */
static void
add_twin(struct json_object *list, struct json_object *given,
         struct json_object *made)
{
	struct json_object *twin = NULL;
	char *name;

	if (strcmp(ww_json_string(given, "MemType", ""), "Constant") != 0 ||
	    json_object_deep_copy(made, &twin, NULL) != 0)
		return;
	name = ww_text("%s_argument", ww_json_string(made, "name", ""));
	ww_json_put_string(twin, "name", name);
	ww_json_put_string(twin, "kind", buffer_kind(given));
	json_object_array_add(list, twin);
	free(name);
}

static struct json_object *
find_made(struct json_object *list, const char *name)
{
	size_t n = json_object_array_length(list);
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(ww_json_string(json_object_array_get_idx(list, i),
		                          "name", ""),
		           name) == 0)
			return json_object_array_get_idx(list, i);
	return NULL;
}

/* KTT's methods compare element by element; only one of them relatively. */
static struct json_object *
tolerance_of(struct json_object *given)
{
	const char *method = ww_json_string(given, "ValidationMethod",
	                                    "SideBySideComparison");
	struct json_object *tolerance = json_object_new_object();
	bool relative = strcmp(method, "SideBySideRelativeComparison") == 0;
	double threshold = ww_json_number(given, "ValidationThreshold", 1e-4);

	ww_json_put_number(tolerance, "absolute", relative ? 0.0 : threshold);
	ww_json_put_number(tolerance, "relative", relative ? threshold : 0.0);
	return tolerance;
}

/* What outputs must be. Where a file says so that is the reference; what is
 * filled in another way would be a result that no kernel computes. */
static void
add_references(struct ww_t1 *t1, struct json_object *list,
               struct json_object *reference)
{
	struct json_object *given = ww_json_get(t1->kernel,
	                                        "ReferenceArguments");
	size_t n = json_object_is_type(given, json_type_array)
	                   ? json_object_array_length(given)
	                   : 0;
	size_t i;

	for (i = 0; i < n; i++) {
		struct json_object *one = json_object_array_get_idx(given, i);
		const char *name = ww_json_string(one, "TargetName", "");
		const char *kind = ww_json_string(one, "FillType", "");
		struct json_object *target = find_made(list, name);

		if (target == NULL) {
			ww_t1_unfit(t1, "a reference is for the argument "
			                "'%.100s', which is not there",
			            name);
			return;
		}
		if (strcmp(kind, "BinaryRaw") != 0) {
			ww_t1_unfit(t1,
			            "the reference for argument '%.100s' has the "
			            "FillType '%.100s' and is not a file; "
			            IN_A_FILE,
			            name, kind);
			return;
		}
		ww_json_put_string(target, "expected",
		                   ww_json_string(one, "DataSource", ""));
		json_object_object_add(target, "tolerance", tolerance_of(one));
	}
	if (n == 0)
		ww_json_put_string(reference, "configuration", "default");
	else
		ww_json_put_bool(reference, "files", true);
}

ww_status
ww_t1_add_arguments(struct ww_t1 *t1)
{
	struct json_object *given = ww_json_get(t1->kernel, "Arguments");
	struct json_object *list = json_object_new_array();
	struct json_object *reference = json_object_new_object();
	size_t n = json_object_is_type(given, json_type_array)
	                   ? json_object_array_length(given)
	                   : 0;
	size_t i;

	json_object_object_add(t1->task, "arguments", list);
	json_object_object_add(t1->task, "reference", reference);
	for (i = 0; i < n && t1->unfit == NULL; i++) {
		struct json_object *one = json_object_array_get_idx(given, i);
		struct json_object *made = json_object_new_object();

		add_argument(t1, one, made);
		json_object_array_add(list, made);
		add_twin(list, one, made);
	}
	if (n == 0)
		ww_t1_unfit(t1, "it names no Arguments");
	if (t1->unfit == NULL)
		add_references(t1, list, reference);
	return WW_OK;
}
