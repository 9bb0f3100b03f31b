/* SPDX-License-Identifier: MIT
 *
 * The search's state. Private to core/engine/search*.c: search.c owns life and
 * what is known, search_read.c the letters, search_ask.c rounds and asking.
 */
#ifndef WW_CORE_SEARCH_IMPL_H
#define WW_CORE_SEARCH_IMPL_H

#include "core/engine/search.h"
#include "core/engine/session.h"

/* One strategist and how far it has been told. */
struct ww_voice {
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
	struct ww_voice main;
	struct ww_voice filler;
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
	struct ww_tokens tokens;
	uint64_t filler_done;
	int64_t start_ns;
	bool waiting;
	bool local;
	bool wants_silence; /* a local model's request waits for it */
	unsigned stop;
	struct ww_error error;
	char fallback_reason[1024];
	bool fell_back;
	bool left_behind; /* a strategist's thread that never came back */
};

uint32_t ww_search_round_size(const struct ww_search *search, uint32_t round);
/* Puts the fallback in the main strategy's place, which is told everything
 * before it is first asked. Ends the search if there is none. */
void ww_search_fall_back(struct ww_search *search, ww_status status,
                         const char *why);

#endif
