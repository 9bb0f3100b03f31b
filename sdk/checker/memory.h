/* SPDX-License-Identifier: MIT
 *
 * The memory that a plugin under test asks the C library for: its calls of
 * malloc() and its kin are led through here, in its own table of addresses, so
 * that each can be counted and made to fail and every block is known. What
 * libraries allocate on its behalf is not touched. Works the same with a
 * sanitizer's allocator.
 */
#ifndef WW_SDK_CHECK_MEMORY_H
#define WW_SDK_CHECK_MEMORY_H

#include "sdk/checker/check.h"

/* From now on. Loads the plugin if needed. */
void memory_watch(struct check *check);
/* The nth allocation from now fails (1: the next), and with `all` every one after
 * it, too; 0: none. The host's own memory service counts as well. */
void memory_fail(uint64_t n, int all);
/* Allocations since memory_fail(). */
uint64_t memory_count(void);
/* Whether the nth has come, and where in the file: "malloc at +0x1a2b". */
int memory_failed(void);
const char *memory_place(void);
/* Counts one allocation; 1: it is to fail. */
int memory_refuses(const char *function, const void *caller);
/* Blocks that the plugin has allocated and not freed. */
uint64_t memory_blocks(void);
/* A crash ends the test with the allocation that had failed before it. */
void memory_catch_crashes(struct check *check);

#endif
