/* SPDX-License-Identifier: MIT
 *
 * Shared by the files of the model service.
 */
#ifndef WW_CORE_MODEL_SERVICE_INTERNAL_H
#define WW_CORE_MODEL_SERVICE_INTERNAL_H

#include <stdbool.h>

#include "core/model/budget.h"
#include "core/model/http.h"
#include "core/model/retry.h"
#include "core/model/service.h"
#include "core/plugin/host.h"

#define WW_KEPT_REFUSALS 30u /* as many as a prompt has use for */
#define WW_KEPT_ANSWER 1000u /* bytes of an answer that a repair may quote */

/* One opened provider. */
struct ww_model_provider {
	const struct ww_plugin *plugin;
	const struct ww_provider_ops *ops;
	struct ww_http *http;
	struct ww_host_box *box;
	const struct ww_options *options;
	void *self;
	char model[128]; /* that the user chose, or "" */
	bool dead;       /* out for the session */
};

/* The text of an answer as far as it has come. */
struct ww_answer_text {
	char *bytes;
	size_t length;
	size_t room;
};

struct ww_kept_refusal {
	char config[320];
	char why[320];
	uint32_t round;
};

struct ww_model_service {
	struct ww_model face; /* first member */
	const struct ww_settings *settings;
	const struct ww_registry *registry;
	const struct ww_prompt_view *view;
	struct ww_model_observer observer;
	const struct ww_cancel *cancel;
	struct ww_random_stream random;
	struct ww_model_budget budget;
	struct ww_retry retry;
	struct ww_model_provider *providers;
	size_t n_providers;
	size_t current;
	char reason[1024];
	uint64_t n_calls;
	bool told_cost;
	unsigned room;           /* factor on the output limit: 1, 2, 4 */
	struct ww_text_sink *capture; /* or null */
	struct ww_kept_refusal refusals[WW_KEPT_REFUSALS];
	size_t n_refusals;
	char *last_answer;       /* for a repair */
	char last_fault[2000];   /* what was refused in the last answer */
};

/* service_open.c */
ww_status ww_model_open_providers(struct ww_model_service *service,
                                  struct ww_error *error);
void ww_model_close_provider(struct ww_model_provider *provider);

/* One logical request: whatever providers and attempts it takes. */
struct ww_model_ask {
	const struct ww_chat_request *request;
	struct ww_chat_sink *sink;
	struct ww_chat_reply *reply;
	uint32_t round;
	void *context;
	/* Each may be null. A new attempt begins (text starts anew); an
	 * attempt is over; whether enough has come to do without another. */
	void (*begin)(void *context);
	void (*end)(void *context);
	bool (*enough)(void *context);
	/* Live counts for the record, or null. */
	const struct ww_proposal_report *counts;
	struct ww_proposal_report counted; /* in records already */
	uint64_t call_id;                  /* of the last record */
	struct ww_answer_text answer;      /* of the last attempt */
};

/* service_call.c */
ww_status ww_model_ask(struct ww_model_service *service, struct ww_call *call,
                       struct ww_model_ask *ask);
void ww_model_warn(struct ww_model_service *service, const char *format, ...)
	WW_PRINTF(2, 3);
/* [{"role", "content"}, …]; to be freed. */
char *ww_model_prompt_text(const struct ww_chat_request *request);

/* service_record.c: reports one call to the observer. */
void ww_model_record(struct ww_model_service *service,
                     const struct ww_model_provider *provider,
                     struct ww_model_ask *ask, const struct ww_error *error,
                     ww_status status, unsigned attempts, int64_t latency_ns);

/* service_propose.c */
ww_status ww_model_propose(const struct ww_model *self, struct ww_call *call,
                           const struct ww_proposal_request *request,
                           struct ww_config_sink *sink,
                           struct ww_proposal_report *report);
struct ww_model_service *ww_model_service_of(const struct ww_model *self);

/* service_prompt.c */
struct ww_model_prompt {
	struct ww_message messages[2];
	uint64_t n;
	char *system;
	char *user;
	char *schema;
};

/* The owner's view with what this service adds to it. `refusals` has room for
 * WW_KEPT_REFUSALS. */
struct ww_prompt_view ww_model_view(const struct ww_model_service *service,
                                    struct ww_refusal *refusals,
                                    uint32_t round, uint32_t want);
/* Renders the templates that the request names; `compact`: with a shorter
 * history, because the last one did not fit. */
ww_status ww_model_prompt_build(struct ww_model_service *service,
                                const struct ww_proposal_request *request,
                                bool compact, struct ww_model_prompt *prompt,
                                struct ww_error *error);
void ww_model_prompt_free(struct ww_model_prompt *prompt);
/* Writes it into service->capture in place of a request. */
ww_status ww_model_prompt_capture(struct ww_model_service *service,
                                  struct ww_call *call,
                                  const struct ww_model_prompt *prompt);

/* answer_cache.c: a stored answer to an identical request. */
void ww_answer_cache_key(const struct ww_model_provider *provider,
                         const struct ww_chat_request *request,
                         char key[33]);
bool ww_answer_cache_read(const char *key, struct ww_chat_sink *sink,
                          struct ww_chat_reply *reply);
void ww_answer_cache_write(const char *key, const struct ww_answer_text *answer,
                           const struct ww_chat_reply *reply);

#endif
