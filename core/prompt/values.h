/* SPDX-License-Identifier: MIT
 *
 * Values of parameters as JSON, spelled as the task spells them.
 */
#ifndef WW_CORE_VALUES_H
#define WW_CORE_VALUES_H

#include "core/base/json.h"
#include "core/space/space.h"

struct json_object *ww_value_json(const struct ww_value *value);

#endif
