/* SPDX-License-Identifier: MIT */
#include "core/engine/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/text.h"

#define HEADER 4

static uint32_t
read_length(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
	       (uint32_t)bytes[2] << 8 | (uint32_t)bytes[3];
}

static void
write_length(unsigned char *bytes, uint32_t length)
{
	bytes[0] = (unsigned char)(length >> 24);
	bytes[1] = (unsigned char)(length >> 16);
	bytes[2] = (unsigned char)(length >> 8);
	bytes[3] = (unsigned char)length;
}

static ww_status
check_length(uint32_t length, struct ww_error *error)
{
	if (length > WW_FRAME_LIMIT)
		return ww_error_set(error, WW_E_FORMAT,
		                    "worker pipe: a frame of %u bytes is over "
		                    "the limit of %u; something other than "
		                    "frames was written there",
		                    length, WW_FRAME_LIMIT);
	return WW_OK;
}

static ww_status
parse_frame(const char *bytes, size_t length, struct json_object **frame,
            struct ww_error *error)
{
	ww_status status = ww_json_parse(bytes, length, "worker frame", 0,
	                                 frame, error);

	if (status != WW_OK)
		return status;
	if (ww_json_string(*frame, "type", NULL) != NULL)
		return WW_OK;
	json_object_put(*frame);
	*frame = NULL;
	return ww_error_set(error, WW_E_FORMAT,
	                    "worker frame: no string member \"type\"");
}

/* --------------------------------------------------------------- blocking */

/* Reads until `length` bytes are there or the pipe ends; -1 on an error. */
static ssize_t
read_all(int fd, char *bytes, size_t length)
{
	size_t used = 0;

	while (used < length) {
		ssize_t got = read(fd, bytes + used, length - used);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		used += (size_t)got;
	}
	return (ssize_t)used;
}

static ww_status
cut_short(ssize_t got, struct ww_error *error)
{
	if (got < 0)
		return ww_error_set(error, WW_E_IO,
		                    "worker pipe: cannot read: %s",
		                    strerror(errno));
	return ww_error_set(error, WW_E_IO,
	                    "worker pipe: ended in the middle of a frame; the "
	                    "other side is gone");
}

ww_status
ww_frame_read(int fd, struct json_object **frame, struct ww_error *error)
{
	unsigned char header[HEADER];
	uint32_t length;
	char *bytes;
	ssize_t got = read_all(fd, (char *)header, HEADER);
	ww_status status;

	*frame = NULL;
	if (got == 0)
		return WW_STOPPED;
	if (got != HEADER)
		return cut_short(got, error);
	length = read_length(header);
	status = check_length(length, error);
	if (status != WW_OK)
		return status;
	bytes = ww_alloc((size_t)length + 1);
	got = read_all(fd, bytes, length);
	if (got != (ssize_t)length)
		status = cut_short(got, error);
	else
		status = parse_frame(bytes, length, frame, error);
	free(bytes);
	return status;
}

char *
ww_frame_bytes(struct json_object *frame, size_t *length)
{
	const char *text = ww_json_text(frame);
	size_t n = strlen(text);
	char *bytes = ww_alloc(HEADER + n + 1);

	write_length((unsigned char *)bytes, (uint32_t)n);
	memcpy(bytes + HEADER, text, n);
	*length = HEADER + n;
	return bytes;
}

ww_status
ww_frame_write(int fd, struct json_object *frame, struct ww_error *error)
{
	size_t length, done = 0;
	char *bytes = ww_frame_bytes(frame, &length);
	ww_status status = length - HEADER > WW_FRAME_LIMIT
	                           ? check_length(UINT32_MAX, error)
	                           : WW_OK;

	while (status == WW_OK && done < length) {
		ssize_t put = write(fd, bytes + done, length - done);

		if (put >= 0)
			done += (size_t)put;
		else if (errno != EINTR)
			status = ww_error_set(error, WW_E_IO,
			                      "worker pipe: cannot write: %s",
			                      strerror(errno));
	}
	free(bytes);
	return status;
}

/* ------------------------------------------------------------ incremental */

struct ww_frame_reader {
	char *bytes;
	size_t used;
	size_t size;
};

struct ww_frame_reader *
ww_frame_reader_new(void)
{
	return ww_alloc(sizeof(struct ww_frame_reader));
}

void
ww_frame_reader_free(struct ww_frame_reader *reader)
{
	if (reader == NULL)
		return;
	free(reader->bytes);
	free(reader);
}

static void
keep_bytes(struct ww_frame_reader *reader, const char *bytes, size_t length)
{
	if (reader->used + length > reader->size) {
		reader->size = (reader->used + length) * 2;
		reader->bytes = ww_grow(reader->bytes, reader->size);
	}
	if (length > 0)
		memcpy(reader->bytes + reader->used, bytes, length);
	reader->used += length;
}

/* Parses the frame at `at`, if it is complete; *at moves behind it. WW_PENDING:
 * not yet. */
static ww_status
next_frame(const struct ww_frame_reader *reader, size_t *at,
           struct json_object **frame, struct ww_error *error)
{
	const char *start = reader->bytes + *at;
	uint32_t length;
	ww_status status;

	if (reader->used - *at < HEADER)
		return WW_PENDING;
	length = read_length((const unsigned char *)start);
	status = check_length(length, error);
	if (status != WW_OK)
		return status;
	if (reader->used - *at < HEADER + (size_t)length)
		return WW_PENDING;
	*at += HEADER + (size_t)length;
	return parse_frame(start + HEADER, length, frame, error);
}

ww_status
ww_frame_reader_feed(struct ww_frame_reader *reader, const char *bytes,
                     size_t length,
                     void (*deliver)(void *context, struct json_object *frame),
                     void *context, struct ww_error *error)
{
	size_t at = 0;
	ww_status status;

	keep_bytes(reader, bytes, length);
	for (;;) {
		struct json_object *frame;

		status = next_frame(reader, &at, &frame, error);
		if (status != WW_OK)
			break;
		deliver(context, frame);
		json_object_put(frame);
	}
	if (at > 0)
		memmove(reader->bytes, reader->bytes + at, reader->used - at);
	reader->used -= at;
	return status == WW_PENDING ? WW_OK : status;
}
