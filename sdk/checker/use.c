/* SPDX-License-Identifier: MIT */
#include "sdk/checker/use.h"

#include <math.h>
#include <string.h>

#include "sdk/checker/provider.h"
#include "sdk/checker/spaces.h"
#include "sdk/checker/strategy.h"

static ww_status
take_text(struct ww_text_sink *self, const char *bytes, uint64_t length)
{
	struct use_text *text = (struct use_text *)self;
	uint64_t i;

	for (i = 0; i < length; i++, text->length++)
		if (text->length < sizeof text->bytes - 1)
			text->bytes[text->length] = bytes[i];
	host_show("text", bytes, (size_t)length);
	return WW_OK;
}

void
use_text_start(struct use_text *text)
{
	memset(text, 0, sizeof *text);
	text->face = (struct ww_text_sink){ .size = sizeof text->face,
		                            .write = take_text };
}

const struct ww_space *
use_space(struct check *check)
{
	static struct ww_search_space *space;

	if (check->plugin == NULL)
		check_load(check);
	if (check->plugin->kind != WW_KIND_STRATEGY)
		return NULL;
	if (space == NULL)
		space = check_space_usual(check);
	return &space->view;
}

static ww_status
use_strategy(struct host *host)
{
	struct strategy_run run;

	strategy_run_start(&run, host);
	strategy_run_ask(&run, 5);
	strategy_run_tell(&run);
	strategy_run_clear(&run);
	return run.status < 0 ? run.status : WW_OK;
}

static ww_status
use_backend(struct host *host)
{
	const struct ww_backend_ops *ops = host->check->plugin->ops;
	struct ww_call_frame frame;
	struct use_text text;
	ww_status status;

	if (ops->compile == NULL)
		return WW_OK;
	use_text_start(&text);
	host_call_start(host, &frame);
	status = ops->compile->targets(&frame.call, host->self, &text.face);
	status = host_call_end(host, &frame, status);
	if (status < 0)
		return status;
	host_call_start(host, &frame);
	status = ops->compile->identity(&frame.call, host->self, &text.face);
	return host_call_end(host, &frame, status);
}

static ww_status
use_provider(struct host *host)
{
	struct provider_reply reply;
	ww_status status;

	host->answer = (struct host_answer){ .http_status = 200,
		                             .content_type = "text/plain",
		                             .body = "" };
	status = provider_ask(host, &reply);
	provider_reply_clear(&reply);
	return status;
}

ww_status
use_plugin(struct host *host)
{
	switch (host->check->plugin->kind) {
	case WW_KIND_PROVIDER:
		return use_provider(host);
	case WW_KIND_STRATEGY:
		return use_strategy(host);
	default:
		return use_backend(host);
	}
}
