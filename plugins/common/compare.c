/* SPDX-License-Identifier: MIT */
#include "plugins/common/compare.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plugins/common/arguments.h"

/* |got - want|; infinite if only one of them is a number. */
static double
difference_of(double got, double want)
{
	if (got == want || (isnan(got) && isnan(want)))
		return 0;
	if (!isfinite(got) || !isfinite(want))
		return INFINITY;
	return fabs(got - want);
}

static int
within(const struct ww_argument *argument, double difference, double want)
{
	if (difference == 0)
		return 1;
	return isfinite(difference) &&
	       difference <= argument->absolute_tolerance +
	                             argument->relative_tolerance *
	                                     fabs(want);
}

/* 64-bit integers do not fit into a double: two that differ may look equal. */
static double
exact_difference(const struct ww_argument *argument, const void *got,
                 const void *want, uint64_t i, double difference)
{
	if (difference == 0 && (argument->type == WW_TYPE_INT64 ||
	                        argument->type == WW_TYPE_UINT64) &&
	    memcmp((const char *)got + i * 8, (const char *)want + i * 8, 8) !=
	            0)
		return 1;
	return difference;
}

static void
note(struct ww_verdict *verdict, const struct ww_argument *argument, uint64_t i,
     double difference, double got, double want)
{
	verdict->worst_index = i;
	verdict->worst_difference = difference;
	verdict->got = got;
	verdict->want = want;
	snprintf(verdict->argument, sizeof verdict->argument, "%.63s",
	         argument->name);
}

void
ww_compare(const struct ww_argument *argument, const void *got,
           const void *want, struct ww_verdict *verdict)
{
	size_t bytes = (size_t)ww_argument_bytes(argument);
	uint64_t i;

	verdict->compared = 1;
	if (memcmp(got, want, bytes) == 0)
		return;
	for (i = 0; i < argument->n_elements; i++) {
		double a = ww_element_get(argument->type, got, i);
		double b = ww_element_get(argument->type, want, i);
		double difference = exact_difference(argument, got, want, i,
		                                     difference_of(a, b));
		int wrong = !within(argument, difference, b);

		if (wrong ? verdict->n_wrong == 0 ||
		                    difference > verdict->worst_difference
		          : verdict->n_wrong == 0 &&
		                    difference > verdict->worst_difference)
			note(verdict, argument, i, difference, a, b);
		verdict->n_wrong += (uint64_t)wrong;
	}
}
