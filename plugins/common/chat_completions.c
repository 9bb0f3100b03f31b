/* SPDX-License-Identifier: MIT */
#include "plugins/common/chat_completions.h"

#include <math.h>
#include <string.h>

static void
read_usage(struct answer *answer, struct json_object *usage)
{
	struct ww_chat_reply *reply = answer->reply;
	struct json_object *cost = member(usage, "cost");

	if (!json_object_is_type(usage, json_type_object))
		return;
	reply->input_tokens = member_count(usage, "prompt_tokens");
	reply->output_tokens = member_count(usage, "completion_tokens");
	reply->cached_tokens = member_count(
		member(usage, "prompt_tokens_details"), "cached_tokens");
	reply->reasoning_tokens = member_count(
		member(usage, "completion_tokens_details"),
		"reasoning_tokens");
	if (json_object_is_type(cost, json_type_double) ||
	    json_object_is_type(cost, json_type_int))
		reply->cost = json_object_get_double(cost);
}

static uint32_t
finish_of(const char *reason)
{
	static const struct {
		const char *reason;
		uint32_t finish;
	} reasons[] = {
		{ "stop", WW_FINISH_COMPLETE },
		{ "eos", WW_FINISH_COMPLETE },
		{ "length", WW_FINISH_LENGTH },
		{ "content_filter", WW_FINISH_FILTER },
		{ "refusal", WW_FINISH_REFUSAL },
	};
	size_t i;

	for (i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (strcmp(reasons[i].reason, reason) == 0)
			return reasons[i].finish;
	return WW_FINISH_UNKNOWN;
}

static void
take_choice(struct answer *answer, struct json_object *choice,
            struct json_object *message)
{
	const char *reason = member_text(choice, "finish_reason");
	struct json_object *thought = member(message, "reasoning_content");
	struct json_object *content = member(message, "content");

	answer->begun = 1;
	if (thought == NULL)
		thought = member(message, "reasoning");
	answer_reasoning(answer, thought);
	if (json_object_is_type(content, json_type_array)) {
		size_t i, n = json_object_array_length(content);

		for (i = 0; i < n; i++)
			answer_text(answer,
			            member(element(content, i), "text"));
	} else {
		answer_text(answer, content);
	}
	if (reason[0] != '\0') {
		answer->finished = 1;
		if (answer->reply->finish != WW_FINISH_REFUSAL)
			answer->reply->finish = finish_of(reason);
	}
	if (member_text(message, "refusal")[0] != '\0')
		answer->reply->finish = WW_FINISH_REFUSAL;
}

static void
take_frame(struct answer *answer, const char *event, struct json_object *data)
{
	struct json_object *choice = element(member(data, "choices"), 0);

	(void)event;
	answer_model(answer, member(data, "model"));
	read_usage(answer, member(data, "usage"));
	if (choice != NULL)
		take_choice(answer, choice, member(choice, "delta"));
}

static void
take_whole(struct answer *answer, struct json_object *body)
{
	struct json_object *choice = element(member(body, "choices"), 0);

	answer_model(answer, member(body, "model"));
	read_usage(answer, member(body, "usage"));
	if (member(choice, "message") == NULL)
		return;
	answer->complete = 1;
	take_choice(answer, choice, member(choice, "message"));
}

const struct codec chat_completions_codec = {
	.name = "chat_completions",
	.done = 1,
	.id_header = "x-request-id",
	.frame = take_frame,
	.whole = take_whole,
};

void
chat_price(struct ww_chat_reply *reply, double price_input, double price_output)
{
	if (!isnan(reply->cost) || isnan(price_input) || isnan(price_output) ||
	    reply->input_tokens < 0 || reply->output_tokens < 0)
		return;
	reply->cost = ((double)reply->input_tokens * price_input +
	               (double)reply->output_tokens * price_output) /
	              1e6;
}
