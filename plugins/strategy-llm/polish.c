/* SPDX-License-Identifier: MIT
 *
 * The end of the budget: what a model or a surrogate leaves undone right beside
 * the best configuration.
 */
#include "plugins/strategy-llm/llm.h"

/* How many of the best are polished, in order, as long as the budget lasts. */
#define MOST_CENTRES 4

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
	static const struct ww_proposal_info info = {
		.size = sizeof info,
		.family = "polish",
		.reason = "one parameter away from one of the best",
	};
	size_t best[MOST_CENTRES];
	size_t n = ww_points_best(&llm->search.known, best, MOST_CENTRES);
	size_t i, k;

	for (i = 0; i < n; i++) {
		ww_status status = list_moves(llm, best[i]);

		if (status != WW_OK)
			return status;
		for (k = 0; k < llm->moves.found.n; k++) {
			if (sink->taken >= sink->limit)
				return WW_OK;
			status = sink->sink.push(
				&sink->sink,
				ww_points_row(&llm->moves.found, k), &info);
			if (sink->out_of_memory)
				return WW_E_NO_MEMORY;
			if (status == WW_STOPPED)
				return WW_OK;
		}
	}
	return WW_OK;
}
