/* SPDX-License-Identifier: MIT */
#include "core/engine/strategist.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/text.h"
#include "core/engine/strategy_host.h"
#include "core/model/service.h"
#include "core/plugin/host.h"

/* A plugin that ignores cancellation for this long is left behind. */
#define PATIENCE_S 15

struct ww_strategist {
	struct ww_strategist_setup setup;
	const struct ww_strategy_ops *ops;
	struct ww_host_box *box;
	struct ww_strategy_host *parts;
	struct ww_model_service *model;
	struct ww_cancel cancel;
	void *self;

	/* The strategy's own picture; belongs to its thread. */
	struct ww_prompt_view view;
	const struct ww_trial **told;
	size_t n_told;

	/* Main loop's side. */
	bool asking;

	pthread_t thread;
	bool running;
	bool lost; /* its thread never came back */
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	/* Guarded by the mutex: what the thread is to do. */
	bool wanted;
	bool leave;
	bool left;
	const struct ww_trial **news;
	size_t n_news;
	struct ww_budget budget;
	bool silent; /* nothing is being timed: a local model may work */
};

/* -------------------------------------------------------------- the asking */

/* The sink of one ask: counts, and lets through the inbox's door. */
struct door {
	struct ww_config_sink sink; /* first member */
	struct ww_strategist *strategist;
	uint32_t taken;
	uint32_t want;
};

static ww_status
push(struct ww_config_sink *self, const uint32_t *indices,
     const struct ww_proposal_info *info)
{
	struct door *door = (struct door *)self;
	struct ww_strategist *strategist = door->strategist;
	ww_status status;

	if (door->taken >= door->want ||
	    ww_cancel_requested(&strategist->cancel))
		return WW_STOPPED;
	status = ww_inbox_push(strategist->setup.inbox, strategist, indices,
	                       info, strategist->setup.free_of_charge);
	if (status == WW_OK)
		door->taken++;
	return status;
}

static ww_status
tell(struct ww_strategist *strategist, const struct ww_trial **news, size_t n,
     struct ww_error *error)
{
	struct ww_call_frame frame;
	size_t total = strategist->n_told + n;
	ww_status status;

	if (n == 0)
		return WW_OK;
	strategist->told = ww_grow(strategist->told,
	                           total * sizeof *strategist->told);
	memcpy(strategist->told + strategist->n_told, news,
	       n * sizeof *news);
	strategist->n_told = total;
	strategist->view.trials = strategist->told;
	strategist->view.n_trials = total;
	ww_call_start(&frame, &strategist->cancel, INT64_MAX);
	status = strategist->ops->tell(&frame.call, strategist->self, news, n);
	return ww_call_finish(&frame, status, error);
}

static ww_status
ask(struct ww_strategist *strategist, const struct ww_budget *budget,
    struct ww_error *error)
{
	struct ww_call_frame frame;
	struct door door = {
		.sink = { .size = sizeof door.sink, .push = push },
		.strategist = strategist,
		.want = budget->want,
	};
	ww_status status;

	strategist->view.round = budget->round;
	strategist->view.want = budget->want;
	strategist->view.evaluations_left = budget->evaluations_left;
	ww_call_start(&frame, &strategist->cancel, INT64_MAX);
	status = strategist->ops->ask(&frame.call, strategist->self, budget,
	                              &door.sink);
	return ww_call_finish(&frame, status, error);
}

static void
tell_and_ask(struct ww_strategist *strategist, const struct ww_trial **news,
             size_t n, const struct ww_budget *budget)
{
	struct ww_error error = { 0 };
	ww_status status = tell(strategist, news, n, &error);

	if (status == WW_OK)
		status = ask(strategist, budget, &error);
	ww_inbox_asked(strategist->setup.inbox, strategist, status,
	               status < 0 ? error.text : "");
}

/* -------------------------------------------------------------- the thread */

static void *
work(void *context)
{
	struct ww_strategist *strategist = context;

	pthread_mutex_lock(&strategist->mutex);
	while (!strategist->leave) {
		const struct ww_trial **news = strategist->news;
		size_t n_news = strategist->n_news;
		struct ww_budget budget = strategist->budget;

		if (!strategist->wanted) {
			pthread_cond_wait(&strategist->changed,
			                  &strategist->mutex);
			continue;
		}
		strategist->wanted = false;
		strategist->news = NULL;
		pthread_mutex_unlock(&strategist->mutex);
		tell_and_ask(strategist, news, n_news, &budget);
		free(news);
		pthread_mutex_lock(&strategist->mutex);
	}
	strategist->left = true;
	pthread_cond_broadcast(&strategist->changed);
	pthread_mutex_unlock(&strategist->mutex);
	return NULL;
}

/* Signals are for the main thread. */
static ww_status
start_thread(struct ww_strategist *strategist, struct ww_error *error)
{
	sigset_t all, before;
	int code;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	code = pthread_create(&strategist->thread, NULL, work, strategist);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code != 0)
		return ww_error_set(error, WW_E_INTERNAL,
		                    "strategy %s: cannot start a thread: %s",
		                    strategist->setup.plugin->name,
		                    strerror(code));
	strategist->running = true;
	return WW_OK;
}

void
ww_strategist_ask(struct ww_strategist *strategist,
                  const struct ww_trial *const *trials, size_t n,
                  const struct ww_budget *budget)
{
	const struct ww_trial **copy = ww_alloc((n + 1) * sizeof *copy);

	if (n > 0)
		memcpy(copy, trials, n * sizeof *copy);
	strategist->asking = true;
	if (!strategist->running) {
		tell_and_ask(strategist, copy, n, budget);
		free(copy);
		return;
	}
	pthread_mutex_lock(&strategist->mutex);
	strategist->news = copy;
	strategist->n_news = n;
	strategist->budget = *budget;
	strategist->wanted = true;
	pthread_cond_broadcast(&strategist->changed);
	pthread_mutex_unlock(&strategist->mutex);
}

bool
ww_strategist_asking(const struct ww_strategist *strategist)
{
	return strategist->asking;
}

void
ww_strategist_answered(struct ww_strategist *strategist)
{
	strategist->asking = false;
}

bool
ww_strategist_stop(struct ww_strategist *strategist)
{
	struct timespec end;
	int code = 0;

	ww_cancel_request(&strategist->cancel);
	if (!strategist->running)
		return !strategist->lost;
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += PATIENCE_S;
	pthread_mutex_lock(&strategist->mutex);
	strategist->leave = true;
	pthread_cond_broadcast(&strategist->changed);
	while (!strategist->left && code == 0)
		code = pthread_cond_timedwait(&strategist->changed,
		                              &strategist->mutex, &end);
	pthread_mutex_unlock(&strategist->mutex);
	strategist->running = false;
	if (code != 0) {
		strategist->lost = true;
		pthread_detach(strategist->thread);
		return false;
	}
	pthread_join(strategist->thread, NULL);
	return true;
}

/* ----------------------------------------------------------------- opening */

/* A model on this machine and a measurement would disturb each other: the
 * request is sent when the main loop says that nothing is being timed. */
static void
on_waiting(void *context, bool waiting, bool local)
{
	struct ww_strategist *strategist = context;

	local = local && !ww_setting_bool(strategist->setup.settings,
	                                  "parallel.measure_beside_model");
	if (!waiting || !local || !strategist->running) {
		ww_inbox_waiting(strategist->setup.inbox, strategist, waiting,
		                 local);
		return;
	}
	pthread_mutex_lock(&strategist->mutex);
	strategist->silent = false;
	pthread_mutex_unlock(&strategist->mutex);
	ww_inbox_waiting(strategist->setup.inbox, strategist, true, true);
	pthread_mutex_lock(&strategist->mutex);
	while (!strategist->silent &&
	       !ww_cancel_requested(&strategist->cancel))
		pthread_cond_wait(&strategist->changed, &strategist->mutex);
	pthread_mutex_unlock(&strategist->mutex);
}

void
ww_strategist_silent(struct ww_strategist *strategist)
{
	pthread_mutex_lock(&strategist->mutex);
	strategist->silent = true;
	pthread_cond_broadcast(&strategist->changed);
	pthread_mutex_unlock(&strategist->mutex);
}

static void
on_called(void *context, const struct ww_model_call *call)
{
	struct ww_strategist *strategist = context;

	ww_inbox_call(strategist->setup.inbox, strategist, call);
}

static void
on_warning(void *context, const char *text)
{
	struct ww_strategist *strategist = context;

	ww_inbox_warning(strategist->setup.inbox, strategist, text);
}

static ww_status
open_model(struct ww_strategist *strategist, struct ww_error *error)
{
	const struct ww_strategist_setup *setup = &strategist->setup;
	struct ww_model_observer observer = {
		.context = strategist,
		.waiting = on_waiting,
		.called = on_called,
		.warning = on_warning,
	};

	if ((strategist->ops->flags &
	     (WW_STRATEGY_USES_MODEL | WW_STRATEGY_TAKES_MODEL)) == 0 ||
	    setup->settings == NULL)
		return WW_OK;
	return ww_model_new(setup->settings, setup->registry,
	                    &strategist->view, &observer, &strategist->cancel,
	                    setup->seed, &strategist->model, error);
}

static ww_status
open_instance(struct ww_strategist *strategist, struct ww_error *error)
{
	const struct ww_strategist_setup *setup = &strategist->setup;
	struct ww_services services = { .clock = setup->clock };
	struct ww_options *options = NULL;
	struct ww_call_frame frame;
	ww_status status = open_model(strategist, error);

	if (status == WW_OK && setup->settings != NULL)
		status = ww_settings_options(setup->settings, setup->plugin,
		                             NULL, &options, error);
	if (status != WW_OK)
		return status;
	if (strategist->model != NULL)
		services.model = ww_model_face(strategist->model);
	if (setup->settings != NULL) {
		strategist->parts = ww_strategy_host_new(
			setup->settings, setup->registry, setup->space,
			setup->clock, setup->seed);
		services.strategies =
			ww_strategy_host_face(strategist->parts);
	}
	strategist->box = ww_host_new(setup->plugin, options, setup->seed,
	                              &services);
	ww_call_start(&frame, &strategist->cancel, INT64_MAX);
	status = strategist->ops->open(&frame.call,
	                               ww_host_of(strategist->box),
	                               setup->space, &strategist->self);
	if (status != WW_OK)
		strategist->self = NULL;
	return ww_call_finish(&frame, status, error);
}

/* Patience is not a matter of what the wall clock is set to. */
static void
make_condition(pthread_cond_t *changed)
{
	pthread_condattr_t attributes;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(changed, &attributes);
	pthread_condattr_destroy(&attributes);
}

ww_status
ww_strategist_new(const struct ww_strategist_setup *setup,
                  struct ww_strategist **result, struct ww_error *error)
{
	struct ww_strategist *strategist = ww_alloc(sizeof *strategist);
	ww_status status;

	strategist->setup = *setup;
	strategist->ops = setup->plugin->ops;
	strategist->view.task = setup->task;
	strategist->view.hardware = setup->hardware;
	strategist->view.settings = setup->settings;
	strategist->view.evaluations_left = UINT64_MAX;
	pthread_mutex_init(&strategist->mutex, NULL);
	make_condition(&strategist->changed);
	status = open_instance(strategist, error);
	if (status == WW_OK && setup->threaded)
		status = start_thread(strategist, error);
	if (status != WW_OK) {
		ww_error_prefix(error, "strategy %s: ", setup->plugin->name);
		ww_strategist_free(strategist);
		return status;
	}
	*result = strategist;
	return WW_OK;
}

bool
ww_strategist_free(struct ww_strategist *strategist)
{
	if (strategist == NULL)
		return true;
	if (!ww_strategist_stop(strategist))
		return false; /* its thread still uses all of it */
	if (strategist->self != NULL)
		strategist->ops->close(strategist->self);
	ww_strategy_host_free(strategist->parts);
	if (strategist->box != NULL)
		ww_host_free(strategist->box);
	if (strategist->model != NULL)
		ww_model_free(strategist->model);
	pthread_mutex_destroy(&strategist->mutex);
	pthread_cond_destroy(&strategist->changed);
	free(strategist->news);
	free(strategist->told);
	free(strategist);
	return true;
}

/* ------------------------------------------------------------------ asking */

const char *
ww_strategist_name(const struct ww_strategist *strategist)
{
	return strategist->setup.plugin->name;
}

uint32_t
ww_strategist_mode(const struct ww_strategist *strategist)
{
	return strategist->ops->mode;
}

bool
ww_strategist_uses_model(const struct ww_strategist *strategist)
{
	return (strategist->ops->flags & WW_STRATEGY_USES_MODEL) != 0;
}

const char *
ww_strategist_model(const struct ww_strategist *strategist)
{
	return strategist->model != NULL ? ww_model_reason(strategist->model)
	                                 : "";
}

bool
ww_strategist_has_model(const struct ww_strategist *strategist)
{
	const struct ww_model *face;

	if (strategist->model == NULL)
		return false;
	face = ww_model_face(strategist->model);
	return face->available(face) != 0;
}

void
ww_strategist_filler(struct ww_strategist *strategist, char *name, size_t size)
{
	name[0] = '\0';
	if (strategist->parts != NULL)
		ww_strategy_host_filler(strategist->parts, name, size);
}

/* --------------------------------------------------------------- the note */

struct note {
	struct ww_text_sink sink; /* first member */
	char *text;
	size_t size;
	size_t used;
};

static ww_status
write_note(struct ww_text_sink *self, const char *bytes, uint64_t length)
{
	struct note *note = (struct note *)self;
	size_t room = note->size - 1 - note->used;
	size_t n = length < room ? (size_t)length : room;

	memcpy(note->text + note->used, bytes, n);
	note->used += n;
	note->text[note->used] = '\0';
	return note->used + 1 < note->size ? WW_OK : WW_STOPPED;
}

void
ww_strategist_note(struct ww_strategist *strategist, char *text, size_t size)
{
	struct note note = {
		.sink = { .size = sizeof note.sink, .write = write_note },
		.text = text,
		.size = size,
	};
	struct ww_call_frame frame;
	ww_status status;

	text[0] = '\0';
	if (!WW_HAS(struct ww_strategy_ops, strategist->ops, note))
		return;
	ww_call_start(&frame, NULL, INT64_MAX);
	status = strategist->ops->note(&frame.call, strategist->self,
	                               &note.sink);
	ww_call_finish(&frame, status, NULL);
}
