/* SPDX-License-Identifier: MIT
 *
 * Whether an output is what it should be, within the argument's tolerance.
 */
#ifndef WW_PLUGINS_COMPARE_H
#define WW_PLUGINS_COMPARE_H

#include "warpwright/plugin.h"

/* Compares every element and adds what it finds to the verdict, which may
 * already hold other outputs. The worst element is the one furthest off among
 * those beyond the tolerance, or, if there is none, among all. NaN equals NaN:
 * an element that neither the kernel nor its reference writes stays poisoned
 * in both. */
void ww_compare(const struct ww_argument *argument, const void *got,
                const void *want, struct ww_verdict *verdict);

#endif
