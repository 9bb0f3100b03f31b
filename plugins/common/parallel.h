/* SPDX-License-Identifier: MIT
 *
 * Loops over large arrays on all processors. Threads live for one loop only, so
 * that nothing runs while a kernel is timed.
 */
#ifndef WW_PLUGINS_PARALLEL_H
#define WW_PLUGINS_PARALLEL_H

#include <stdint.h>

/* More would only wait for memory. */
#define WW_PARALLEL_MOST 16

/* Calls body(context, part, from, to) for consecutive parts of [0, n), each of
 * at least `grain` elements, all but the first on a thread of their own; returns
 * when all are done, with their number. Where no thread can be had, the caller
 * does the part itself. */
unsigned ww_parallel(uint64_t n, uint64_t grain,
                     void (*body)(void *context, unsigned part, uint64_t from,
                                  uint64_t to),
                     void *context);

#endif
