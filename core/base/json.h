/* SPDX-License-Identifier: MIT
 *
 * JSON texts in and out, on top of json-c. Files that people write may hold
 * comments; texts from the wire may not. Errors name line and column.
 */
#ifndef WW_CORE_JSON_H
#define WW_CORE_JSON_H

#include <json-c/json.h>
#include <stdbool.h>

#include "core/base/error.h"

#define WW_JSON_COMMENTS 1u /* allow comments; a person wrote it */
#define WW_JSON_DEPTH 64

/* Parses exactly one value. `name` stands in messages for the text. Invalid
 * UTF-8, NaN, integers beyond 64 bits, numbers beyond a double and nesting over
 * WW_JSON_DEPTH are errors. The caller puts *value. */
ww_status ww_json_parse(const char *text, size_t length, const char *name,
                        unsigned flags, struct json_object **value,
                        struct ww_error *error);
/* Reads a file with comments, at most 64 MiB. *text (may be null) receives its
 * bytes for ww_json_line(), to be freed. */
ww_status ww_json_read(const char *path, struct json_object **value,
                       char **text, struct ww_error *error);

/* Line (from 1) on which the member at `path` ("search.max_rounds",
 * "parameters[2].name") is spelled in `text`, or 0. */
int ww_json_line(const char *text, const char *path);

/* Members of an object; null or the fallback if absent or of another type. */
struct json_object *ww_json_get(struct json_object *object, const char *key);
const char *ww_json_string(struct json_object *object, const char *key,
                           const char *fallback);
int64_t ww_json_int(struct json_object *object, const char *key,
                    int64_t fallback);
double ww_json_number(struct json_object *object, const char *key,
                      double fallback);
bool ww_json_bool(struct json_object *object, const char *key, bool fallback);

/* Adds members; `value` null or NaN adds null. A byte that is no UTF-8, as where
 * a message was cut, becomes '?': no reader would take the whole text. */
void ww_json_put_string(struct json_object *object, const char *key,
                        const char *value);
void ww_json_put_int(struct json_object *object, const char *key,
                     int64_t value);
void ww_json_put_number(struct json_object *object, const char *key,
                        double value);
void ww_json_put_bool(struct json_object *object, const char *key, bool value);

/* A number as the shortest text that reads back as the same double: 4814.304, not
 * 4814.3040000000001, and 2, not 2.0. Not finite: null. */
struct json_object *ww_json_double(double value);
/* One line without spaces; borrowed from the object. */
const char *ww_json_text(struct json_object *value);

#endif
