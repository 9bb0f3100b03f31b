/* SPDX-License-Identifier: MIT
 *
 * Which of a slot's values a JSON value means that a model wrote: 8, 8.0, "8"
 * and " 8 " are one number.
 */
#ifndef WW_CORE_MAPPING_VALUE_H
#define WW_CORE_MAPPING_VALUE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/base/json.h"
#include "warpwright/space.h"

/* Index of the value, or UINT32_MAX. */
uint32_t ww_slot_find(const struct ww_slot *slot, struct json_object *json);
/* Whether the JSON value already has the type that the slot's value has. */
bool ww_slot_as_written(const struct ww_value *value, struct json_object *json);
/* The nearest allowed value, in words for the model, or null. */
const char *ww_slot_nearest(const struct ww_slot *slot,
                            struct json_object *json);
/* "8, 16, 32, …", as many as there is room for. */
void ww_slot_list(const struct ww_slot *slot, char *text, size_t size);

#endif
