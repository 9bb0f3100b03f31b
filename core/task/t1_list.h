/* SPDX-License-Identifier: MIT
 *
 * The values of a T1 parameter: a text that Python would evaluate to a list.
 * Nothing is evaluated but a closed grammar: list literals, list(range(…)),
 * comprehensions over one range, and these joined by "+".
 */
#ifndef WW_CORE_T1_LIST_H
#define WW_CORE_T1_LIST_H

#include "core/base/error.h"
#include "core/base/json.h"

/* A JSON array of numbers, truth values and strings; the caller puts it. The
 * message says what cannot be understood, without naming the parameter. */
ww_status ww_t1_list(const char *text, struct json_object **values,
                     struct ww_error *error);

#endif
