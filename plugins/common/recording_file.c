/* SPDX-License-Identifier: MIT */
#include "plugins/common/recording_file.h"

#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/recording_internal.h"

#define DEEPEST 32

/* A walk over the top of the JSON text. Only the members of the top object and
 * the elements of the one large member are parsed as values, one after another,
 * so the text is never held as objects as a whole, and a text that ends early
 * gives everything before its end. */
struct walk {
	const char *text;
	size_t length;
	size_t at;
	json_tokener *tokener;
	struct ww_recording_builder *builder;
};

ww_status
ww_recording_fault(struct ww_recording_builder *builder, ww_status status,
                   const char *format, ...)
{
	va_list args;
	size_t n;

	if (builder->status != WW_OK)
		return builder->status;
	builder->status = status;
	snprintf(builder->message, WW_RECORDING_MESSAGE, "%s: ",
	         builder->recording->path);
	n = strlen(builder->message);
	va_start(args, format);
	vsnprintf(builder->message + n, WW_RECORDING_MESSAGE - n, format, args);
	va_end(args);
	return status;
}

static char
next_char(struct walk *walk)
{
	while (walk->at < walk->length &&
	       isspace((unsigned char)walk->text[walk->at]))
		walk->at++;
	return walk->at < walk->length ? walk->text[walk->at] : '\0';
}

static int
take_char(struct walk *walk, char wanted)
{
	if (next_char(walk) != wanted)
		return 0;
	walk->at++;
	return 1;
}

/* 1: a value; 0: the text ends within it; -1: not JSON. A null is a value. */
static int
take_value(struct walk *walk, struct json_object **value)
{
	size_t left;

	next_char(walk);
	left = walk->length - walk->at;
	*value = NULL;
	if (left == 0)
		return 0;
	json_tokener_reset(walk->tokener);
	*value = json_tokener_parse_ex(walk->tokener, walk->text + walk->at,
	                               left > INT_MAX ? INT_MAX : (int)left);
	if (json_tokener_get_error(walk->tokener) == json_tokener_continue)
		return 0;
	if (json_tokener_get_error(walk->tokener) != json_tokener_success)
		return -1;
	walk->at += json_tokener_get_parse_end(walk->tokener);
	return 1;
}

static void
not_json(struct walk *walk)
{
	size_t line = 1;
	size_t i;

	for (i = 0; i < walk->at && i < walk->length; i++)
		line += walk->text[i] == '\n';
	ww_recording_fault(walk->builder, WW_E_FORMAT,
	                   "line %zu: this is not valid JSON", line);
}

/* Takes "key": and leaves the key in *key, to be put. As take_value(). */
static int
take_key(struct walk *walk, struct json_object **key)
{
	int taken = take_value(walk, key);

	if (taken <= 0)
		return taken;
	if (!json_object_is_type(*key, json_type_string))
		return -1;
	if (take_char(walk, ':'))
		return 1;
	return next_char(walk) == '\0' ? 0 : -1;
}

/* The elements of "cache" (an object) or "results" (an array). Returns 0 if
 * the text ends before the closing bracket. */
static int
take_entries(struct walk *walk, char close)
{
	struct ww_recording_builder *builder = walk->builder;
	struct json_object *key = NULL, *entry = NULL;
	int taken = 1;

	while (taken > 0 && builder->status == WW_OK) {
		if (take_char(walk, close))
			return 1;
		key = NULL;
		if (close == '}')
			taken = take_key(walk, &key);
		if (taken > 0)
			taken = take_value(walk, &entry);
		if (taken > 0)
			ww_recording_entry(builder,
			                   key == NULL
			                           ? NULL
			                           : json_object_get_string(key),
			                   entry);
		json_object_put(key);
		json_object_put(entry);
		entry = NULL;
		if (taken > 0 && !take_char(walk, ',') &&
		    next_char(walk) != close && next_char(walk) != '\0')
			taken = -1;
	}
	if (taken < 0)
		not_json(walk);
	return 0;
}

static int
is_entries(const char *key, char first)
{
	return (strcmp(key, "cache") == 0 && first == '{') ||
	       (strcmp(key, "results") == 0 && first == '[');
}

static char *
replace_text(char *old, const char *text)
{
	free(old);
	return strdup(text);
}

static int
take_member(struct walk *walk)
{
	struct ww_recording *recording = walk->builder->recording;
	struct json_object *key = NULL, *value = NULL;
	int taken = take_key(walk, &key);

	if (taken > 0 && is_entries(json_object_get_string(key), next_char(walk))) {
		char open = walk->text[walk->at++];

		recording->format = replace_text(
			recording->format, open == '{' ? "kernel-tuner" : "t4");
		taken = take_entries(walk, open == '{' ? '}' : ']');
	} else if (taken > 0) {
		taken = take_value(walk, &value);
		if (taken > 0)
			ww_recording_header(walk->builder,
			                    json_object_get_string(key), value);
	}
	json_object_put(key);
	json_object_put(value);
	return taken;
}

static void
take_document(struct walk *walk)
{
	struct ww_recording_builder *builder = walk->builder;
	int taken = 1;

	if (!take_char(walk, '{'))
		taken = -1;
	while (taken > 0 && builder->status == WW_OK &&
	       !take_char(walk, '}')) {
		taken = take_member(walk);
		if (taken > 0 && !take_char(walk, ',') &&
		    next_char(walk) != '}')
			taken = next_char(walk) == '\0' ? 0 : -1;
	}
	if (taken < 0)
		not_json(walk);
	if (taken == 0)
		builder->recording->truncated = 1;
}

static ww_status
check_complete(struct ww_recording_builder *builder)
{
	struct ww_recording *recording = builder->recording;

	if (builder->status != WW_OK)
		return builder->status;
	if (recording->format[0] == '\0')
		return ww_recording_fault(
			builder, WW_E_FORMAT,
			"neither \"cache\" (Kernel Tuner) nor \"results\" (T4) "
			"is in it, so it is no recording");
	if (recording->n_entries == 0)
		return ww_recording_fault(builder, WW_E_FORMAT,
		                          "no usable entry is in it");
	return WW_OK;
}

static struct ww_recording *
recording_new(const char *name)
{
	struct ww_recording *recording = calloc(1, sizeof *recording);

	if (recording == NULL)
		return NULL;
	recording->path = strdup(name);
	recording->format = strdup("");
	recording->device = strdup("");
	recording->kernel = strdup("");
	return recording;
}

static ww_status
read_text(struct ww_recording_builder *builder, const char *bytes,
          size_t length)
{
	struct walk walk = { .text = bytes, .length = length,
		             .builder = builder };

	if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		walk.at = 3;
	walk.tokener = json_tokener_new_ex(DEEPEST);
	if (walk.tokener == NULL)
		return ww_recording_fault(builder, WW_E_NO_MEMORY,
		                          "out of memory");
	take_document(&walk);
	json_tokener_free(walk.tokener);
	return check_complete(builder);
}

static void
builder_clear(struct ww_recording_builder *builder)
{
	free(builder->row);
	free(builder->last);
	free(builder->objective);
}

ww_status
ww_recording_parse(const char *bytes, size_t length, const char *name,
                   struct ww_recording **recording, char *message)
{
	struct ww_recording_builder builder = { .message = message };
	char *unpacked = NULL;
	ww_status status = WW_OK;

	message[0] = '\0';
	if (ww_recording_is_gzip(bytes, length)) {
		status = ww_recording_inflate(bytes, length, name, &unpacked,
		                              &length, message);
		bytes = unpacked;
	}
	if (status != WW_OK)
		return status;
	builder.recording = recording_new(name);
	builder.objective = strdup("time");
	if (builder.recording == NULL || builder.objective == NULL)
		status = WW_E_NO_MEMORY;
	else
		status = read_text(&builder, bytes, length);
	if (status == WW_OK)
		status = ww_recording_finish(&builder);
	if (status == WW_OK)
		*recording = builder.recording;
	else
		ww_recording_free(builder.recording);
	builder_clear(&builder);
	free(unpacked);
	return status;
}

ww_status
ww_recording_read(const char *path, struct ww_recording **recording,
                  char *message)
{
	char *bytes;
	size_t length;
	ww_status status = ww_recording_bytes(path, &bytes, &length, message);

	if (status != WW_OK)
		return status;
	status = ww_recording_parse(bytes, length, path, recording, message);
	free(bytes);
	return status;
}

int
ww_recording_recognise(const char *bytes, size_t length)
{
	/* Members that only a recording has stand near its beginning. */
	char head[65537];

	if (ww_recording_is_gzip(bytes, length))
		return 1;
	if (length >= sizeof head)
		length = sizeof head - 1;
	memcpy(head, bytes, length);
	head[length] = '\0';
	if (strstr(head, "\"tune_params\"") != NULL ||
	    strstr(head, "\"tune_params_keys\"") != NULL)
		return 1;
	return strstr(head, "\"results\"") != NULL &&
	       strstr(head, "\"configuration\"") != NULL;
}

void
ww_recording_free(struct ww_recording *recording)
{
	uint32_t i, k;

	if (recording == NULL)
		return;
	for (i = 0; i < recording->n_parameters; i++) {
		struct ww_recorded_parameter *parameter =
			&recording->parameters[i];

		for (k = 0; k < parameter->n_values; k++)
			free((void *)(uintptr_t)parameter->values[k].string);
		free(parameter->values);
		free(parameter->name);
	}
	for (i = 0; i < recording->n_texts; i++)
		free(recording->texts[i]);
	free(recording->texts);
	free(recording->parameters);
	free(recording->rows);
	free(recording->entries);
	free(recording->samples_ms);
	free(recording->path);
	free(recording->format);
	free(recording->device);
	free(recording->kernel);
	ww_recording_index_free(recording);
	free(recording);
}
