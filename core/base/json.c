/* SPDX-License-Identifier: MIT */
#include "core/base/json.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/paths.h"
#include "core/base/text.h"

#define LARGEST_FILE ((size_t)64 << 20)

/* A walk over the text that blanks comments and finds what json-c accepts
 * although it is no JSON: NaN, single quotes, raw control characters, and
 * integers that it would clamp. */
struct scan {
	char *text;
	size_t length;
	size_t at;
	unsigned flags;
	const char *fault;
};

static void
position(const char *text, size_t at, int *line, int *column)
{
	size_t i;

	*line = 1;
	*column = 1;
	for (i = 0; i < at && text[i] != '\0'; i++) {
		if (text[i] == '\n') {
			(*line)++;
			*column = 1;
		} else {
			(*column)++;
		}
	}
}

static void
scan_string(struct scan *scan)
{
	for (scan->at++; scan->at < scan->length; scan->at++) {
		unsigned char c = (unsigned char)scan->text[scan->at];

		if (c == '"') {
			scan->at++;
			return;
		}
		if (c < 0x20) {
			scan->fault = "control character in a string";
			return;
		}
		if (c == '\\')
			scan->at++;
	}
	scan->fault = "string without an end";
}

static void
scan_comment(struct scan *scan)
{
	char *start = scan->text + scan->at;
	char *end = NULL;
	char *c;

	if ((scan->flags & WW_JSON_COMMENTS) != 0 && start[1] == '/') {
		end = strchr(start, '\n');
		if (end == NULL)
			end = scan->text + scan->length;
	} else if ((scan->flags & WW_JSON_COMMENTS) != 0 && start[1] == '*') {
		end = strstr(start + 2, "*/");
		if (end != NULL)
			end += 2;
	}
	if (end == NULL) {
		scan->fault = "unexpected character '/'";
		return;
	}
	for (c = start; c < end; c++)
		if (*c != '\n')
			*c = ' ';
	scan->at = (size_t)(end - scan->text);
}

static void
scan_number(struct scan *scan)
{
	char *start = scan->text + scan->at;
	size_t length = strspn(start, "+-.0123456789eE");

	errno = 0;
	if (start[0] == '-' && !isdigit((unsigned char)start[1]))
		scan->fault = "not a number";
	else if (strcspn(start, ".eE") >= length &&
	         (strtoll(start, NULL, 10), errno == ERANGE))
		scan->fault = "integer beyond 64 bits";
	else if (!isfinite(strtod(start, NULL)))
		scan->fault = "number too large";
	else
		scan->at += length;
}

static void
scan_word(struct scan *scan)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t i;

	for (i = 0; i < 3; i++) {
		size_t length = strlen(words[i]);

		if (strncmp(scan->text + scan->at, words[i], length) == 0 &&
		    !isalnum((unsigned char)scan->text[scan->at + length])) {
			scan->at += length;
			return;
		}
	}
	scan->fault = "unexpected word or character";
}

static void
scan_text(struct scan *scan)
{
	while (scan->at < scan->length && scan->fault == NULL) {
		char c = scan->text[scan->at];

		if (c == '"')
			scan_string(scan);
		else if (c == '/')
			scan_comment(scan);
		else if (c == '-' || isdigit((unsigned char)c))
			scan_number(scan);
		else if (c != '\0' && strchr("{}[],: \t\r\n", c) != NULL)
			scan->at++;
		else
			scan_word(scan);
	}
}

static ww_status
fault_at(struct ww_error *error, const char *name, const char *text, size_t at,
         const char *what)
{
	int line, column;

	position(text, at, &line, &column);
	return ww_error_set(error, WW_E_FORMAT, "%s:%d:%d: %s", name, line,
	                    column, what);
}

static ww_status
parse_clean(const struct scan *scan, const char *name,
            struct json_object **value, struct ww_error *error)
{
	struct json_tokener *tokener = json_tokener_new_ex(WW_JSON_DEPTH);
	enum json_tokener_error fault;
	size_t end;

	if (tokener == NULL)
		abort();
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT |
	                                        JSON_TOKENER_VALIDATE_UTF8);
	/* The terminating NUL tells the tokener that a bare number is over. */
	*value = json_tokener_parse_ex(tokener, scan->text,
	                               (int)scan->length + 1);
	fault = json_tokener_get_error(tokener);
	end = json_tokener_get_parse_end(tokener);
	json_tokener_free(tokener);
	if (fault == json_tokener_success)
		return WW_OK;
	json_object_put(*value);
	*value = NULL;
	if (fault == json_tokener_continue ||
	    fault == json_tokener_error_parse_eof)
		return fault_at(error, name, scan->text, scan->length,
		                "the text ends too early");
	return fault_at(error, name, scan->text, end,
	                json_tokener_error_desc(fault));
}

ww_status
ww_json_parse(const char *text, size_t length, const char *name, unsigned flags,
              struct json_object **value, struct ww_error *error)
{
	struct scan scan = { .length = length, .flags = flags };
	ww_status status;

	*value = NULL;
	if (length > LARGEST_FILE)
		return ww_error_set(error, WW_E_FORMAT,
		                    "%s: longer than %zu bytes", name,
		                    LARGEST_FILE);
	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		scan.length -= 3;
	}
	scan.text = ww_copy_n(text, scan.length);
	scan_text(&scan);
	if (scan.fault != NULL)
		status = fault_at(error, name, scan.text, scan.at, scan.fault);
	else
		status = parse_clean(&scan, name, value, error);
	free(scan.text);
	return status;
}

ww_status
ww_json_read(const char *path, struct json_object **value, char **text,
             struct ww_error *error)
{
	char *bytes;
	size_t length;
	ww_status status = ww_file_read(path, LARGEST_FILE, &bytes, &length,
	                                error);

	*value = NULL;
	if (status != WW_OK)
		return status;
	status = ww_json_parse(bytes, length, path, WW_JSON_COMMENTS, value,
	                       error);
	if (status == WW_OK && text != NULL)
		*text = bytes;
	else
		free(bytes);
	return status;
}

/* ------------------------------------------------------- where a member is */

struct finder {
	char *text;   /* comments blanked */
	size_t at;
	const char *wanted;
	size_t found; /* offset + 1, or 0 */
	char path[512];
};

static void
find_blank(struct finder *finder)
{
	while (isspace((unsigned char)finder->text[finder->at]))
		finder->at++;
}

static size_t
find_string_end(const char *text, size_t at)
{
	for (at++; text[at] != '\0' && text[at] != '"'; at++)
		if (text[at] == '\\' && text[at + 1] != '\0')
			at++;
	return text[at] == '"' ? at + 1 : at;
}

static void find_value(struct finder *finder, size_t depth);

static void
find_member(struct finder *finder, size_t depth, size_t mark)
{
	size_t start = finder->at;
	size_t end = find_string_end(finder->text, start);
	size_t used = strlen(finder->path);

	if (end > start + 1 &&
	    used + (end - start) + 2 < sizeof finder->path) {
		if (used > 0)
			strcat(finder->path, ".");
		strncat(finder->path, finder->text + start + 1,
		        end - start - 2);
	}
	if (finder->found == 0 && strcmp(finder->path, finder->wanted) == 0)
		finder->found = start + 1;
	finder->at = end;
	find_blank(finder);
	if (finder->text[finder->at] == ':')
		finder->at++;
	find_value(finder, depth + 1);
	finder->path[mark] = '\0';
}

static void
find_container(struct finder *finder, size_t depth)
{
	char close = finder->text[finder->at] == '{' ? '}' : ']';
	size_t mark = strlen(finder->path);
	unsigned index = 0;

	finder->at++;
	for (;;) {
		find_blank(finder);
		if (finder->text[finder->at] == '\0')
			return;
		if (finder->text[finder->at] == close) {
			finder->at++;
			return;
		}
		if (finder->text[finder->at] == ',') {
			finder->at++;
		} else if (close == '}' && finder->text[finder->at] == '"') {
			find_member(finder, depth, mark);
		} else {
			snprintf(finder->path + mark,
			         sizeof finder->path - mark, "[%u]", index++);
			if (finder->found == 0 &&
			    strcmp(finder->path, finder->wanted) == 0)
				finder->found = finder->at + 1;
			find_value(finder, depth + 1);
			finder->path[mark] = '\0';
		}
	}
}

static void
find_value(struct finder *finder, size_t depth)
{
	find_blank(finder);
	if (depth > WW_JSON_DEPTH)
		finder->at += strlen(finder->text + finder->at);
	else if (finder->text[finder->at] == '{' ||
	         finder->text[finder->at] == '[')
		find_container(finder, depth);
	else if (finder->text[finder->at] == '"')
		finder->at = find_string_end(finder->text, finder->at);
	else if (finder->text[finder->at] != '\0')
		finder->at += 1 + strcspn(finder->text + finder->at + 1,
		                          ",]} \t\r\n");
}

int
ww_json_line(const char *text, const char *path)
{
	struct scan scan = { .length = strlen(text),
		             .flags = WW_JSON_COMMENTS };
	struct finder finder = { .wanted = path };
	int line = 0, column;

	scan.text = ww_copy(text);
	scan_text(&scan);
	finder.text = scan.text;
	find_value(&finder, 0);
	if (finder.found > 0)
		position(text, finder.found - 1, &line, &column);
	free(scan.text);
	return line;
}

/* ---------------------------------------------------------------- members */

struct json_object *
ww_json_get(struct json_object *object, const char *key)
{
	struct json_object *member;

	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, key, &member))
		return NULL;
	return member;
}

const char *
ww_json_string(struct json_object *object, const char *key,
               const char *fallback)
{
	struct json_object *member = ww_json_get(object, key);

	return json_object_is_type(member, json_type_string)
	               ? json_object_get_string(member)
	               : fallback;
}

int64_t
ww_json_int(struct json_object *object, const char *key, int64_t fallback)
{
	struct json_object *member = ww_json_get(object, key);

	return json_object_is_type(member, json_type_int)
	               ? json_object_get_int64(member)
	               : fallback;
}

double
ww_json_number(struct json_object *object, const char *key, double fallback)
{
	struct json_object *member = ww_json_get(object, key);

	return json_object_is_type(member, json_type_int) ||
	                       json_object_is_type(member, json_type_double)
	               ? json_object_get_double(member)
	               : fallback;
}

bool
ww_json_bool(struct json_object *object, const char *key, bool fallback)
{
	struct json_object *member = ww_json_get(object, key);

	return json_object_is_type(member, json_type_boolean)
	               ? json_object_get_boolean(member)
	               : fallback;
}

static struct json_object *
mended_string(const char *value, size_t length)
{
	char *text = ww_copy_n(value, length);
	struct json_object *string;

	ww_text_mend(text, length);
	string = json_object_new_string(text);
	free(text);
	return string;
}

void
ww_json_put_string(struct json_object *object, const char *key,
                   const char *value)
{
	size_t length = value == NULL ? 0 : strlen(value);
	struct json_object *string = NULL;

	if (value != NULL)
		string = ww_text_is_utf8(value, length)
		                 ? json_object_new_string(value)
		                 : mended_string(value, length);
	json_object_object_add(object, key, string);
}

void
ww_json_put_int(struct json_object *object, const char *key, int64_t value)
{
	json_object_object_add(object, key, json_object_new_int64(value));
}

void
ww_json_put_bool(struct json_object *object, const char *key, bool value)
{
	json_object_object_add(object, key, json_object_new_boolean(value));
}

void
ww_json_put_number(struct json_object *object, const char *key, double value)
{
	json_object_object_add(object, key, ww_json_double(value));
}

struct json_object *
ww_json_double(double value)
{
	char text[40];
	int digits;

	if (!isfinite(value))
		return NULL;
	for (digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	return json_object_new_double_s(value, text);
}

const char *
ww_json_text(struct json_object *value)
{
	return json_object_to_json_string_ext(
		value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}
