/* SPDX-License-Identifier: MIT */
#include "plugins/common/sse.h"

#include <stdio.h>
#include <string.h>

void
sse_start(struct sse_reader *reader, int lines, sse_frame frame, void *context)
{
	*reader = (struct sse_reader){ .frame = frame,
		                       .context = context,
		                       .lines = lines };
}

static int
dispatch(struct sse_reader *reader)
{
	int result = 0;

	if (reader->has_data)
		result = reader->frame(reader->context, reader->event,
		                       bytes_text(&reader->data),
		                       reader->data.length);
	bytes_clear(&reader->data);
	reader->event[0] = '\0';
	reader->has_data = 0;
	return result;
}

static void
take_field(struct sse_reader *reader, const char *line, size_t length)
{
	const char *colon = memchr(line, ':', length);
	size_t name = colon != NULL ? (size_t)(colon - line) : length;
	const char *value = colon != NULL ? colon + 1 : line + length;
	size_t left = length - (size_t)(value - line);

	if (left > 0 && value[0] == ' ') {
		value++;
		left--;
	}
	if (name == 4 && memcmp(line, "data", 4) == 0) {
		if (reader->has_data)
			bytes_add(&reader->data, "\n", 1);
		bytes_add(&reader->data, value, left);
		reader->has_data = 1;
	} else if (name == 5 && memcmp(line, "event", 5) == 0) {
		snprintf(reader->event, sizeof reader->event, "%.*s",
		         (int)(left < 60 ? left : 60), value);
	}
}

static int
take_line(struct sse_reader *reader)
{
	const char *line = bytes_text(&reader->line);
	size_t length = reader->line.length;
	int result = 0;

	if (!reader->started && length >= 3 &&
	    memcmp(line, "\xef\xbb\xbf", 3) == 0) {
		line += 3;
		length -= 3;
	}
	reader->started = 1;
	if (reader->lines) {
		if (length > 0)
			result = reader->frame(reader->context, "", line,
			                       length);
	} else if (length == 0) {
		result = dispatch(reader);
	} else if (line[0] != ':') {
		take_field(reader, line, length);
	}
	bytes_clear(&reader->line);
	return result;
}

int
sse_feed(struct sse_reader *reader, const char *bytes, size_t length)
{
	size_t at;

	for (at = 0; at < length; at++) {
		char byte = bytes[at];
		int result = 0;

		if (byte == '\n' && reader->after_return) {
			reader->after_return = 0;
			continue;
		}
		reader->after_return = byte == '\r';
		if (byte == '\r' || byte == '\n')
			result = take_line(reader);
		else
			bytes_add(&reader->line, &byte, 1);
		if (reader->line.length + reader->data.length >
		            SSE_LONGEST_FRAME ||
		    reader->line.failed || reader->data.failed)
			return SSE_TOO_LONG;
		if (result != 0)
			return result;
	}
	return 0;
}

int
sse_end(struct sse_reader *reader)
{
	int result = 0;

	if (reader->line.length > 0)
		result = take_line(reader);
	if (result == 0)
		result = dispatch(reader);
	return result;
}

void
sse_free(struct sse_reader *reader)
{
	bytes_free(&reader->line);
	bytes_free(&reader->data);
}
