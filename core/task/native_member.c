/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/task/native.h"

/* The line of a member, or of the nearest thing around it that is there. */
static int
line_of(const struct ww_native *native, const char *path)
{
	char *shorter = ww_copy(path);
	int line = 0;

	while (shorter[0] != '\0') {
		char *dot, *bracket, *cut;

		line = ww_json_line(native->input->bytes, shorter);
		if (line > 0)
			break;
		dot = strrchr(shorter, '.');
		bracket = strrchr(shorter, '[');
		cut = dot > bracket ? dot : bracket;
		*(cut != NULL ? cut : shorter) = '\0';
	}
	free(shorter);
	return line > 0 ? line : 1;
}

ww_status
ww_native_fail(struct ww_native *native, const char *path, const char *format,
               ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return ww_error_set(native->error, WW_E_CONFIG, "%s:%d: %s",
	                    native->input->path, line_of(native, path), text);
}

ww_status
ww_native_locate(struct ww_native *native, const char *path)
{
	if (native->error != NULL)
		native->error->status = WW_E_CONFIG;
	ww_error_prefix(native->error, "%s:%d: ", native->input->path,
	                line_of(native, path));
	return WW_E_CONFIG;
}

const char *
ww_native_path(struct ww_native *native, const char *path, const char *key)
{
	char *text = path[0] == '\0' ? ww_copy(key)
	                             : ww_text("%s.%s", path, key);
	const char *kept = ww_task_keep(native->task, text);

	free(text);
	return kept;
}

const char *
ww_native_item(struct ww_native *native, const char *path, size_t index)
{
	char *text = ww_text("%s[%zu]", path, index);
	const char *kept = ww_task_keep(native->task, text);

	free(text);
	return kept;
}

static bool
is_listed(const char *key, const char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(key, names[i]) == 0)
			return true;
	return false;
}

ww_status
ww_native_members(struct ww_native *native, struct json_object *object,
                  const char *path, const char *const *names)
{
	struct json_object_iterator at = json_object_iter_begin(object);
	struct json_object_iterator end = json_object_iter_end(object);
	size_t n = 0;

	while (names[n] != NULL)
		n++;
	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		const char *key = json_object_iter_peek_name(&at);
		const char *closest;

		if (is_listed(key, names, n))
			continue;
		closest = ww_text_closest(key, names, n);
		path = ww_native_path(native, path, key);
		if (closest != NULL)
			return ww_native_fail(native, path,
			                      "unknown member \"%.80s\"; did you "
			                      "mean \"%s\"?",
			                      key, closest);
		return ww_native_fail(native, path, "unknown member \"%.80s\"",
		                      key);
	}
	return WW_OK;
}

static const char *
type_words(enum json_type type)
{
	switch (type) {
	case json_type_object:
		return "an object";
	case json_type_array:
		return "an array";
	case json_type_string:
		return "a string";
	case json_type_int:
		return "a whole number";
	default:
		return "a number";
	}
}

ww_status
ww_native_member(struct ww_native *native, struct json_object *object,
                 const char *path, const char *key, enum json_type type,
                 struct json_object **member)
{
	*member = NULL;
	if (!json_object_object_get_ex(object, key, member))
		return WW_OK;
	if (json_object_is_type(*member, type))
		return WW_OK;
	*member = NULL;
	return ww_native_fail(native, ww_native_path(native, path, key),
	                      "\"%s\" must be %s", key, type_words(type));
}

ww_status
ww_native_text(struct ww_native *native, struct json_object *string,
               const char *path, const char **text)
{
	*text = json_object_get_string(string);
	if (strlen(*text) == (size_t)json_object_get_string_len(string))
		return WW_OK;
	return ww_native_fail(native, path, "\"%.80s\" holds a NUL character",
	                      *text);
}

ww_status
ww_native_string(struct ww_native *native, struct json_object *object,
                 const char *path, const char *key, const char **text)
{
	struct json_object *member;
	ww_status status = ww_native_member(native, object, path, key,
	                                    json_type_string, &member);

	*text = NULL;
	if (status != WW_OK || member == NULL)
		return status;
	*text = json_object_get_string(member);
	if (strlen(*text) != (size_t)json_object_get_string_len(member))
		return ww_native_fail(native, ww_native_path(native, path, key),
		                      "\"%s\" holds a NUL character", key);
	return WW_OK;
}

ww_status
ww_native_number(struct ww_native *native, struct json_object *object,
                 const char *path, const char *key, double *number)
{
	struct json_object *member;

	if (!json_object_object_get_ex(object, key, &member))
		return WW_OK;
	if (!json_object_is_type(member, json_type_int) &&
	    !json_object_is_type(member, json_type_double))
		return ww_native_fail(native, ww_native_path(native, path, key),
		                      "\"%s\" must be a number", key);
	*number = json_object_get_double(member);
	if (!isfinite(*number))
		return ww_native_fail(native, ww_native_path(native, path, key),
		                      "\"%s\" is too large", key);
	return WW_OK;
}

ww_status
ww_native_expression(struct ww_native *native, struct json_object *value,
                     const char *path, const char **text)
{
	if (json_object_is_type(value, json_type_string)) {
		ww_status status = ww_native_text(native, value, path, text);

		if (status == WW_OK)
			*text = ww_task_keep(native->task, *text);
		return status;
	}
	if (json_object_is_type(value, json_type_int) ||
	    json_object_is_type(value, json_type_double)) {
		*text = ww_task_keep(native->task, ww_json_text(value));
		return WW_OK;
	}
	return ww_native_fail(native, path,
	                      "an expression is a string or a number");
}

ww_status
ww_native_tolerance(struct ww_native *native, struct json_object *object,
                    const char *path, double *absolute, double *relative)
{
	static const char *const names[] = { "absolute", "relative", NULL };
	struct json_object *tolerance;
	ww_status status = ww_native_member(native, object, path, "tolerance",
	                                    json_type_object, &tolerance);

	if (status != WW_OK || tolerance == NULL)
		return status;
	path = ww_native_path(native, path, "tolerance");
	*absolute = *relative = 0;
	status = ww_native_members(native, tolerance, path, names);
	if (status == WW_OK)
		status = ww_native_number(native, tolerance, path, "absolute",
		                          absolute);
	if (status == WW_OK)
		status = ww_native_number(native, tolerance, path, "relative",
		                          relative);
	if (status == WW_OK && (*absolute < 0 || *relative < 0))
		return ww_native_fail(native, path,
		                      "a tolerance is not negative");
	return status;
}
