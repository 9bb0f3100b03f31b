/* SPDX-License-Identifier: MIT
 *
 * How alike two values of one parameter are, for a Gaussian process: 1 for the
 * same value, less the further apart they are. Ordered values are compared by
 * where they stand, half by number and half by order; besides, integers by how
 * often they can be halved, because hardware likes round numbers, which is a
 * factor of its own. A "rough" part is alike for equal values only.
 */
#ifndef WW_PLUGINS_FACTORS_H
#define WW_PLUGINS_FACTORS_H

#include <stddef.h>

#include "warpwright/space.h"

/* More factors than this are not worth a process. */
#define WW_FACTORS_MOST 64

struct ww_factor {
	uint32_t slot;
	uint32_t n_values;
	double *places;   /* of the values, 0...1; null: not ordered */
	int is_rounding;  /* places say how round a value is */
	/* Of each pair of values, if there are few: likeness, and its slope by
	 * the logarithm of the reach and by that of the odds of rough. */
	double *alike;
	double *by_reach;
	double *by_rough;
	double pace;      /* 1 / reach, scaled */
	double rough;
};

struct ww_factors {
	struct ww_factor *of;
	uint32_t n;
};

/* 0 if memory is short; all empty if there are too many. */
int ww_factors_start(struct ww_factors *factors, const struct ww_space *space);
void ww_factors_clear(struct ww_factors *factors);
/* n logarithms of reaches; the share of rough, 0...1. */
void ww_factors_set(struct ww_factors *factors, const double *log_reaches,
                    double rough);

struct ww_likeness {
	double alike;
	double by_reach;
	double by_rough;
};
struct ww_likeness ww_factor_compare(const struct ww_factor *factor,
                                     uint32_t a, uint32_t b);

static inline double
ww_factor_alike(const struct ww_factor *factor, uint32_t a, uint32_t b)
{
	return factor->alike != NULL
	               ? factor->alike[(size_t)a * factor->n_values + b]
	               : ww_factor_compare(factor, a, b).alike;
}

/* The same, with slopes. */
static inline struct ww_likeness
ww_factor_likeness(const struct ww_factor *factor, uint32_t a, uint32_t b)
{
	size_t at = (size_t)a * factor->n_values + b;

	if (factor->alike == NULL)
		return ww_factor_compare(factor, a, b);
	return (struct ww_likeness){ factor->alike[at], factor->by_reach[at],
		                     factor->by_rough[at] };
}

#endif
