/* SPDX-License-Identifier: MIT
 *
 * Readers of the two stream formats that model services use: server-sent events
 * and one JSON object a line. Bytes come in arbitrary pieces; frames go out.
 */
#ifndef WW_PLUGINS_SSE_H
#define WW_PLUGINS_SSE_H

#include "plugins/common/bytes.h"

/* A frame: `event` is its name or "". Return 0 to go on, else the reader stops
 * and sse_feed() returns that value. */
typedef int (*sse_frame)(void *context, const char *event, const char *data,
                         size_t length);

#define SSE_LONGEST_FRAME ((size_t)8 << 20)
#define SSE_TOO_LONG (-1)

struct sse_reader {
	sse_frame frame;
	void *context;
	int lines;         /* 1: every line is a frame (NDJSON) */
	struct bytes line;
	struct bytes data;
	char event[64];
	int has_data;
	int after_return;  /* the last byte was '\r' */
	int started;       /* a byte order mark was looked for */
};

void sse_start(struct sse_reader *reader, int lines, sse_frame frame,
               void *context);
/* 0, SSE_TOO_LONG, or what `frame` returned. */
int sse_feed(struct sse_reader *reader, const char *bytes, size_t length);
/* End of input: an unfinished last frame is handed over as well, since some
 * servers forget the blank line; it may be cut, so `frame` must check it. */
int sse_end(struct sse_reader *reader);
void sse_free(struct sse_reader *reader);

#endif
