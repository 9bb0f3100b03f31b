/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/model/service_internal.h"

char *
ww_model_prompt_text(const struct ww_chat_request *request)
{
	struct json_object *list = json_object_new_array();
	char *text;
	uint64_t i;

	for (i = 0; i < request->n_messages; i++) {
		const struct ww_message *message = &request->messages[i];
		struct json_object *item = json_object_new_object();

		ww_json_put_string(item, "role", message->role);
		json_object_object_add(
			item, "content",
			json_object_new_string_len(message->text,
		                                   (int)message->length));
		json_object_array_add(list, item);
	}
	text = ww_copy(ww_json_text(list));
	json_object_put(list);
	return text;
}

static const char *
outcome_name(ww_status status, uint32_t finish)
{
	if (status != WW_OK)
		return ww_status_name(status);
	switch (finish) {
	case WW_FINISH_LENGTH:
		return "truncated";
	case WW_FINISH_REFUSAL:
		return "refusal";
	case WW_FINISH_FILTER:
		return "filter";
	default:
		return "ok";
	}
}

/* Configurations that the last records did not count yet. */
static void
put_counts(struct ww_model_call *record, struct ww_model_ask *ask)
{
	const struct ww_proposal_report *now = ask->counts;
	const struct ww_proposal_report *before = &ask->counted;

	if (now == NULL)
		return;
	record->found = now->found - before->found;
	record->taken = now->taken - before->taken;
	record->invalid = now->invalid - before->invalid;
	record->duplicate = now->duplicate - before->duplicate;
	ask->counted = *now;
}

static char *
prompt_without_secrets(const struct ww_chat_request *request)
{
	char *text = ww_model_prompt_text(request);
	size_t length = strlen(text);
	char *clean = ww_redact_copy(text, &length);

	free(text);
	return clean;
}

void
ww_model_record(struct ww_model_service *service,
                const struct ww_model_provider *provider,
                struct ww_model_ask *ask, const struct ww_error *error,
                ww_status status, unsigned attempts, int64_t latency_ns)
{
	const struct ww_chat_reply *reply = ask->reply;
	size_t length = ask->answer.length;
	char *answer = ww_redact_copy(
		ask->answer.bytes != NULL ? ask->answer.bytes : "", &length);
	char *prompt = prompt_without_secrets(ask->request);
	struct ww_model_call record = {
		.number = ++service->n_calls,
		.round = ask->round,
		.provider = provider->plugin->name,
		.model = reply->model[0] != '\0' ? reply->model
		                                 : provider->model,
		.prompt = prompt,
		.answer = answer,
		.outcome = outcome_name(status, reply->finish),
		.error = status == WW_OK ? "" : error->text,
		.input_tokens = reply->input_tokens,
		.cached_tokens = reply->cached_tokens,
		.output_tokens = reply->output_tokens,
		.reasoning_tokens = reply->reasoning_tokens,
		.cost = reply->cost,
		.latency_ns = latency_ns,
		.attempts = attempts,
		.exchange = ww_http_exchange_text(provider->http),
	};

	put_counts(&record, ask);
	ask->call_id = record.number;
	if (service->observer.called != NULL)
		service->observer.called(service->observer.context, &record);
	free(prompt);
	free(answer);
}
