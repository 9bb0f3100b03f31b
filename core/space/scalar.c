/* SPDX-License-Identifier: MIT */
#include "core/space/scalar.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ww_scalar
ww_scalar_integer(int64_t value)
{
	return (struct ww_scalar){ .tag = WW_SCALAR_INT, .as.integer = value };
}

struct ww_scalar
ww_scalar_float(double value)
{
	return (struct ww_scalar){ .tag = WW_SCALAR_FLOAT, .as.number = value };
}

struct ww_scalar
ww_scalar_bool(bool value)
{
	return (struct ww_scalar){ .tag = WW_SCALAR_BOOL, .as.integer = value };
}

struct ww_scalar
ww_scalar_string(const char *value)
{
	struct ww_scalar scalar = ww_scalar_integer(0);

	scalar.tag = WW_SCALAR_STRING;
	scalar.as.string = value;
	return scalar;
}

static struct ww_scalar
fault_of(enum ww_fault fault)
{
	return (struct ww_scalar){ .tag = WW_SCALAR_FAULT,
		                   .as.integer = fault };
}

struct ww_scalar
ww_scalar_of(const struct ww_value *value)
{
	switch (value->type) {
	case WW_VALUE_FLOAT:
		return ww_scalar_float(value->number);
	case WW_VALUE_BOOL:
		return ww_scalar_bool(value->integer != 0);
	case WW_VALUE_STRING:
		return ww_scalar_string(value->string);
	default:
		return ww_scalar_integer(value->integer);
	}
}

bool
ww_scalar_known(struct ww_scalar value)
{
	return value.tag <= WW_SCALAR_STRING;
}

bool
ww_scalar_truth(struct ww_scalar value)
{
	switch (value.tag) {
	case WW_SCALAR_INT:
	case WW_SCALAR_BOOL:
		return value.as.integer != 0;
	case WW_SCALAR_FLOAT:
		return value.as.number < 0 || value.as.number > 0 ||
		       isnan(value.as.number);
	case WW_SCALAR_STRING:
		return value.as.string[0] != '\0';
	default:
		return false;
	}
}

bool
ww_scalar_same(struct ww_scalar a, struct ww_scalar b)
{
	if (a.tag != b.tag)
		return false;
	if (a.tag == WW_SCALAR_STRING)
		return strcmp(a.as.string, b.as.string) == 0;
	return a.as.integer == b.as.integer;
}

static bool
is_integral(struct ww_scalar value)
{
	return value.tag == WW_SCALAR_INT || value.tag == WW_SCALAR_BOOL;
}

static double
to_double(struct ww_scalar value)
{
	return value.tag == WW_SCALAR_FLOAT ? value.as.number
	                                    : (double)value.as.integer;
}

/* ------------------------------------------------------------- comparison */

/* Exact, although not every 64-bit integer is a double: -1, 0, 1, or 2 if one
 * of them is not a number. */
static int
order_mixed(int64_t integer, double number)
{
	int64_t whole;

	if (isnan(number))
		return 2;
	if (number >= 9223372036854775808.0)
		return -1;
	if (number < -9223372036854775808.0)
		return 1;
	whole = (int64_t)number;
	if (integer != whole)
		return integer < whole ? -1 : 1;
	return number > (double)whole ? -1 : number < (double)whole ? 1 : 0;
}

static int
order(struct ww_scalar a, struct ww_scalar b)
{
	int mixed;

	if (a.tag == WW_SCALAR_STRING) {
		mixed = strcmp(a.as.string, b.as.string);
		return mixed < 0 ? -1 : mixed > 0;
	}
	if (is_integral(a) && is_integral(b))
		return a.as.integer < b.as.integer ? -1
		                                   : a.as.integer > b.as.integer;
	if (is_integral(a))
		return order_mixed(a.as.integer, b.as.number);
	if (is_integral(b)) {
		mixed = order_mixed(b.as.integer, a.as.number);
		return mixed == 2 ? 2 : -mixed;
	}
	if (isnan(a.as.number) || isnan(b.as.number))
		return 2;
	return a.as.number < b.as.number ? -1 : a.as.number > b.as.number;
}

static bool
is_comparable(struct ww_scalar a, struct ww_scalar b)
{
	return (a.tag == WW_SCALAR_STRING) == (b.tag == WW_SCALAR_STRING);
}

static bool
is_equal(struct ww_scalar a, struct ww_scalar b)
{
	return is_comparable(a, b) && order(a, b) == 0;
}

static struct ww_scalar
compare(enum ww_operator operator, struct ww_scalar a, struct ww_scalar b)
{
	int result;

	if (operator == WW_OP_EQUAL)
		return ww_scalar_bool(is_equal(a, b));
	if (operator == WW_OP_UNEQUAL)
		return ww_scalar_bool(!is_equal(a, b));
	if (!is_comparable(a, b))
		return fault_of(WW_FAULT_TYPE);
	result = order(a, b);
	if (result == 2)
		return ww_scalar_bool(false);
	switch (operator) {
	case WW_OP_LESS:
		return ww_scalar_bool(result < 0);
	case WW_OP_LESS_EQUAL:
		return ww_scalar_bool(result <= 0);
	case WW_OP_GREATER:
		return ww_scalar_bool(result > 0);
	default:
		return ww_scalar_bool(result >= 0);
	}
}

/* ---------------------------------------------------- integer arithmetic */

static struct ww_scalar
checked(bool overflow, int64_t result)
{
	return overflow ? fault_of(WW_FAULT_OVERFLOW)
	                : ww_scalar_integer(result);
}

/* C truncates, Python floors: they differ by one when the signs differ and the
 * division is not exact. */
static struct ww_scalar
floor_divide(int64_t a, int64_t b)
{
	if (b == 0)
		return fault_of(WW_FAULT_ZERO);
	if (a == INT64_MIN && b == -1)
		return fault_of(WW_FAULT_OVERFLOW);
	return ww_scalar_integer(a / b - (a % b != 0 && (a < 0) != (b < 0)));
}

static struct ww_scalar
ceil_divide(int64_t a, int64_t b)
{
	if (b == 0)
		return fault_of(WW_FAULT_ZERO);
	if (a == INT64_MIN && b == -1)
		return fault_of(WW_FAULT_OVERFLOW);
	return ww_scalar_integer(a / b + (a % b != 0 && (a < 0) == (b < 0)));
}

static struct ww_scalar
modulo(int64_t a, int64_t b)
{
	int64_t rest;

	if (b == 0)
		return fault_of(WW_FAULT_ZERO);
	if (b == -1)
		return ww_scalar_integer(0);
	rest = a % b;
	return ww_scalar_integer(rest != 0 && (rest < 0) != (b < 0) ? rest + b
	                                                            : rest);
}

static struct ww_scalar
power(int64_t base, int64_t exponent)
{
	int64_t result = 1;

	if (exponent < 0)
		return base == 0 ? fault_of(WW_FAULT_ZERO)
		                 : ww_scalar_float(pow((double)base,
		                                       (double)exponent));
	if (base == 0 || base == 1)
		return ww_scalar_integer(exponent == 0 ? 1 : base);
	if (base == -1)
		return ww_scalar_integer(exponent % 2 == 0 ? 1 : -1);
	for (; exponent > 0; exponent--)
		if (__builtin_mul_overflow(result, base, &result))
			return fault_of(WW_FAULT_OVERFLOW);
	return ww_scalar_integer(result);
}

static struct ww_scalar
shift(enum ww_operator operator, int64_t a, int64_t by)
{
	int64_t result = 0;
	bool overflow;

	if (by < 0)
		return fault_of(WW_FAULT_DOMAIN);
	if (operator == WW_OP_SHIFT_RIGHT) {
		if (by > 62)
			return ww_scalar_integer(a < 0 ? -1 : 0);
		return floor_divide(a, INT64_C(1) << by);
	}
	if (a == 0)
		return ww_scalar_integer(0);
	if (by > 62)
		return fault_of(WW_FAULT_OVERFLOW);
	overflow = __builtin_mul_overflow(a, INT64_C(1) << by, &result);
	return checked(overflow, result);
}

static struct ww_scalar
integer_binary(enum ww_operator operator, int64_t a, int64_t b)
{
	int64_t result = 0;
	bool overflow;

	switch (operator) {
	case WW_OP_ADD:
		overflow = __builtin_add_overflow(a, b, &result);
		return checked(overflow, result);
	case WW_OP_SUBTRACT:
		overflow = __builtin_sub_overflow(a, b, &result);
		return checked(overflow, result);
	case WW_OP_MULTIPLY:
		overflow = __builtin_mul_overflow(a, b, &result);
		return checked(overflow, result);
	case WW_OP_DIVIDE:
		return b == 0 ? fault_of(WW_FAULT_ZERO)
		              : ww_scalar_float((double)a / (double)b);
	case WW_OP_FLOOR_DIVIDE:
		return floor_divide(a, b);
	case WW_OP_MODULO:
		return modulo(a, b);
	case WW_OP_POWER:
		return power(a, b);
	case WW_OP_CEIL_DIVIDE:
		return ceil_divide(a, b);
	case WW_OP_BIT_AND:
		return ww_scalar_integer(a & b);
	case WW_OP_BIT_OR:
		return ww_scalar_integer(a | b);
	case WW_OP_BIT_XOR:
		return ww_scalar_integer(a ^ b);
	default:
		return shift(operator, a, b);
	}
}

/* ------------------------------------------------------ float arithmetic */

static void
float_divmod(double a, double b, double *quotient, double *rest)
{
	double div;

	*rest = fmod(a, b);
	div = (a - *rest) / b;
	if (*rest < 0 || *rest > 0) {
		if ((b < 0) != (*rest < 0)) {
			*rest += b;
			div -= 1.0;
		}
	} else {
		*rest = copysign(0.0, b);
	}
	*quotient = floor(div);
	if (div - *quotient > 0.5)
		*quotient += 1.0;
}

static struct ww_scalar
float_power(double a, double b)
{
	double result;

	if (a == 0.0 && b < 0)
		return fault_of(WW_FAULT_ZERO);
	if (a < 0 && isfinite(b) && floor(b) < b)
		return fault_of(WW_FAULT_DOMAIN);
	result = pow(a, b);
	if (isinf(result) && isfinite(a) && isfinite(b))
		return fault_of(WW_FAULT_OVERFLOW);
	return ww_scalar_float(result);
}

static struct ww_scalar
float_binary(enum ww_operator operator, double a, double b)
{
	double quotient, rest;

	switch (operator) {
	case WW_OP_ADD:
		return ww_scalar_float(a + b);
	case WW_OP_SUBTRACT:
		return ww_scalar_float(a - b);
	case WW_OP_MULTIPLY:
		return ww_scalar_float(a * b);
	case WW_OP_POWER:
		return float_power(a, b);
	case WW_OP_DIVIDE:
	case WW_OP_FLOOR_DIVIDE:
	case WW_OP_MODULO:
	case WW_OP_CEIL_DIVIDE:
		break;
	default:
		return fault_of(WW_FAULT_TYPE);
	}
	if (b == 0.0)
		return fault_of(WW_FAULT_ZERO);
	if (operator == WW_OP_DIVIDE)
		return ww_scalar_float(a / b);
	if (operator == WW_OP_CEIL_DIVIDE)
		return ww_scalar_float(ceil(a / b));
	float_divmod(a, b, &quotient, &rest);
	return ww_scalar_float(operator == WW_OP_MODULO ? rest : quotient);
}

/* ---------------------------------------------------------------- applying */

static struct ww_scalar
unary(enum ww_operator operator, struct ww_scalar a)
{
	bool negative;

	if (operator == WW_OP_NOT)
		return ww_scalar_bool(!ww_scalar_truth(a));
	if (a.tag == WW_SCALAR_STRING)
		return fault_of(WW_FAULT_TYPE);
	if (a.tag == WW_SCALAR_FLOAT) {
		if (operator == WW_OP_INVERT)
			return fault_of(WW_FAULT_TYPE);
		if (operator == WW_OP_ABS)
			return ww_scalar_float(fabs(a.as.number));
		return operator == WW_OP_NEGATE ? ww_scalar_float(-a.as.number)
		                                : a;
	}
	if (operator == WW_OP_INVERT)
		return ww_scalar_integer(~a.as.integer);
	negative = operator == WW_OP_NEGATE ||
	           (operator == WW_OP_ABS && a.as.integer < 0);
	if (!negative)
		return ww_scalar_integer(a.as.integer);
	return integer_binary(WW_OP_SUBTRACT, 0, a.as.integer);
}

static struct ww_scalar
binary(enum ww_operator operator, struct ww_scalar a, struct ww_scalar b)
{
	if (operator >= WW_OP_EQUAL)
		return compare(operator, a, b);
	if (a.tag == WW_SCALAR_STRING || b.tag == WW_SCALAR_STRING)
		return fault_of(WW_FAULT_TYPE);
	if (is_integral(a) && is_integral(b))
		return integer_binary(operator, a.as.integer, b.as.integer);
	return float_binary(operator, to_double(a), to_double(b));
}

static struct ww_scalar
extreme(enum ww_operator operator, const struct ww_scalar *operands, size_t n)
{
	enum ww_operator better = operator == WW_OP_MIN ? WW_OP_LESS
	                                                : WW_OP_GREATER;
	struct ww_scalar best = operands[0];
	size_t i;

	for (i = 1; i < n; i++) {
		struct ww_scalar wins = compare(better, operands[i], best);

		if (wins.tag == WW_SCALAR_FAULT)
			return wins;
		if (wins.as.integer != 0)
			best = operands[i];
	}
	return best;
}

struct ww_scalar
ww_scalar_apply(enum ww_operator operator, const struct ww_scalar *operands,
                size_t n)
{
	bool found = false;
	size_t i;

	if (operator == WW_OP_MIN || operator == WW_OP_MAX)
		return extreme(operator, operands, n);
	if (operator == WW_OP_IN || operator == WW_OP_NOT_IN) {
		for (i = 1; i < n && !found; i++)
			found = is_equal(operands[0], operands[i]);
		return ww_scalar_bool(found == (operator == WW_OP_IN));
	}
	return n == 1 ? unary(operator, operands[0])
	              : binary(operator, operands[0], operands[1]);
}

/* ------------------------------------------------------------------ words */

const char *
ww_fault_text(struct ww_scalar fault)
{
	static const char *const texts[] = {
		[WW_FAULT_ZERO] = "division by zero",
		[WW_FAULT_OVERFLOW] = "overflow of 64 bits",
		[WW_FAULT_TYPE] = "operation between text and number",
		[WW_FAULT_DOMAIN] = "operation without a result",
	};

	return texts[fault.as.integer];
}

static void
print_float(double number, char *text, size_t size)
{
	int digits;

	if (fabs(number) < 1e16 && !(floor(number) < number)) {
		snprintf(text, size, "%.1f", number);
		return;
	}
	for (digits = 1; digits <= 17; digits++) {
		snprintf(text, size, "%.*g", digits, number);
		if (!(strtod(text, NULL) < number) &&
		    !(strtod(text, NULL) > number))
			break;
	}
}

void
ww_scalar_print(struct ww_scalar value, char *text, size_t size)
{
	switch (value.tag) {
	case WW_SCALAR_INT:
		snprintf(text, size, "%" PRId64, value.as.integer);
		break;
	case WW_SCALAR_BOOL:
		snprintf(text, size, value.as.integer ? "True" : "False");
		break;
	case WW_SCALAR_FLOAT:
		print_float(value.as.number, text, size);
		break;
	case WW_SCALAR_STRING:
		snprintf(text, size, "'%s'", value.as.string);
		break;
	case WW_SCALAR_FAULT:
		snprintf(text, size, "%s", ww_fault_text(value));
		break;
	default:
		snprintf(text, size, "?");
	}
}
