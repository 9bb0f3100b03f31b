/* SPDX-License-Identifier: MIT */
#include "sdk/checker/use.h"

#include <string.h>

#include "sdk/checker/backend.h"
#include "sdk/checker/provider.h"
#include "sdk/checker/recording.h"
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

/* -------------------------------------------------------------- thoroughly */

#define EVALUATIONS 60

/* The recorded answer that it understands, or none. */
static const struct recording *
known_recording(struct check *check)
{
	static struct recording recording;
	static int looked, found;

	if (!looked) {
		struct host *other = host_new(check, 1);

		looked = 1;
		found = recording_find(other, &recording);
		host_free(other);
	}
	return found ? &recording : NULL;
}

static ww_status
use_recording(struct host *host, unsigned seconds)
{
	const struct recording *recording = known_recording(host->check);
	struct provider_reply reply;
	ww_status status;

	if (recording == NULL)
		return use_provider(host);
	host->answer = recording->answers[0];
	host->get_body = recording->get_body;
	if (seconds > 0) {
		host->answer.bytewise = 1;
		host->answer.pause_us = (unsigned)(seconds * UINT64_C(1000000) /
		                                   host->answer.length);
	}
	status = provider_ask(host, &reply);
	provider_reply_clear(&reply);
	return status;
}

static ww_status
use_search(struct host *host)
{
	struct strategy_run run;
	ww_status status;

	strategy_run_start(&run, host);
	strategy_run_search(&run, EVALUATIONS);
	status = run.status;
	strategy_run_clear(&run);
	return status;
}

static ww_status
use_build(struct host *host)
{
	static struct ww_task *task;
	static int looked;
	struct backend_run run = { .host = host,
		                   .ops = host->check->plugin->ops };
	struct backend_build build;
	ww_status status = use_backend(host);

	if (!looked) {
		looked = 1;
		task = backend_task(host->check);
	}
	if (status < 0 || task == NULL || run.ops->compile == NULL)
		return status;
	run.task = task;
	status = backend_try_prepare(&run);
	if (status != WW_OK)
		return status;
	backend_build(&run, 0, "scratch", &build);
	backend_build_clear(&build);
	run.ops->compile->drop(run.unit);
	return build.status;
}

ww_status
use_thoroughly(struct host *host)
{
	switch (host->check->plugin->kind) {
	case WW_KIND_PROVIDER:
		return use_recording(host, 0);
	case WW_KIND_STRATEGY:
		return use_search(host);
	default:
		return use_build(host);
	}
}

/* ------------------------------------------------------------------ slowly */

#define SLOWLY_S 30u
#define SLOW_PUSHES 3000u

ww_status
use_slowly(struct host *host)
{
	struct strategy_run run;
	ww_status status;

	if (host->check->plugin->kind == WW_KIND_PROVIDER)
		return use_recording(host, SLOWLY_S);
	if (host->check->plugin->kind == WW_KIND_BACKEND)
		return use_build(host);
	strategy_run_start(&run, host);
	strategy_run_tell(&run);
	run.pause_us = SLOWLY_S * 1000000u / SLOW_PUSHES;
	strategy_run_ask(&run, SLOW_PUSHES);
	status = run.status;
	strategy_run_clear(&run);
	return status;
}
