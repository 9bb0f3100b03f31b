/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/engine/search_impl.h"

uint32_t
ww_search_round_size(const struct ww_search *search, uint32_t round)
{
	return round <= 1 ? search->setup.initial : search->setup.refinement;
}

void
ww_search_stop(struct ww_search *search, unsigned stop,
               const struct ww_error *error)
{
	if (search->stop != WW_STOP_NONE)
		return;
	search->stop = stop;
	if (error != NULL)
		search->error = *error;
	ww_inbox_close(search->setup.inbox);
}

/* ---------------------------------------------------------------- fallback */

static void
explain_fallback(struct ww_search *search, const char *from, const char *why,
                 const char *to)
{
	char text[1200];

	snprintf(search->fallback_reason, sizeof search->fallback_reason,
	         "%s: %s", from, why);
	snprintf(text, sizeof text, "strategy %s: %s; going on with %s", from,
	         why, to);
	search->setup.warning(search->setup.context, text);
}

/* What a strategy that lives by a model fails of is the model's failure, also
 * where the same class elsewhere means a wrong task or a missing plugin. */
static ww_status
failure_of(const struct ww_search *search, ww_status status)
{
	if (!ww_strategist_uses_model(search->main.strategist))
		return status;
	switch (status) {
	case WW_E_UNAVAILABLE:
		return WW_E_AUTH;
	case WW_E_FORMAT:
	case WW_E_INVALID:
	case WW_E_NOT_FOUND:
	case WW_E_UNSUPPORTED:
	case WW_E_TIMEOUT:
	case WW_E_CRASH:
		return WW_E_SERVER;
	default:
		return status;
	}
}

void
ww_search_fall_back(struct ww_search *search, ww_status status, const char *why)
{
	const char *from = ww_strategist_name(search->main.strategist);
	const char *name = search->setup.fallback;
	struct ww_strategist *next = NULL;
	struct ww_error error = { .status = failure_of(search, status) };

	snprintf(error.text, sizeof error.text, "strategy %s: %s", from, why);
	if (strcmp(name, "error") != 0)
		name = search->setup.stand_in(search->setup.context, name);
	if (name == NULL || strcmp(name, "error") == 0 || search->fell_back ||
	    strcmp(name, from) == 0) {
		ww_search_stop(search, WW_STOP_ERROR, &error);
		return;
	}
	if (search->setup.open(search->setup.context, name, WW_ROLE_FALLBACK,
	                       search->n_records, &next, &error) != WW_OK) {
		ww_search_stop(search, WW_STOP_ERROR, &error);
		return;
	}
	explain_fallback(search, from, why, name);
	search->fell_back = true;
	search->left_behind |= !ww_strategist_free(search->main.strategist);
	/* It is asked no more, but stays: what it has pushed and nobody has
	 * read yet is a part of the budget. */
	search->filler.dry = true;
	search->main = (struct ww_voice){ .strategist = next,
		                       .open = search->main.open };
	search->waiting = false;
	search->wants_silence = false;
	search->local = false;
	search->setup.lanes->ops->hold(search->setup.lanes, false);
}

/* ---------------------------------------------------------------- finished */

void
ww_search_finished(struct ww_search *search, struct ww_record *record)
{
	const struct ww_trial *trial = &record->trial;

	if (search->n_records == search->room) {
		search->room = search->room * 2 + 64;
		search->records = ww_grow(search->records,
		                          search->room *
		                                  sizeof *search->records);
		search->trials = ww_grow(search->trials,
		                         search->room * sizeof *search->trials);
	}
	search->records[search->n_records] = record;
	search->trials[search->n_records++] = trial;
	search->main.pending = search->filler.pending = false;
	if (trial->outcome == WW_TRIAL_OK &&
	    !(trial->objective >= search->best.ms))
		search->best = (struct ww_round_best){
			trial->objective, trial->ci_low, trial->ci_high
		};
	if (record->filler) {
		search->filler_done++;
		if (search->filler.open > 0)
			search->filler.open--;
		return;
	}
	if (trial->round == 0)
		return;
	if (search->main.open > 0)
		search->main.open--;
	search->round_done++;
}

/* -------------------------------------------------------------------- life */

struct ww_search *
ww_search_new(const struct ww_search_setup *setup)
{
	struct ww_search *search = ww_alloc(sizeof *search);

	search->setup = *setup;
	search->round = search->push_round = 1;
	search->round_size = setup->initial;
	search->best = (struct ww_round_best){ NAN, NAN, NAN };
	search->usage.best_ms = NAN;
	search->start_ns = setup->lanes->ops->now_ns(setup->lanes);
	return search;
}

bool
ww_search_free(struct ww_search *search)
{
	bool clean;

	if (search == NULL)
		return true;
	clean = ww_strategist_free(search->main.strategist);
	clean &= ww_strategist_free(search->filler.strategist);
	clean &= !search->left_behind;
	free(search->records);
	free(search->trials);
	free(search->history);
	free(search);
	return clean;
}

/* Where a resumed session goes on: rounds are counted again from the trials
 * that are there. */
static void
recall_rounds(struct ww_search *search)
{
	uint32_t last = 0;
	size_t i;

	for (i = 0; i < search->n_records; i++)
		if (search->trials[i]->round > last)
			last = search->trials[i]->round;
	search->round_done = 0;
	for (i = 0; i < search->n_records; i++)
		search->round_done += search->trials[i]->round == last;
	if (last == 0)
		search->round_done = 0;
	search->round = last > 0 ? last : 1;
	search->round_size = ww_search_round_size(search, search->round);
	while (search->round_done >= search->round_size) {
		search->round++;
		search->round_done = 0;
		search->round_size = ww_search_round_size(search, search->round);
	}
	search->push_round = search->round;
	search->push_count = (uint32_t)search->round_done;
}

/* Best so far at the end of each round that is over. */
static void
recall_history(struct ww_search *search)
{
	uint32_t round;
	size_t i;

	search->n_history = search->round - 1;
	search->history = ww_grow(search->history,
	                          (search->n_history + 1) *
	                                  sizeof *search->history);
	for (round = 1; round < search->round; round++) {
		struct ww_round_best best = { NAN, NAN, NAN };

		for (i = 0; i < search->n_records; i++) {
			const struct ww_trial *trial = search->trials[i];

			if (trial->round <= round &&
			    trial->outcome == WW_TRIAL_OK &&
			    !(trial->objective >= best.ms))
				best = (struct ww_round_best){
					trial->objective, trial->ci_low,
					trial->ci_high
				};
		}
		search->history[round - 1] = best;
	}
}

ww_status
ww_search_open(struct ww_search *search, const char *strategy,
               struct ww_error *error)
{
	ww_status status = search->setup.open(search->setup.context, strategy,
	                                      WW_ROLE_MAIN, search->n_records,
	                                      &search->main.strategist, error);
	const char *reason;

	if (status != WW_OK)
		return status;
	recall_rounds(search);
	recall_history(search);
	if (!ww_strategist_uses_model(search->main.strategist) ||
	    ww_strategist_has_model(search->main.strategist))
		return WW_OK;
	reason = ww_strategist_model(search->main.strategist);
	ww_search_fall_back(search, WW_E_UNAVAILABLE,
	          reason[0] != '\0' ? reason : "no model can be asked");
	if (search->stop != WW_STOP_ERROR)
		return WW_OK;
	if (error != NULL)
		*error = search->error;
	return search->error.status;
}

void
ww_search_silence(struct ww_search *search)
{
	if (search->main.strategist != NULL)
		ww_strategist_stop(search->main.strategist);
	if (search->filler.strategist != NULL)
		ww_strategist_stop(search->filler.strategist);
}

void
ww_search_count_call(struct ww_search *search, const struct ww_model_call *call)
{
	search->usage.calls++;
	if (isfinite(call->cost))
		search->usage.cost += call->cost;
	ww_tokens_add_call(&search->tokens, call);
	search->usage.tokens = search->tokens.input + search->tokens.output;
}

unsigned
ww_search_stopped(const struct ww_search *search)
{
	return search->stop;
}

const struct ww_error *
ww_search_error(const struct ww_search *search)
{
	return &search->error;
}

struct ww_strategist *
ww_search_main(struct ww_search *search)
{
	return search->main.strategist;
}

const char *
ww_search_fallback_reason(const struct ww_search *search)
{
	return search->fallback_reason;
}

uint32_t
ww_search_rounds(const struct ww_search *search)
{
	uint32_t last = 0;
	size_t i;

	for (i = 0; i < search->n_records; i++)
		if (search->trials[i]->round > last)
			last = search->trials[i]->round;
	return last;
}

uint64_t
ww_search_evaluations(const struct ww_search *search)
{
	return search->n_records;
}

const struct ww_stop_usage *
ww_search_usage(const struct ww_search *search)
{
	return &search->usage;
}

const struct ww_tokens *
ww_search_tokens(const struct ww_search *search)
{
	return &search->tokens;
}

bool
ww_search_waiting(const struct ww_search *search)
{
	return search->waiting;
}

bool
ww_search_asking(const struct ww_search *search)
{
	const struct ww_strategist *main = search->main.strategist;
	const struct ww_strategist *filler = search->filler.strategist;

	return (main != NULL && ww_strategist_asking(main)) ||
	       (filler != NULL && ww_strategist_asking(filler));
}

struct ww_record *const *
ww_search_records(const struct ww_search *search, size_t *n)
{
	*n = search->n_records;
	return search->records;
}
