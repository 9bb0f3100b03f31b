/* SPDX-License-Identifier: MIT */
#include "plugins/common/chat_lines.h"

#include <string.h>

static void
take_end(struct answer *answer, struct json_object *data)
{
	struct ww_chat_reply *reply = answer->reply;
	const char *reason = member_text(data, "done_reason");

	answer->complete = 1;
	reply->input_tokens = member_count(data, "prompt_eval_count");
	reply->output_tokens = member_count(data, "eval_count");
	reply->cost = 0; /* the user's own machine */
	if (strcmp(reason, "length") == 0)
		reply->finish = WW_FINISH_LENGTH;
	else if (strcmp(reason, "stop") == 0 || reason[0] == '\0')
		reply->finish = WW_FINISH_COMPLETE;
}

static void
take_whole(struct answer *answer, struct json_object *body)
{
	struct json_object *message = member(body, "message");
	struct json_object *done = member(body, "done");

	answer_model(answer, member(body, "model"));
	answer_reasoning(answer, member(message, "thinking"));
	answer_text(answer, member(message, "content"));
	if (json_object_is_type(done, json_type_boolean) &&
	    json_object_get_boolean(done))
		take_end(answer, body);
}

static void
take_frame(struct answer *answer, const char *event, struct json_object *data)
{
	(void)event;
	take_whole(answer, data);
}

const struct codec chat_lines_codec = {
	.name = "chat_lines",
	.lines = 1,
	.frame = take_frame,
	.whole = take_whole,
};
