/* SPDX-License-Identifier: MIT
 *
 * A JSON array of strings as the null-terminated array that C code wants.
 */
#ifndef WW_CORE_LIST_H
#define WW_CORE_LIST_H

#include "core/base/json.h"

/* To be freed; the texts belong to `array`. `n` may be null. */
const char **ww_list_of(struct json_object *array, size_t *n);

#endif
