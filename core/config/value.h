/* SPDX-License-Identifier: MIT
 *
 * One typed value: what a struct ww_option of the plugin ABI accepts, from JSON
 * or from text. Core settings are described by the same records as the options
 * of plugins, so both obey the same rules.
 *
 * A value is held as JSON: a string (STRING, ENUM, PATH, SECRET), an integer, a
 * double, a boolean, an array of strings (LIST), or anything (JSON).
 */
#ifndef WW_CORE_VALUE_H
#define WW_CORE_VALUE_H

#include <stdbool.h>

#include "core/base/error.h"
#include "core/base/json.h"

/* Whether the record itself is sane: name, type, help, choices, range, and a
 * default that its own type accepts. */
ww_status ww_option_check(const struct ww_option *option,
                          struct ww_error *error);

/* Turns `raw` into a value of the option's type. `text`: raw is a string that
 * a person typed, so "3" is a number and "a,b" a list. Relative paths start at
 * `folder` (null: the working directory). The message says what was expected
 * and what was there; secrets are never repeated. The caller puts *value. */
ww_status ww_option_convert(const struct ww_option *option,
                            struct json_object *raw, bool text,
                            const char *folder, struct json_object **value,
                            struct ww_error *error);
/* The default, or null. */
struct json_object *ww_option_default(const struct ww_option *option);

/* Writes " from 1 to 100", or "" if any number is accepted. */
void ww_option_range(const struct ww_option *option, char *out, size_t size);
const char *ww_option_type_name(uint32_t type); /* "string", …; null: none */

#endif
