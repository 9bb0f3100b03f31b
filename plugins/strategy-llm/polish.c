/* SPDX-License-Identifier: MIT
 *
 * What a model or a surrogate leaves undone right beside the best configurations:
 * a few such moves in every shared batch, and all of them at the end of the
 * budget.
 */
#include "plugins/strategy-llm/llm.h"

/* How many of the best are polished, in order, as long as the budget lasts. */
#define MOST_CENTRES 4

/* Whether the move changes a parameter with few or unordered values: those
 * switch between kinds of configurations, and whoever proposed the best may
 * never have tried the other kind. */
static int
is_switch(const struct ww_space *space, const uint32_t *from,
          const uint32_t *to)
{
	uint32_t i;

	for (i = 0; i < space->n_slots; i++)
		if (from[i] != to[i] &&
		    (space->slots[i].n_values <= 3 ||
		     (space->slots[i].flags & WW_SLOT_ORDERED) == 0))
			return 1;
	return 0;
}

/* Pushes the moves that are switches, or those that are not, until the sink has
 * taken `limit` in all. */
static ww_status
push_moves(struct llm *llm, struct llm_sink *sink, size_t centre, int switches,
           uint32_t limit)
{
	const struct ww_proposal_info info = {
		.size = sizeof info,
		.family = sink->origin == FROM_LOCAL ? "local" : "polish",
		.reason = "one parameter away from one of the best",
	};
	size_t k;

	for (k = 0; k < llm->moves.found.n; k++) {
		const uint32_t *from = ww_points_row(&llm->search.known,
		                                     centre);
		const uint32_t *row = ww_points_row(&llm->moves.found, k);
		ww_status status;

		if (is_switch(llm->search.space, from, row) != switches)
			continue;
		if (sink->taken >= limit)
			return WW_STOPPED;
		status = sink->sink.push(&sink->sink, row, &info);
		if (sink->out_of_memory)
			return WW_E_NO_MEMORY;
		if (status == WW_STOPPED)
			return status;
	}
	return WW_OK;
}

static ww_status
list_moves(struct llm *llm, size_t centre)
{
	const uint32_t *from = ww_points_row(&llm->search.known, centre);
	ww_status status;
	size_t near;

	ww_moves_empty(&llm->moves);
	status = ww_moves_step(&llm->moves, from);
	near = llm->moves.found.n;
	if (status == WW_OK)
		status = ww_moves_any(&llm->moves, from);
	ww_moves_shuffle(&llm->moves, near, llm->search.host->random);
	return status;
}

ww_status
ww_llm_polish(struct llm *llm, struct llm_sink *sink)
{
	size_t best[MOST_CENTRES];
	size_t n = ww_points_best(&llm->search.known, best, MOST_CENTRES);
	ww_status status = WW_OK;
	size_t i;

	for (i = 0; i < n && status == WW_OK; i++) {
		status = list_moves(llm, best[i]);
		if (status == WW_OK)
			status = push_moves(llm, sink, best[i], 1,
			                    sink->limit);
		if (status == WW_OK)
			status = push_moves(llm, sink, best[i], 0,
			                    sink->limit);
	}
	return status == WW_STOPPED ? WW_OK : status;
}

/* Any moves of one parameter, in random order: half of them beside the best,
 * half of the rest beside the next, and so on. */
ww_status
ww_llm_local(struct llm *llm, struct llm_sink *sink)
{
	size_t best[MOST_CENTRES];
	size_t n = ww_points_best(&llm->search.known, best, MOST_CENTRES);
	ww_status status = WW_OK;
	size_t i;

	for (i = 0; i < n && (status == WW_OK || status == WW_STOPPED) &&
	            !sink->stopped;
	     i++) {
		uint32_t left = sink->limit - sink->taken;
		uint32_t until = sink->taken +
		                 (i + 1 < n ? (left + 1) / 2 : left);

		ww_moves_empty(&llm->moves);
		status = ww_moves_any(&llm->moves,
		                      ww_points_row(&llm->search.known,
		                                    best[i]));
		ww_moves_shuffle(&llm->moves, 0, llm->search.host->random);
		if (status == WW_OK)
			status = push_moves(llm, sink, best[i], 1, until);
		if (status == WW_OK)
			status = push_moves(llm, sink, best[i], 0, until);
	}
	return status == WW_STOPPED ? WW_OK : status;
}
