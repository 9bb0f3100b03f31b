/* SPDX-License-Identifier: MIT
 *
 * Whether an output is what it should be, within the argument's tolerance.
 */
#ifndef WW_PLUGINS_COMPARE_H
#define WW_PLUGINS_COMPARE_H

#include "warpwright/plugin.h"

/* What comparing a part of an output found. The worst element is the one
 * furthest off among those beyond the tolerance, or, if there is none, among
 * all; of equals the first. */
struct ww_comparison {
	uint64_t n_wrong;
	uint64_t worst_index;
	double difference; /* of the worst element; 0: no element differs */
	double got;
	double want;
};

/* Compares every element and adds what it finds to the verdict, which may
 * already hold other outputs. NaN equals NaN: an element that neither the kernel
 * nor its reference writes stays poisoned in both. */
void ww_compare(const struct ww_argument *argument, const void *got,
                const void *want, struct ww_verdict *verdict);
/* Adds another part of the same output. */
void ww_comparison_add(struct ww_comparison *comparison,
                       const struct ww_comparison *other);
/* Adds an output that was compared to the verdict. */
void ww_verdict_add(struct ww_verdict *verdict,
                    const struct ww_argument *argument,
                    const struct ww_comparison *comparison);

#endif
