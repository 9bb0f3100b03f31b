/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "plugins/common/recording_internal.h"

/* More than any public recording, little enough to refuse a zip bomb. */
#define LARGEST_TEXT ((size_t)1 << 30)
#define FIRST_ROOM ((size_t)1 << 20)

int
ww_recording_is_gzip(const char *bytes, size_t length)
{
	return length >= 2 && (unsigned char)bytes[0] == 0x1f &&
	       (unsigned char)bytes[1] == 0x8b;
}

static ww_status
say(char *message, ww_status status, const char *name, const char *why)
{
	snprintf(message, WW_RECORDING_MESSAGE, "%s: %s", name, why);
	return status;
}

/* Doubles the room; 0 when it would pass the limit or memory is out. */
static int
grow(char **bytes, size_t *room)
{
	char *larger;

	if (*room >= LARGEST_TEXT)
		return 0;
	larger = realloc(*bytes, *room * 2 + 1);
	if (larger == NULL)
		return 0;
	*bytes = larger;
	*room *= 2;
	return 1;
}

static ww_status
read_plain(FILE *file, const char *path, char **bytes, size_t *length,
           char *message)
{
	size_t room = FIRST_ROOM;
	size_t n = 0;

	*bytes = malloc(room + 1);
	if (*bytes == NULL)
		return say(message, WW_E_NO_MEMORY, path, "out of memory");
	for (;;) {
		size_t got = fread(*bytes + n, 1, room - n, file);

		n += got;
		if (got == 0)
			break;
		if (n == room && !grow(bytes, &room)) {
			free(*bytes);
			return say(message, WW_E_FORMAT, path,
			           "larger than a recording can be");
		}
	}
	if (ferror(file)) {
		free(*bytes);
		return say(message, WW_E_IO, path, strerror(errno));
	}
	(*bytes)[n] = '\0';
	*length = n;
	return WW_OK;
}

/* A stream that ends early still gives the bytes before its end: a recording
 * whose writer was killed is worth reading. */
static ww_status
inflate_all(z_stream *stream, const char *name, char **bytes, size_t *length,
            char *message)
{
	size_t room = FIRST_ROOM;
	int result = Z_OK;

	*bytes = malloc(room + 1);
	if (*bytes == NULL)
		return say(message, WW_E_NO_MEMORY, name, "out of memory");
	while (result == Z_OK) {
		if (stream->total_out == room && !grow(bytes, &room)) {
			free(*bytes);
			return say(message, WW_E_FORMAT, name,
			           "unpacks to more than a recording can be");
		}
		stream->next_out = (Bytef *)*bytes + stream->total_out;
		stream->avail_out = (uInt)(room - stream->total_out > UINT32_MAX
		                                   ? UINT32_MAX
		                                   : room - stream->total_out);
		result = inflate(stream, Z_NO_FLUSH);
		if (result == Z_STREAM_END && stream->avail_in > 0)
			break;
	}
	*length = stream->total_out;
	(*bytes)[*length] = '\0';
	if (result == Z_STREAM_END || (result == Z_BUF_ERROR && *length > 0))
		return WW_OK;
	free(*bytes);
	return say(message, WW_E_FORMAT, name, "damaged gzip data");
}

ww_status
ww_recording_inflate(const char *packed, size_t n, const char *name,
                     char **bytes, size_t *length, char *message)
{
	z_stream stream;
	ww_status status;

	memset(&stream, 0, sizeof stream);
	stream.next_in = (Bytef *)(uintptr_t)packed;
	stream.avail_in = (uInt)n;
	if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK)
		return say(message, WW_E_NO_MEMORY, name, "out of memory");
	status = inflate_all(&stream, name, bytes, length, message);
	inflateEnd(&stream);
	return status;
}

ww_status
ww_recording_bytes(const char *path, char **bytes, size_t *length,
                   char *message)
{
	FILE *file = fopen(path, "rb");
	char *packed;
	ww_status status;

	if (file == NULL)
		return say(message,
		           errno == ENOENT ? WW_E_NOT_FOUND : WW_E_IO, path,
		           strerror(errno));
	status = read_plain(file, path, bytes, length, message);
	fclose(file);
	if (status != WW_OK || !ww_recording_is_gzip(*bytes, *length))
		return status;
	packed = *bytes;
	status = ww_recording_inflate(packed, *length, path, bytes, length,
	                              message);
	free(packed);
	return status;
}
