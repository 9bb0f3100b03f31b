/* SPDX-License-Identifier: MIT
 *
 * The "chat completions" dialect that most services and local servers speak: how
 * a request is written for one target, what its answers mean, and what is left
 * out or spelled differently after the target refused it.
 */
#ifndef WW_PLUGINS_CHAT_COMPLETIONS_H
#define WW_PLUGINS_CHAT_COMPLETIONS_H

#include "plugins/common/answer.h"

extern const struct codec chat_completions_codec;

enum limit_field { LIMIT_MAX_TOKENS, LIMIT_MAX_COMPLETION_TOKENS, LIMIT_NONE };
enum structured { STRUCTURED_SCHEMA, STRUCTURED_OBJECT, STRUCTURED_NONE };

struct chat_target {
	const struct ww_host *host;
	const char *api_base;
	const char *model;       /* or null: the server's first */
	const char *system_role; /* "system" or "developer" */
	const char *auth_header;
	const char *extra_body;  /* JSON object or null */
	const char *cache_key;   /* the user's own, or null */
	const struct ww_http_header *headers; /* more of them */
	uint64_t n_headers;
	/* Adds what only this service knows; may be null. */
	void (*adjust)(const struct chat_target *target,
	               const struct ww_chat_request *request,
	               struct json_object *body);
	int needs_key;
	int local;
	int official;            /* the service itself, which knows all fields */
	int responses;           /* speaks the newer protocol */
	int may_lack_responses;  /* and falls back to the older one */
	int64_t reasoning_room;  /* tokens beside the visible answer */
	double price_input;      /* dollars a million tokens; NaN */
	double price_output;
	/* Learnt from refusals, kept for the instance's life. */
	enum limit_field limit;
	int limit_swapped;
	enum structured structured;
	int stream;
	int no_temperature;
	int no_effort;
	int no_store;
	int no_stream_options;
	int no_truncation;
	int no_cache_key;
	char found_model[128];   /* asked from the server */
};

/* Sets what the options of every such provider say; the rest stays as it is. */
void chat_target_start(struct chat_target *target, const struct ww_host *host);
/* Chooses `limit` and `structured` from option texts ("auto" by address). */
void chat_target_choose(struct chat_target *target, const char *limit_field,
                        const char *structured, int official);
/* The whole of generate(): sends, and sends again without what was refused. */
ww_status chat_target_generate(struct chat_target *target,
                               struct ww_call *call,
                               const struct ww_chat_request *request,
                               struct ww_chat_sink *sink,
                               struct ww_chat_reply *reply);
/* Dollars from the options' prices, where the service does not say. */
void chat_price(struct ww_chat_reply *reply, double price_input,
                double price_output);

#endif
