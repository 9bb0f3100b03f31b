/* SPDX-License-Identifier: MIT
 *
 * warpwright/model.h: a strategy talks to *a* model, never to a provider. The
 * host chooses the provider, retries, goes on to the next one of the user's
 * list, counts tokens and money, and stores every exchange. It also owns the two
 * things every model-driven strategy needs: prompts rendered from templates and
 * session data, and the way from text back to configurations.
 */
#ifndef WARPWRIGHT_MODEL_H
#define WARPWRIGHT_MODEL_H

#include "warpwright/provider.h"

#ifdef __cplusplus
extern "C" {
#endif

struct ww_config_sink;

/* A request for configurations. */
struct ww_proposal_request {
	uint32_t size;
	uint32_t want;           /* how many configurations are asked for */
	uint32_t round;
	uint32_t repair;         /* 1: second try after an unusable answer; the
	                          * host adds the errors of the first */
	const char *system;      /* template of the stable part, "system" */
	const char *user;        /* template of this request, "initial", "refine" */
	const char *variables;   /* JSON object of extra template variables or
	                          * null */
};

/* What became of an answer, zeroed by the host before. */
struct ww_proposal_report {
	uint32_t size;
	uint32_t found;      /* configuration objects seen in the text */
	uint32_t taken;      /* pushed and accepted */
	uint32_t repaired;   /* of the taken: completed or converted */
	uint32_t invalid;    /* outside the space or against a constraint */
	uint32_t duplicate;  /* known already */
	uint32_t unreadable; /* text that is no configuration */
	uint32_t finish;     /* WW_FINISH_… */
	uint64_t call_id;    /* number of the stored exchange */
	char analysis[2048]; /* of the answer, or ""; cut at a character */
	char strategy[512];
};

struct ww_model {
	uint32_t size;
	uint32_t reserved;
	/* 1 if some provider can be asked; else 0, and every request fails with
	 * WW_E_UNAVAILABLE and the reason. */
	int32_t (*available)(const struct ww_model *self);
	/* Plain chat. Retries by class; statuses as provider.generate plus
	 * WW_E_BUDGET and WW_E_UNAVAILABLE. */
	ww_status (*generate)(const struct ww_model *self, struct ww_call *call,
	                      const struct ww_chat_request *request,
	                      struct ww_chat_sink *sink,
	                      struct ww_chat_reply *reply);
	/* Renders a template of share/prompts (or the user's) with the session's
	 * data and `variables` (JSON object or null) on top. */
	ww_status (*render)(const struct ww_model *self, struct ww_call *call,
	                    const char *template_name, const char *variables,
	                    struct ww_text_sink *sink);
	/* Renders, asks, and pushes each configuration into `sink` as soon as
	 * its closing brace has arrived. What was refused, and why, is told to
	 * the model in the next round. WW_OK also for a partly usable answer
	 * (see `report`); configurations pushed before a failure stay pushed. */
	ww_status (*propose)(const struct ww_model *self, struct ww_call *call,
	                     const struct ww_proposal_request *request,
	                     struct ww_config_sink *sink,
	                     struct ww_proposal_report *report);
};

#ifdef __cplusplus
}
#endif
#endif
