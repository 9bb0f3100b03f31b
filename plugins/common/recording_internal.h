/* SPDX-License-Identifier: MIT
 *
 * Between the parts of the recording reader only: bytes, the walk over the JSON
 * text, and what one entry of either format means.
 */
#ifndef WW_PLUGINS_RECORDING_INTERNAL_H
#define WW_PLUGINS_RECORDING_INTERNAL_H

#include <json-c/json.h>

#include "plugins/common/recording_file.h"

/* A recording under construction. */
struct ww_recording_builder {
	struct ww_recording *recording;
	uint64_t entry_room;
	uint64_t sample_room;
	uint32_t *row;          /* of the entry at hand */
	uint32_t *last;         /* value indices of the entry before it */
	uint32_t fixed_order;   /* values came from a header, keep their order */
	char *objective;        /* first name of the header's objective */
	char *message;
	ww_status status;       /* first failure */
};

/* The file's bytes, unpacked if they are gzip, NUL-terminated. */
ww_status ww_recording_bytes(const char *path, char **bytes, size_t *length,
                             char *message);
ww_status ww_recording_inflate(const char *packed, size_t n, const char *name,
                               char **bytes, size_t *length, char *message);
int ww_recording_is_gzip(const char *bytes, size_t length);

/* Members of the top object, in file order. */
void ww_recording_header(struct ww_recording_builder *builder, const char *key,
                         struct json_object *value);
/* Takes the parameters' names from a T4 configuration: T4 has no header. */
void ww_recording_derive(struct ww_recording_builder *builder,
                         struct json_object *configuration);
/* After the last entry: values in order, rows indexed. */
ww_status ww_recording_finish(struct ww_recording_builder *builder);
/* One element of "cache" (with its key) or of "results" (key null). */
void ww_recording_entry(struct ww_recording_builder *builder, const char *key,
                        struct json_object *entry);

ww_status ww_recording_fault(struct ww_recording_builder *builder,
                             ww_status status, const char *format, ...)
	WW_PRINTF(3, 4);

/* Finds or adds a value; returns its index, UINT32_MAX without memory. */
uint32_t ww_recorded_value_index(struct ww_recorded_parameter *parameter,
                                 const struct ww_value *value, uint32_t guess);
/* A JSON value as a parameter's value; 0 if it cannot be one. `string` is
 * borrowed from the JSON object or from `buffer` (64 bytes). */
int ww_recorded_value_read(struct json_object *json, struct ww_value *value,
                           char *buffer);
/* The same from a piece of a key, as Python's str() writes values. */
void ww_recorded_value_parse(const char *text, struct ww_value *value);

/* Entries found by their row. */
ww_status ww_recording_index_build(struct ww_recording *recording);
void ww_recording_index_free(struct ww_recording *recording);

#endif
