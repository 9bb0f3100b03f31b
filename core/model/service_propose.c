/* SPDX-License-Identifier: MIT
 *
 * A request for configurations: what becomes of each one while the answer is
 * still arriving, and how an answer is judged.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/model/proposals.h"
#include "core/model/service_internal.h"
#include "core/space/mapping.h"

struct proposing {
	struct ww_chat_sink chat; /* first member */
	struct ww_model_service *service;
	const struct ww_search_space *space;
	const struct ww_proposal_request *request;
	struct ww_config_sink *sink;
	struct ww_proposal_report *report;
	struct ww_proposals *proposals; /* of this attempt */
	uint32_t *indices;
	uint32_t *seen;      /* rows of this request, whatever became of them */
	uint32_t n_seen;
	uint32_t seen_before; /* rows of earlier attempts */
	bool stopped;
	ww_status fault;
};

/* The model's words go into prompts, trials and the store: no secret that some
 * server put into them may go along. */
static void
clean_words(char *out, size_t size, const char *text)
{
	size_t length = strlen(text);
	char *clean = ww_redact_copy(text, &length);

	ww_text_clean(out, size, clean, length);
	free(clean);
}

/* -- one configuration ---------------------------------------------------- */

static void
keep_refusal(struct proposing *proposing, struct json_object *config,
             const char *why)
{
	struct ww_model_service *service = proposing->service;
	struct ww_kept_refusal *kept;
	const char *text = ww_json_text(config);
	size_t used;

	if (service->n_refusals == WW_KEPT_REFUSALS) {
		memmove(service->refusals, service->refusals + 1,
		        (WW_KEPT_REFUSALS - 1) * sizeof *service->refusals);
		service->n_refusals--;
	}
	kept = &service->refusals[service->n_refusals++];
	clean_words(kept->config, sizeof kept->config, text);
	clean_words(kept->why, sizeof kept->why, why);
	kept->round = proposing->request->round;
	used = strlen(service->last_fault);
	snprintf(service->last_fault + used,
	         sizeof service->last_fault - used, "%s%.150s: %.200s",
	         used > 0 ? "; " : "", kept->config, kept->why);
}

/* Remembers the row; true if an earlier attempt of this very request brought it
 * already: the model repeats itself because we asked again. */
static bool
is_echo(struct proposing *proposing)
{
	uint32_t slots = proposing->space->view.n_slots;
	size_t bytes = slots * sizeof *proposing->seen;
	uint32_t i;

	for (i = 0; i < proposing->seen_before; i++)
		if (memcmp(proposing->seen + (size_t)i * slots,
		           proposing->indices, bytes) == 0)
			return true;
	proposing->seen = ww_grow(proposing->seen,
	                          (proposing->n_seen + 1) * bytes);
	memcpy(proposing->seen + (size_t)proposing->n_seen * slots,
	       proposing->indices, bytes);
	proposing->n_seen++;
	return false;
}

/* What is known of a configuration that was proposed again. */
static void
tell_known(const struct proposing *proposing, char *why, size_t size)
{
	const struct ww_prompt_view *view = proposing->service->view;
	size_t bytes = proposing->space->view.n_slots *
	               sizeof *proposing->indices;
	double best = NAN;
	const struct ww_trial *known = NULL;
	size_t i;

	for (i = 0; i < view->n_trials; i++) {
		best = fmin(best, view->trials[i]->objective);
		if (memcmp(view->trials[i]->indices, proposing->indices,
		           bytes) == 0)
			known = view->trials[i];
	}
	if (known == NULL)
		snprintf(why, size, "known already: it was proposed before and "
		         "is not measured yet");
	else if (known->outcome == WW_TRIAL_OK)
		snprintf(why, size, "known already: measured with %.4g ms, %.2f "
		         "times the best", known->objective,
		         known->objective / best);
	else
		snprintf(why, size, "known already: it failed (%s%s%.160s)",
		         ww_outcome_name(known->outcome),
		         known->text != NULL && known->text[0] != '\0' ? ": "
		                                                       : "",
		         known->text != NULL ? known->text : "");
}

static void
push(struct proposing *proposing, const struct ww_proposed *proposed,
     const struct ww_mapping *mapping)
{
	char family[128], reason[1024], why[300];
	struct ww_proposal_info info = { .size = sizeof info };
	struct ww_proposal_report *report = proposing->report;
	ww_status status;

	if (proposed->family != NULL) {
		clean_words(family, sizeof family, proposed->family);
		info.family = family;
	}
	if (proposed->reason != NULL) {
		clean_words(reason, sizeof reason, proposed->reason);
		info.reason = reason;
	}
	status = proposing->sink->push(proposing->sink, proposing->indices,
	                               &info);
	if (status == WW_OK) {
		report->taken++;
		report->repaired += mapping->result == WW_MAPPED_REPAIRED;
	} else if (status == WW_STOPPED) {
		report->taken++;
		proposing->stopped = true;
	} else if (status == WW_E_DUPLICATE) {
		report->duplicate++;
		tell_known(proposing, why, sizeof why);
		keep_refusal(proposing, proposed->config, why);
	} else if (status == WW_E_INVALID) {
		report->invalid++;
		keep_refusal(proposing, proposed->config,
		             "outside the space or against a constraint");
	} else {
		proposing->fault = status;
		proposing->stopped = true;
	}
}

static void
on_proposed(void *context, const struct ww_proposed *proposed)
{
	struct proposing *proposing = context;
	struct ww_proposal_report *report = proposing->report;
	struct ww_mapping mapping = { 0 };

	if (proposing->stopped)
		return;
	ww_map_config(proposing->space, proposed->config, proposing->indices,
	              &mapping);
	switch (mapping.result) {
	case WW_MAPPED:
	case WW_MAPPED_REPAIRED:
		if (is_echo(proposing))
			return;
		report->found++;
		push(proposing, proposed, &mapping);
		break;
	case WW_MAPPED_UNREADABLE:
		report->found++;
		report->unreadable++;
		keep_refusal(proposing, proposed->config, mapping.note);
		break;
	default:
		report->found++;
		report->invalid++;
		keep_refusal(proposing, proposed->config, mapping.note);
		break;
	}
}

/* -- one attempt ------------------------------------------------------------ */

static void
begin_attempt(void *context)
{
	struct proposing *proposing = context;

	proposing->seen_before = proposing->n_seen;
	proposing->proposals = ww_proposals_new(on_proposed, proposing);
}

static void
end_attempt(void *context)
{
	struct proposing *proposing = context;
	struct ww_proposal_report *report = proposing->report;
	struct ww_proposals *proposals = proposing->proposals;

	ww_proposals_end(proposals);
	report->found += ww_proposals_unreadable(proposals);
	report->unreadable += ww_proposals_unreadable(proposals);
	clean_words(report->analysis, sizeof report->analysis,
	            ww_proposals_analysis(proposals));
	clean_words(report->strategy, sizeof report->strategy,
	            ww_proposals_strategy(proposals));
	ww_proposals_free(proposals);
	proposing->proposals = NULL;
}

/* Enough has come to go on without paying for another answer. */
static bool
is_enough(void *context)
{
	const struct proposing *proposing = context;

	return proposing->stopped ||
	       proposing->report->taken * 2 >= proposing->request->want;
}

static ww_status
take_text(struct ww_chat_sink *self, const char *bytes, uint64_t length)
{
	struct proposing *proposing = (struct proposing *)self;

	ww_proposals_feed(proposing->proposals, bytes, (size_t)length);
	return proposing->stopped ? WW_STOPPED : WW_OK;
}

static ww_status
take_reasoning(struct ww_chat_sink *self, const char *bytes, uint64_t length)
{
	(void)bytes;
	(void)length;
	return ((struct proposing *)self)->stopped ? WW_STOPPED : WW_OK;
}

/* -- the request ------------------------------------------------------------- */

/* Room for the visible answer: what the configurations need, twice over. */
static int64_t
output_limit(const struct ww_model_service *service,
             const struct ww_search_space *space, uint32_t want)
{
	int64_t each = 120 + 16 * (int64_t)space->view.n_slots;
	int64_t limit = 1024 + 2 * each * (int64_t)want;

	if (limit < 4096)
		limit = 4096;
	return limit * (int64_t)service->room;
}

static void
keep_answer(struct ww_model_service *service, const struct ww_model_ask *ask)
{

	free(service->last_answer);
	service->last_answer = ww_alloc(WW_KEPT_ANSWER);
	clean_words(service->last_answer, WW_KEPT_ANSWER,
	            ask->answer.bytes != NULL ? ask->answer.bytes : "");
}

static ww_status
send_prompt(struct proposing *proposing, struct ww_call *call,
            const struct ww_model_prompt *prompt)
{
	struct ww_model_service *service = proposing->service;
	const struct ww_settings *settings = service->settings;
	struct ww_chat_reply reply = { .size = sizeof reply };
	struct ww_chat_request request = {
		.size = sizeof request,
		.messages = prompt->messages,
		.n_messages = prompt->n,
		.schema = prompt->schema,
		.schema_name = "configurations",
		.effort = ww_setting_string(settings, "llm.effort"),
		.max_output_tokens = output_limit(service, proposing->space,
	                                          proposing->request->want),
		.temperature = ww_setting_is_set(settings, "llm.temperature")
		                       ? ww_setting_number(settings,
		                                           "llm.temperature")
		                       : NAN,
	};
	struct ww_model_ask ask = {
		.request = &request,
		.sink = &proposing->chat,
		.reply = &reply,
		.round = proposing->request->round,
		.context = proposing,
		.begin = begin_attempt,
		.end = end_attempt,
		.enough = is_enough,
		.counts = proposing->report,
		.counted = *proposing->report,
	};
	ww_status status = ww_model_ask(service, call, &ask);

	proposing->report->finish = reply.finish;
	proposing->report->call_id = ask.call_id;
	keep_answer(service, &ask);
	free(ask.answer.bytes);
	return status;
}

/* What the caller hears of an answer that came through. */
static ww_status
judge(struct proposing *proposing, struct ww_call *call)
{
	const struct ww_proposal_report *report = proposing->report;
	struct ww_model_service *service = proposing->service;

	if (proposing->fault != WW_OK)
		return proposing->fault;
	if (report->found > 0 && report->taken * 2 < report->found)
		ww_model_warn(service,
		              "round %u: only %u of %u configurations from the "
		              "model are usable: %u outside the space or against "
		              "a constraint, %u known already, %u unreadable",
		              proposing->request->round, report->taken,
		              report->found, report->invalid, report->duplicate,
		              report->unreadable);
	if (report->finish == WW_FINISH_LENGTH && service->room < 4)
		service->room *= 2;
	if (report->taken > 0)
		return WW_OK;
	if (report->finish == WW_FINISH_REFUSAL ||
	    report->finish == WW_FINISH_FILTER)
		return ww_fail(call, WW_E_REFUSAL,
		               "the model declined to answer");
	if (report->finish == WW_FINISH_LENGTH)
		return ww_fail(call, WW_E_TRUNCATED,
		               "the answer ended at the output limit before the "
		               "first configuration was complete; the limit "
		               "includes hidden reasoning");
	if (report->found > 0)
		return WW_OK;
	if (service->last_answer[strspn(service->last_answer, " ")] == '\0')
		return ww_fail(call, WW_E_FORMAT, "the model's answer is empty");
	return ww_fail(call, WW_E_FORMAT,
	               "the model's answer holds no configuration: %.120s",
	               service->last_answer);
}

static ww_status
propose_once(struct proposing *proposing, struct ww_call *call, bool compact)
{
	struct ww_model_service *service = proposing->service;
	struct ww_model_prompt prompt = { 0 };
	struct ww_error error = { 0 };
	ww_status status = ww_model_prompt_build(service, proposing->request,
	                                         compact, &prompt, &error);

	service->last_fault[0] = '\0';
	if (status != WW_OK)
		ww_fail(call, status, "%s", error.text);
	else if (service->capture != NULL)
		status = ww_model_prompt_capture(service, call, &prompt);
	else
		status = send_prompt(proposing, call, &prompt);
	ww_model_prompt_free(&prompt);
	return status;
}

ww_status
ww_model_propose(const struct ww_model *self, struct ww_call *call,
                 const struct ww_proposal_request *request,
                 struct ww_config_sink *sink, struct ww_proposal_report *report)
{
	struct ww_model_service *service = ww_model_service_of(self);
	struct proposing proposing = {
		.chat = { .size = sizeof proposing.chat,
		          .text = take_text,
		          .reasoning = take_reasoning },
		.service = service,
		.request = request,
		.sink = sink,
		.report = report,
	};
	struct ww_call_frame first;
	struct ww_error error = { 0 };
	ww_status status;

	if (service->view == NULL || service->view->task == NULL)
		return ww_fail(call, WW_E_STATE, "no task to propose for");
	proposing.space = service->view->task->space;
	proposing.indices = ww_alloc((proposing.space->view.n_slots + 1) *
	                             sizeof *proposing.indices);
	/* A frame of our own: the first failure may be mended. */
	ww_call_start(&first, service->cancel, call->deadline_ns(call));
	status = propose_once(&proposing, &first.call, false);
	if (ww_call_finish(&first, status, &error) == WW_E_CONTEXT) {
		ww_model_warn(service, "%s; asking again with a shorter history",
		              error.text);
		status = propose_once(&proposing, call, true);
	} else if (status != WW_OK && !is_enough(&proposing)) {
		ww_fail(call, status, "%s", error.text);
	}
	/* What had arrived before a connection broke is worth keeping. */
	if (status != WW_OK && status != WW_E_CANCELLED &&
	    is_enough(&proposing) && report->taken > 0) {
		ww_model_warn(service, "%s; going on with the %u configurations "
		              "that had arrived", error.text, report->taken);
		status = WW_OK;
	}
	if (status == WW_OK)
		status = judge(&proposing, call);
	free(proposing.indices);
	free(proposing.seen);
	return status;
}
