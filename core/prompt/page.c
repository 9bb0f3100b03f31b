/* SPDX-License-Identifier: MIT */
#include "core/prompt/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text.h"

static void
reserve(struct ww_page *page, size_t more)
{
	size_t capacity = page->capacity > 0 ? page->capacity : 256;

	while (capacity < page->length + more + 1)
		capacity *= 2;
	if (capacity != page->capacity) {
		page->text = ww_grow(page->text, capacity);
		page->capacity = capacity;
	}
}

void
ww_page_bytes(struct ww_page *page, const char *bytes, size_t length)
{
	reserve(page, length);
	memcpy(page->text + page->length, bytes, length);
	page->length += length;
	page->text[page->length] = '\0';
}

void
ww_page_add(struct ww_page *page, const char *format, ...)
{
	va_list args, again;
	int length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length > 0) {
		reserve(page, (size_t)length);
		vsnprintf(page->text + page->length, (size_t)length + 1,
		          format, again);
		page->length += (size_t)length;
	}
	va_end(again);
}

char *
ww_page_take(struct ww_page *page)
{
	char *text = page->text != NULL ? page->text : ww_copy("");

	page->text = NULL;
	page->length = 0;
	page->capacity = 0;
	return text;
}
