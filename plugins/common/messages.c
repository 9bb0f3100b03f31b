/* SPDX-License-Identifier: MIT */
#include "plugins/common/messages.h"

#include <string.h>

/* The service counts the uncached part of the prompt apart. */
static void
read_usage(struct answer *answer, struct json_object *usage)
{
	struct ww_chat_reply *reply = answer->reply;
	int64_t fresh = member_count(usage, "input_tokens");
	int64_t written = member_count(usage, "cache_creation_input_tokens");
	int64_t cached = member_count(usage, "cache_read_input_tokens");
	int64_t output = member_count(usage, "output_tokens");

	if (fresh >= 0) {
		reply->input_tokens = fresh + (written > 0 ? written : 0) +
		                      (cached > 0 ? cached : 0);
		reply->cached_tokens = cached >= 0 ? cached : 0;
	}
	if (output >= 0)
		reply->output_tokens = output;
	output = member_count(member(usage, "output_tokens_details"),
	                      "thinking_tokens");
	if (output >= 0)
		reply->reasoning_tokens = output;
}

static void
read_stop(struct answer *answer, const char *reason)
{
	static const struct {
		const char *reason;
		uint32_t finish;
	} reasons[] = {
		{ "end_turn", WW_FINISH_COMPLETE },
		{ "stop_sequence", WW_FINISH_COMPLETE },
		{ "max_tokens", WW_FINISH_LENGTH },
		{ "model_context_window_exceeded", WW_FINISH_LENGTH },
		{ "refusal", WW_FINISH_REFUSAL },
	};
	size_t i;

	for (i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (strcmp(reasons[i].reason, reason) == 0)
			answer->reply->finish = reasons[i].finish;
}

static void
take_frame(struct answer *answer, const char *event, struct json_object *data)
{
	const char *type = member_text(data, "type");
	struct json_object *message = member(data, "message");
	struct json_object *delta = member(data, "delta");

	(void)event;
	if (strcmp(type, "message_start") == 0) {
		answer_model(answer, member(message, "model"));
		read_usage(answer, member(message, "usage"));
	} else if (strcmp(type, "content_block_start") == 0) {
		answer_text(answer, member(member(data, "content_block"),
		                           "text"));
	} else if (strcmp(type, "content_block_delta") == 0) {
		answer_text(answer, member(delta, "text"));
		answer_reasoning(answer, member(delta, "thinking"));
	} else if (strcmp(type, "message_delta") == 0) {
		read_stop(answer, member_text(delta, "stop_reason"));
		read_usage(answer, member(data, "usage"));
	} else if (strcmp(type, "message_stop") == 0) {
		answer->complete = 1;
	}
}

static void
take_whole(struct answer *answer, struct json_object *body)
{
	struct json_object *content = member(body, "content");
	size_t i, n;

	answer_model(answer, member(body, "model"));
	read_usage(answer, member(body, "usage"));
	if (!json_object_is_type(content, json_type_array))
		return;
	answer->complete = 1;
	read_stop(answer, member_text(body, "stop_reason"));
	n = json_object_array_length(content);
	for (i = 0; i < n; i++) {
		struct json_object *block = element(content, i);

		if (strcmp(member_text(block, "type"), "text") == 0)
			answer_text(answer, member(block, "text"));
		else
			answer_reasoning(answer, member(block, "thinking"));
	}
}

const struct codec messages_codec = {
	.name = "messages",
	.id_header = "request-id",
	.frame = take_frame,
	.whole = take_whole,
};
