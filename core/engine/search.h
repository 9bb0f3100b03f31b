/* SPDX-License-Identifier: MIT
 *
 * Who is asked for configurations, when, how many, and when it is enough: the
 * main strategy, the filler beside it while a model is thinking, the fallback
 * after a failure, rounds and stop rules. Lives on the main loop.
 */
#ifndef WW_CORE_SEARCH_H
#define WW_CORE_SEARCH_H

#include "core/engine/inbox.h"
#include "core/engine/lane.h"
#include "core/engine/scheduler.h"
#include "core/engine/stop.h"
#include "core/engine/strategist.h"

/* What a strategist is opened for. */
#define WW_ROLE_MAIN 0u
#define WW_ROLE_FALLBACK 1u
#define WW_ROLE_FILLER 2u

struct ww_search_setup {
	const struct ww_space *space;
	struct ww_archive *archive;
	struct ww_scheduler *scheduler;
	struct ww_lanes *lanes;
	struct ww_inbox *inbox;
	struct ww_stop_limits limits;
	uint32_t initial;    /* size of round 1 */
	uint32_t refinement; /* size of later rounds */
	bool serial;
	/* The evaluation limit is the user's own, so the filler's count too. */
	bool limit_is_hard;
	const char *fallback; /* name, or "error" */
	void *context;
	ww_status (*open)(void *context, const char *name, unsigned role,
	                  uint64_t n_told, struct ww_strategist **strategist,
	                  struct ww_error *error);
	/* Whether a strategy of this name, or one in its place, is there. */
	const char *(*stand_in)(void *context, const char *name);
	void (*warning)(void *context, const char *text);
	void (*round)(void *context, uint32_t round, const char *strategy,
	              uint64_t trials, double best_ms);
	void (*model_call)(void *context, const struct ww_model_call *call);
};

struct ww_search;
struct ww_search *ww_search_new(const struct ww_search_setup *setup);
/* False: a strategy's thread never came back and goes on using the inbox. */
bool ww_search_free(struct ww_search *search);
/* Opens the first strategy; a model that is not there leads to the fallback at
 * once. */
ww_status ww_search_open(struct ww_search *search, const char *strategy,
                         struct ww_error *error);

/* A finished trial, durable by now. Also trials of an earlier run and the
 * default configuration (round 0), before anything is asked. */
void ww_search_finished(struct ww_search *search, struct ww_record *record);
/* Reads the inbox: proposals become trials. */
void ww_search_read(struct ww_search *search);
/* Applies the stop rules, and asks whoever is to be asked. True if something
 * was asked that may have answered already. */
bool ww_search_decide(struct ww_search *search);
/* Ends it from outside: no more proposals, nothing more is asked. */
void ww_search_stop(struct ww_search *search, unsigned stop,
                    const struct ww_error *error);

/* Ends the strategies' threads, so that nothing disturbs what is timed then. */
void ww_search_silence(struct ww_search *search);
/* Counts a model call, also one of an earlier run, against the budgets. */
void ww_search_count_call(struct ww_search *search,
                          const struct ww_model_call *call);

unsigned ww_search_stopped(const struct ww_search *search); /* WW_STOP_… */
/* With WW_STOP_ERROR. */
const struct ww_error *ww_search_error(const struct ww_search *search);
struct ww_strategist *ww_search_main(struct ww_search *search);
const char *ww_search_fallback_reason(const struct ww_search *search);
/* Rounds begun. */
uint32_t ww_search_rounds(const struct ww_search *search);
uint64_t ww_search_evaluations(const struct ww_search *search);
const struct ww_stop_usage *ww_search_usage(const struct ww_search *search);
const struct ww_tokens *ww_search_tokens(const struct ww_search *search);
bool ww_search_waiting(const struct ww_search *search);
/* Whether anybody's ask is under way. */
bool ww_search_asking(const struct ww_search *search);
/* Finished records in order of finishing. */
struct ww_record *const *ww_search_records(const struct ww_search *search,
                                           size_t *n);

#endif
