/* SPDX-License-Identifier: MIT
 *
 * What the parts of strategy llm share: the archive with the origin of every
 * configuration, and the proposals that come from the host's side instead of the
 * model.
 */
#ifndef WW_PLUGINS_LLM_H
#define WW_PLUGINS_LLM_H

#include "plugins/common/moves.h"
#include "plugins/common/search.h"

#define WW_LLM_NAME "llm"
/* The surrogate's picks that the model is told of. */
#define WW_LLM_PICKS 5

/* Who proposed a configuration. The first four compete for the next batch. */
enum origin {
	FROM_MODEL,
	FROM_SURROGATE, /* the partner, where it does not say otherwise */
	FROM_LOCAL,     /* one parameter away from one of the best */
	FROM_DIVERSE,   /* far from everything known */
	N_ARMS,
	FROM_COVERAGE = N_ARMS,
	FROM_POLISH,
	FROM_ELSEWHERE, /* default, earlier sessions, the user */
	N_ORIGINS
};

/* What is remembered of a known point beside its objective. */
struct llm_mark {
	uint32_t round;
	unsigned char origin; /* enum origin */
};

struct llm {
	struct ww_search search; /* the archive and fresh draws */
	struct ww_moves moves;
	uint32_t *spare;
	struct llm_mark *marks; /* of every known point */
	size_t n_marks;
	size_t marks_capacity;
	/* Options. */
	uint32_t polish;
	double opening;
	int coverage;
	int arbitrate;
	int repair;
	/* The strategy beside the model. */
	void *partner; /* or null: none could be opened */
	char partner_name[64];
	size_t picks[WW_LLM_PICKS]; /* what it proposed for this round */
	size_t n_picks;
	/* The model's last answer: proposals, and those that change at most two
	 * parameters of one of the best; its useless ones, fading. */
	uint32_t n_last;
	uint32_t n_near;
	double spoilt;
	double best_before; /* when it was asked */
	/* What happened, for the note. */
	uint32_t answers;     /* from the model */
	uint32_t empty_rounds; /* in a row without a usable configuration */
	uint32_t proposed[N_ORIGINS];
	uint32_t refused;
	uint32_t shares[N_ARMS]; /* of the last batch that was shared */
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
	uint32_t round;
	uint32_t taken;
	uint32_t limit;  /* WW_STOPPED beyond it */
	int out_of_memory;
	int stopped;     /* by the outer sink */
};

/* sink.c */
void ww_llm_sink_start(struct llm_sink *sink, struct llm *llm,
                       struct ww_config_sink *outer, enum origin origin,
                       uint32_t round, uint32_t limit);

/* origin.c: WW_OK, WW_E_NO_MEMORY. Marks the point's origin if it is new. */
ww_status ww_llm_mark(struct llm *llm, const uint32_t *indices,
                      enum origin origin, uint32_t round);
/* Whose a trial was, from what is stored of it: also those of the filler and of
 * a session that is taken up again. */
enum origin ww_llm_origin(const char *source, const char *family);
/* Which arm a classical strategy's family belongs to. */
enum origin ww_llm_arm(const char *family);
/* The family under which a proposal is stored, so that ww_llm_origin() finds its
 * origin again. `text` has room for 128 bytes. */
const char *ww_llm_family(const struct llm *llm, enum origin origin,
                          const char *family, char *text);

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

/* polish.c: complete one-parameter moves around the best configurations; and
 * some of them, most around the very best. */
ww_status ww_llm_polish(struct llm *llm, struct llm_sink *sink);
ww_status ww_llm_local(struct llm *llm, struct llm_sink *sink);

/* words.c: the template variables of a request, as JSON text to be freed, or
 * null without memory. */
char *ww_llm_variables(struct llm *llm, int with_gaps);

/* credit.c: who gets how many of `want` configurations. */
void ww_llm_shares(struct llm *llm, uint32_t round, uint32_t want,
                   uint32_t shares[N_ARMS]);

#endif
