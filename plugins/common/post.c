/* SPDX-License-Identifier: MIT */
#include "plugins/common/post.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

ww_status
post_send(const struct post *post, struct ww_call *call, struct answer *answer)
{
	char url[1024];
	size_t length = strlen(post->api_base);
	struct ww_http_request request = {
		.size = sizeof request,
		.flags = (answer->asked_stream ? WW_HTTP_STREAM : 0) |
		         (post->local ? WW_HTTP_LOCAL : 0),
		.method = post->body != NULL ? "POST" : "GET",
		.url = url,
		.headers = post->headers,
		.n_headers = post->n_headers,
		.body = post->body,
		.body_length = post->body != NULL ? strlen(post->body) : 0,
		.timeout_ns = post->timeout_ns,
	};

	while (length > 0 && post->api_base[length - 1] == '/')
		length--;
	snprintf(url, sizeof url, "%.*s%s", (int)length, post->api_base,
	         post->path);
	return answer_finish(answer, post->http->exchange(post->http, call,
	                                                  &request,
	                                                  &answer->sink));
}

int
post_begins(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

void
post_put(struct json_object *object, const char *name, const char *text)
{
	json_object_object_add(object, name, json_object_new_string(text));
}

void
post_merge(struct json_object *body, const char *text)
{
	struct json_object *extra = parse_json(text, strlen(text));

	if (json_object_is_type(extra, json_type_object)) {
		json_object_object_foreach(extra, name, value)
			json_object_object_add(body, name,
			                       json_object_get(value));
	}
	json_object_put(extra);
}

char *
post_text(struct json_object *object)
{
	char *text = strdup(json_object_to_json_string_ext(
		object,
		JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));

	json_object_put(object);
	return text;
}

int
post_once(int *flag)
{
	int changed = !*flag;

	*flag = 1;
	return changed;
}

const char *
post_option(const struct ww_options *options, const char *name,
          const char *fallback)
{
	const char *text = options->string(options, name);

	return text != NULL ? text : fallback;
}

double
post_price(const struct ww_options *options, const char *name)
{
	return options->has(options, name) ? options->number(options, name)
	                                   : NAN;
}
