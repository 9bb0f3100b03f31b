/* SPDX-License-Identifier: MIT
 *
 * Search spaces that every strategy must cope with.
 */
#ifndef WW_SDK_CHECK_SPACES_H
#define WW_SDK_CHECK_SPACES_H

#include "core/space/space.h"
#include "sdk/checker/check.h"

/* One configuration and nothing else. */
struct ww_search_space *check_space_one(struct check *check);
/* Six configurations of two slots. */
struct ww_search_space *check_space_six(struct check *check);
/* Numbers, powers of two, an enum, a bool, a condition, a constraint: 3,000
 * configurations or so. */
struct ww_search_space *check_space_usual(struct check *check);
/* 10^12 configurations of 12 slots. */
struct ww_search_space *check_space_large(struct check *check);

#endif
