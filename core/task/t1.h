/* SPDX-License-Identifier: MIT
 *
 * T1, the exchange format for tuning tasks, in its three dialects (benchmark
 * hub, BAT, KTT), rewritten as a task of our own. What T1 leaves open is decided
 * as the program decides that the dialect belongs to; what cannot be run is left
 * out, so that the space can still be used.
 */
#ifndef WW_CORE_T1_H
#define WW_CORE_T1_H

#include <stdbool.h>

#include "core/base/json.h"
#include "core/task/reader.h"

extern const struct ww_task_reader ww_task_reader_t1;

/* Whether the value is a T1 file. */
bool ww_t1_recognise(struct json_object *root);

/* Makes a task (the JSON of core/task) of it. `path` is the T1 file: the kernel
 * is looked for beside it and one folder up. The caller puts *task. */
ww_status ww_t1_translate(struct json_object *root, const char *path,
                          struct json_object **task, struct ww_error *error);

#endif
