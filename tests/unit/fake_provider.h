/* SPDX-License-Identifier: MIT
 *
 * A model service with providers that play a script: what each request is
 * answered with, and what the service asked, told and waited for.
 */
#ifndef WW_TESTS_FAKE_PROVIDER_H
#define WW_TESTS_FAKE_PROVIDER_H

#include "core/model/service_internal.h"

#define FAKE_MOST_STEPS 8
#define FAKE_MOST_ROWS 64

/* What becomes of one request: `text` is sent, then `status` returned. */
struct fake_step {
	ww_status status;
	const char *text;    /* or null */
	const char *message; /* of a failure */
	uint32_t finish;     /* 0: WW_FINISH_COMPLETE */
	int64_t tokens;      /* of input, and as many of output; 0: not told */
	double cost;         /* 0: not told */
};

struct fake_provider {
	struct ww_plugin plugin;
	struct fake_step steps[FAKE_MOST_STEPS]; /* the last one is repeated */
	size_t n_steps;
	size_t n_requests;
	size_t last_length; /* bytes of the last request's messages */
	uint64_t capabilities;
	struct fake_model *owner;
};

struct fake_model {
	struct ww_settings *settings;
	struct ww_registry *registry;
	struct ww_model_service *service;
	struct ww_task *task;
	struct ww_prompt_view view;
	struct ww_cancel cancel;
	struct fake_provider providers[2];
	/* What the service told. */
	char warnings[4000];
	size_t n_calls;
	char outcomes[16][32];
	uint32_t attempts[16];
	int waiting;     /* open waits: 0 or 1 */
	int waits;
	int local_waits;
	/* Its patience. */
	size_t n_sleeps;
	int64_t slept_ns;
	int cancel_in_sleep;
	/* The strategy's sink: rows taken, in order. */
	struct ww_config_sink sink;
	uint32_t rows[FAKE_MOST_ROWS][2];
	size_t n_rows;
	size_t n_repeats; /* pushes of a row that is there already */
};

/* `settings`: texts for --set, null-terminated. The task has two parameters,
 * x and y, of 0 … 15, and the rule x + y < 28. */
struct fake_model *fake_model_new(const char *const *settings);
void fake_model_free(struct fake_model *model);
/* One more step of provider 0 or 1. */
void fake_model_script(struct fake_model *model, size_t provider,
                       struct fake_step step);

/* Plain chat; `text` has room for 256 bytes. */
ww_status fake_model_chat(struct fake_model *model, const char *prompt,
                          char *text, struct ww_error *error);
ww_status fake_model_propose(struct fake_model *model, uint32_t want,
                             struct ww_proposal_report *report,
                             struct ww_error *error);

#endif
