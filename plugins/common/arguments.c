/* SPDX-License-Identifier: MIT */
#include "plugins/common/arguments.h"

#include <math.h>
#include <string.h>

#include "plugins/common/half.h"
#include "plugins/common/npy.h"
#include "plugins/common/parallel.h"

/* Elements that are worth a thread. */
#define GRAIN 65536u
#define TWO_PI 6.283185307179586

static const struct {
	const char *name;
	uint64_t bytes;
	double low, high; /* range of the integers */
} types[] = {
	[WW_TYPE_INT8] = { "int8", 1, INT8_MIN, INT8_MAX },
	[WW_TYPE_UINT8] = { "uint8", 1, 0, UINT8_MAX },
	[WW_TYPE_INT16] = { "int16", 2, INT16_MIN, INT16_MAX },
	[WW_TYPE_UINT16] = { "uint16", 2, 0, UINT16_MAX },
	[WW_TYPE_INT32] = { "int32", 4, INT32_MIN, INT32_MAX },
	[WW_TYPE_UINT32] = { "uint32", 4, 0, UINT32_MAX },
	/* The largest doubles below 2^63 and 2^64. */
	[WW_TYPE_INT64] = { "int64", 8, -9223372036854775808.0,
	                    9223372036854774784.0 },
	[WW_TYPE_UINT64] = { "uint64", 8, 0, 18446744073709549568.0 },
	[WW_TYPE_FLOAT16] = { "float16", 2, 0, 0 },
	[WW_TYPE_BFLOAT16] = { "bfloat16", 2, 0, 0 },
	[WW_TYPE_FLOAT32] = { "float32", 4, 0, 0 },
	[WW_TYPE_FLOAT64] = { "float64", 8, 0, 0 },
};

#define N_TYPES (sizeof types / sizeof types[0])

uint64_t
ww_type_bytes(uint32_t type)
{
	return type < N_TYPES ? types[type].bytes : 0;
}

const char *
ww_type_name(uint32_t type)
{
	return type < N_TYPES && types[type].name != NULL ? types[type].name
	                                                  : "?";
}

int
ww_type_is_float(uint32_t type)
{
	return type >= WW_TYPE_FLOAT16 && type <= WW_TYPE_FLOAT64;
}

uint64_t
ww_argument_bytes(const struct ww_argument *argument)
{
	uint64_t one = ww_type_bytes(argument->type);

	if (one == 0 || argument->n_elements > (UINT64_C(1) << 60) / one)
		return 0;
	return one * argument->n_elements;
}

/* ---------------------------------------------------------------- elements */

#define GET(c_type)                                                     \
	do {                                                            \
		c_type value;                                           \
		memcpy(&value, (const char *)bytes + i * sizeof value,  \
		       sizeof value);                                   \
		return (double)value;                                   \
	} while (0)

#define SET(c_type, from)                                               \
	do {                                                            \
		c_type stored = (c_type)(from);                         \
		memcpy((char *)bytes + i * sizeof stored, &stored,      \
		       sizeof stored);                                  \
	} while (0)

static uint16_t
get_u16(const void *bytes, uint64_t i)
{
	uint16_t bits;

	memcpy(&bits, (const char *)bytes + i * sizeof bits, sizeof bits);
	return bits;
}

double
ww_element_get(uint32_t type, const void *bytes, uint64_t i)
{
	switch (type) {
	case WW_TYPE_INT8:
		GET(int8_t);
	case WW_TYPE_UINT8:
		GET(uint8_t);
	case WW_TYPE_INT16:
		GET(int16_t);
	case WW_TYPE_UINT16:
		GET(uint16_t);
	case WW_TYPE_INT32:
		GET(int32_t);
	case WW_TYPE_UINT32:
		GET(uint32_t);
	case WW_TYPE_INT64:
		GET(int64_t);
	case WW_TYPE_UINT64:
		GET(uint64_t);
	case WW_TYPE_FLOAT16:
		return ww_half_to_double(get_u16(bytes, i));
	case WW_TYPE_BFLOAT16:
		return ww_bfloat_to_double(get_u16(bytes, i));
	case WW_TYPE_FLOAT32:
		GET(float);
	default:
		GET(double);
	}
}

static double
clamp(uint32_t type, double value)
{
	if (isnan(value))
		return 0;
	value = trunc(value);
	if (value < types[type].low)
		return types[type].low;
	return value > types[type].high ? types[type].high : value;
}

static void
set_integer(uint32_t type, void *bytes, uint64_t i, double value)
{
	value = clamp(type, value);
	switch (type) {
	case WW_TYPE_INT8:
		SET(int8_t, value);
		break;
	case WW_TYPE_UINT8:
		SET(uint8_t, value);
		break;
	case WW_TYPE_INT16:
		SET(int16_t, value);
		break;
	case WW_TYPE_UINT16:
		SET(uint16_t, value);
		break;
	case WW_TYPE_INT32:
		SET(int32_t, value);
		break;
	case WW_TYPE_UINT32:
		SET(uint32_t, value);
		break;
	case WW_TYPE_INT64:
		SET(int64_t, value);
		break;
	default:
		SET(uint64_t, value);
		break;
	}
}

void
ww_element_set(uint32_t type, void *bytes, uint64_t i, double value)
{
	switch (type) {
	case WW_TYPE_FLOAT16:
		SET(uint16_t, ww_half_from_double(value));
		break;
	case WW_TYPE_BFLOAT16:
		SET(uint16_t, ww_bfloat_from_double(value));
		break;
	case WW_TYPE_FLOAT32:
		SET(float, value);
		break;
	case WW_TYPE_FLOAT64:
		SET(double, value);
		break;
	default:
		set_integer(type, bytes, i, value);
		break;
	}
}

/* ----------------------------------------------------------------- filling */

/* splitmix64: a good hash of a counter. */
static uint64_t
mix(uint64_t z)
{
	z += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/* In [0, 1), 53 bits. */
static double
unit(uint64_t key, uint64_t counter)
{
	return (double)(mix(key + counter) >> 11) / 9007199254740992.0;
}

/* Box and Muller's transform of two uniform numbers. */
static double
normal(uint64_t key, uint64_t i)
{
	double radius = sqrt(-2.0 * log(1.0 - unit(key, 2 * i)));

	return radius * cos(TWO_PI * unit(key, 2 * i + 1));
}

static double
element(const struct ww_argument *argument, uint64_t key, uint64_t i)
{
	double value;

	switch (argument->fill) {
	case WW_FILL_CONSTANT:
		return argument->a;
	case WW_FILL_UNIFORM:
		value = argument->a +
		        (argument->b - argument->a) * unit(key, i);
		/* Whole numbers below b, also when negative. */
		return ww_type_is_float(argument->type) ? value : floor(value);
	case WW_FILL_NORMAL:
		value = argument->a + argument->b * normal(key, i);
		return ww_type_is_float(argument->type) ? value : rint(value);
	case WW_FILL_INDEX:
		return argument->a + argument->b * (double)i;
	default:
		return 0;
	}
}

struct filling {
	const struct ww_argument *argument;
	void *bytes;
	uint64_t key;
};

static void
fill_part(void *context, unsigned part, uint64_t from, uint64_t to)
{
	const struct filling *filling = context;
	const struct ww_argument *argument = filling->argument;
	uint64_t i;

	(void)part;
	for (i = from; i < to; i++)
		ww_element_set(argument->type, filling->bytes, i,
		               element(argument, filling->key, i));
}

ww_status
ww_argument_fill(struct ww_call *call, const struct ww_argument *argument,
                 uint64_t seed, void *bytes)
{
	struct filling filling = {
		.argument = argument,
		.bytes = bytes,
		.key = mix(mix(seed) ^ mix(argument->seed + 1)),
	};

	if (argument->fill > WW_FILL_FILE)
		return ww_fail(call, WW_E_UNSUPPORTED,
		               "argument %s: unknown way of filling %u",
		               argument->name, argument->fill);
	if (argument->fill == WW_FILL_FILE)
		return ww_npy_read(call, argument->path, argument, bytes);
	if (argument->fill == WW_FILL_ZERO) {
		memset(bytes, 0, (size_t)ww_argument_bytes(argument));
		return WW_OK;
	}
	ww_parallel(argument->n_elements, GRAIN, fill_part, &filling);
	return WW_OK;
}

void
ww_argument_poison(const struct ww_argument *argument, void *bytes)
{
	memset(bytes, ww_type_is_float(argument->type) ? 0xff : 0xa5,
	       (size_t)ww_argument_bytes(argument));
}
