/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "plugins/strategy-llm/llm.h"

/* Best configurations whose neighbourhood counts as known. */
#define MOST_CENTRES 5
/* Changed parameters up to which a proposal is a neighbour. */
#define NEAR 2

static uint32_t
changed(const struct llm *llm, const uint32_t *a, const uint32_t *b)
{
	uint32_t i, n = 0;

	for (i = 0; i < llm->search.space->n_slots; i++)
		n += a[i] != b[i];
	return n;
}

/* Counts the model's proposal, and whether it stays beside one of the best. */
static void
count_near(struct llm *llm, const uint32_t *indices)
{
	size_t best[MOST_CENTRES];
	size_t n = ww_points_best(&llm->search.known, best, MOST_CENTRES);
	size_t i;

	llm->n_last++;
	for (i = 0; i < n; i++)
		if (changed(llm, indices,
		            ww_points_row(&llm->search.known, best[i])) <=
		    NEAR) {
			llm->n_near++;
			return;
		}
}

/* The origin of a proposal that went through: a partner has arms of its own. */
static enum origin
origin_of(const struct llm_sink *sink, const struct ww_proposal_info *info)
{
	if (sink->origin != FROM_SURROGATE || info == NULL ||
	    info->family == NULL)
		return sink->origin;
	return ww_llm_arm(info->family);
}

static void
note_taken(struct llm_sink *sink, enum origin origin, const uint32_t *indices)
{
	struct llm *llm = sink->llm;

	sink->taken++;
	llm->proposed[sink->origin]++;
	if (origin == FROM_MODEL)
		count_near(llm, indices);
	else if (origin == FROM_SURROGATE && llm->n_picks < WW_LLM_PICKS)
		llm->picks[llm->n_picks++] = llm->search.known.n - 1;
}

static ww_status
sink_push(struct ww_config_sink *self, const uint32_t *indices,
          const struct ww_proposal_info *info)
{
	struct llm_sink *sink = (struct llm_sink *)self;
	struct ww_proposal_info named = { .size = sizeof named };
	enum origin origin = origin_of(sink, info);
	char family[128];
	ww_status status;

	if (sink->taken >= sink->limit || sink->stopped || sink->out_of_memory)
		return WW_STOPPED;
	named.reason = info != NULL ? info->reason : NULL;
	named.family = ww_llm_family(sink->llm, sink->origin,
	                             info != NULL ? info->family : NULL,
	                             family);
	status = sink->outer->push(sink->outer, indices, &named);
	if (status == WW_STOPPED) {
		sink->stopped = 1;
		return status;
	}
	if ((status == WW_OK || status == WW_E_DUPLICATE) &&
	    ww_llm_mark(sink->llm, indices,
	                status == WW_OK ? origin : FROM_ELSEWHERE,
	                sink->round) != WW_OK)
		sink->out_of_memory = 1;
	else if (status == WW_OK)
		note_taken(sink, origin, indices);
	return status;
}

void
ww_llm_sink_start(struct llm_sink *sink, struct llm *llm,
                  struct ww_config_sink *outer, enum origin origin,
                  uint32_t round, uint32_t limit)
{
	memset(sink, 0, sizeof *sink);
	sink->sink.size = sizeof sink->sink;
	sink->sink.push = sink_push;
	sink->outer = outer;
	sink->llm = llm;
	sink->origin = origin;
	sink->round = round;
	sink->limit = limit;
}
