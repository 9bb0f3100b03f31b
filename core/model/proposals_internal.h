/* SPDX-License-Identifier: MIT
 *
 * Shared by the two halves of reading proposals: finding the elements in a
 * stream of bytes, and understanding one element.
 */
#ifndef WW_CORE_PROPOSALS_INTERNAL_H
#define WW_CORE_PROPOSALS_INTERNAL_H

#include <stdbool.h>

#include "core/model/proposals.h"

#define WW_ELEMENT_READ 0u       /* delivered */
#define WW_ELEMENT_UNREADABLE 1u /* meant as a configuration, and is none */
#define WW_ELEMENT_OTHER 2u      /* something else in braces */

/* Parses the text of one element and delivers it. `listed`: it stood in a list
 * of configurations, so it is meant as one whatever it looks like. */
unsigned ww_element_read(const char *text, size_t length, bool listed,
                         void (*deliver)(void *context,
                                         const struct ww_proposed *proposed),
                         void *context);
/* The value of a JSON string as it stands between its quotes; to be freed. */
char *ww_element_string(const char *text, size_t length);

#endif
