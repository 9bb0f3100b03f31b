/* SPDX-License-Identifier: MIT */
#include "sdk/checker/provider.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

static struct provider_reply *
reply_of(struct ww_chat_sink *self)
{
	return (struct provider_reply *)self;
}

static ww_status
take(struct provider_reply *reply, size_t length)
{
	(void)length;
	if (reply->stopped)
		reply->after_stop++;
	if (reply->stop_after == 0 || reply->length < reply->stop_after)
		return WW_OK;
	reply->stopped = 1;
	return WW_STOPPED;
}

static ww_status
take_text(struct ww_chat_sink *self, const char *bytes, uint64_t length)
{
	struct provider_reply *reply = reply_of(self);

	reply->text = ww_grow(reply->text, reply->length + length + 1);
	if (length > 0)
		memcpy(reply->text + reply->length, bytes, length);
	reply->length += length;
	reply->text[reply->length] = '\0';
	return take(reply, length);
}

static ww_status
take_reasoning(struct ww_chat_sink *self, const char *bytes, uint64_t length)
{
	struct provider_reply *reply = reply_of(self);

	host_show("reasoning", bytes, length);
	reply->reasoning += length;
	return take(reply, length);
}

static ww_status
ask(struct host *host, struct provider_reply *reply)
{
	static const char system[] = "You tune kernels.";
	static const char user[] = "Propose one configuration as JSON.";
	static const struct ww_message messages[] = {
		{ "system", system, sizeof system - 1, WW_MESSAGE_STABLE, 0 },
		{ "user", user, sizeof user - 1, 0, 0 },
	};
	const struct ww_chat_request request = {
		.size = sizeof request,
		.messages = messages,
		.n_messages = 2,
		.model = "checker-model",
		.schema = "{\"type\":\"object\",\"properties\":{},"
		          "\"additionalProperties\":false}",
		.schema_name = "answer",
		.max_output_tokens = 1000,
		.temperature = NAN,
	};
	const struct ww_provider_ops *ops = host->check->plugin->ops;
	struct ww_call_frame frame;

	reply->reply.size = sizeof reply->reply;
	reply->sink = (struct ww_chat_sink){ .size = sizeof reply->sink,
		                             .text = take_text,
		                             .reasoning = take_reasoning };
	host_call_start(host, &frame);
	reply->status = ops->generate(&frame.call, host->self, &request,
	                              &reply->sink, &reply->reply);
	host_call_end(host, &frame, reply->status);
	host_show("text", reply->text, reply->length);
	host_show("model", reply->reply.model,
	          strnlen(reply->reply.model, sizeof reply->reply.model));
	host_show("id", reply->reply.request_id,
	          strnlen(reply->reply.request_id,
	                  sizeof reply->reply.request_id));
	return reply->status;
}

ww_status
provider_ask_until(struct host *host, struct provider_reply *reply,
                   size_t stop_after)
{
	memset(reply, 0, sizeof *reply);
	reply->stop_after = stop_after;
	return ask(host, reply);
}

ww_status
provider_ask(struct host *host, struct provider_reply *reply)
{
	return provider_ask_until(host, reply, 0);
}

void
provider_reply_clear(struct provider_reply *reply)
{
	free(reply->text);
	reply->text = NULL;
}
