/* SPDX-License-Identifier: MIT
 *
 * Small helpers around strings and memory. Allocation failure ends the program
 * with a message: this host cannot do anything useful without memory, and
 * checking each small string would hide the code that matters. What a user or a
 * model can make large is bounded before it gets here.
 */
#ifndef WW_CORE_TEXT_H
#define WW_CORE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "warpwright/abi.h"

void *ww_alloc(size_t bytes);            /* zeroed; never null */
void *ww_grow(void *block, size_t bytes); /* realloc; never null */
char *ww_copy(const char *text);         /* null stays null */
char *ww_copy_n(const char *text, size_t length);
/* printf into a fresh string. */
char *ww_text(const char *format, ...) WW_PRINTF(1, 2);

/* For "did you mean": the candidate closest to `name`, or null if none is near enough (more than
 * a third of its letters differ). */
const char *ww_text_closest(const char *name, const char *const *candidates,
                            size_t n);

/* Copies at most `size`-1 bytes, cut at a UTF-8 boundary, control characters
 * (newline included) as spaces. */
void ww_text_clean(char *out, size_t size, const char *text, size_t length);
/* 1 if the bytes are valid UTF-8. */
int ww_text_is_utf8(const char *bytes, size_t length);
/* Every byte that is not part of valid UTF-8 becomes '?', in place. */
void ww_text_mend(char *bytes, size_t length);
/* First non-empty line of a text, cleaned. */
void ww_text_first_line(char *out, size_t size, const char *text);

/* Monotonic and wall clock in nanoseconds. */
int64_t ww_now_ns(void);
int64_t ww_wall_ns(void);

#endif
