/* SPDX-License-Identifier: MIT
 *
 * Which artifact, launched how, has been measured or is about to be: two
 * configurations that compile to the same bytes and are launched alike are one
 * measurement.
 */
#ifndef WW_CORE_SHARES_H
#define WW_CORE_SHARES_H

#include "core/base/hash.h"

struct ww_shares;
struct ww_shares *ww_shares_new(void);
void ww_shares_free(struct ww_shares *shares);
/* What is filed under this key, or null. */
void *ww_shares_find(const struct ww_shares *shares, const char *key);
/* Files or replaces; null takes the entry's value away. */
void ww_shares_put(struct ww_shares *shares, const char key[WW_HASH_TEXT],
                   void *value);

#endif
