/* SPDX-License-Identifier: MIT */
#include "core/model/service.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/text.h"
#include "core/model/service_internal.h"
#include "core/prompt/prompt.h"

#define SLICE_NS INT64_C(50000000) /* how soon a sleeper sees a cancel */

struct ww_model_service *
ww_model_service_of(const struct ww_model *self)
{
	struct ww_model_service *service;

	/* The table is const for the strategy; what it keeps is not. */
	memcpy(&service, &self, sizeof service);
	return service;
}

static bool
sleep_until_cancelled(void *context, int64_t nanoseconds)
{
	const struct ww_model_service *service = context;
	int64_t end = ww_now_ns() + nanoseconds;

	while (!ww_cancel_requested(service->cancel)) {
		int64_t left = end - ww_now_ns();
		struct timespec slice = { 0 };

		if (left <= 0)
			return true;
		slice.tv_nsec = (long)(left < SLICE_NS ? left : SLICE_NS);
		nanosleep(&slice, NULL);
	}
	return false;
}

static int32_t
model_available(const struct ww_model *self)
{
	const struct ww_model_service *service = ww_model_service_of(self);
	size_t i;

	if (service->capture != NULL)
		return 1;
	for (i = 0; i < service->n_providers; i++)
		if (!service->providers[i].dead)
			return 1;
	return 0;
}

/* Text of an attempt that failed must not reach the asker, so it is handed over
 * once the answer is known to be whole. */
static ww_status
hold_back(struct ww_chat_sink *self, const char *bytes, uint64_t length)
{
	(void)self;
	(void)bytes;
	(void)length;
	return WW_OK;
}

static ww_status
model_generate(const struct ww_model *self, struct ww_call *call,
               const struct ww_chat_request *request, struct ww_chat_sink *sink,
               struct ww_chat_reply *reply)
{
	struct ww_model_service *service = ww_model_service_of(self);
	struct ww_chat_sink held = { .size = sizeof held,
		                     .text = hold_back,
		                     .reasoning = hold_back };
	struct ww_model_ask ask = {
		.request = request,
		.sink = &held,
		.reply = reply,
		.round = service->view != NULL ? service->view->round : 0,
	};
	ww_status status = ww_model_ask(service, call, &ask);

	if (status == WW_OK && ask.answer.length > 0)
		sink->text(sink, ask.answer.bytes, ask.answer.length);
	free(ask.answer.bytes);
	return status;
}

static ww_status
model_render(const struct ww_model *self, struct ww_call *call,
             const char *template_name, const char *variables,
             struct ww_text_sink *sink)
{
	struct ww_model_service *service = ww_model_service_of(self);
	struct ww_refusal refusals[WW_KEPT_REFUSALS];
	struct ww_prompt_view view;
	struct ww_error error = { 0 };
	char *text = NULL;
	ww_status status;

	if (service->view == NULL)
		return ww_fail(call, WW_E_STATE, "no session to render from");
	view = ww_model_view(service, refusals, service->view->round,
	                     service->view->want);
	status = ww_prompt_render(&view, template_name, variables, &text,
	                          &error);
	if (status != WW_OK)
		return ww_fail(call, status, "%s", error.text);
	status = sink->write(sink, text, strlen(text));
	free(text);
	return status;
}

ww_status
ww_model_new(const struct ww_settings *settings,
             const struct ww_registry *registry,
             const struct ww_prompt_view *view,
             const struct ww_model_observer *observer,
             const struct ww_cancel *cancel, uint64_t seed,
             struct ww_model_service **service, struct ww_error *error)
{
	struct ww_model_service *made = ww_alloc(sizeof *made);
	ww_status status;

	made->face = (struct ww_model){
		.size = sizeof made->face,
		.available = model_available,
		.generate = model_generate,
		.render = model_render,
		.propose = ww_model_propose,
	};
	made->settings = settings;
	made->registry = registry;
	made->view = view;
	if (observer != NULL)
		made->observer = *observer;
	made->cancel = cancel;
	made->room = 1;
	ww_random_start(&made->random, seed);
	ww_model_budget_read(&made->budget, settings);
	made->retry = (struct ww_retry){
		.attempts = (unsigned)ww_setting_int(settings, "http.attempts"),
		.limit_ns = (int64_t)(ww_setting_number(
					      settings,
					      "http.retry_after_limit") *
		                      1e9),
		.random = &made->random.random,
		.sleep = sleep_until_cancelled,
		.context = made,
	};
	status = ww_model_open_providers(made, error);
	if (status != WW_OK) {
		ww_model_free(made);
		made = NULL;
	}
	*service = made;
	return status;
}

void
ww_model_free(struct ww_model_service *service)
{
	size_t i;

	if (service == NULL)
		return;
	for (i = 0; i < service->n_providers; i++)
		ww_model_close_provider(&service->providers[i]);
	free(service->providers);
	free(service->last_answer);
	free(service);
}

const struct ww_model *
ww_model_face(const struct ww_model_service *service)
{
	return &service->face;
}

const char *
ww_model_reason(const struct ww_model_service *service)
{
	return service->reason;
}

void
ww_model_capture(struct ww_model_service *service, struct ww_text_sink *sink)
{
	service->capture = sink;
}
