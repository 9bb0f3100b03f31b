/* SPDX-License-Identifier: MIT */
#include "core/base/text.h"
#include "core/engine/search_impl.h"

/* ------------------------------------------------------------------ rounds */

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
	search->round_size = ww_search_round_size(search, search->round);
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
ask(struct ww_search *search, struct ww_voice *voice, uint32_t want,
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

	if (left == 0 ||
	    (search->setup.lanes->on_demand && live(search) >= capacity(search)))
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
	       ww_search_round_size(search, search->push_round)) {
		search->push_round++;
		search->push_count = 0;
	}
	size = ww_search_round_size(search, search->push_round) - search->push_count;
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
		ww_search_fall_back(search, WW_E_NOT_FOUND,
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
	struct ww_voice *filler = &search->filler;
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
 * a budget ends with it; only a target or a floor that is reached goes first. */
static void
apply_rules(struct ww_search *search)
{
	unsigned stop;

	update_usage(search);
	stop = ww_stop_now(&search->setup.limits, &search->usage);
	if (stop != WW_STOP_TARGET && stop != WW_STOP_FLOOR)
		close_rounds(search);
	if (search->stop != WW_STOP_NONE || stop == WW_STOP_NONE)
		return;
	if (search->round_done > 0)
		say_round(search);
	ww_search_stop(search, stop, NULL);
}

/* No measurement begins while a local model is waited for; its request goes when
 * the last one has ended. */
static void
give_silence(struct ww_search *search)
{
	struct ww_lanes *lanes = search->setup.lanes;

	if (!search->wants_silence ||
	    (search->local && lanes->ops->measuring(lanes) > 0))
		return;
	search->wants_silence = false;
	ww_strategist_silent(search->main.strategist);
}

bool
ww_search_decide(struct ww_search *search)
{
	bool asked;

	give_silence(search);
	if (search->stop != WW_STOP_NONE)
		return false;
	apply_rules(search);
	if (search->stop != WW_STOP_NONE)
		return false;
	asked = ask_main(search);
	return ask_filler(search) || asked;
}

