/* SPDX-License-Identifier: MIT
 *
 * What the parts of strategy llm share: the archive with the origin of every
 * proposal, and the proposals that come from the host's side instead of the
 * model.
 */
#ifndef WW_PLUGINS_LLM_H
#define WW_PLUGINS_LLM_H

#include "plugins/common/moves.h"
#include "plugins/common/search.h"

/* Who proposed a configuration. */
enum origin {
	FROM_ELSEWHERE, /* default, filler, earlier sessions */
	FROM_MODEL,
	FROM_PARTNER,
	FROM_COVERAGE,
	FROM_POLISH,
	N_ORIGINS
};

struct llm {
	struct ww_search search; /* the archive and fresh draws */
	struct ww_moves moves;
	uint32_t *spare;
	unsigned char *origins; /* of every known point */
	size_t n_origins;
	size_t origins_capacity;
	/* Options. */
	uint32_t polish;
	int coverage;
	int arbitrate;
	int repair;
	/* The strategy beside the model. */
	void *partner; /* or null: none could be opened */
	char partner_name[64];
	/* What happened, for the note. */
	uint32_t answers;     /* from the model */
	uint32_t empty_rounds; /* in a row without a usable configuration */
	uint32_t proposed[N_ORIGINS];
	uint32_t refused;
	char analysis[2048];
	char strategy[512];
	uint32_t analysis_round;
};

/* A sink that passes on, remembers the origin and counts. */
struct llm_sink {
	struct ww_config_sink sink; /* first */
	struct ww_config_sink *outer;
	struct llm *llm;
	enum origin origin;
	uint32_t taken;
	uint32_t limit;  /* WW_STOPPED beyond it */
	int out_of_memory;
	int stopped;     /* by the outer sink */
};

void ww_llm_sink_start(struct llm_sink *sink, struct llm *llm,
                       struct ww_config_sink *outer, enum origin origin,
                       uint32_t limit);
/* WW_OK, WW_E_NO_MEMORY. Marks the point's origin. */
ww_status ww_llm_mark(struct llm *llm, const uint32_t *indices,
                      enum origin origin);

/* round.c: ask() of the table. */
ww_status ww_llm_ask(struct ww_call *call, void *self,
                     const struct ww_budget *budget,
                     struct ww_config_sink *sink);

/* coverage.c: every value of a slot with few of them, and low, middle and high
 * of the others, belongs into at least two trials. Pushes configurations that
 * fill most gaps, at most sink->limit. */
ww_status ww_llm_cover(struct llm *llm, struct llm_sink *sink);
/* The gaps in words ("unroll = 8, tile.M = 128"), or "". */
void ww_llm_gaps(struct llm *llm, char *text, size_t size);

/* polish.c: complete one-parameter moves around the best configurations. */
ww_status ww_llm_polish(struct llm *llm, struct llm_sink *sink);

/* credit.c: how many of `want` configurations the model is asked for. */
uint32_t ww_llm_share(struct llm *llm, uint32_t want);

#endif
