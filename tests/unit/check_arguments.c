/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugins/common/arguments.h"
#include "plugins/common/compare.h"
#include "plugins/common/half.h"
#include "plugins/common/library.h"
#include "plugins/common/npy.h"
#include "tests/unit/fake_host.h"
#include "tests/unit/unit.h"

#define N 1000

static struct fake_call call;

static struct ww_argument
argument_of(uint32_t type, uint32_t fill, double a, double b)
{
	return (struct ww_argument){
		.size = sizeof(struct ww_argument), .type = type,
		.kind = WW_ARGUMENT_INPUT, .fill = fill, .name = "x",
		.n_elements = N, .seed = 7, .a = a, .b = b,
	};
}

static void
fill(const struct ww_argument *argument, uint64_t seed, void *bytes)
{
	fake_call_start(&call);
	ck_assert_int_eq(ww_argument_fill(&call.call, argument, seed, bytes),
	                 WW_OK);
}

START_TEST(fills_the_same_way_every_time)
{
	static double one[N], two[N], half[N];
	struct ww_argument argument = argument_of(WW_TYPE_FLOAT64,
	                                          WW_FILL_UNIFORM, -1, 1);

	fill(&argument, 1, one);
	fill(&argument, 1, two);
	ck_assert_int_eq(memcmp(one, two, sizeof one), 0);
	/* The start of a longer array is the shorter one. */
	argument.n_elements = N / 2;
	fill(&argument, 1, half);
	ck_assert_int_eq(memcmp(one, half, sizeof half / 2), 0);
	argument.n_elements = N;
	fill(&argument, 2, two);
	ck_assert_int_ne(memcmp(one, two, sizeof one), 0);
	argument.seed = 8;
	fill(&argument, 1, two);
	ck_assert_int_ne(memcmp(one, two, sizeof one), 0);
}
END_TEST

START_TEST(fills_with_the_wanted_distribution)
{
	static float x[N];
	static int32_t whole[N];
	struct ww_argument uniform = argument_of(WW_TYPE_FLOAT32,
	                                         WW_FILL_UNIFORM, 2, 4);
	struct ww_argument normal = argument_of(WW_TYPE_FLOAT32,
	                                        WW_FILL_NORMAL, 10, 3);
	struct ww_argument dice = argument_of(WW_TYPE_INT32, WW_FILL_UNIFORM,
	                                      -2, 2);
	double sum = 0, squares = 0;
	int counts[4] = { 0 };
	int i;

	fill(&uniform, 1, x);
	for (i = 0; i < N; i++) {
		ck_assert(x[i] >= 2 && x[i] <= 4);
		sum += (double)x[i] / N;
	}
	ck_assert_double_eq_tol(sum, 3, 0.1);
	fill(&normal, 1, x);
	for (sum = 0, i = 0; i < N; i++)
		sum += (double)x[i] / N;
	for (i = 0; i < N; i++)
		squares += ((double)x[i] - sum) * ((double)x[i] - sum) / N;
	ck_assert_double_eq_tol(sum, 10, 0.4);
	ck_assert_double_eq_tol(sqrt(squares), 3, 0.3);
	fill(&dice, 1, whole);
	for (i = 0; i < N; i++) {
		ck_assert(whole[i] >= -2 && whole[i] < 2);
		counts[whole[i] + 2]++;
	}
	for (i = 0; i < 4; i++)
		ck_assert_int_gt(counts[i], N / 8);
}
END_TEST

START_TEST(fills_every_type_and_poisons_it)
{
	static unsigned char bytes[8 * N];
	struct ww_argument argument = argument_of((uint32_t)_i, WW_FILL_INDEX,
	                                          3, 2);
	double value;

	ck_assert_uint_gt(ww_type_bytes(argument.type), 0);
	fill(&argument, 1, bytes);
	ck_assert_double_eq(ww_element_get(argument.type, bytes, 0), 3);
	ck_assert_double_eq(ww_element_get(argument.type, bytes, 60), 123);
	ww_argument_poison(&argument, bytes);
	value = ww_element_get(argument.type, bytes, N - 1);
	if (ww_type_is_float(argument.type))
		ck_assert_double_nan(value);
	else
		ck_assert_double_ne(value, 0);
}
END_TEST

START_TEST(knows_half_precision)
{
	static const struct {
		double value;
		uint16_t half, bfloat;
	} known[] = {
		{ 1, 0x3c00, 0x3f80 },       { -2, 0xc000, 0xc000 },
		{ 65504, 0x7bff, 0x4780 },   { 1e9, 0x7c00, 0x4e6e },
		{ 0, 0, 0 },                 { 0.1, 0x2e66, 0x3dcd },
		{ 0x1p-24, 0x0001, 0x3380 }, { 0x1p-14, 0x0400, 0x3880 },
		/* Ties go to the even neighbour. */
		{ 1 + 0x1p-11, 0x3c00, 0x3f80 },
		{ 1 + 3 * 0x1p-11, 0x3c02, 0x3f80 },
		{ 1 + 3 * 0x1p-8, 0x3c0c, 0x3f82 },
	};
	uint32_t bits;
	size_t i;

	for (i = 0; i < sizeof known / sizeof known[0]; i++) {
		ck_assert_uint_eq(ww_half_from_double(known[i].value),
		                  known[i].half);
		ck_assert_uint_eq(ww_bfloat_from_double(known[i].value),
		                  known[i].bfloat);
	}
	/* Every number survives the way there and back. */
	for (bits = 0; bits < 65536; bits++) {
		double half = ww_half_to_double((uint16_t)bits);
		double bfloat = ww_bfloat_to_double((uint16_t)bits);

		if (!isnan(half))
			ck_assert_uint_eq(ww_half_from_double(half), bits);
		if (!isnan(bfloat))
			ck_assert_uint_eq(ww_bfloat_from_double(bfloat), bits);
	}
	ck_assert_double_nan(ww_half_to_double(ww_half_from_double(NAN)));
}
END_TEST

START_TEST(clamps_integers)
{
	int8_t small;
	uint64_t large;

	ww_element_set(WW_TYPE_INT8, &small, 0, 1000);
	ck_assert_int_eq(small, 127);
	ww_element_set(WW_TYPE_INT8, &small, 0, NAN);
	ck_assert_int_eq(small, 0);
	ww_element_set(WW_TYPE_UINT64, &large, 0, -1);
	ck_assert_uint_eq(large, 0);
	ww_element_set(WW_TYPE_UINT64, &large, 0, 1e30);
	ck_assert_uint_ge(large, UINT64_C(18446744073709549568));
}
END_TEST

/* ------------------------------------------------------------- comparing */

static struct ww_verdict
compare(uint32_t type, const void *got, const void *want, uint64_t n,
        double absolute, double relative)
{
	struct ww_argument argument = argument_of(type, 0, 0, 0);
	struct ww_verdict verdict = { .size = sizeof verdict };

	argument.n_elements = n;
	argument.absolute_tolerance = absolute;
	argument.relative_tolerance = relative;
	ww_compare(&argument, got, want, &verdict);
	return verdict;
}

START_TEST(compares_within_the_tolerance)
{
	const float want[] = { 1, 100, 0, NAN, INFINITY, 5 };
	const float near[] = { 1.05f, 105, 0.05f, NAN, INFINITY, 5 };
	const float wrong[] = { 1.2f, 105, 0.05f, NAN, INFINITY, 9 };
	struct ww_verdict verdict;

	verdict = compare(WW_TYPE_FLOAT32, near, want, 6, 0.06, 0.05);
	ck_assert_uint_eq(verdict.compared, 1);
	ck_assert_uint_eq(verdict.n_wrong, 0);
	ck_assert_double_eq_tol(verdict.worst_difference, 5, 1e-6);
	verdict = compare(WW_TYPE_FLOAT32, near, want, 6, 0, 0);
	ck_assert_uint_eq(verdict.n_wrong, 3);
	/* 105 is off by more, but allowed to be. */
	verdict = compare(WW_TYPE_FLOAT32, wrong, want, 6, 0.06, 0.05);
	ck_assert_uint_eq(verdict.n_wrong, 2);
	ck_assert_uint_eq(verdict.worst_index, 5);
	ck_assert_double_eq(verdict.got, 9);
	ck_assert_double_eq(verdict.want, 5);
	ck_assert_str_eq(verdict.argument, "x");
}
END_TEST

START_TEST(lets_no_special_value_through)
{
	const double want[] = { 1, 1, INFINITY, NAN };
	const double got[] = { NAN, INFINITY, -INFINITY, 1 };
	struct ww_verdict verdict = compare(WW_TYPE_FLOAT64, got, want, 4,
	                                    1e300, 1e300);

	ck_assert_uint_eq(verdict.n_wrong, 4);
}
END_TEST

START_TEST(tells_large_integers_apart)
{
	const int64_t want[] = { INT64_C(9007199254740993) };
	const int64_t got[] = { INT64_C(9007199254740992) };

	ck_assert_uint_eq(compare(WW_TYPE_INT64, got, want, 1, 0, 0).n_wrong,
	                  1);
	ck_assert_uint_eq(compare(WW_TYPE_INT64, got, want, 1, 1, 0).n_wrong,
	                  0);
}
END_TEST

/* The definition of a verdict, one element after the other in doubles. */
static struct ww_verdict
compare_simply(uint32_t type, const void *got, const void *want, uint64_t n,
               double absolute, double relative)
{
	struct ww_verdict verdict = { .compared = 1 };
	uint64_t i;

	for (i = 0; i < n; i++) {
		double a = ww_element_get(type, got, i);
		double b = ww_element_get(type, want, i);
		double difference = a == b || (isnan(a) && isnan(b)) ? 0
		                    : isfinite(a) && isfinite(b) ? fabs(a - b)
		                                                 : INFINITY;
		int wrong = difference != 0 &&
		            !(isfinite(difference) &&
		              difference <= absolute + relative * fabs(b));

		if ((wrong || verdict.n_wrong == 0) &&
		    ((wrong && verdict.n_wrong == 0) ||
		     difference > verdict.worst_difference)) {
			verdict.worst_index = i;
			verdict.worst_difference = difference;
			verdict.got = a;
			verdict.want = b;
		}
		verdict.n_wrong += (uint64_t)wrong;
	}
	return verdict;
}

static void
check_same(uint32_t type, const void *got, const void *want, uint64_t n,
           double absolute, double relative)
{
	struct ww_verdict a = compare(type, got, want, n, absolute, relative);
	struct ww_verdict b = compare_simply(type, got, want, n, absolute,
	                                     relative);

	ck_assert_uint_eq(a.n_wrong, b.n_wrong);
	ck_assert_uint_eq(a.worst_index, b.worst_index);
	ck_assert(a.worst_difference == b.worst_difference);
	ck_assert(a.got == b.got || (isnan(a.got) && isnan(b.got)));
	ck_assert(a.want == b.want || (isnan(a.want) && isnan(b.want)));
}

/* Enough elements for several threads; a few are off, some of them by as much
 * as others. */
START_TEST(compares_large_arrays_by_the_definition)
{
	const uint64_t n = 1200007;
	const uint32_t type = (uint32_t)_i;
	uint64_t size = ww_type_bytes(type);
	char *want = malloc(n * size);
	char *got = malloc(n * size);
	uint64_t i;

	for (i = 0; i < n; i++)
		ww_element_set(type, want, i, (double)(i * 7919 % 101));
	memcpy(got, want, n * size);
	check_same(type, got, want, n, 0, 0);
	for (i = 5; i < n; i = i * 3 + 1)
		ww_element_set(type, got, i,
		               (double)(i * 7919 % 101 + 1 + i % 4));
	check_same(type, got, want, n, 0, 0);
	check_same(type, got, want, n, 2, 0.01);
	check_same(type, got, want, n, 1000, 0);
	ww_element_set(type, want, 700000, 99);
	ww_element_set(type, got, 700000, ww_type_is_float(type) ? NAN : 20);
	check_same(type, got, want, n, 3, 0);
	free(want);
	free(got);
}
END_TEST

/* ----------------------------------------------------------------- files */

static char path[64];

static void
save(const char *bytes, size_t length)
{
	FILE *file;

	strcpy(path, "/tmp/ww-array.XXXXXX");
	close(mkstemp(path));
	file = fopen(path, "wb");
	ck_assert_uint_eq(fwrite(bytes, 1, length, file), length);
	fclose(file);
}

/* A .npy file with this header text and `bytes` zeros behind it. */
static void
save_npy(const char *header, size_t bytes)
{
	char file[512] = "\x93NUMPY\x01\x00";
	size_t length = strlen(header);

	file[8] = (char)length;
	file[9] = 0;
	memcpy(file + 10, header, length);
	save(file, 10 + length + bytes);
}

static ww_status
read_six(float *values)
{
	struct ww_argument argument = argument_of(WW_TYPE_FLOAT32, 0, 0, 0);
	ww_status status;

	argument.n_elements = 6;
	fake_call_start(&call);
	status = ww_npy_read(&call.call, path, &argument, values);
	unlink(path);
	return status;
}

START_TEST(reads_npy_and_raw_files)
{
	const float want[6] = { 1, 2, 3, 4, 5, 6 };
	const char header[] = "{'descr': '<f4', 'fortran_order': False, "
	                      "'shape': (2, 3), }\n";
	char file[256] = "\x93NUMPY\x01\x00";
	float got[6];
	size_t length = strlen(header);

	file[8] = (char)length;
	memcpy(file + 10, header, length);
	memcpy(file + 10 + length, want, sizeof want);
	save(file, 10 + length + sizeof want);
	ck_assert_int_eq(read_six(got), WW_OK);
	ck_assert_int_eq(memcmp(got, want, sizeof want), 0);
	memset(got, 0, sizeof got);
	save((const char *)want, sizeof want);
	ck_assert_int_eq(read_six(got), WW_OK);
	ck_assert_int_eq(memcmp(got, want, sizeof want), 0);
}
END_TEST

static const struct {
	const char *header;
	size_t bytes;
	const char *message;
} broken[] = {
	{ "{'descr': '<f8', 'fortran_order': False, 'shape': (6,)}", 48,
	  "'<f8', not float32" },
	{ "{'descr': '>f4', 'fortran_order': False, 'shape': (6,)}", 24,
	  "'>f4'" },
	{ "{'descr': '<f4', 'fortran_order': True, 'shape': (2,3)}", 24,
	  "Fortran" },
	{ "{'descr': '<f4', 'fortran_order': False, 'shape': (5,)}", 20,
	  "5 elements, not 6" },
	{ "{'descr': '<f4', 'fortran_order': False, 'shape': (6,)}", 20,
	  "shorter" },
	{ "{'descr': '<f4', 'fortran_order': False, 'shape': (6,)}", 25,
	  "longer" },
	{ "{'descr': '<f4', 'fortran_order': False, 'shape': (-6,)}", 24,
	  "understood" },
	{ "{'descr': '<f4', 'fortran_order': False, 'shape': "
	  "(99999999999999999999,)}", 24, "understood" },
	{ "{'descr': '<f4', 'fortran_order': False}", 24, "understood" },
	{ "", 0, "understood" },
};

START_TEST(refuses_broken_npy_files)
{
	float values[6];

	save_npy(broken[_i].header, broken[_i].bytes);
	ck_assert_int_eq(read_six(values), WW_E_FORMAT);
	ck_assert_msg(strstr(call.text, broken[_i].message) != NULL, "%s",
	              call.text);
}
END_TEST

START_TEST(refuses_cut_and_missing_files)
{
	static const char whole[] = "\x93NUMPY\x02\x00\xff\xff\x00\x00{";
	float values[6];
	size_t length;

	for (length = 6; length < sizeof whole; length++) {
		save(whole, length);
		ck_assert_int_eq(read_six(values), WW_E_FORMAT);
	}
	save("\x93NUMPY\x09\x00\x01\x00{", 11);
	ck_assert_int_eq(read_six(values), WW_E_FORMAT);
	save("abc", 3);
	ck_assert_int_eq(read_six(values), WW_E_FORMAT);
	strcpy(path, "/nonexistent/array.npy");
	ck_assert_int_eq(read_six(values), WW_E_IO);
}
END_TEST

/* ------------------------------------------------------------- libraries */

struct table {
	double (*cosine)(double);
	void (*missing)(void);
};

START_TEST(opens_libraries_by_name)
{
	static const char *const names[] = { "libnothing.so.7", "libm.so.6",
		                             NULL };
	static const char *const nothing[] = { "libnothing.so.7", NULL };
	struct ww_symbol symbols[] = {
		{ "cos", offsetof(struct table, cosine), 0 },
		{ "ww_no_such_function", offsetof(struct table, missing), 1 },
	};
	struct table table;
	void *library;

	fake_call_start(&call);
	ck_assert_int_eq(ww_library_open(&call.call, names, &library), WW_OK);
	ck_assert_int_eq(ww_library_symbols(&call.call, library, "libm",
	                                    symbols, 2, &table),
	                 WW_OK);
	ck_assert_double_eq(table.cosine(0), 1);
	ck_assert(table.missing == NULL);
	symbols[1].optional = 0;
	ck_assert_int_eq(ww_library_symbols(&call.call, library, "libm",
	                                    symbols, 2, &table),
	                 WW_E_UNAVAILABLE);
	ck_assert_ptr_nonnull(strstr(call.text, "ww_no_such_function"));
	ww_library_close(library);
	fake_call_start(&call);
	ck_assert_int_eq(ww_library_open(&call.call, nothing, &library),
	                 WW_E_UNAVAILABLE);
	ck_assert_ptr_nonnull(strstr(call.text, "libnothing.so.7"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("arguments");
	TCase *tests = tcase_create("arguments");

	tcase_add_test(tests, fills_the_same_way_every_time);
	tcase_add_test(tests, fills_with_the_wanted_distribution);
	tcase_add_loop_test(tests, fills_every_type_and_poisons_it,
	                    WW_TYPE_INT8, WW_TYPE_FLOAT64 + 1);
	tcase_add_test(tests, knows_half_precision);
	tcase_add_test(tests, clamps_integers);
	tcase_add_test(tests, compares_within_the_tolerance);
	tcase_add_test(tests, lets_no_special_value_through);
	tcase_add_test(tests, tells_large_integers_apart);
	tcase_add_loop_test(tests, compares_large_arrays_by_the_definition,
	                    WW_TYPE_INT8, WW_TYPE_FLOAT64 + 1);
	tcase_add_test(tests, reads_npy_and_raw_files);
	tcase_add_loop_test(tests, refuses_broken_npy_files, 0,
	                    sizeof broken / sizeof broken[0]);
	tcase_add_test(tests, refuses_cut_and_missing_files);
	tcase_add_test(tests, opens_libraries_by_name);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
