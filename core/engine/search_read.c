/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/engine/search_impl.h"

/* A strategy that proposes nothing new this often in a row has nothing left. */
#define EMPTY_ASKS 3u

/* Where the next proposal belongs; rounds of a continuous strategy follow one
 * another without a gap. */
static void
count_push(struct ww_search *search)
{
	search->push_count++;
	if (ww_strategist_mode(search->main.strategist) == WW_STRATEGY_ROUNDS)
		return;
	if (search->push_count >= ww_search_round_size(search, search->push_round)) {
		search->push_round++;
		search->push_count = 0;
	}
}

/* ------------------------------------------------------------- the letters */

static struct ww_voice *
voice_of(struct ww_search *search, const void *sender)
{
	if (sender == search->main.strategist)
		return &search->main;
	if (sender == search->filler.strategist)
		return &search->filler;
	return NULL; /* one that was replaced meanwhile */
}

static void
read_proposal(struct ww_search *search, const struct ww_letter *letter)
{
	struct ww_voice *voice = voice_of(search, letter->sender);
	uint32_t n_slots = search->setup.space->n_slots;
	struct ww_record *record;

	if (search->stop != WW_STOP_NONE || voice == NULL)
		return;
	record = ww_record_new(n_slots);
	memcpy(record->indices, letter->indices,
	       n_slots * sizeof *record->indices);
	ww_record_set_origin(record, ww_strategist_name(voice->strategist),
	                     letter->family, letter->reason);
	record->filler = voice == &search->filler;
	record->trial.round = record->filler ? search->round
	                                     : search->push_round;
	record->proposed_ns = ww_wall_ns();
	if (!ww_archive_add(search->setup.archive, record)) {
		ww_record_free(record); /* the door has let it through twice */
		return;
	}
	voice->open++;
	voice->pushed++;
	if (!record->filler)
		count_push(search);
	ww_scheduler_propose(search->setup.scheduler, record);
}

static void
read_failure(struct ww_search *search, struct ww_voice *voice,
             const struct ww_letter *letter)
{
	struct ww_error error = { .status = letter->status };

	/* Only then was it asked to stop; "cancelled" by itself is a failure
	 * like any other. */
	if (search->stop != WW_STOP_NONE)
		return;
	if (voice == &search->filler) {
		ww_logf(WW_LOG_WARNING, "engine", "filler %s: %s",
		        ww_strategist_name(voice->strategist), letter->text);
		voice->dry = true;
	} else if (letter->status == WW_E_BUDGET) {
		snprintf(error.text, sizeof error.text, "%s", letter->text);
		ww_search_stop(search, WW_STOP_COST, &error);
	} else {
		ww_search_fall_back(search, letter->status, letter->text);
	}
}

static void
read_answer(struct ww_search *search, const struct ww_letter *letter)
{
	struct ww_voice *voice = voice_of(search, letter->sender);

	if (voice == NULL)
		return;
	ww_strategist_answered(voice->strategist);
	if (letter->status < 0) {
		read_failure(search, voice, letter);
		return;
	}
	voice->empty = voice->pushed > 0 ? 0 : voice->empty + 1;
	voice->pending = letter->status == WW_PENDING;
	if (letter->status == WW_EXHAUSTED ||
	    (voice->empty >= EMPTY_ASKS && voice->open == 0))
		voice->dry = true;
}

static void
read_call(struct ww_search *search, const struct ww_letter *letter)
{
	ww_search_count_call(search, &letter->call);
	search->setup.model_call(search->setup.context, &letter->call);
}

static void
read_waiting(struct ww_search *search, const struct ww_letter *letter)
{
	struct ww_lanes *lanes = search->setup.lanes;

	if (letter->sender != search->main.strategist)
		return;
	search->waiting = letter->waiting;
	search->wants_silence = letter->waiting && letter->local;
	search->local = search->wants_silence && !lanes->on_demand;
	lanes->ops->hold(lanes, search->local);
}

void
ww_search_read(struct ww_search *search)
{
	struct ww_letter *letter;

	while ((letter = ww_inbox_take(search->setup.inbox)) != NULL) {
		if (letter->kind == WW_LETTER_PROPOSAL)
			read_proposal(search, letter);
		else if (letter->kind == WW_LETTER_ASKED)
			read_answer(search, letter);
		else if (letter->kind == WW_LETTER_CALL)
			read_call(search, letter);
		else if (letter->kind == WW_LETTER_WARNING)
			search->setup.warning(search->setup.context,
			                      letter->text);
		else
			read_waiting(search, letter);
		ww_letter_free(letter);
	}
}

