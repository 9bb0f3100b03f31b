/* SPDX-License-Identifier: MIT
 *
 * The values of one parameter of a task file, listed or as a range.
 */
#ifndef WW_CORE_NATIVE_VALUES_H
#define WW_CORE_NATIVE_VALUES_H

#include "core/task/native.h"

/* One parameter while it is read. */
struct ww_native_reading {
	struct ww_native *native;
	struct json_object *object;
	const char *path;
	const char *type;     /* of the values: a list's item type */
	struct ww_parameter_spec spec;
	struct ww_value *values;
	uint32_t capacity;
	uint32_t *defaults;
	const char **dimensions;
};

/* "values" or "range" of a parameter, or of a list's "items". */
ww_status ww_native_values(struct ww_native_reading *reading,
                           struct json_object *object, const char *path);
/* The JSON value as a value of this type; false if it is none. */
bool ww_native_value(const char *type, struct json_object *json,
                     struct ww_value *value);

#endif
