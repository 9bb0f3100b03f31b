/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/attempts.h"
#include "plugins/common/chat_completions.h"
#include "plugins/common/chat_fields.h"
#include "plugins/common/post.h"
#include "plugins/common/responses.h"
#include "plugins/common/url.h"

static char *
write_body(const struct chat_target *target,
           const struct ww_chat_request *request, const char *model)
{
	static const char *const limits[] = {
		[LIMIT_MAX_TOKENS] = "max_tokens",
		[LIMIT_MAX_COMPLETION_TOKENS] = "max_completion_tokens",
		[LIMIT_NONE] = NULL,
	};
	struct json_object *body = json_object_new_object();
	struct json_object *format, *options;

	post_put(body, "model", model);
	json_object_object_add(body, "messages",
	                       chat_messages(target, request));
	chat_limits(target, request, limits[target->limit], body);
	if (request->effort != NULL && !target->no_effort)
		post_put(body, "reasoning_effort", request->effort);
	format = chat_format(target, request, "json_schema");
	if (format != NULL)
		json_object_object_add(body, "response_format", format);
	/* Left out, not false: it may be what the server refused. */
	if (target->stream)
		json_object_object_add(body, "stream",
		                       json_object_new_boolean(1));
	if (target->stream && !target->no_stream_options) {
		options = json_object_new_object();
		json_object_object_add(options, "include_usage",
		                       json_object_new_boolean(1));
		json_object_object_add(body, "stream_options", options);
	}
	if (!target->no_store)
		json_object_object_add(body, "store",
		                       json_object_new_boolean(0));
	chat_cache_key(target, request, body);
	if (target->adjust != NULL)
		target->adjust(target, request, body);
	if (target->extra_body != NULL)
		post_merge(body, target->extra_body);
	return post_text(body);
}

/* ------------------------------------------------------------- one exchange */

#define MOST_HEADERS 10

static uint64_t
write_headers(const struct chat_target *target, struct ww_http_header *headers)
{
	const struct ww_options *options = target->host->options;
	uint64_t n = 0;
	uint64_t i;

	headers[n++] = (struct ww_http_header){ "Content-Type",
		                                "application/json", NULL };
	if (target->needs_key || options->secret_present(options, "key"))
		headers[n++] = (struct ww_http_header){
			target->auth_header,
			strcmp(target->auth_header, "Authorization") == 0
				? "Bearer "
				: "",
			"key"
		};
	for (i = 0; i < target->n_headers && n < MOST_HEADERS; i++)
		headers[n++] = target->headers[i];
	return n;
}

static ww_status
exchange(const struct chat_target *target, struct ww_call *call,
         const char *path, const char *body, struct answer *answer)
{
	struct ww_http_header headers[MOST_HEADERS];
	struct post post = {
		.http = target->host->http,
		.api_base = target->api_base,
		.path = path,
		.headers = headers,
		.n_headers = write_headers(target, headers),
		.body = body,
		.local = target->local,
	};

	return post_send(&post, call, answer);
}

static void
ignore_frame(struct answer *answer, const char *event,
             struct json_object *data)
{
	(void)answer;
	(void)event;
	(void)data;
}

static void
take_first_model(struct answer *answer, struct json_object *body)
{
	struct json_object *first = element(member(body, "data"), 0);

	answer->complete = 1;
	answer_model(answer, member(first, "id"));
}

/* A local server mostly has one model: its list says which. */
static ww_status
find_model(struct chat_target *target, struct ww_call *call)
{
	static const struct codec list = { .name = "models",
		                           .frame = ignore_frame,
		                           .whole = take_first_model };
	struct ww_chat_reply reply = { .size = sizeof reply };
	struct answer answer;
	ww_status status;

	answer_start(&answer, &list, target->host->http, call, NULL, &reply, 0);
	status = exchange(target, call, "/models", NULL, &answer);
	answer_free(&answer);
	if (status == WW_OK && reply.model[0] == '\0')
		status = ww_fail(call, WW_E_REQUEST,
		                 "the server lists no model; name one with "
		                 "--model");
	if (status == WW_OK)
		memcpy(target->found_model, reply.model,
		       sizeof target->found_model);
	return status;
}

/* ----------------------------------------------------------------- refusals */

static int
swap_limit(struct chat_target *target)
{
	if (target->limit == LIMIT_NONE)
		return 0;
	if (target->limit_swapped || target->responses)
		target->limit = LIMIT_NONE;
	else
		target->limit = target->limit == LIMIT_MAX_TOKENS
		                        ? LIMIT_MAX_COMPLETION_TOKENS
		                        : LIMIT_MAX_TOKENS;
	target->limit_swapped = 1;
	return 1;
}

/* Leaves out, or spells differently, what the server refused. 0: there is
 * nothing (more) to change. */
#define NO_RESPONSES "(the path /responses)"

static int
give_way(void *self, const char *parameter)
{
	struct chat_target *target = self;

	if (strcmp(parameter, NO_RESPONSES) == 0) {
		target->responses = 0;
		return 1;
	}
	if (post_begins(parameter, "max_"))
		return swap_limit(target);
	if (post_begins(parameter, "temperature"))
		return post_once(&target->no_temperature);
	if (post_begins(parameter, "reasoning"))
		return post_once(&target->no_effort);
	if (post_begins(parameter, "store"))
		return post_once(&target->no_store);
	if (post_begins(parameter, "stream_options"))
		return post_once(&target->no_stream_options);
	if (post_begins(parameter, "stream") && target->stream) {
		target->stream = 0;
		return 1;
	}
	if (post_begins(parameter, "truncation"))
		return post_once(&target->no_truncation);
	if (post_begins(parameter, "prompt_cache_key"))
		return post_once(&target->no_cache_key);
	if ((post_begins(parameter, "response_format") ||
	     post_begins(parameter, "text")) &&
	    target->structured != STRUCTURED_NONE) {
		target->structured = target->structured == STRUCTURED_SCHEMA
		                             ? STRUCTURED_OBJECT
		                             : STRUCTURED_NONE;
		return 1;
	}
	return 0;
}

static ww_status
send_once(void *self, struct ww_call *call,
          const struct ww_chat_request *request, struct ww_chat_sink *sink,
          struct ww_chat_reply *reply, char parameter[128])
{
	struct chat_target *target = self;
	const char *model = request->model != NULL ? request->model
	                    : target->model != NULL ? target->model
	                                            : target->found_model;
	char *body = target->responses ? responses_body(target, request, model)
	                               : write_body(target, request, model);
	struct answer answer;
	ww_status status;

	if (body == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "no memory for a prompt");
	answer_start(&answer,
	             target->responses ? &responses_codec
	                               : &chat_completions_codec,
	             target->host->http, call, sink, reply, target->stream);
	status = exchange(target, call,
	                  target->responses ? "/responses" : "/chat/completions",
	                  body, &answer);
	memcpy(parameter, answer.parameter, sizeof answer.parameter);
	/* A gateway that has only the older protocol knows no such path. */
	if (answer.http_status == 404 && target->responses &&
	    target->may_lack_responses) {
		snprintf(parameter, 128, "%s", NO_RESPONSES);
		status = WW_E_PARAMETER;
	}
	answer_free(&answer);
	free(body);
	chat_price(reply, target->price_input, target->price_output);
	return status;
}

ww_status
chat_target_generate(struct chat_target *target, struct ww_call *call,
                     const struct ww_chat_request *request,
                     struct ww_chat_sink *sink, struct ww_chat_reply *reply)
{
	static const struct attempts attempts = { .send = send_once,
		                                  .give_way = give_way };
	ww_status status = WW_OK;

	if (request->model == NULL && target->model == NULL &&
	    target->found_model[0] == '\0')
		status = find_model(target, call);
	if (status != WW_OK)
		return status;
	return attempts_generate(&attempts, target->host, target, call, request,
	                         sink, reply);
}

/* ------------------------------------------------------------------ target */

void
chat_target_start(struct chat_target *target, const struct ww_host *host)
{
	const struct ww_options *options = host->options;

	target->host = host;
	target->model = options->string(options, "model");
	target->system_role = "system";
	target->auth_header = "Authorization";
	target->extra_body = options->string(options, "extra_body");
	target->reasoning_room = options->integer(options, "reasoning_room");
	target->price_input = post_price(options, "price_input");
	target->price_output = post_price(options, "price_output");
	target->stream = options->boolean(options, "stream");
}

void
chat_target_choose(struct chat_target *target, const char *limit_field,
                   const char *structured, int official)
{
	if (strcmp(limit_field, "auto") == 0)
		target->limit = official ? LIMIT_MAX_COMPLETION_TOKENS
		                         : LIMIT_MAX_TOKENS;
	else if (strcmp(limit_field, "max_tokens") == 0)
		target->limit = LIMIT_MAX_TOKENS;
	else
		target->limit = LIMIT_MAX_COMPLETION_TOKENS;
	if (strcmp(structured, "json_object") == 0)
		target->structured = STRUCTURED_OBJECT;
	else if (strcmp(structured, "none") == 0)
		target->structured = STRUCTURED_NONE;
	else
		target->structured = STRUCTURED_SCHEMA;
	target->official = official;
	/* Compatible servers need not know it. */
	target->no_store = !official && !target->responses;
	target->local = url_is_loopback(target->api_base);
}
