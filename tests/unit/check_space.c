/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "core/base/text.h"
#include "core/space/impl.h"
#include "tests/unit/unit.h"

struct stream {
	struct ww_random random;
	uint64_t state;
};

static uint64_t
next(const struct ww_random *self)
{
	union {
		const struct ww_random *given;
		struct stream *owned;
	} both = { self };
	uint64_t z = both.owned->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static struct stream
stream_of(uint64_t seed)
{
	return (struct stream){ { sizeof(struct ww_random), 0, next }, seed };
}

/* ------------------------------------------------------------ random spaces */

static void
add_integers(struct ww_space_builder *builder, const char *name,
             const int64_t *integers, uint32_t n, uint32_t first,
             const char *condition)
{
	struct ww_value *values = ww_alloc(n * sizeof *values);
	struct ww_parameter_spec spec = { .name = name,
		                          .type = "int",
		                          .condition = condition,
		                          .values = values,
		                          .n_values = n,
		                          .defaults = &first };
	struct ww_error error = { 0 };
	uint32_t i;

	for (i = 0; i < n; i++) {
		values[i].type = WW_VALUE_INT;
		values[i].integer = integers[i];
	}
	ck_assert_msg(ww_space_builder_parameter(builder, &spec, &error) ==
	                      WW_OK,
	              "%s", error.text);
	free(values);
}

static void
add_range(struct ww_space_builder *builder, const char *name, int64_t low,
          int64_t high, const char *condition)
{
	int64_t *integers = ww_alloc((size_t)(high - low + 1) *
	                             sizeof *integers);
	uint32_t n = 0;

	for (; low <= high; low++)
		integers[n++] = low;
	add_integers(builder, name, integers, n, 0, condition);
	free(integers);
}

static void
add_rule(struct ww_space_builder *builder, const char *rule)
{
	struct ww_error error = { 0 };

	ck_assert_msg(ww_space_builder_constraint(builder, rule, "", &error) ==
	                      WW_OK,
	              "%s", error.text);
}

static struct ww_search_space *
build(struct ww_space_builder *builder)
{
	struct ww_search_space *space;
	struct ww_error error = { 0 };

	ck_assert_msg(ww_space_build(builder, &space, &error) == WW_OK, "%s",
	              error.text);
	return space;
}

static uint64_t
below(struct stream *stream, uint64_t bound)
{
	return ww_random_below(&stream->random, bound);
}

/* A random expression over the first n parameters p0, p1, … */
static void
random_expression(struct stream *stream, unsigned n, int depth, char *text,
                  size_t size)
{
	static const char *const forms[] = {
		"(%s + %s)",  "(%s - %s)",      "(%s * %s)", "(%s // %s)",
		"(%s %% %s)", "(%s / %s)",      "(%s < %s)", "(%s == %s)",
		"(%s or %s)", "(%s and %s)",    "min(%s, %s)", "(not %s or %s)",
		"(%s if %s else 2)", "(1 < %s <= %s)", "(%s in [1, %s, 3])",
	};
	char a[2000], b[2000];

	if (depth == 0 || below(stream, 6) == 0) {
		if (below(stream, 4) == 0)
			snprintf(text, size, "%d", (int)below(stream, 5));
		else
			snprintf(text, size, "p%d", (int)below(stream, n));
		return;
	}
	random_expression(stream, n, depth - 1, a, sizeof a);
	random_expression(stream, n, depth - 1, b, sizeof b);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	snprintf(text, size, forms[below(stream, sizeof forms / sizeof *forms)],
	         a, b);
#pragma GCC diagnostic pop
}

static struct ww_search_space *
random_space(uint64_t seed, const struct ww_diagram_limits *limits)
{
	struct stream stream = stream_of(seed);
	struct ww_space_builder *builder = ww_space_builder_new();
	unsigned n = 2 + (unsigned)below(&stream, 5);
	unsigned rules = (unsigned)below(&stream, 4);
	char text[4096];
	unsigned i;

	for (i = 0; i < n; i++) {
		int64_t integers[4] = { 0, 1, 2, 3 };
		uint32_t count = 1 + (uint32_t)below(&stream, 4);
		char name[16];
		bool conditional = i > 0 && below(&stream, 3) == 0;

		integers[0] = (int64_t)below(&stream, 2) * 4;
		if (conditional)
			random_expression(&stream, i, 2, text, sizeof text);
		snprintf(name, sizeof name, "p%u", i);
		add_integers(builder, name, integers, count,
		             (uint32_t)below(&stream, count),
		             conditional ? text : NULL);
	}
	for (i = 0; i < rules; i++) {
		random_expression(&stream, n, 3, text, sizeof text);
		add_rule(builder, text);
	}
	if (limits != NULL)
		ww_space_builder_limits(builder, *limits);
	return build(builder);
}

/* ------------------------------------------------------------- brute force */

/* All valid configurations by trying each point of the Cartesian product. */
static uint64_t
brute_force(const struct ww_search_space *space, unsigned char *valid)
{
	uint32_t n = space->view.n_slots;
	uint32_t *indices = ww_alloc(n * sizeof *indices);
	uint64_t count = 0;
	uint64_t point;
	uint32_t i;

	for (point = 0; point < (uint64_t)space->cartesian; point++) {
		uint64_t rest = point;

		for (i = n; i-- > 0;) {
			indices[i] = (uint32_t)(rest %
			                        space->view.slots[i].n_values);
			rest /= space->view.slots[i].n_values;
		}
		valid[point] = space->view.valid(&space->view, indices) != 0;
		count += valid[point];
	}
	free(indices);
	return count;
}

static uint64_t
point_of(const struct ww_search_space *space, const uint32_t *indices)
{
	uint64_t point = 0;
	uint32_t i;

	for (i = 0; i < space->view.n_slots; i++)
		point = point * space->view.slots[i].n_values + indices[i];
	return point;
}

struct visiting {
	const struct ww_search_space *space;
	unsigned char *valid;
	uint64_t seen;
	bool ranked;
};

static bool
visit(void *context, const uint32_t *indices)
{
	struct visiting *visiting = context;
	const struct ww_space *view = &visiting->space->view;
	uint64_t point = point_of(visiting->space, indices);

	ck_assert_msg(visiting->valid[point] == 1,
	              "visited twice, or not valid");
	visiting->valid[point] = 2;
	if (visiting->ranked) {
		uint32_t same[16];

		ck_assert_int_eq(view->at(view, visiting->seen, same), WW_OK);
		ck_assert_mem_eq(same, indices,
		                 view->n_slots * sizeof *indices);
	}
	visiting->seen++;
	return true;
}

static void
compare_with_brute_force(struct ww_search_space *space)
{
	unsigned char *valid = ww_alloc((size_t)space->cartesian);
	uint64_t count = brute_force(space, valid);
	struct visiting visiting = { space, valid, 0, false };
	uint32_t indices[16];
	int32_t exact;

	ck_assert_double_eq(space->view.count(&space->view, &exact),
	                    (double)count);
	ck_assert_int_eq(exact, 1);
	visiting.ranked = space->view.at(&space->view, 0, indices) == WW_OK;
	ww_space_each(space, visit, &visiting);
	ck_assert_uint_eq(visiting.seen, count);
	ck_assert_int_eq(space->view.at(&space->view, count, indices) == WW_OK,
	                 0);
	free(valid);
}

START_TEST(diagrams_hold_exactly_the_valid_configurations)
{
	uint64_t seed;
	unsigned filled = 0;

	for (seed = 0; seed < 400; seed++) {
		struct ww_search_space *space =
			random_space((uint64_t)_i * 1000 + seed, NULL);

		compare_with_brute_force(space);
		filled += space->view.count(&space->view, NULL) > 1;
		ww_space_free(space);
	}
	/* The generator must not make empty spaces only. */
	ck_assert_uint_gt(filled, 100);
}
END_TEST

START_TEST(search_finds_the_same_without_diagrams)
{
	struct ww_diagram_limits none = { .steps = 1, .bytes = 1 };
	uint64_t seed;

	for (seed = 0; seed < 400; seed++) {
		struct ww_search_space *space = random_space(seed, &none);

		ck_assert_ptr_null(space->impl->n_parts > 0
		                           ? space->impl->parts[0].diagram
		                           : NULL);
		compare_with_brute_force(space);
		ww_space_free(space);
	}
}
END_TEST

/* -------------------------------------------------------------- known spaces */

/* Rules like those of a temporally tiled stencil: 4,440,000 points. */
static struct ww_search_space *
stencil_space(void)
{
	struct ww_space_builder *builder = ww_space_builder_new();
	int64_t widths[37], heights[6];
	uint32_t n = 0, i;

	for (i = 1; i < 32; i *= 2)
		widths[n++] = i;
	for (i = 32; i <= 1024; i += 32)
		widths[n++] = i;
	for (i = 0; i < 6; i++)
		heights[i] = INT64_C(1) << i;
	add_integers(builder, "bx", widths, 37, 0, NULL);
	add_integers(builder, "by", heights, 6, 0, NULL);
	add_range(builder, "tx", 1, 10, NULL);
	add_range(builder, "ty", 1, 10, NULL);
	add_range(builder, "steps", 1, 10, NULL);
	add_range(builder, "unroll", 1, 10, NULL);
	add_range(builder, "cached", 0, 1, NULL);
	add_rule(builder, "32 <= bx * by <= 1024");
	add_rule(builder, "steps % unroll == 0");
	add_rule(builder, "(bx * tx + steps * 2) * (by * ty + steps * 2) * "
	                  "(2 + cached) * 4 <= 49152");
	return build(builder);
}

/* How many tile sizes and cache choices fit, by plain loops. */
static uint64_t
count_tiles(int bx, int by, int steps)
{
	uint64_t count = 0;
	int tx, ty, cached;

	for (tx = 1; tx <= 10; tx++)
		for (ty = 1; ty <= 10; ty++)
			for (cached = 0; cached < 2; cached++)
				count += (bx * tx + steps * 2) *
				                 (by * ty + steps * 2) *
				                 (2 + cached) * 4 <=
				         49152;
	return count;
}

static uint64_t
count_stencil(void)
{
	uint64_t count = 0;
	int x, by, steps, unroll;

	for (x = 0; x < 37; x++)
		for (by = 1; by <= 32; by *= 2)
			for (steps = 1; steps <= 10; steps++)
				for (unroll = 1; unroll <= steps; unroll++) {
					int bx = x < 5 ? 1 << x : (x - 4) * 32;

					if (steps % unroll == 0 &&
					    bx * by >= 32 && bx * by <= 1024)
						count += count_tiles(bx, by,
						                     steps);
				}
	return count;
}

START_TEST(counts_a_large_space_exactly)
{
	struct ww_search_space *space = stencil_space();
	struct stream stream = stream_of(1);
	uint32_t indices[7];
	int32_t exact;
	int i;

	ck_assert_double_eq(space->cartesian, 4440000.0);
	ck_assert_double_eq(space->view.count(&space->view, &exact),
	                    (double)count_stencil());
	ck_assert_int_eq(exact, 1);
	for (i = 0; i < 1000; i++) {
		ck_assert_int_eq(space->view.sample(&space->view,
		                                    &stream.random, indices),
		                 WW_OK);
		ck_assert_int_eq(space->view.valid(&space->view, indices), 1);
	}
	ww_space_free(space);
}
END_TEST

/* A mixed space with conditions: inactive slots must not weigh more. */
static struct ww_search_space *
mixed_space(const struct ww_diagram_limits *limits)
{
	struct ww_space_builder *builder = ww_space_builder_new();

	add_range(builder, "a", 1, 6, NULL);
	add_range(builder, "b", 1, 6, NULL);
	add_range(builder, "c", 0, 1, NULL);
	add_range(builder, "d", 1, 4, "c == 1");
	add_rule(builder, "a * b <= 12");
	add_rule(builder, "a % 2 == 0 or d < 3");
	if (limits != NULL)
		ww_space_builder_limits(builder, *limits);
	return build(builder);
}

/* Pearson's statistic against the quantile at one in a million
 * (Wilson-Hilferty). */
static void
check_uniform(struct ww_search_space *space, uint64_t seed)
{
	uint64_t cells = (uint64_t)space->view.count(&space->view, NULL);
	struct stream stream = stream_of(seed);
	uint64_t *seen = ww_alloc((size_t)space->cartesian * sizeof *seen);
	double expected = 200, statistic = 0, limit;
	double k = (double)cells - 1;
	uint32_t indices[8];
	uint64_t i, hit = 0;

	for (i = 0; i < cells * 200; i++) {
		ck_assert_int_eq(space->view.sample(&space->view,
		                                    &stream.random, indices),
		                 WW_OK);
		seen[point_of(space, indices)]++;
	}
	for (i = 0; i < (uint64_t)space->cartesian; i++)
		if (seen[i] > 0) {
			double off = (double)seen[i] - expected;

			statistic += off * off / expected;
			hit++;
		}
	limit = k * pow(1 - 2 / (9 * k) + 4.753 * sqrt(2 / (9 * k)), 3);
	ck_assert_uint_eq(hit, cells);
	ck_assert_double_lt(statistic, limit);
	free(seen);
}

START_TEST(samples_uniformly)
{
	struct ww_diagram_limits none = { .steps = 1, .bytes = 1 };
	struct ww_search_space *space = mixed_space(_i == 0 ? NULL : &none);

	check_uniform(space, 7);
	ww_space_free(space);
}
END_TEST

/* About 10^21 of 10^29 are valid: too many for a 64-bit number, too few to be met
 * by chance. All slots play the same part, so all must have the same mean. */
START_TEST(samples_uniformly_beyond_64_bits)
{
	struct ww_space_builder *builder = ww_space_builder_new();
	struct stream stream = stream_of(11);
	double sums[24] = { 0 }, all = 0;
	struct ww_search_space *space;
	uint32_t indices[24];
	char rule[400] = "p0";
	char name[16];
	int32_t exact;
	int i, k;

	for (i = 0; i < 24; i++) {
		snprintf(name, sizeof name, "p%d", i);
		add_range(builder, name, 1, 16, NULL);
		if (i > 0)
			snprintf(rule + strlen(rule),
			         sizeof rule - strlen(rule), " + %s", name);
	}
	strcat(rule, " <= 80");
	add_rule(builder, rule);
	space = build(builder);
	ck_assert_double_ge(space->view.count(&space->view, &exact), 1.8e19);
	ck_assert_int_eq(exact, 0);
	for (k = 0; k < 2000; k++) {
		ck_assert_int_eq(space->view.sample(&space->view,
		                                    &stream.random, indices),
		                 WW_OK);
		ck_assert_int_eq(space->view.valid(&space->view, indices), 1);
		for (i = 0; i < 24; i++)
			sums[i] += indices[i];
	}
	for (i = 0; i < 24; i++)
		all += sums[i] / 24;
	for (i = 0; i < 24; i++)
		ck_assert_double_eq_tol(sums[i] / 2000, all / 2000, 0.3);
	ww_space_free(space);
}
END_TEST

/* One of two hundred nodes with 40,000 edges each: all of them would take sixty
 * times what is allowed. */
START_TEST(keeps_to_its_limits_within_a_single_node)
{
	struct ww_diagram_limits few = { .steps = 1 << 20, .bytes = 1 << 20 };
	struct ww_space_builder *builder = ww_space_builder_new();
	struct ww_search_space *space;
	struct rusage before, after;
	int32_t exact;

	add_range(builder, "a", 1, 200, NULL);
	add_range(builder, "b", 1, 40000, NULL);
	add_rule(builder, "a * b != 7");
	ww_space_builder_limits(builder, few);
	getrusage(RUSAGE_SELF, &before);
	space = build(builder);
	getrusage(RUSAGE_SELF, &after);
	ck_assert_double_gt(space->view.count(&space->view, &exact), 1000);
	ck_assert_int_eq(exact, 0);
	/* In KiB. */
	ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, 32 << 10);
	ww_space_free(space);
}
END_TEST

START_TEST(says_when_a_count_is_a_lower_bound)
{
	struct ww_diagram_limits few = { .steps = 1000, .bytes = 1 << 20 };
	struct ww_space_builder *builder = ww_space_builder_new();
	struct stream stream = stream_of(3);
	struct ww_search_space *space;
	uint32_t indices[8];
	int32_t exact;
	char name[16];
	int i;

	for (i = 0; i < 8; i++) {
		snprintf(name, sizeof name, "p%d", i);
		add_range(builder, name, 1, 20, NULL);
	}
	add_rule(builder, "p0*p1 + p2*p3 + p4*p5 + p6*p7 <= 900");
	ww_space_builder_limits(builder, few);
	space = build(builder);
	ck_assert_double_gt(space->view.count(&space->view, &exact), 1000);
	ck_assert_int_eq(exact, 0);
	ck_assert_int_eq(space->view.at(&space->view, 0, indices),
	                 WW_E_UNSUPPORTED);
	for (i = 0; i < 100; i++) {
		ck_assert_int_eq(space->view.sample(&space->view,
		                                    &stream.random, indices),
		                 WW_OK);
		ck_assert_int_eq(space->view.valid(&space->view, indices), 1);
	}
	ww_space_free(space);
}
END_TEST

/* Rules about different parameters are solved apart; a configuration is faulty
 * once, however many of its parts are. */
START_TEST(counts_faulty_configurations_of_all_parts)
{
	struct ww_space_builder *builder = ww_space_builder_new();
	struct ww_search_space *space;

	add_range(builder, "a", 0, 4, NULL);
	add_range(builder, "b", 0, 3, NULL);
	add_range(builder, "c", 1, 10, NULL);
	add_rule(builder, "12 % a == 0");
	add_rule(builder, "12 % b == 0");
	space = build(builder);
	/* a = 0 with 4 b, and b = 0 with the other 4 a, each with 10 c. */
	ck_assert_uint_eq(ww_space_faulty(space), 80);
	ck_assert_double_eq(space->view.count(&space->view, NULL), 120);
	ww_space_free(space);
}
END_TEST

START_TEST(counts_faulty_configurations)
{
	struct ww_space_builder *builder = ww_space_builder_new();
	struct ww_search_space *space;
	uint32_t zero[2] = { 0, 0 };
	char why[200];

	add_range(builder, "a", 0, 4, NULL);
	add_range(builder, "b", 1, 3, NULL);
	add_rule(builder, "12 // a >= b");
	space = build(builder);
	ck_assert_uint_eq(ww_space_faulty(space), 3);
	ck_assert_double_eq(space->view.count(&space->view, NULL), 12);
	ck_assert(ww_space_explain(space, zero, why, sizeof why));
	ck_assert_str_eq(why, "breaks 12 // a >= b with a = 0, b = 1: division "
	                      "by zero");
	ww_space_free(space);
}
END_TEST

START_TEST(explains_and_relates)
{
	struct ww_search_space *space = mixed_space(NULL);
	uint32_t indices[4] = { 4, 2, 1, 3 };
	char why[200];

	ck_assert(ww_space_explain(space, indices, why, sizeof why));
	ck_assert_str_eq(why, "breaks a * b <= 12 with a = 5, b = 3, that is "
	                      "15 <= 12");
	indices[1] = 0;
	ck_assert(ww_space_explain(space, indices, why, sizeof why));
	ck_assert_str_eq(why,
	                 "breaks a % 2 == 0 or d < 3 with a = 5, d = 4");
	indices[0] = 3;
	ck_assert(!ww_space_explain(space, indices, why, sizeof why));
	indices[2] = 0;
	ck_assert(ww_space_explain(space, indices, why, sizeof why));
	ck_assert_str_eq(why, "d = 4, but without c == 1 it does not exist");
	ck_assert_int_eq(space->view.related(&space->view, 0, 1), 1);
	ck_assert_int_eq(space->view.related(&space->view, 2, 3), 1);
	ck_assert_int_eq(space->view.related(&space->view, 1, 2), 0);
	ck_assert_int_eq(space->view.related(&space->view, 1, 1), 0);
	ww_space_free(space);
}
END_TEST

START_TEST(takes_a_list_of_rows)
{
	struct ww_space_builder *builder = ww_space_builder_new();
	const uint32_t rows[] = { 2, 1, 0, 0, 2, 1, 1, 1 };
	struct ww_search_space *space;
	struct ww_error error;
	uint32_t indices[2];

	add_range(builder, "a", 1, 3, NULL);
	add_range(builder, "b", 1, 2, NULL);
	ck_assert_int_eq(ww_space_builder_rows(builder, rows, 4, &error), WW_OK);
	space = build(builder);
	ck_assert_double_eq(space->view.count(&space->view, NULL), 3);
	ck_assert_int_eq(space->view.at(&space->view, 2, indices), WW_OK);
	ck_assert_uint_eq(indices[0], 2);
	indices[1] = 0;
	ck_assert_int_eq(space->view.valid(&space->view, indices), 0);
	ck_assert_int_eq(space->view.at(&space->view, 3, indices),
	                 WW_E_NOT_FOUND);
	ww_space_free(space);
}
END_TEST

START_TEST(an_empty_space_is_no_error)
{
	struct ww_space_builder *builder = ww_space_builder_new();
	struct stream stream = stream_of(1);
	struct ww_search_space *space;
	uint32_t indices[1];
	int32_t exact;

	add_range(builder, "a", 1, 3, NULL);
	add_rule(builder, "a > 3");
	space = build(builder);
	ck_assert_double_eq(space->view.count(&space->view, &exact), 0);
	ck_assert_int_eq(exact, 1);
	ck_assert_int_eq(space->view.sample(&space->view, &stream.random,
	                                    indices),
	                 WW_E_NOT_FOUND);
	ww_space_free(space);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("space");
	TCase *tests = tcase_create("space");

	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests,
	                    diagrams_hold_exactly_the_valid_configurations, 0,
	                    3);
	tcase_add_test(tests, search_finds_the_same_without_diagrams);
	tcase_add_test(tests, counts_a_large_space_exactly);
	tcase_add_loop_test(tests, samples_uniformly, 0, 2);
	tcase_add_test(tests, samples_uniformly_beyond_64_bits);
	tcase_add_test(tests, keeps_to_its_limits_within_a_single_node);
	tcase_add_test(tests, says_when_a_count_is_a_lower_bound);
	tcase_add_test(tests, counts_faulty_configurations);
	tcase_add_test(tests, counts_faulty_configurations_of_all_parts);
	tcase_add_test(tests, explains_and_relates);
	tcase_add_test(tests, takes_a_list_of_rows);
	tcase_add_test(tests, an_empty_space_is_no_error);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
