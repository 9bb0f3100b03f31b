/* SPDX-License-Identifier: MIT
 *
 * Names for contents: a 128-bit XXH3 hash as 32 hexadecimal digits. It tells
 * equal artifacts and changed sources apart; it is no protection against
 * somebody who writes into the user's own cache.
 */
#ifndef WW_CORE_HASH_H
#define WW_CORE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define WW_HASH_TEXT 33 /* 32 digits and the terminator */

struct ww_hash; /* a hash under construction */

struct ww_hash *ww_hash_new(void);
/* Fields are length-prefixed, so ("ab","c") and ("a","bc") differ. */
void ww_hash_bytes(struct ww_hash *hash, const void *bytes, size_t length);
void ww_hash_text(struct ww_hash *hash, const char *text); /* null as "" */
/* Writes the name and frees the hash. */
void ww_hash_finish(struct ww_hash *hash, char name[WW_HASH_TEXT]);

/* The name of one block of bytes. */
void ww_hash_of(const void *bytes, size_t length, char name[WW_HASH_TEXT]);

/* 64 bits of it, for hash tables. */
uint64_t ww_hash_u64(const void *bytes, size_t length);

#endif
