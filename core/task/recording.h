/* SPDX-License-Identifier: MIT
 *
 * A recording as a task: its parameters and exactly the configurations that were
 * recorded make the space, and the backend that replays it answers. The file is
 * read again by that backend, so a task keeps only the space.
 */
#ifndef WW_CORE_RECORDING_H
#define WW_CORE_RECORDING_H

#include <stdbool.h>

#include "core/task/reader.h"
#include "plugins/common/recording_file.h"

/* The space of a recording. The default is the first configuration recorded as
 * usable in which every parameter has its first value, as far as there is one;
 * else the first usable one. With `anonymous` parameters are called p1, p2, …,
 * texts v1, v2, …, and numbers are replaced by their place in the order. */
ww_status ww_recording_space(const struct ww_recording *recording,
                             bool anonymous, struct ww_search_space **space,
                             struct ww_error *error);

/* What a recording is called: "gemm" for "/x/gemm.json.gz". To be freed. */
char *ww_recording_name(const char *path);

/* A task in which its own name and those of parameters and values are hidden as
 * above. */
ww_status ww_task_load_anonymous(const char *path, struct ww_task **task,
                                 struct ww_error *error);

/* Takes a recording, and the short text that a stored session keeps of one. */
extern const struct ww_task_reader ww_task_reader_recording;

#endif
