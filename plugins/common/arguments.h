/* SPDX-License-Identifier: MIT
 *
 * Element types and contents of kernel arguments, the same for every backend.
 * A filled buffer depends on the task's and the argument's seed alone: element i
 * is a function of both and of i, whatever the backend or the order.
 */
#ifndef WW_PLUGINS_ARGUMENTS_H
#define WW_PLUGINS_ARGUMENTS_H

#include "warpwright/plugin.h"

/* Bytes of one element; 0 for an unknown type. */
uint64_t ww_type_bytes(uint32_t type);
const char *ww_type_name(uint32_t type); /* "float32", …; "?" if unknown */
int ww_type_is_float(uint32_t type);
/* Bytes of the whole argument; 0 for an unknown type or an impossible size. */
uint64_t ww_argument_bytes(const struct ww_argument *argument);

/* Element i of a buffer as a double, and a double as element i: rounded to
 * nearest even, integers cut to the type's range. */
double ww_element_get(uint32_t type, const void *bytes, uint64_t i);
void ww_element_set(uint32_t type, void *bytes, uint64_t i, double value);

/* Writes the argument's initial content (ww_argument_bytes() of it). Fails with
 * WW_E_FORMAT or WW_E_IO if a file does not fit. */
ww_status ww_argument_fill(struct ww_call *call,
                           const struct ww_argument *argument, uint64_t seed,
                           void *bytes);
/* What an output holds before a kernel writes it: NaN in floats, an unlikely
 * pattern in integers. */
void ww_argument_poison(const struct ww_argument *argument, void *bytes);

#endif
