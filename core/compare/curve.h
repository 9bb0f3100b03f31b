/* SPDX-License-Identifier: MIT
 *
 * The two curves of the methodology's score: isotonic regression through the
 * points of many runs, and monotone cubic interpolation (PCHIP) of what a random
 * search is expected to find.
 */
#ifndef WW_CORE_CURVE_H
#define WW_CORE_CURVE_H

#include <stddef.h>

/* The non-increasing step curve nearest to n points in ascending order of x, in
 * the sense of least weighted squares. Points of the same x become one, their
 * weighted mean, and each y becomes the curve's value at its x. Returns how many
 * points are left. Every weight is positive. */
size_t ww_isotonic_fit(double *x, double *y, double *weight, size_t n);

/* Straight lines through n >= 1 points in ascending order of x, constant beyond
 * the first and the last, at n_at places in ascending order. */
void ww_lines_at(const double *x, const double *y, size_t n, const double *at,
                 double *out, size_t n_at);

/* Piecewise cubic Hermite interpolation with the slopes of Fritsch and Butland,
 * which stays monotone where the points are: n >= 2 points in strictly ascending
 * order of x, at n_at places within them in ascending order. */
void ww_pchip_at(const double *x, const double *y, size_t n, const double *at,
                 double *out, size_t n_at);

#endif
