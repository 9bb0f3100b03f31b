/* SPDX-License-Identifier: MIT
 *
 * A value inside an expression and the arithmetic on it, with Python's
 * semantics over 64-bit integers: `//` floors, `%` takes the divisor's sign,
 * `/` always gives a double, a bool is an integer. What Python would answer
 * with an exception, and what leaves 64 bits, is a fault; faults spread.
 */
#ifndef WW_CORE_SCALAR_H
#define WW_CORE_SCALAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "warpwright/space.h"

enum ww_scalar_tag {
	WW_SCALAR_INT,
	WW_SCALAR_FLOAT,
	WW_SCALAR_BOOL,
	WW_SCALAR_STRING,
	WW_SCALAR_FAULT,   /* division by zero, overflow, wrong type */
	WW_SCALAR_UNKNOWN, /* depends on slots without a value yet */
	WW_SCALAR_UNUSED   /* nobody will ask for it */
};

/* 16 bytes without padding, so that rows of them can be hashed. */
struct ww_scalar {
	uint64_t tag; /* enum ww_scalar_tag */
	union {
		int64_t integer; /* INT, BOOL; FAULT: enum ww_fault */
		double number;
		const char *string; /* lives as long as the expression */
	} as;
};

enum ww_fault {
	WW_FAULT_ZERO,
	WW_FAULT_OVERFLOW,
	WW_FAULT_TYPE,
	WW_FAULT_DOMAIN
};

enum ww_operator {
	WW_OP_CONSTANT,
	WW_OP_SLOT,
	/* strict, one operand */
	WW_OP_NEGATE,
	WW_OP_PLUS,
	WW_OP_INVERT,
	WW_OP_NOT,
	WW_OP_ABS,
	/* strict, two operands */
	WW_OP_ADD,
	WW_OP_SUBTRACT,
	WW_OP_MULTIPLY,
	WW_OP_DIVIDE,
	WW_OP_FLOOR_DIVIDE,
	WW_OP_MODULO,
	WW_OP_POWER,
	WW_OP_CEIL_DIVIDE,
	WW_OP_BIT_AND,
	WW_OP_BIT_OR,
	WW_OP_BIT_XOR,
	WW_OP_SHIFT_LEFT,
	WW_OP_SHIFT_RIGHT,
	WW_OP_EQUAL,
	WW_OP_UNEQUAL,
	WW_OP_LESS,
	WW_OP_LESS_EQUAL,
	WW_OP_GREATER,
	WW_OP_GREATER_EQUAL,
	/* strict, any number of operands */
	WW_OP_MIN,
	WW_OP_MAX,
	WW_OP_IN,
	WW_OP_NOT_IN,
	/* evaluated from the left, only as far as needed */
	WW_OP_CHAIN, /* a < b <= c */
	WW_OP_AND,
	WW_OP_OR,
	WW_OP_IF /* condition, then, else */
};

struct ww_scalar ww_scalar_integer(int64_t value);
struct ww_scalar ww_scalar_float(double value);
struct ww_scalar ww_scalar_bool(bool value);
struct ww_scalar ww_scalar_string(const char *value);
struct ww_scalar ww_scalar_of(const struct ww_value *value);

/* Neither fault nor unknown. */
bool ww_scalar_known(struct ww_scalar value);
bool ww_scalar_truth(struct ww_scalar value);
bool ww_scalar_same(struct ww_scalar a, struct ww_scalar b);

/* Strict operators over known operands. */
struct ww_scalar ww_scalar_apply(enum ww_operator operator,
                                 const struct ww_scalar *operands, size_t n);

/* "division by zero", … */
const char *ww_fault_text(struct ww_scalar fault);
/* As Python prints it. */
void ww_scalar_print(struct ww_scalar value, char *text, size_t size);

#endif
