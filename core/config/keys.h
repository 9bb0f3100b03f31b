/* SPDX-License-Identifier: MIT
 *
 * The table of the core's own settings. It is the documentation: `config show`
 * and the manual page are compared with it, the loader validates against it.
 */
#ifndef WW_CORE_KEYS_H
#define WW_CORE_KEYS_H

#include <stddef.h>

#include "warpwright/abi.h"

/* Records whose names are whole keys, "search.max_rounds". */
extern const struct ww_option ww_keys[];
extern const size_t ww_n_keys;

/* Position of a key in the table, or ww_n_keys. */
size_t ww_key_find(const char *key);

#endif
