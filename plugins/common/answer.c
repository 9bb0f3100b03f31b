/* SPDX-License-Identifier: MIT */
#include "plugins/common/answer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define STOP_READING 1
#define DEPTH 64

/* -------------------------------------------------------------- trial call */

static ww_status
trial_fail(struct ww_call *self, ww_status status, const char *text)
{
	struct trial_call *trial = (struct trial_call *)self;

	if (trial->status == WW_OK) {
		trial->status = status;
		snprintf(trial->text, sizeof trial->text, "%s", text);
	}
	return status;
}

static int32_t
trial_cancelled(struct ww_call *self)
{
	struct ww_call *outer = ((struct trial_call *)self)->outer;

	return outer->cancelled(outer);
}

static int64_t
trial_deadline(struct ww_call *self)
{
	struct ww_call *outer = ((struct trial_call *)self)->outer;

	return outer->deadline_ns(outer);
}

void
trial_call_start(struct trial_call *trial, struct ww_call *outer)
{
	*trial = (struct trial_call){
		.call = { .size = sizeof trial->call,
		          .fail = trial_fail,
		          .cancelled = trial_cancelled,
		          .deadline_ns = trial_deadline },
		.outer = outer,
	};
}

ww_status
trial_call_pass(struct trial_call *trial, ww_status status)
{
	if (status < 0 && trial->text[0] != '\0')
		trial->outer->fail(trial->outer, status, trial->text);
	return status;
}

/* -------------------------------------------------------------------- JSON */

struct json_object *
member(struct json_object *object, const char *name)
{
	struct json_object *value;

	if (!json_object_is_type(object, json_type_object) ||
	    !json_object_object_get_ex(object, name, &value))
		return NULL;
	return value;
}

const char *
member_text(struct json_object *object, const char *name)
{
	struct json_object *value = member(object, name);

	return json_object_is_type(value, json_type_string)
	               ? json_object_get_string(value)
	               : "";
}

int64_t
member_count(struct json_object *object, const char *name)
{
	struct json_object *value = member(object, name);

	return json_object_is_type(value, json_type_int) ||
	                       json_object_is_type(value, json_type_double)
	               ? json_object_get_int64(value)
	               : -1;
}

struct json_object *
element(struct json_object *array, size_t i)
{
	return json_object_is_type(array, json_type_array)
	               ? json_object_array_get_idx(array, i)
	               : NULL;
}

struct json_object *
parse_json(const char *text, size_t length)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH);
	struct json_object *value = NULL;

	if (tokener == NULL)
		return NULL;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	/* With the terminator, so that a bare number is complete. */
	value = json_tokener_parse_ex(tokener, text, (int)length + 1);
	if (json_tokener_get_error(tokener) != json_tokener_success) {
		json_object_put(value);
		value = NULL;
	}
	json_tokener_free(tokener);
	return value;
}

/* ------------------------------------------------------------------ frames */

static int
has_error(const char *event, struct json_object *data)
{
	return strcmp(event, "error") == 0 || member(data, "error") != NULL ||
	       strcmp(member_text(data, "type"), "error") == 0 ||
	       strcmp(member_text(data, "object"), "error") == 0 ||
	       member(element(member(data, "choices"), 0), "error") != NULL;
}

static void
report_error(struct answer *answer, const char *text, size_t length)
{
	answer->fault = answer->http->classify(
		answer->http, answer->call,
		answer->mode == ANSWER_STREAM ? 0 : answer->http_status, text,
		length, answer->parameter);
}

static int
on_frame(void *context, const char *event, const char *text, size_t length)
{
	struct answer *answer = context;
	struct json_object *data;

	while (length > 0 && (*text == ' ' || *text == '\t')) {
		text++;
		length--;
	}
	if (length >= 6 && memcmp(text, "[DONE]", 6) == 0) {
		answer->complete = answer->codec->done && answer->begun;
		return STOP_READING;
	}
	data = parse_json(text, length);
	if (data == NULL) {
		answer->fault = ww_fail(answer->call, WW_E_FORMAT,
		                        "the stream holds a frame that is no "
		                        "JSON: %.120s", text);
		return STOP_READING;
	}
	if (has_error(event, data))
		report_error(answer, text, length);
	else
		answer->codec->frame(answer, event, data);
	json_object_put(data);
	return answer->fault != WW_OK || answer->stopped || answer->complete
	               ? STOP_READING
	               : 0;
}

/* -------------------------------------------------------------- HTTP sink */

static ww_status
on_head(struct ww_http_sink *self, const struct ww_http_response *response)
{
	struct answer *answer = (struct answer *)self;
	const char *id = answer->codec->id_header != NULL
	                         ? response->header(response,
	                                            answer->codec->id_header)
	                         : NULL;

	answer->http_status = response->http_status;
	/* Errors come as plain bodies, whatever was asked for. */
	if (answer->http_status < 200 || answer->http_status > 299 ||
	    !answer->asked_stream)
		answer->mode = ANSWER_WHOLE;
	if (id != NULL)
		snprintf(answer->reply->request_id,
		         sizeof answer->reply->request_id, "%s", id);
	return WW_OK;
}

/* The content type of proxies is not to be relied on; the first byte is: no
 * event stream begins with a bracket or a tag. */
static void
find_mode(struct answer *answer, const char *bytes, uint64_t length)
{
	uint64_t at = 0;

	while (at < length && strchr(" \t\r\n", bytes[at]) != NULL &&
	       bytes[at] != '\0')
		at++;
	if (at == length)
		return;
	if (bytes[at] == '<' || (!answer->codec->lines &&
	                         (bytes[at] == '{' || bytes[at] == '[')))
		answer->mode = ANSWER_WHOLE;
	else
		answer->mode = ANSWER_STREAM;
}

static ww_status
on_body(struct ww_http_sink *self, const char *bytes, uint64_t length)
{
	struct answer *answer = (struct answer *)self;
	int result;

	if (answer->mode == ANSWER_UNKNOWN)
		find_mode(answer, bytes, length);
	if (answer->mode != ANSWER_STREAM) {
		bytes_add(&answer->body, bytes, (size_t)length);
		return answer->body.failed ? WW_STOPPED : WW_OK;
	}
	result = sse_feed(&answer->reader, bytes, (size_t)length);
	if (result == SSE_TOO_LONG)
		answer->fault = ww_fail(answer->call, WW_E_FORMAT,
		                        "a frame of the stream is longer than "
		                        "8 MiB");
	return result == 0 ? WW_OK : WW_STOPPED;
}

void
answer_start(struct answer *answer, const struct codec *codec,
             const struct ww_http *http, struct ww_call *call,
             struct ww_chat_sink *chat, struct ww_chat_reply *reply,
             int asked_stream)
{
	*answer = (struct answer){
		.sink = { .size = sizeof answer->sink,
		          .head = on_head,
		          .body = on_body },
		.codec = codec,
		.http = http,
		.call = call,
		.chat = chat,
		.reply = reply,
		.asked_stream = asked_stream,
	};
	sse_start(&answer->reader, codec->lines, on_frame, answer);
	reply->input_tokens = reply->cached_tokens = -1;
	reply->output_tokens = reply->reasoning_tokens = -1;
	reply->cost = NAN;
}

/* ---------------------------------------------------------------- the end */

static ww_status
finish_stream(struct answer *answer, ww_status exchanged)
{
	/* The last frame may lack its blank line; a half one is no error of its
	 * own, the cut is. */
	if (!answer->complete && exchanged >= 0) {
		struct trial_call quiet;
		struct ww_call *call = answer->call;

		trial_call_start(&quiet, call);
		answer->call = &quiet.call;
		sse_end(&answer->reader);
		answer->call = call;
		if (answer->fault == WW_E_FORMAT)
			answer->fault = WW_OK;
		else if (answer->fault != WW_OK)
			return trial_call_pass(&quiet, answer->fault);
	}
	if (answer->stopped) {
		answer->reply->finish = WW_FINISH_STOPPED;
		return WW_OK;
	}
	if (answer->complete || answer->finished)
		return WW_OK;
	if (exchanged < 0)
		return exchanged;
	return ww_fail(answer->call, WW_E_TRANSPORT,
	               "the stream ended before the answer was complete");
}

static ww_status
finish_whole(struct answer *answer)
{
	const char *text = bytes_text(&answer->body);
	struct json_object *body;

	if (answer->http_status < 200 || answer->http_status > 299) {
		report_error(answer, text, answer->body.length);
		return answer->fault;
	}
	body = parse_json(text, answer->body.length);
	if (body == NULL)
		return ww_fail(answer->call, WW_E_FORMAT,
		               "the server answered with status %d and %s; does "
		               "api_base name a model service?",
		               (int)answer->http_status,
		               answer->body.length == 0 ? "an empty body"
		                                        : "text that is no JSON");
	if (has_error("", body) && !json_object_is_type(member(body, "error"),
	                                                json_type_null))
		report_error(answer, text, answer->body.length);
	else
		answer->codec->whole(answer, body);
	json_object_put(body);
	if (answer->fault != WW_OK)
		return answer->fault;
	if (answer->stopped)
		answer->reply->finish = WW_FINISH_STOPPED;
	else if (!answer->complete)
		return ww_fail(answer->call, WW_E_FORMAT,
		               "the server's answer has no message in it; does "
		               "api_base name a model service?");
	return WW_OK;
}

ww_status
answer_finish(struct answer *answer, ww_status exchanged)
{
	if (answer->fault != WW_OK)
		return answer->fault;
	if (answer->mode == ANSWER_STREAM)
		return finish_stream(answer, exchanged);
	if (exchanged < 0)
		return exchanged;
	if (answer->body.failed)
		return ww_fail(answer->call, WW_E_FORMAT,
		               "the server's answer is too long");
	return finish_whole(answer);
}

void
answer_free(struct answer *answer)
{
	sse_free(&answer->reader);
	bytes_free(&answer->body);
}

/* ------------------------------------------------------------- for codecs */

void
answer_text(struct answer *answer, struct json_object *text)
{
	if (!json_object_is_type(text, json_type_string) || answer->stopped)
		return;
	answer->told = answer->told || json_object_get_string_len(text) > 0;
	if (answer->chat->text(
		    answer->chat, json_object_get_string(text),
		    (uint64_t)json_object_get_string_len(text)) != WW_OK)
		answer->stopped = 1;
}

void
answer_reasoning(struct answer *answer, struct json_object *text)
{
	if (!json_object_is_type(text, json_type_string) || answer->stopped ||
	    answer->chat->reasoning == NULL)
		return;
	if (answer->chat->reasoning(
		    answer->chat, json_object_get_string(text),
		    (uint64_t)json_object_get_string_len(text)) != WW_OK)
		answer->stopped = 1;
}

void
answer_error(struct answer *answer, struct json_object *container)
{
	const char *text = json_object_to_json_string(container);

	report_error(answer, text, strlen(text));
}

void
answer_model(struct answer *answer, struct json_object *name)
{
	if (json_object_is_type(name, json_type_string))
		snprintf(answer->reply->model, sizeof answer->reply->model,
		         "%s", json_object_get_string(name));
}
