/* SPDX-License-Identifier: MIT
 *
 * A text under construction. It only grows; the owner takes the string at the
 * end.
 */
#ifndef WW_CORE_PAGE_H
#define WW_CORE_PAGE_H

#include <stddef.h>

#include "warpwright/abi.h"

struct ww_page {
	char *text; /* NUL-terminated once anything was added, else null */
	size_t length;
	size_t capacity;
};

void ww_page_bytes(struct ww_page *page, const char *bytes, size_t length);
void ww_page_add(struct ww_page *page, const char *format, ...)
	WW_PRINTF(2, 3);
/* The text, never null, to be freed; the page is empty afterwards. */
char *ww_page_take(struct ww_page *page);

#endif
