/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/space/expression.h"
#include "tests/unit/unit.h"

static struct ww_symbols symbols;
static struct ww_pool pool;

static void
set_up(void)
{
	static struct ww_value values[3] = {
		{ .type = WW_VALUE_INT, .integer = 8 },
		{ .type = WW_VALUE_INT, .integer = 64 },
		{ .type = WW_VALUE_INT, .integer = 16 },
	};

	ww_symbols_constant(&symbols, "a", ww_scalar_integer(7));
	ww_symbols_constant(&symbols, "b", ww_scalar_integer(-3));
	ww_symbols_constant(&symbols, "zero", ww_scalar_integer(0));
	ww_symbols_constant(&symbols, "big", ww_scalar_integer(INT64_MAX));
	ww_symbols_constant(&symbols, "f", ww_scalar_float(2.5));
	ww_symbols_constant(&symbols, "yes", ww_scalar_bool(true));
	ww_symbols_constant(&symbols, "word", ww_scalar_string("ij"));
	ww_symbols_slot(&symbols, "block_x", 0, values, 3);
	ww_symbols_slot(&symbols, "tile.M", 1, values, 3);
	ww_symbols_slot(&symbols, "tile[0]", 1, values, 3);
}

static void
tear_down(void)
{
	ww_pool_clear(&pool);
	ww_symbols_clear(&symbols);
}

/* Expected results are what Python 3 prints (`text` evaluated with the names
 * above), or the fault. block_x = 64, tile.M = tile[0] = 16. */
static const struct {
	const char *text;
	const char *result;
} values[] = {
	{ "1 + 2 * 3", "7" },
	{ "(1 + 2) * 3", "9" },
	{ "7 // 2", "3" },
	{ "-7 // 2", "-4" },
	{ "7 // -2", "-4" },
	{ "-7 // -2", "3" },
	{ "-7 % 3", "2" },
	{ "7 % -3", "-2" },
	{ "-7 % -3", "-1" },
	{ "6 / 3", "2.0" },
	{ "7 / 2", "3.5" },
	{ "32 % ((8 * 8) / 32)", "0.0" },
	{ "7.5 % 2", "1.5" },
	{ "-7.5 % 2", "0.5" },
	{ "7.5 % -2", "-0.5" },
	{ "7.5 // 2", "3.0" },
	{ "-7.5 // 2", "-4.0" },
	{ "0.3 % 0.1", "0.09999999999999998" },
	{ "0.1 + 0.2", "0.30000000000000004" },
	{ "2 ** 10", "1024" },
	{ "2 ** -1", "0.5" },
	{ "-2 ** 2", "-4" },
	{ "(-2) ** 3", "-8" },
	{ "2 ** 3 ** 2", "512" },
	{ "2 ** -1 ** 2", "0.5" },
	{ "10 - 4 - 3", "3" },
	{ "100 // 7 // 2", "7" },
	{ "8 / 2 * 4", "16.0" },
	{ "1 < 2 < 3", "True" },
	{ "1 < 3 < 2", "False" },
	{ "3 > 2 == 2", "True" },
	{ "1 == 1.0", "True" },
	{ "True == 1", "True" },
	{ "True + True", "2" },
	{ "-True", "-1" },
	{ "not 0", "True" },
	{ "not 3 == 4", "True" },
	{ "0 or 5", "5" },
	{ "3 and 5", "5" },
	{ "0 and 5", "0" },
	{ "0 or 0.0", "0.0" },
	{ "'' or 'x'", "'x'" },
	{ "1 or 1 // zero", "1" },
	{ "0 and 1 // zero", "0" },
	{ "2 > 1 or 1 / 0 > 2", "True" },
	{ "3 < 2 < 1 // zero", "False" },
	{ "1 if 2 > 1 else 1 // zero", "1" },
	{ "1 // zero if False else 9", "9" },
	{ "1 if 0 else 2 if 0 else 3", "3" },
	{ "min(3, 1, 2)", "1" },
	{ "max(3, 1.0, 2)", "3" },
	{ "max(1, 1.0)", "1" },
	{ "abs(b)", "3" },
	{ "abs(-2.5)", "2.5" },
	{ "ceil_div(7, 2)", "4" },
	{ "ceil_div(-7, 2)", "-3" },
	{ "ceil_div(8, 2)", "4" },
	{ "3 in [1, 2, 3]", "True" },
	{ "3 not in [1, 2, 3]", "False" },
	{ "3 in (1, 2)", "False" },
	{ "2.0 in [1, 2]", "True" },
	{ "3 in []", "False" },
	{ "word == 'ij'", "True" },
	{ "word in [\"ji\", \"ij\"]", "True" },
	{ "word == 3", "False" },
	{ "word != 3", "True" },
	{ "'a' < 'b'", "True" },
	{ "6 & 3", "2" },
	{ "6 | 3", "7" },
	{ "6 ^ 3", "5" },
	{ "1 << 4 + 1", "32" },
	{ "-5 >> 1", "-3" },
	{ "~5", "-6" },
	{ "1 & 3 == 1", "True" },
	{ "a & (a - 1) == 0", "False" },
	{ "yes + a", "8" },
	{ "block_x", "64" },
	{ "tile.M * tile[0]", "256" },
	{ "block_x * tile.M <= 1024", "True" },
	{ "max(block_x)", "64" },
	{ "min(tile.M)", "8" },
	{ "32 <= block_x * tile.M <= 1000", "False" },
	{ "1e3", "1000.0" },
	{ ".5 + 1.", "1.5" },
	{ "9223372036854775807", "9223372036854775807" },
	{ "9007199254740993 == 9007199254740992.0", "False" },
	{ "big > 9.3e18", "False" },
	{ "-9223372036854775807 - 1 < -9.3e18", "False" },
	{ "1 // zero", "division by zero" },
	{ "1 / 0", "division by zero" },
	{ "1 % zero", "division by zero" },
	{ "1.5 % 0", "division by zero" },
	{ "0 ** -1", "division by zero" },
	{ "ceil_div(1, 0)", "division by zero" },
	{ "big + 1", "overflow of 64 bits" },
	{ "-big - 2", "overflow of 64 bits" },
	{ "big * 2", "overflow of 64 bits" },
	{ "(-big - 1) // -1", "overflow of 64 bits" },
	{ "-(-big - 1)", "overflow of 64 bits" },
	{ "(-big - 1) % -1", "0" },
	{ "3 ** 40", "overflow of 64 bits" },
	{ "1 << 63", "overflow of 64 bits" },
	{ "1 << -1", "operation without a result" },
	{ "(-8.0) ** 0.5", "operation without a result" },
	{ "1 + 'x'", "operation between text and number" },
	{ "1 < 'x'", "operation between text and number" },
	{ "1.5 & 1", "operation between text and number" },
};

START_TEST(evaluates_like_python)
{
	struct ww_scalar scalars[2] = { ww_scalar_integer(64),
		                        ww_scalar_integer(16) };
	struct ww_error error = { 0 };
	uint32_t node = 0;
	char text[80];

	ck_assert_msg(ww_expression_parse(&pool, &symbols, values[_i].text,
	                                  &node, &error) == WW_OK,
	              "%s: %s", values[_i].text, error.text);
	ww_scalar_print(ww_expression_value(&pool, node, scalars), text,
	                sizeof text);
	ck_assert_msg(strcmp(text, values[_i].result) == 0,
	              "%s is %s, not %s", values[_i].text,
	              values[_i].result, text);
}
END_TEST

static const struct {
	const char *text;
	const char *message;
} faults[] = {
	{ "", "column 1: nothing but blanks" },
	{ "1 +", "column 4: expected a value, the text ends" },
	{ "1 2", "column 3: expected an operator or the end, found '2'" },
	{ "(1", "column 3: expected ')', the text ends" },
	{ "blok_x > 1", "column 1: no parameter or problem size 'blok_x'; did you "
	                "mean 'block_x'?" },
	{ "1 + tile.N", "column 5: no parameter or problem size 'tile.N'; did you "
	                "mean 'tile.M'?" },
	{ "a = 7", "column 3: '=' compares nothing; write '=='" },
	{ "!a", "column 1: '!' is not known; write 'not'" },
	{ "sqrt(4)", "column 1: no function 'sqrt'; there are min, max, abs and "
	             "ceil_div" },
	{ "a(4)", "column 2: expected an operator, found '('" },
	{ "abs(1, 2)", "column 9: abs takes 1 operand" },
	{ "ceil_div(1)", "column 11: ceil_div takes 2 operands" },
	{ "1 in 2", "column 6: expected a list in brackets, found '2'" },
	{ "1 < 2 in [1]", "column 7: 'in' after a comparison; put one of them in "
	                  "parentheses" },
	{ "1 if 2", "column 7: expected 'else', the text ends" },
	{ "99999999999999999999", "column 1: integer beyond 64 bits" },
	{ "1e999", "column 1: number too large" },
	{ "12ab", "column 1: not a number" },
	{ "'abc", "column 1: text without a closing quote" },
	{ "a $ b", "column 3: unexpected character '$'" },
	{ "__import__('os')", "column 1: no function '__import__'; there are min, "
	                      "max, abs and ceil_div" },
	{ "lambda: 1", "column 1: no parameter or problem size 'lambda'" },
	{ "a.b", "column 1: no parameter or problem size 'a.b'; did you mean "
	         "'a'?" },
};

START_TEST(says_where_and_what_is_wrong)
{
	struct ww_error error = { 0 };
	uint32_t node;

	ck_assert_int_eq(ww_expression_parse(&pool, &symbols, faults[_i].text,
	                                     &node, &error),
	                 WW_E_FORMAT);
	ck_assert_str_eq(error.text, faults[_i].message);
}
END_TEST

static ww_status
parse_repeated(const char *start, const char *piece, const char *end, int n)
{
	char *text = ww_alloc(strlen(start) + strlen(end) +
	                      strlen(piece) * (size_t)n + 1);
	struct ww_error error = { 0 };
	struct ww_scalar none[2] = { ww_scalar_integer(1),
		                     ww_scalar_integer(1) };
	uint32_t node = 0;
	ww_status status;

	strcpy(text, start);
	while (n-- > 0)
		strcat(text, piece);
	strcat(text, end);
	status = ww_expression_parse(&pool, &symbols, text, &node, &error);
	if (status == WW_OK)
		ww_expression_value(&pool, node, none);
	free(text);
	return status;
}

START_TEST(bounds_nesting_and_length)
{
	ck_assert_int_eq(parse_repeated("", "(", "1", 5000), WW_E_FORMAT);
	ck_assert_int_eq(parse_repeated("", "-", "1", 5000), WW_E_FORMAT);
	ck_assert_int_eq(parse_repeated("", "not ", "1", 1500), WW_E_FORMAT);
	ck_assert_int_eq(parse_repeated("", "2**", "1", 2000), WW_E_FORMAT);
	ck_assert_int_eq(parse_repeated("", "abs(", "1", 2000), WW_E_FORMAT);
	ck_assert_int_eq(parse_repeated("1", "+block_x", "", 1020),
	                 WW_E_FORMAT);
	ck_assert_int_eq(parse_repeated("1", "+block_x", "", 900), WW_OK);
	ck_assert_int_eq(parse_repeated("1", " ", "", 9000), WW_E_FORMAT);
	ck_assert_int_eq(parse_repeated("", "1 if block_x else ", "2", 300),
	                 WW_E_FORMAT);
}
END_TEST

START_TEST(shares_equal_subexpressions)
{
	struct ww_error error;
	uint32_t first, second;
	uint32_t before;

	ck_assert_int_eq(ww_expression_parse(&pool, &symbols,
	                                     "block_x * tile.M >= 32", &first,
	                                     &error),
	                 WW_OK);
	before = pool.n_nodes;
	ck_assert_int_eq(ww_expression_parse(&pool, &symbols,
	                                     "block_x * tile[0] >= 32", &second,
	                                     &error),
	                 WW_OK);
	ck_assert_uint_eq(first, second);
	ck_assert_uint_eq(pool.n_nodes, before);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("expression");
	TCase *tests = tcase_create("expression");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_loop_test(tests, evaluates_like_python, 0,
	                    sizeof values / sizeof values[0]);
	tcase_add_loop_test(tests, says_where_and_what_is_wrong, 0,
	                    sizeof faults / sizeof faults[0]);
	tcase_add_test(tests, bounds_nesting_and_length);
	tcase_add_test(tests, shares_equal_subexpressions);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
