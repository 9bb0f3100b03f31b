/* SPDX-License-Identifier: MIT
 *
 * The messages of a request for configurations.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/model/service_internal.h"
#include "core/prompt/prompt.h"

struct ww_prompt_view
ww_model_view(const struct ww_model_service *service,
              struct ww_refusal *refusals, uint32_t round, uint32_t want)
{
	struct ww_prompt_view view = *service->view;
	size_t n = 0;
	size_t i;

	for (i = 0; i < service->n_refusals; i++)
		refusals[n++] = (struct ww_refusal){
			.config = service->refusals[i].config,
			.why = service->refusals[i].why,
			.round = service->refusals[i].round,
		};
	if (n > 0) {
		view.refusals = refusals;
		view.n_refusals = n;
	}
	view.round = round;
	view.want = want;
	return view;
}

static void
add_message(struct ww_model_prompt *prompt, const char *role,
            const char *text, uint32_t flags)
{
	prompt->messages[prompt->n++] = (struct ww_message){
		.role = role,
		.text = text,
		.length = strlen(text),
		.flags = flags,
	};
}

/* The strategy's variables, and over them `compact` if the history must be
 * shorter, and `errors`, what was wrong with the last answer. */
static char *
merge_variables(const char *variables, bool compact, const char *errors)
{
	struct json_object *object = NULL;
	char *text;

	if (!compact && errors == NULL)
		return ww_copy(variables);
	if (variables == NULL ||
	    ww_json_parse(variables, strlen(variables), "variables", 0, &object,
	                  NULL) != WW_OK ||
	    !json_object_is_type(object, json_type_object)) {
		json_object_put(object);
		object = json_object_new_object();
	}
	if (compact)
		ww_json_put_bool(object, "compact", 1);
	if (errors != NULL)
		ww_json_put_string(object, "errors", errors);
	text = ww_copy(ww_json_text(object));
	json_object_put(object);
	return text;
}

/* What a repair tells of the answer before. */
static char *
describe_fault(const struct ww_model_service *service)
{
	if (service->last_fault[0] != '\0')
		return ww_copy(service->last_fault);
	if (service->last_answer == NULL || service->last_answer[0] == '\0')
		return ww_copy("the answer was empty");
	return ww_text("no configuration was found in it; it began: %.200s",
	               service->last_answer);
}

ww_status
ww_model_prompt_build(struct ww_model_service *service,
                      const struct ww_proposal_request *request, bool compact,
                      struct ww_model_prompt *prompt, struct ww_error *error)
{
	struct ww_refusal refusals[WW_KEPT_REFUSALS];
	struct ww_prompt_view view = ww_model_view(service, refusals,
	                                           request->round,
	                                           request->want);
	char *errors = request->repair ? describe_fault(service) : NULL;
	char *variables = merge_variables(request->variables, compact, errors);
	ww_status status = ww_prompt_render(&view, request->system, variables,
	                                    &prompt->system, error);

	free(errors);
	if (status == WW_OK)
		status = ww_prompt_render(&view, request->user, variables,
		                          &prompt->user, error);
	free(variables);
	if (status != WW_OK)
		return status;
	prompt->schema = ww_prompt_schema(&view);
	add_message(prompt, "system", prompt->system, WW_MESSAGE_STABLE);
	add_message(prompt, "user", prompt->user, 0);
	return WW_OK;
}

void
ww_model_prompt_free(struct ww_model_prompt *prompt)
{
	free(prompt->system);
	free(prompt->user);
	free(prompt->schema);
}

ww_status
ww_model_prompt_capture(struct ww_model_service *service, struct ww_call *call,
                        const struct ww_model_prompt *prompt)
{
	struct ww_text_sink *sink = service->capture;
	uint64_t i;

	for (i = 0; i < prompt->n; i++) {
		char *title = ww_text("=== %s ===\n", prompt->messages[i].role);

		sink->write(sink, title, strlen(title));
		sink->write(sink, prompt->messages[i].text,
		            prompt->messages[i].length);
		sink->write(sink, "\n", 1);
		free(title);
	}
	if (prompt->schema != NULL) {
		sink->write(sink, "=== schema ===\n", 15);
		sink->write(sink, prompt->schema, strlen(prompt->schema));
		sink->write(sink, "\n", 1);
	}
	return ww_fail(call, WW_E_CANCELLED, "the request was written down "
	               "instead of sent");
}
