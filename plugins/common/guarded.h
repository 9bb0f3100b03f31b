/* SPDX-License-Identifier: MIT
 *
 * Work in a library that may crash or never return, done in a child process: it
 * costs its result and nothing else.
 */
#ifndef WW_PLUGINS_GUARDED_H
#define WW_PLUGINS_GUARDED_H

#include <stddef.h>

/* The most that a result may have; a pipe takes it at once. */
#define GUARDED_MOST_BYTES 512

/* Fills `result`, which is zero; runs in the child, which ends afterwards without
 * any tidying. It prints nowhere. */
typedef void (*guarded_work)(const void *context, void *result);

/* Whether the work was done in `limit_ms` and left `bytes` of a result. */
int guarded_run(guarded_work work, const void *context, void *result,
                size_t bytes, int limit_ms);

#endif
