/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/model/service_internal.h"

#define LONGEST_ANSWER ((size_t)32 << 20)

void
ww_model_warn(struct ww_model_service *service, const char *format, ...)
{
	char text[1600];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	ww_redact(text);
	if (service->observer.warning != NULL)
		service->observer.warning(service->observer.context, text);
	else
		ww_log_line(WW_LOG_WARNING, "model", text);
}

/* ------------------------------------------------------------- one attempt */

/* Between provider and asker: keeps the text for the record. */
struct tap {
	struct ww_chat_sink sink; /* first member */
	struct ww_model_ask *ask;
};

static ww_status
tap_text(struct ww_chat_sink *self, const char *bytes, uint64_t length)
{
	struct ww_model_ask *ask = ((struct tap *)self)->ask;
	struct ww_answer_text *answer = &ask->answer;
	size_t more = (size_t)length;

	if (answer->length + more > LONGEST_ANSWER)
		return WW_STOPPED;
	if (answer->length + more + 1 > answer->room) {
		answer->room = (answer->length + more + 1) * 2;
		answer->bytes = ww_grow(answer->bytes, answer->room);
	}
	memcpy(answer->bytes + answer->length, bytes, more);
	answer->length += more;
	answer->bytes[answer->length] = '\0';
	return ask->sink->text(ask->sink, bytes, length);
}

static ww_status
tap_reasoning(struct ww_chat_sink *self, const char *bytes, uint64_t length)
{
	struct ww_model_ask *ask = ((struct tap *)self)->ask;

	return ask->sink->reasoning != NULL
	               ? ask->sink->reasoning(ask->sink, bytes, length)
	               : WW_OK;
}

static void
reset_reply(struct ww_chat_reply *reply)
{
	uint32_t size = reply->size;

	memset(reply, 0, size);
	reply->size = size;
	reply->input_tokens = reply->cached_tokens = -1;
	reply->output_tokens = reply->reasoning_tokens = -1;
	reply->cost = NAN;
}

static void
tell_waiting(struct ww_model_service *service,
             const struct ww_model_provider *provider, bool waiting)
{
	bool local = (provider->ops->capabilities(provider->self) &
	              WW_PROVIDER_LOCAL) != 0;

	if (service->observer.waiting != NULL)
		service->observer.waiting(service->observer.context, waiting,
		                          local);
}

static ww_status
send_request(struct ww_model_service *service,
             struct ww_model_provider *provider, struct ww_call *call,
             struct ww_model_ask *ask, struct ww_error *error)
{
	struct tap tap = { .sink = { .size = sizeof tap.sink,
		                     .text = tap_text,
		                     .reasoning = tap_reasoning },
		           .ask = ask };
	struct ww_call_frame frame;
	ww_status status;

	ww_call_start(&frame, service->cancel, call->deadline_ns(call));
	tell_waiting(service, provider, true);
	status = provider->ops->generate(&frame.call, provider->self,
	                                 ask->request, &tap.sink, ask->reply);
	tell_waiting(service, provider, false);
	return ww_call_finish(&frame, status, error);
}

static ww_status
attempt(struct ww_model_service *service, struct ww_model_provider *provider,
        struct ww_call *call, struct ww_model_ask *ask, struct ww_error *error)
{
	bool cache = ww_setting_bool(service->settings, "llm.cache");
	char key[33] = "";
	ww_status status = WW_OK;

	ask->answer.length = 0;
	if (ask->answer.bytes != NULL)
		ask->answer.bytes[0] = '\0';
	reset_reply(ask->reply);
	if (ask->begin != NULL)
		ask->begin(ask->context);
	if (cache) {
		struct tap tap = { .sink = { .size = sizeof tap.sink,
			                     .text = tap_text,
			                     .reasoning = tap_reasoning },
			           .ask = ask };

		ww_answer_cache_key(provider, ask->request, key);
		cache = !ww_answer_cache_read(key, &tap.sink, ask->reply);
	}
	if (cache || key[0] == '\0') {
		status = send_request(service, provider, call, ask, error);
		ww_model_budget_spend(&service->budget, ask->request,
		                      ask->answer.bytes != NULL
		                              ? ask->answer.bytes
		                              : "",
		                      ask->reply);
		if (cache && status == WW_OK &&
		    ask->reply->finish == WW_FINISH_COMPLETE)
			ww_answer_cache_write(key, &ask->answer, ask->reply);
	}
	if (ask->end != NULL)
		ask->end(ask->context);
	return status;
}

/* ------------------------------------------------------------ one provider */

/* Attempts at one provider until one answers or patience ends. */
static ww_status
try_provider(struct ww_model_service *service,
             struct ww_model_provider *provider, struct ww_call *call,
             struct ww_model_ask *ask, struct ww_error *error)
{
	int64_t started = ww_now_ns();
	unsigned attempts = 0;
	ww_status status;

	for (;;) {
		status = attempt(service, provider, call, ask, error);
		attempts++;
		if (status == WW_OK || ww_cancel_requested(service->cancel) ||
		    ww_cancelled(call))
			break;
		if (ww_retry_reaction(status) == WW_REACT_RETRY &&
		    ask->enough != NULL && ask->enough(ask->context))
			break;
		if (ww_model_budget_again(&service->budget, NULL) != WW_OK)
			break;
		ww_logf(WW_LOG_INFO, provider->plugin->name,
		        "attempt %u: %s: %s", attempts, ww_status_name(status),
		        error->text);
		if (!ww_retry_wait(&service->retry, status, attempts,
		                   ww_http_retry_after(provider->http)))
			break;
	}
	if (status != WW_OK)
		ww_error_prefix(error, "%s: ", provider->plugin->name);
	ww_model_record(service, provider, ask, error, status, attempts,
	                ww_now_ns() - started);
	return status;
}

static void
tell_unknown_cost(struct ww_model_service *service,
                  const struct ww_model_provider *provider)
{
	if (service->told_cost || !service->budget.cost_unknown ||
	    isinf(service->budget.max_cost))
		return;
	service->told_cost = true;
	ww_model_warn(service,
	              "%s does not say what an answer costs, so search.max_cost "
	              "cannot be kept; set provider.%s.price_input and "
	              "price_output, or search.max_tokens",
	              provider->plugin->name, provider->plugin->name);
}

/* Whether the next provider of the list takes over after this failure. */
static bool
gives_up(struct ww_model_service *service, struct ww_model_provider *provider,
         ww_status status, const struct ww_error *error)
{
	switch (ww_retry_reaction(status)) {
	case WW_REACT_STOP:
		provider->dead = true;
		ww_model_warn(service, "%s; it is not asked again in this "
		              "session", error->text);
		return true;
	case WW_REACT_RETRY:
	case WW_REACT_ONCE:
	case WW_REACT_NEXT:
		ww_model_warn(service, "%s", error->text);
		return true;
	default:
		return false;
	}
}

static bool
find_next(struct ww_model_service *service)
{
	while (service->current < service->n_providers &&
	       service->providers[service->current].dead)
		service->current++;
	return service->current < service->n_providers;
}

ww_status
ww_model_ask(struct ww_model_service *service, struct ww_call *call,
             struct ww_model_ask *ask)
{
	struct ww_error error = { 0 };
	ww_status status = ww_model_budget_check(&service->budget, &error);
	ww_status spent;

	if (status != WW_OK)
		return ww_fail(call, status, "%s", error.text);
	ww_error_set(&error, WW_E_UNAVAILABLE, "%s", service->reason);
	status = WW_E_UNAVAILABLE;
	service->budget.calls++;
	for (; find_next(service); service->current++) {
		struct ww_model_provider *provider =
			&service->providers[service->current];

		status = try_provider(service, provider, call, ask, &error);
		tell_unknown_cost(service, provider);
		if (status == WW_OK || ww_cancel_requested(service->cancel) ||
		    ww_cancelled(call) ||
		    (ask->enough != NULL && ask->enough(ask->context)) ||
		    !gives_up(service, provider, status, &error))
			break;
		spent = ww_model_budget_again(&service->budget, &error);
		if (spent != WW_OK) {
			status = spent;
			break;
		}
	}
	if (service->current >= service->n_providers)
		/* Those that are alive get another chance next time. */
		service->current = 0;
	if (status == WW_OK)
		return WW_OK;
	if (ww_cancel_requested(service->cancel))
		status = WW_E_CANCELLED;
	return ww_fail(call, status, "%s", error.text);
}
