/* SPDX-License-Identifier: MIT */
#include "core/cli/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/text.h"

#define PIECE 65536

void
ww_lines_open(struct ww_lines *lines, int fd)
{
	memset(lines, 0, sizeof *lines);
	lines->fd = fd;
	lines->room = PIECE;
	lines->bytes = ww_alloc(lines->room + 1);
}

void
ww_lines_close(struct ww_lines *lines)
{
	free(lines->bytes);
	memset(lines, 0, sizeof *lines);
}

static char *
hand_out(struct ww_lines *lines, size_t length, size_t taken)
{
	lines->bytes[length] = '\0';
	lines->taken = taken;
	lines->number++;
	return lines->bytes;
}

char *
ww_lines_next(struct ww_lines *lines)
{
	char *end;

	lines->length -= lines->taken;
	memmove(lines->bytes, lines->bytes + lines->taken, lines->length);
	lines->taken = 0;
	lines->cut = false;
	end = memchr(lines->bytes, '\n', lines->length);
	if (lines->skipping && end == NULL) {
		lines->length = 0;
		return NULL;
	}
	if (lines->skipping) {
		lines->skipping = false;
		lines->taken = (size_t)(end - lines->bytes) + 1;
		return ww_lines_next(lines);
	}
	if (end != NULL)
		return hand_out(lines, (size_t)(end - lines->bytes),
		                (size_t)(end - lines->bytes) + 1);
	if (lines->length >= WW_LONGEST_LINE) {
		lines->cut = lines->skipping = true;
		return hand_out(lines, lines->length, lines->length);
	}
	if (lines->ended && lines->length > 0)
		return hand_out(lines, lines->length, lines->length);
	return NULL;
}

void
ww_lines_read(struct ww_lines *lines)
{
	ssize_t got;

	if (lines->room - lines->length < PIECE) {
		lines->room += lines->room + PIECE;
		lines->bytes = ww_grow(lines->bytes, lines->room + 1);
	}
	got = read(lines->fd, lines->bytes + lines->length,
	           lines->room - lines->length);
	if (got > 0)
		lines->length += (size_t)got;
	else if (got == 0 || (errno != EINTR && errno != EAGAIN))
		lines->ended = true;
}
