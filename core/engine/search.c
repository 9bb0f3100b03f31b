/* SPDX-License-Identifier: MIT */
#include "core/engine/search.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/engine/session.h"

/* A strategy that proposes nothing new this often in a row has nothing left. */
#define EMPTY_ASKS 3u

/* One strategist and how far it has been told. */
struct voice {
	struct ww_strategist *strategist; /* null: nobody */
	size_t n_told;
	uint64_t open;    /* proposed by it, not yet finished */
	uint32_t pushed;  /* in the last ask */
	uint32_t empty;   /* asks in a row without a new configuration */
	bool asked;       /* at least once */
	bool dry;         /* nothing more, ever */
	bool pending;     /* nothing before more trials are told */
};

struct ww_search {
	struct ww_search_setup setup;
	struct voice main;
	struct voice filler;
	struct ww_record **records; /* finished, in order of finishing */
	const struct ww_trial **trials; /* the same, as strategies see them */
	size_t n_records;
	size_t room;

	uint32_t round;        /* whose results are being collected; from 1 */
	uint32_t round_size;
	uint64_t round_done;   /* trials of it that are finished */
	uint32_t push_round;   /* that the next proposal belongs to */
	uint32_t push_count;   /* proposals in it so far */
	struct ww_round_best *history; /* best after each round */
	size_t n_history;
	struct ww_round_best best;

	struct ww_stop_usage usage;
	int64_t tokens_in;
	uint64_t filler_done;
	int64_t start_ns;
	bool waiting;
	bool local;
	unsigned stop;
	struct ww_error error;
	char fallback_reason[1024];
	bool fell_back;
};

static uint32_t
size_of_round(const struct ww_search *search, uint32_t round)
{
	return round <= 1 ? search->setup.initial : search->setup.refinement;
}

/* Where the next proposal belongs; rounds of a continuous strategy follow one
 * another without a gap. */
static void
count_push(struct ww_search *search)
{
	search->push_count++;
	if (ww_strategist_mode(search->main.strategist) == WW_STRATEGY_ROUNDS)
		return;
	if (search->push_count >= size_of_round(search, search->push_round)) {
		search->push_round++;
		search->push_count = 0;
	}
}

/* ---------------------------------------------------------------- stopping */

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

static void
update_usage(struct ww_search *search)
{
	struct ww_stop_usage *usage = &search->usage;

	usage->evaluations = search->n_records;
	if (!search->setup.limit_is_hard)
		usage->evaluations -= search->filler_done;
	usage->best_ms = search->best.ms;
	usage->elapsed_ns = search->setup.lanes->ops->now_ns(
				    search->setup.lanes) -
	                    search->start_ns;
}

static void
say_round(struct ww_search *search)
{
	if (search->setup.round != NULL)
		search->setup.round(search->setup.context, search->round,
		                    ww_strategist_name(search->main.strategist),
		                    search->round_done, search->best.ms);
}

static void
end_round(struct ww_search *search)
{
	unsigned stop;

	search->history = ww_grow(search->history,
	                          (search->n_history + 1) *
	                                  sizeof *search->history);
	search->history[search->n_history++] = search->best;
	say_round(search);
	stop = ww_stop_after_round(&search->setup.limits, search->history,
	                           search->n_history);
	if (stop != WW_STOP_NONE)
		ww_search_stop(search, stop, NULL);
	search->round++;
	search->round_done = 0;
	search->round_size = size_of_round(search, search->round);
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

/* Puts the fallback in the main strategy's place, which is told everything
 * before it is first asked. */
static void
fall_back(struct ww_search *search, ww_status status, const char *why)
{
	const char *from = ww_strategist_name(search->main.strategist);
	const char *name = search->setup.fallback;
	struct ww_strategist *next = NULL;
	struct ww_error error = { .status = status };

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
	ww_strategist_free(search->main.strategist);
	if (search->filler.strategist != NULL) {
		ww_strategist_free(search->filler.strategist);
		search->filler.strategist = NULL;
		search->filler.dry = true;
	}
	search->main = (struct voice){ .strategist = next,
		                       .open = search->main.open };
	search->waiting = false;
	search->local = false;
	search->setup.lanes->ops->hold(search->setup.lanes, false);
}

/* ------------------------------------------------------------- the letters */

static struct voice *
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
	struct voice *voice = voice_of(search, letter->sender);
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
read_failure(struct ww_search *search, struct voice *voice,
             const struct ww_letter *letter)
{
	struct ww_error error = { .status = letter->status };

	if (search->stop != WW_STOP_NONE ||
	    letter->status == WW_E_CANCELLED)
		return;
	if (voice == &search->filler) {
		ww_logf(WW_LOG_WARNING, "engine", "filler %s: %s",
		        ww_strategist_name(voice->strategist), letter->text);
		voice->dry = true;
	} else if (letter->status == WW_E_BUDGET) {
		snprintf(error.text, sizeof error.text, "%s", letter->text);
		ww_search_stop(search, WW_STOP_COST, &error);
	} else {
		fall_back(search, letter->status, letter->text);
	}
}

static void
read_answer(struct ww_search *search, const struct ww_letter *letter)
{
	struct voice *voice = voice_of(search, letter->sender);

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
	const struct ww_model_call *call = &letter->call;

	search->usage.calls++;
	if (isfinite(call->cost))
		search->usage.cost += call->cost;
	if (call->input_tokens > 0) {
		search->usage.tokens += call->input_tokens;
		search->tokens_in += call->input_tokens;
	}
	if (call->output_tokens > 0)
		search->usage.tokens += call->output_tokens;
	search->setup.model_call(search->setup.context, call);
}

static void
read_waiting(struct ww_search *search, const struct ww_letter *letter)
{
	struct ww_lanes *lanes = search->setup.lanes;

	if (letter->sender != search->main.strategist)
		return;
	search->waiting = letter->waiting;
	search->local = letter->waiting && letter->local;
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

/* ------------------------------------------------------------------ asking */

static uint64_t
live(const struct ww_search *search)
{
	return ww_scheduler_counts(search->setup.scheduler)->live;
}

static uint32_t
capacity(const struct ww_search *search)
{
	const struct ww_lanes *lanes = search->setup.lanes;

	return search->setup.serial ? 1
	                            : lanes->n_compile + lanes->n_devices;
}

static bool
space_is_used_up(const struct ww_search *search)
{
	const struct ww_space *space = search->setup.space;
	int32_t exact = 0;
	double count = space->count(space, &exact);

	return exact && (double)ww_archive_count(search->setup.archive) >=
	                        count;
}

static void
ask(struct ww_search *search, struct voice *voice, uint32_t want,
    uint32_t round)
{
	int64_t max_ns = search->setup.limits.max_ns;
	struct ww_budget budget = {
		.size = sizeof budget,
		.want = want,
		.round = round,
		.outstanding = (uint32_t)live(search),
		.evaluations_used = search->n_records,
		.evaluations_left = ww_inbox_left(search->setup.inbox),
		.time_left_ns = max_ns == INT64_MAX
		                        ? INT64_MAX
		                        : max_ns - search->usage.elapsed_ns,
		.best = search->best.ms,
		.target = search->setup.limits.target,
	};
	size_t from = voice->n_told;

	voice->n_told = search->n_records;
	voice->pushed = 0;
	voice->asked = true;
	ww_strategist_ask(voice->strategist, search->trials + from,
	                  search->n_records - from, &budget);
}

/* How many configurations the main strategy is to be asked for now; 0: none. */
static uint32_t
main_wants(struct ww_search *search)
{
	uint64_t left = ww_inbox_left(search->setup.inbox);
	uint32_t size, free_lanes;

	if (left == 0)
		return 0;
	if (ww_strategist_mode(search->main.strategist) == WW_STRATEGY_ROUNDS) {
		if (search->main.open > 0)
			return 0;
		size = search->round_size - (uint32_t)search->round_done;
		return left < size ? (uint32_t)left : size;
	}
	if (live(search) >= capacity(search))
		return 0;
	free_lanes = capacity(search) - (uint32_t)live(search);
	/* Whoever was replaced may have filled its round to the brim. */
	while (search->push_count >=
	       size_of_round(search, search->push_round)) {
		search->push_round++;
		search->push_count = 0;
	}
	size = size_of_round(search, search->push_round) - search->push_count;
	if (free_lanes < size)
		size = free_lanes;
	return left < size ? (uint32_t)left : size;
}

/* A round is over when all of it is told (and, for a continuous strategy, when
 * that many evaluations are done). */
static void
close_rounds(struct ww_search *search)
{
	bool rounds = ww_strategist_mode(search->main.strategist) ==
	              WW_STRATEGY_ROUNDS;

	if (search->stop != WW_STOP_NONE)
		return;
	if (!rounds) {
		while (search->round_done >= search->round_size &&
		       search->stop == WW_STOP_NONE) {
			uint64_t rest = search->round_done -
			                search->round_size;

			search->round_done = search->round_size;
			end_round(search);
			search->round_done = rest;
		}
		return;
	}
	if (ww_strategist_asking(search->main.strategist) ||
	    search->main.open > 0 ||
	    (!search->main.asked && search->round_done < search->round_size))
		return;
	end_round(search);
	search->main.asked = false;
	search->push_round = search->round;
	search->push_count = 0;
}

/* The main strategy has nothing more. */
static void
run_dry(struct ww_search *search)
{
	if (space_is_used_up(search)) {
		if (live(search) == 0)
			ww_search_stop(search, WW_STOP_EXHAUSTED, NULL);
	} else if (ww_strategist_uses_model(search->main.strategist)) {
		fall_back(search, WW_E_NOT_FOUND,
		          "the model has nothing new to propose");
	} else if (live(search) == 0) {
		ww_search_stop(search, WW_STOP_EXHAUSTED, NULL);
	}
}

static bool
ask_main(struct ww_search *search)
{
	uint32_t want;
	unsigned stop = WW_STOP_NONE;

	if (ww_strategist_asking(search->main.strategist))
		return false;
	if (search->main.dry || space_is_used_up(search)) {
		run_dry(search);
		return false;
	}
	if (search->main.pending && live(search) > 0)
		return false;
	if (search->main.pending) {
		search->main.dry = true; /* nothing will ever be told */
		run_dry(search);
		return false;
	}
	want = main_wants(search);
	if (want == 0)
		return false;
	if (ww_strategist_uses_model(search->main.strategist))
		stop = ww_stop_before_model(&search->setup.limits,
		                            &search->usage);
	if (stop != WW_STOP_NONE) {
		ww_search_stop(search, stop, NULL);
		return false;
	}
	ask(search, &search->main, want,
	    ww_strategist_mode(search->main.strategist) == WW_STRATEGY_ROUNDS
	            ? search->round
	            : search->push_round);
	return true;
}

/* --------------------------------------------------------------- the filler */

static bool
open_filler(struct ww_search *search)
{
	char name[64];
	struct ww_error error = { 0 };

	if (search->filler.strategist != NULL)
		return true;
	ww_strategist_filler(search->main.strategist, name, sizeof name);
	if (name[0] == '\0')
		return false;
	if (search->setup.open(search->setup.context, name, WW_ROLE_FILLER,
	                       search->n_records, &search->filler.strategist,
	                       &error) == WW_OK)
		return true;
	search->filler.strategist = NULL;
	search->filler.dry = true;
	search->setup.warning(search->setup.context, error.text);
	return false;
}

/* What the filler may propose without taking from the model's own round. */
static uint32_t
filler_may(const struct ww_search *search, uint32_t idle)
{
	uint64_t left = ww_inbox_left(search->setup.inbox);
	uint64_t reserved = search->round_size > search->main.pushed
	                            ? search->round_size - search->main.pushed
	                            : 0;

	if (!search->setup.limit_is_hard || left == UINT64_MAX)
		return idle;
	if (left <= reserved)
		return 0;
	return left - reserved < idle ? (uint32_t)(left - reserved) : idle;
}

static bool
ask_filler(struct ww_search *search)
{
	struct ww_lanes *lanes = search->setup.lanes;
	struct voice *filler = &search->filler;
	uint32_t want;

	if (!search->waiting || search->local || filler->dry ||
	    filler->pending || search->stop != WW_STOP_NONE ||
	    !ww_strategist_asking(search->main.strategist) ||
	    live(search) >= capacity(search) || space_is_used_up(search) ||
	    lanes->ops->compile_room(lanes) == 0 || !open_filler(search) ||
	    ww_strategist_asking(filler->strategist))
		return false;
	if (ww_strategist_mode(filler->strategist) == WW_STRATEGY_ROUNDS &&
	    filler->open > 0)
		return false;
	want = filler_may(search, capacity(search) - (uint32_t)live(search));
	if (want == 0)
		return false;
	ask(search, filler, want, search->round);
	return true;
}

/* Rules about rounds come before those about trials, because the last round of
 * a budget ends with it; only a target that is reached goes first. */
static void
apply_rules(struct ww_search *search)
{
	unsigned stop;

	update_usage(search);
	stop = ww_stop_now(&search->setup.limits, &search->usage);
	if (stop != WW_STOP_TARGET)
		close_rounds(search);
	if (search->stop != WW_STOP_NONE || stop == WW_STOP_NONE)
		return;
	if (search->round_done > 0)
		say_round(search);
	ww_search_stop(search, stop, NULL);
}

bool
ww_search_decide(struct ww_search *search)
{
	bool asked;

	if (search->stop != WW_STOP_NONE)
		return false;
	apply_rules(search);
	if (search->stop != WW_STOP_NONE)
		return false;
	asked = ask_main(search);
	return ask_filler(search) || asked;
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

void
ww_search_free(struct ww_search *search)
{
	if (search == NULL)
		return;
	ww_strategist_free(search->main.strategist);
	ww_strategist_free(search->filler.strategist);
	free(search->records);
	free(search->trials);
	free(search->history);
	free(search);
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
	search->round_size = size_of_round(search, search->round);
	while (search->round_done >= search->round_size) {
		search->round++;
		search->round_done = 0;
		search->round_size = size_of_round(search, search->round);
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
	fall_back(search, WW_E_UNAVAILABLE,
	          reason[0] != '\0' ? reason : "no model can be asked");
	if (search->stop != WW_STOP_ERROR)
		return WW_OK;
	if (error != NULL)
		*error = search->error;
	return search->error.status;
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

int64_t
ww_search_tokens_in(const struct ww_search *search)
{
	return search->tokens_in;
}

bool
ww_search_waiting(const struct ww_search *search)
{
	return search->waiting;
}

struct ww_record *const *
ww_search_records(const struct ww_search *search, size_t *n)
{
	*n = search->n_records;
	return search->records;
}
