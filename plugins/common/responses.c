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

static int
is_phase(struct json_object *item, const char *phase)
{
	return strcmp(member_text(item, "phase"), phase) == 0;
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

/* Messages of the output. A model may comment on its work before it answers; then
 * the final answer is marked, and only that is one. */
static void
take_output(struct answer *answer, struct json_object *output)
{
	size_t n = json_object_is_type(output, json_type_array)
	                   ? json_object_array_length(output)
	                   : 0;
	int final = 0;
	size_t i;

	for (i = 0; i < n; i++)
		final = final || is_phase(element(output, i), "final_answer");
	for (i = 0; i < n; i++) {
		struct json_object *item = element(output, i);

		if (strcmp(member_text(item, "type"), "message") == 0 &&
		    (!final || is_phase(item, "final_answer")))
			take_message(answer, member(item, "content"));
	}
}

/* Comments are passed on as reasoning while they arrive. A stream of nothing else
 * has its answer in them after all. */
static void
take_last(struct answer *answer, struct json_object *response)
{
	if (!answer->told && answer->reply->finish != WW_FINISH_REFUSAL)
		take_output(answer, member(response, "output"));
	read_end(answer, response);
}

static void
take_frame(struct answer *answer, const char *event, struct json_object *data)
{
	const char *type = member_text(data, "type");
	struct json_object *delta = member(data, "delta");

	(void)event;
	if (strcmp(type, "response.output_item.added") == 0)
		answer->aside = is_phase(member(data, "item"), "commentary");
	else if (strcmp(type, "response.output_text.delta") == 0 &&
	         !answer->aside)
		answer_text(answer, delta);
	else if (strcmp(type, "response.output_text.delta") == 0 ||
	         strcmp(type, "response.reasoning_text.delta") == 0 ||
	         strcmp(type, "response.reasoning_summary_text.delta") == 0)
		answer_reasoning(answer, delta);
	else if (strcmp(type, "response.refusal.delta") == 0)
		answer->reply->finish = WW_FINISH_REFUSAL;
	else if (strcmp(type, "response.created") == 0)
		answer_model(answer, member(member(data, "response"), "model"));
	else if (strcmp(type, "response.completed") == 0 ||
	         strcmp(type, "response.incomplete") == 0 ||
	         strcmp(type, "response.failed") == 0)
		take_last(answer, member(data, "response"));
}

static void
take_whole(struct answer *answer, struct json_object *body)
{
	struct json_object *output = member(body, "output");

	if (!json_object_is_type(output, json_type_array))
		return;
	take_output(answer, output);
	read_end(answer, body);
}

const struct codec responses_codec = {
	.name = "responses",
	.id_header = "x-request-id",
	.frame = take_frame,
	.whole = take_whole,
};
