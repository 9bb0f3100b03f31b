/* SPDX-License-Identifier: MIT */
#include "core/prompt/template.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/prompt/page.h"

#define DEEPEST 16
#define LONGEST_TAG 64

/* One condition that is open at the present place. */
struct condition {
	int line;
	int outer;    /* whether the surroundings are shown */
	int holds;
	int turned;   /* {{else}} was seen */
};

struct reader {
	const char *start;
	const char *at;
	const char *name;
	struct json_object *data;
	struct ww_page page;
	struct condition open[DEEPEST];
	int depth;
	int shown;
	struct ww_error *error;
};

static int
line_of(const struct reader *reader, const char *at)
{
	const char *c;
	int line = 1;

	for (c = reader->start; c < at; c++)
		line += *c == '\n';
	return line;
}

static ww_status
wrong(const struct reader *reader, const char *at, const char *what,
      const char *tag)
{
	return ww_error_set(reader->error, WW_E_FORMAT,
	                    "template %s, line %d: %s%s%s%s", reader->name,
	                    line_of(reader, at), what, tag != NULL ? " {{" : "",
	                    tag != NULL ? tag : "", tag != NULL ? "}}" : "");
}

static ww_status
unknown_name(const struct reader *reader, const char *at, const char *name)
{
	const char *names[128];
	const char *closest;
	size_t n = 0;

	json_object_object_foreach(reader->data, key, value) {
		(void)value;
		if (n < 128)
			names[n++] = key;
	}
	closest = ww_text_closest(name, names, n);
	return ww_error_set(reader->error, WW_E_FORMAT,
	                    "template %s, line %d: nothing is named %s%s%s",
	                    reader->name, line_of(reader, at), name,
	                    closest != NULL ? "; did you mean " : "",
	                    closest != NULL ? closest : "");
}

static int
truth(struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		return 0;
	case json_type_string:
		return json_object_get_string_len(value) > 0;
	case json_type_array:
		return json_object_array_length(value) > 0;
	case json_type_object:
		return json_object_object_length(value) > 0;
	case json_type_boolean:
		return json_object_get_boolean(value);
	case json_type_double:
	case json_type_int:
		return json_object_get_double(value) < 0 ||
		       json_object_get_double(value) > 0;
	}
	return 0;
}

static ww_status
open_condition(struct reader *reader, const char *at, const char *name)
{
	struct json_object *value;
	struct condition *condition;

	if (reader->depth == DEEPEST)
		return wrong(reader, at, "conditions nest too deeply", NULL);
	if (!json_object_object_get_ex(reader->data, name, &value))
		return unknown_name(reader, at, name);
	condition = &reader->open[reader->depth++];
	condition->line = line_of(reader, at);
	condition->outer = reader->shown;
	condition->holds = truth(value);
	condition->turned = 0;
	reader->shown = condition->outer && condition->holds;
	return WW_OK;
}

static ww_status
put_value(struct reader *reader, const char *at, const char *name)
{
	struct json_object *value;

	if (!json_object_object_get_ex(reader->data, name, &value))
		return unknown_name(reader, at, name);
	if (!reader->shown || value == NULL)
		return WW_OK;
	if (json_object_is_type(value, json_type_string))
		ww_page_bytes(&reader->page, json_object_get_string(value),
		              (size_t)json_object_get_string_len(value));
	else
		ww_page_add(&reader->page, "%s", ww_json_text(value));
	return WW_OK;
}

/* Everything but a value; a tag that only steers. */
static ww_status
steer(struct reader *reader, const char *at, const char *tag)
{
	struct condition *condition;

	if (strncmp(tag, "#if ", 4) == 0)
		return open_condition(reader, at, tag + 4);
	if (strcmp(tag, "else") != 0 && strcmp(tag, "/if") != 0)
		return wrong(reader, at, "unknown tag", tag);
	if (reader->depth == 0)
		return wrong(reader, at, "no condition is open at", tag);
	condition = &reader->open[reader->depth - 1];
	if (tag[0] == '/') {
		reader->shown = condition->outer;
		reader->depth--;
		return WW_OK;
	}
	if (condition->turned)
		return wrong(reader, at, "second", tag);
	condition->turned = 1;
	reader->shown = condition->outer && !condition->holds;
	return WW_OK;
}

/* If the tag from `start` to `end` is alone on its line: the line is swallowed
 * by moving past its end and taking back the blanks before it. */
static const char *
swallow_line(struct reader *reader, const char *start, const char *end,
             int was_shown)
{
	const char *from = start;
	const char *to = end + strspn(end, " \t");

	while (from > reader->start && (from[-1] == ' ' || from[-1] == '\t'))
		from--;
	if ((from > reader->start && from[-1] != '\n') ||
	    (*to != '\n' && *to != '\0'))
		return end;
	while (was_shown && reader->page.length > 0 &&
	       (reader->page.text[reader->page.length - 1] == ' ' ||
	        reader->page.text[reader->page.length - 1] == '\t'))
		reader->page.text[--reader->page.length] = '\0';
	return *to == '\n' ? to + 1 : to;
}

static ww_status
read_tag(struct reader *reader)
{
	const char *start = reader->at;
	const char *inside = start + 2;
	const char *end = strstr(inside, "}}");
	char tag[LONGEST_TAG];
	int was_shown = reader->shown;
	ww_status status;
	size_t length;

	if (end == NULL)
		return wrong(reader, start, "a tag without }}", NULL);
	reader->at = end + 2;
	if (inside[0] == '!') {
		reader->at = swallow_line(reader, start, reader->at,
		                          was_shown);
		return WW_OK;
	}
	inside += strspn(inside, " \t");
	length = (size_t)(end - inside);
	while (length > 0 && isspace((unsigned char)inside[length - 1]))
		length--;
	if (length == 0 || length >= sizeof tag)
		return wrong(reader, start, "a tag that is empty or too long",
		             NULL);
	memcpy(tag, inside, length);
	tag[length] = '\0';
	if (tag[0] != '#' && tag[0] != '/' && strcmp(tag, "else") != 0)
		return put_value(reader, start, tag);
	status = steer(reader, start, tag);
	if (status == WW_OK)
		reader->at = swallow_line(reader, start, reader->at,
		                          was_shown);
	return status;
}

static ww_status
read_all(struct reader *reader)
{
	while (*reader->at != '\0') {
		const char *tag = strstr(reader->at, "{{");
		size_t length = tag != NULL ? (size_t)(tag - reader->at)
		                            : strlen(reader->at);
		ww_status status;

		if (reader->shown)
			ww_page_bytes(&reader->page, reader->at, length);
		reader->at += length;
		if (tag == NULL)
			break;
		status = read_tag(reader);
		if (status != WW_OK)
			return status;
	}
	if (reader->depth > 0)
		return ww_error_set(
			reader->error, WW_E_FORMAT,
			"template %s, line %d: {{#if}} without {{/if}}",
			reader->name, reader->open[reader->depth - 1].line);
	return WW_OK;
}

ww_status
ww_template_render(const char *source, const char *name,
                   struct json_object *data, char **text,
                   struct ww_error *error)
{
	struct reader reader = { .start = source,
		                 .at = source,
		                 .name = name,
		                 .data = data,
		                 .shown = 1,
		                 .error = error };
	ww_status status = read_all(&reader);
	char *result = ww_page_take(&reader.page);

	if (status == WW_OK)
		*text = result;
	else
		free(result);
	return status;
}
