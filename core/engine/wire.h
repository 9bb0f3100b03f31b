/* SPDX-License-Identifier: MIT
 *
 * Frames between the orchestrator and its workers: four bytes of length (big-
 * endian), then that many bytes of JSON. Every frame has a string member "type".
 * Nothing binary crosses: artifacts travel as files named by their hash.
 */
#ifndef WW_CORE_WIRE_H
#define WW_CORE_WIRE_H

#include "core/base/json.h"

#define WW_FRAME_LIMIT (8u << 20)

/* Blocking, for worker processes. WW_STOPPED at a clean end of the pipe. */
ww_status ww_frame_read(int fd, struct json_object **frame,
                        struct ww_error *error);
ww_status ww_frame_write(int fd, struct json_object *frame,
                         struct ww_error *error);

/* Incremental, for the orchestrator: feed bytes, get frames. */
struct ww_frame_reader;
struct ww_frame_reader *ww_frame_reader_new(void);
void ww_frame_reader_free(struct ww_frame_reader *reader);
/* Calls `deliver` (which must not keep the object) for every complete frame.
 * WW_E_FORMAT on an oversized length or bad JSON: the stream is lost. */
ww_status ww_frame_reader_feed(struct ww_frame_reader *reader,
                               const char *bytes, size_t length,
                               void (*deliver)(void *context,
                                               struct json_object *frame),
                               void *context, struct ww_error *error);
/* A frame as bytes, to be freed. */
char *ww_frame_bytes(struct json_object *frame, size_t *length);

#endif
