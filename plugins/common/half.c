/* SPDX-License-Identifier: MIT */
#include "plugins/common/half.h"

#include <math.h>
#include <string.h>

double
ww_half_to_double(uint16_t bits)
{
	int exponent = bits >> 10 & 31;
	int fraction = bits & 1023;
	double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;

	if (exponent == 31)
		return fraction != 0 ? NAN : sign * INFINITY;
	if (exponent == 0)
		return sign * ldexp(fraction, -24);
	return sign * ldexp(1024 + fraction, exponent - 25);
}

double
ww_bfloat_to_double(uint16_t bits)
{
	uint32_t wide = (uint32_t)bits << 16;
	float value;

	memcpy(&value, &wide, sizeof value);
	return (double)value;
}

uint16_t
ww_half_from_double(double value)
{
	uint16_t sign = signbit(value) ? 0x8000 : 0;
	int exponent;
	double scaled;

	value = fabs(value);
	if (isnan(value))
		return sign | 0x7e00;
	if (value < ldexp(1, -14)) /* subnormal: units of 2^-24 */
		return sign | (uint16_t)rint(ldexp(value, 24));
	if (value >= 65520)
		return sign | 0x7c00;
	frexp(value, &exponent);
	/* 11 significant bits; a carry out of them raises the exponent by
	 * itself because the fields are adjacent. */
	scaled = rint(ldexp(value, 11 - exponent));
	return sign | (uint16_t)(((exponent + 13) << 10) + (int)scaled);
}

uint16_t
ww_bfloat_from_double(double value)
{
	float narrow = (float)value;
	uint32_t bits;

	memcpy(&bits, &narrow, sizeof bits);
	if (isnan(value))
		return (uint16_t)(bits >> 16 | 0x40);
	/* Round to nearest even on the 16 bits that go. */
	bits += 0x7fff + (bits >> 16 & 1);
	return (uint16_t)(bits >> 16);
}
