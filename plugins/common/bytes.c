/* SPDX-License-Identifier: MIT */
#include "plugins/common/bytes.h"

#include <stdlib.h>
#include <string.h>

void
bytes_add(struct bytes *bytes, const char *more, size_t length)
{
	if (bytes->failed)
		return;
	if (length > BYTES_LIMIT - bytes->length) {
		bytes->failed = 1;
		return;
	}
	if (bytes->length + length + 1 > bytes->room) {
		size_t room = (bytes->length + length + 1) * 2;
		char *grown = realloc(bytes->text, room);

		if (grown == NULL) {
			bytes->failed = 1;
			return;
		}
		bytes->text = grown;
		bytes->room = room;
	}
	memcpy(bytes->text + bytes->length, more, length);
	bytes->length += length;
	bytes->text[bytes->length] = '\0';
}

void
bytes_add_text(struct bytes *bytes, const char *text)
{
	bytes_add(bytes, text, strlen(text));
}

void
bytes_clear(struct bytes *bytes)
{
	bytes->length = 0;
	bytes->failed = 0;
	if (bytes->text != NULL)
		bytes->text[0] = '\0';
}

void
bytes_free(struct bytes *bytes)
{
	free(bytes->text);
	*bytes = (struct bytes){ 0 };
}

const char *
bytes_text(const struct bytes *bytes)
{
	return bytes->text != NULL ? bytes->text : "";
}
