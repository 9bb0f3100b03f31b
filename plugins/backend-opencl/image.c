/* SPDX-License-Identifier: MIT */
#include "image.h"

#include <stdlib.h>
#include <string.h>

/* No binary begins so. The options follow, a NUL, the source. */
static const char signature[] = "warpwright opencl source 1\n";

ww_status
opencl_image_write(struct ww_call *call, const char *options,
                   const char *source, uint64_t source_length, void **image,
                   uint64_t *length)
{
	size_t head = strlen(signature);
	size_t words = strlen(options) + 1;
	char *bytes = malloc(head + words + source_length);

	if (bytes == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	memcpy(bytes, signature, head);
	memcpy(bytes + head, options, words);
	memcpy(bytes + head + words, source, source_length);
	*image = bytes;
	*length = head + words + source_length;
	return WW_OK;
}

int
opencl_image_read(const void *image, uint64_t length, const char **options,
                  const char **source, size_t *source_length)
{
	const char *bytes = image;
	size_t head = strlen(signature);
	const char *end;

	if (length <= head || memcmp(bytes, signature, head) != 0)
		return 0;
	end = memchr(bytes + head, '\0', length - head);
	if (end == NULL)
		return 0;
	*options = bytes + head;
	*source = end + 1;
	*source_length = length - (size_t)(end + 1 - bytes);
	return 1;
}
