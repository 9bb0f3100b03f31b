/* SPDX-License-Identifier: MIT */
#include "plugins/common/responses.h"

#include <string.h>

static void
read_usage(struct answer *answer, struct json_object *usage)
{
	struct ww_chat_reply *reply = answer->reply;

	if (!json_object_is_type(usage, json_type_object))
		return;
	reply->input_tokens = member_count(usage, "input_tokens");
	reply->output_tokens = member_count(usage, "output_tokens");
	reply->cached_tokens = member_count(
		member(usage, "input_tokens_details"), "cached_tokens");
	reply->reasoning_tokens = member_count(
		member(usage, "output_tokens_details"), "reasoning_tokens");
}

/* How it ended. A refusal, seen in the text before, stays one. */
static void
read_end(struct answer *answer, struct json_object *response)
{
	const char *status = member_text(response, "status");
	const char *reason = member_text(member(response, "incomplete_details"),
	                                 "reason");
	uint32_t *finish = &answer->reply->finish;

	answer_model(answer, member(response, "model"));
	read_usage(answer, member(response, "usage"));
	if (strcmp(status, "failed") == 0 || strcmp(status, "cancelled") == 0) {
		answer_error(answer, response);
		return;
	}
	answer->complete = 1;
	if (*finish == WW_FINISH_REFUSAL)
		return;
	if (strcmp(status, "completed") == 0)
		*finish = WW_FINISH_COMPLETE;
	else if (strcmp(reason, "max_output_tokens") == 0)
		*finish = WW_FINISH_LENGTH;
	else if (strcmp(reason, "content_filter") == 0)
		*finish = WW_FINISH_FILTER;
}

static void
take_frame(struct answer *answer, const char *event, struct json_object *data)
{
	const char *type = member_text(data, "type");
	struct json_object *delta = member(data, "delta");

	(void)event;
	if (strcmp(type, "response.output_text.delta") == 0)
		answer_text(answer, delta);
	else if (strcmp(type, "response.reasoning_text.delta") == 0 ||
	         strcmp(type, "response.reasoning_summary_text.delta") == 0)
		answer_reasoning(answer, delta);
	else if (strcmp(type, "response.refusal.delta") == 0)
		answer->reply->finish = WW_FINISH_REFUSAL;
	else if (strcmp(type, "response.created") == 0)
		answer_model(answer, member(member(data, "response"), "model"));
	else if (strcmp(type, "response.completed") == 0 ||
	         strcmp(type, "response.incomplete") == 0 ||
	         strcmp(type, "response.failed") == 0)
		read_end(answer, member(data, "response"));
}

static void
take_message(struct answer *answer, struct json_object *content)
{
	size_t i, n;

	if (!json_object_is_type(content, json_type_array))
		return;
	n = json_object_array_length(content);
	for (i = 0; i < n; i++) {
		struct json_object *part = element(content, i);
		const char *type = member_text(part, "type");

		if (strcmp(type, "output_text") == 0)
			answer_text(answer, member(part, "text"));
		else if (strcmp(type, "refusal") == 0)
			answer->reply->finish = WW_FINISH_REFUSAL;
	}
}

static void
take_whole(struct answer *answer, struct json_object *body)
{
	struct json_object *output = member(body, "output");
	size_t i, n;

	if (!json_object_is_type(output, json_type_array))
		return;
	n = json_object_array_length(output);
	for (i = 0; i < n; i++) {
		struct json_object *item = element(output, i);

		if (strcmp(member_text(item, "type"), "message") == 0)
			take_message(answer, member(item, "content"));
	}
	read_end(answer, body);
}

const struct codec responses_codec = {
	.name = "responses",
	.id_header = "x-request-id",
	.frame = take_frame,
	.whole = take_whole,
};
