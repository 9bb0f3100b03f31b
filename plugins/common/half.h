/* SPDX-License-Identifier: MIT
 *
 * The two 16-bit floating-point formats, by their bits: no compiler support is
 * needed to fill and compare them.
 */
#ifndef WW_PLUGINS_HALF_H
#define WW_PLUGINS_HALF_H

#include <stdint.h>

double ww_half_to_double(uint16_t bits);   /* IEEE binary16 */
double ww_bfloat_to_double(uint16_t bits); /* upper half of a binary32 */
/* Rounded to nearest, ties to even. */
uint16_t ww_half_from_double(double value);
uint16_t ww_bfloat_from_double(double value);

#endif
