/* SPDX-License-Identifier: MIT
 *
 * Frames from a worker: whatever its bytes, the reader gives frames or an error,
 * and the cut between two reads makes no difference.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/engine/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void
count(void *context, struct json_object *frame)
{
	(void)frame;
	(*(size_t *)context)++;
}

/* Feeds everything in pieces of `step` bytes and returns how many frames came
 * out before the end or the first error. */
static size_t
feed(const char *bytes, size_t length, size_t step)
{
	struct ww_frame_reader *reader = ww_frame_reader_new();
	struct ww_error error;
	size_t frames = 0, at;

	for (at = 0; at < length; at += step) {
		size_t n = length - at < step ? length - at : step;

		if (ww_frame_reader_feed(reader, bytes + at, n, count, &frames,
		                         &error) != WW_OK)
			break;
	}
	ww_frame_reader_free(reader);
	return frames;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	const char *text = (const char *)bytes;
	size_t whole = length == 0 ? 0 : feed(text, length, length);

	if (feed(text, length, 1) != whole || feed(text, length, 3) != whole)
		abort();
	return 0;
}
