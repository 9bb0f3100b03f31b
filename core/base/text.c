/* SPDX-License-Identifier: MIT */
#include "core/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void
out_of_memory(void)
{
	fputs("warpwright: out of memory\n", stderr);
	abort();
}

void *
ww_alloc(size_t bytes)
{
	void *block = calloc(1, bytes > 0 ? bytes : 1);

	if (block == NULL)
		out_of_memory();
	return block;
}

void *
ww_grow(void *block, size_t bytes)
{
	void *grown = realloc(block, bytes > 0 ? bytes : 1);

	if (grown == NULL)
		out_of_memory();
	return grown;
}

char *
ww_copy_n(const char *text, size_t length)
{
	char *copy = ww_alloc(length + 1);

	memcpy(copy, text, length);
	return copy;
}

char *
ww_copy(const char *text)
{
	return text == NULL ? NULL : ww_copy_n(text, strlen(text));
}

char *
ww_text(const char *format, ...)
{
	va_list args;
	va_list again;
	char *text;
	int length;

	va_start(args, format);
	va_copy(again, args);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	text = ww_alloc((size_t)(length > 0 ? length : 0) + 1);
	if (length > 0)
		vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}

#define LONGEST_NAME 128

/* Levenshtein's. */
static unsigned
distance_of(const char *a, const char *b)
{
	unsigned row[LONGEST_NAME + 1];
	size_t length = strlen(b);
	size_t i, j;

	if (length > LONGEST_NAME)
		length = LONGEST_NAME;
	for (j = 0; j <= length; j++)
		row[j] = (unsigned)j;
	for (i = 1; a[i - 1] != '\0'; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (j = 1; j <= length; j++) {
			unsigned change = diagonal + (a[i - 1] != b[j - 1]);
			unsigned shorter = row[j] < row[j - 1] ? row[j]
			                                       : row[j - 1];

			diagonal = row[j];
			row[j] = change < shorter + 1 ? change : shorter + 1;
		}
	}
	return row[length];
}

const char *
ww_text_closest(const char *name, const char *const *candidates, size_t n)
{
	const char *closest = NULL;
	unsigned best = (unsigned)strlen(name) / 3 + 1;
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned distance = distance_of(name, candidates[i]);

		if (distance <= best) {
			if (closest == NULL || distance < best)
				closest = candidates[i];
			best = distance;
		}
	}
	return closest;
}

/* Length of the valid UTF-8 sequence at `s`, or 0. */
static size_t
sequence_length(const unsigned char *s, size_t left)
{
	size_t length, i;
	uint32_t code;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf) {
		length = 2;
		code = s[0] & 0x1fu;
	} else if (s[0] >= 0xe0 && s[0] <= 0xef) {
		length = 3;
		code = s[0] & 0x0fu;
	} else if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		length = 4;
		code = s[0] & 0x07u;
	} else {
		return 0;
	}
	if (left < length)
		return 0;
	for (i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (s[i] & 0x3fu);
	}
	if ((length == 3 && code < 0x800) || (length == 4 && code < 0x10000) ||
	    code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	return length;
}

int
ww_text_is_utf8(const char *bytes, size_t length)
{
	size_t at = 0;

	while (at < length) {
		size_t step = sequence_length(
			(const unsigned char *)bytes + at, length - at);

		if (step == 0)
			return 0;
		at += step;
	}
	return 1;
}

void
ww_text_mend(char *bytes, size_t length)
{
	size_t at = 0;

	while (at < length) {
		size_t step = sequence_length(
			(const unsigned char *)bytes + at, length - at);

		if (step == 0)
			bytes[at++] = '?';
		else
			at += step;
	}
}

void
ww_text_clean(char *out, size_t size, const char *text, size_t length)
{
	size_t from = 0;
	size_t to = 0;

	while (from < length) {
		const unsigned char *s = (const unsigned char *)text + from;
		size_t step = sequence_length(s, length - from);

		if (to + (step > 0 ? step : 1) >= size)
			break;
		if (step == 0) {
			out[to++] = '?';
			from++;
		} else if (s[0] < 0x20 || s[0] == 0x7f) {
			out[to++] = ' ';
			from++;
		} else {
			memcpy(out + to, s, step);
			to += step;
			from += step;
		}
	}
	out[to] = '\0';
}

void
ww_text_first_line(char *out, size_t size, const char *text)
{
	size_t length;

	text += strspn(text, "\r\n \t");
	length = strcspn(text, "\r\n");
	ww_text_clean(out, size, text, length);
}

static int64_t
clock_ns(clockid_t id)
{
	struct timespec now;

	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int64_t
ww_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

int64_t
ww_wall_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}
