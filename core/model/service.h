/* SPDX-License-Identifier: MIT
 *
 * The model service (warpwright/model.h): the list of providers, what happens
 * when one fails, budgets, and the record of every call. Belongs to one
 * strategy's thread.
 */
#ifndef WW_CORE_MODEL_SERVICE_H
#define WW_CORE_MODEL_SERVICE_H

#include "core/base/cancel.h"
#include "core/config/settings.h"
#include "core/plugin/registry.h"
#include "core/prompt/view.h"
#include "core/store/store.h"
#include "warpwright/plugin.h"

/* What the service tells its owner; called on the strategy's thread. */
struct ww_model_observer {
	void *context;
	/* A call is about to be sent / has ended. `local`: the model runs on
	 * this machine, so nothing may be timed in between. */
	void (*waiting)(void *context, bool waiting, bool local);
	void (*called)(void *context, const struct ww_model_call *call);
	void (*warning)(void *context, const char *text);
};

struct ww_model_service;

/* Chooses providers by `llm.provider` ("auto", a name or a list). Having none
 * is no error: available() is 0 and ww_model_reason() says why. A configuration
 * fault (unknown provider, impossible option) is. `view` is what prompts are
 * rendered from and may change between calls. */
ww_status ww_model_new(const struct ww_settings *settings,
                       const struct ww_registry *registry,
                       const struct ww_prompt_view *view,
                       const struct ww_model_observer *observer,
                       const struct ww_cancel *cancel, uint64_t seed,
                       struct ww_model_service **service,
                       struct ww_error *error);
void ww_model_free(struct ww_model_service *service);
const struct ww_model *ww_model_face(const struct ww_model_service *service);
/* "PROVIDER MODEL", or why there is none ("no key in …, no Ollama at …"). */
const char *ww_model_reason(const struct ww_model_service *service);
/* Instead of sending, the next request is written into `sink` as people would
 * read it, and the call ends with WW_E_CANCELLED (for `warpwright prompt`). */
void ww_model_capture(struct ww_model_service *service,
                      struct ww_text_sink *sink);

#endif
