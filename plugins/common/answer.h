/* SPDX-License-Identifier: MIT
 *
 * One answer of a model service on its way from HTTP bytes to the host's sink:
 * finds out whether a stream or a plain body came, cuts it into frames, keeps
 * errors apart from text, and knows whether the end of the protocol was seen.
 * What a frame means is the codec's business.
 */
#ifndef WW_PLUGINS_ANSWER_H
#define WW_PLUGINS_ANSWER_H

#include <json-c/json.h>

#include "plugins/common/sse.h"
#include "warpwright/plugin.h"

/* A failure that may still be mended: stands in for the host's call, which keeps
 * only the first message of an operation. */
struct trial_call {
	struct ww_call call; /* first member */
	struct ww_call *outer;
	ww_status status;
	char text[1024];
};

void trial_call_start(struct trial_call *trial, struct ww_call *outer);
/* Passes the failure on; returns `status`. */
ww_status trial_call_pass(struct trial_call *trial, ww_status status);

struct answer;

struct codec {
	const char *name;
	int lines; /* 1: streams are NDJSON, 0: server-sent events */
	int done;  /* 1: "[DONE]" ends a stream */
	const char *id_header; /* response header with the request's id */
	void (*frame)(struct answer *answer, const char *event,
	              struct json_object *data);
	void (*whole)(struct answer *answer, struct json_object *body);
};

struct answer {
	struct ww_http_sink sink; /* first member */
	const struct codec *codec;
	const struct ww_http *http;
	struct ww_call *call;
	struct ww_chat_sink *chat;
	struct ww_chat_reply *reply;
	int asked_stream;
	int32_t http_status;
	enum { ANSWER_UNKNOWN, ANSWER_STREAM, ANSWER_WHOLE } mode;
	struct sse_reader reader;
	struct bytes body; /* plain body, or the one of an error */
	int begun;         /* something of an answer was seen */
	int complete;      /* the protocol's end was seen */
	int finished;      /* a stop reason was seen */
	int stopped;       /* the sink had enough */
	int told;          /* text was passed on */
	int aside;         /* what comes now is no part of the answer proper */
	ww_status fault;   /* reported inside the answer */
	char parameter[128];
};

void answer_start(struct answer *answer, const struct codec *codec,
                  const struct ww_http *http, struct ww_call *call,
                  struct ww_chat_sink *chat, struct ww_chat_reply *reply,
                  int asked_stream);
/* After the exchange: what generate() returns. */
ww_status answer_finish(struct answer *answer, ww_status exchanged);
void answer_free(struct answer *answer);

/* For codecs. */
void answer_text(struct answer *answer, struct json_object *text);
void answer_reasoning(struct answer *answer, struct json_object *text);
/* `container` holds the service's own error: classified and reported. */
void answer_error(struct answer *answer, struct json_object *container);
void answer_model(struct answer *answer, struct json_object *name);

/* json-c without its pitfalls: null object or wrong type gives null, "" or the
 * fallback. */
struct json_object *member(struct json_object *object, const char *name);
const char *member_text(struct json_object *object, const char *name);
int64_t member_count(struct json_object *object, const char *name);
struct json_object *element(struct json_object *array, size_t i);
struct json_object *parse_json(const char *text, size_t length);

#endif
