/* SPDX-License-Identifier: MIT
 *
 * Results in the field's own formats, written trial by trial: T4, and Kernel
 * Tuner's cache, which its simulation mode loads and our backend `recorded`
 * replays. List parameters become one parameter a dimension, named as in the
 * kernel's definitions ("tile_M").
 */
#ifndef WW_CORE_EXPORT_H
#define WW_CORE_EXPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "core/engine/trial.h"
#include "core/task/task.h"

/* Kernel Tuner's cache. After the header every entry starts a line; a file
 * without the end is still a valid cache that can be continued. */
void ww_export_cache_begin(FILE *out, const struct ww_task *task,
                           const char *device, uint32_t objective);
void ww_export_cache_trial(FILE *out, const struct ww_search_space *space,
                           const struct ww_record *record, uint32_t objective,
                           bool first);
void ww_export_cache_end(FILE *out);

void ww_export_t4_begin(FILE *out);
void ww_export_t4_trial(FILE *out, const struct ww_search_space *space,
                        const struct ww_record *record, uint32_t objective,
                        bool first);
void ww_export_t4_end(FILE *out);

/* Shared: a slot's name and value as both formats spell them. The name is to
 * be freed. */
char *ww_export_name(const struct ww_slot *slot);
struct json_object *ww_export_value(const struct ww_value *value);
/* The flattened configuration; the caller puts it. */
struct json_object *ww_export_config(const struct ww_search_space *space,
                                     const uint32_t *indices);
/* "2026-11-22 09:54:05.502007+00:00" */
void ww_export_timestamp(int64_t wall_ns, char *text, size_t size);
double ww_export_ms(int64_t ns);
struct json_object *ww_export_samples(const struct ww_trial *trial);

#endif
