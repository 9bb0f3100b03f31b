/* SPDX-License-Identifier: MIT
 *
 * Strategy llm on a stage: a scripted model, a scripted host with its archive,
 * and a partner strategy, all of which note what the strategy did with them.
 */
#ifndef WW_TESTS_LLM_SCENE_H
#define WW_TESTS_LLM_SCENE_H

#include "plugins/common/points.h"
#include "tests/unit/fake_host.h"

#define N_SLOTS 6
extern const uint32_t scene_counts[N_SLOTS]; /* values of each slot */

/* What the model does when asked; one letter a request, the last one repeats:
 *   g  proposes `want` good ones      l  the same with slot 2 locked to 0
 *   h  half of them                   e  nothing
 *   k  only known ones                f  nothing, WW_E_FORMAT
 *   r  WW_E_REFUSAL                   t  WW_E_TRANSPORT after two
 *   a  WW_E_AUTH                     c  neighbours of what is best
 *   G  `want` of the best region     B  of the worst
 *   w  as G, and as many invalid ones
 *   n  never touches slots 0 and 1 */
struct scene {
	struct fake_host host;
	struct fake_space space;
	struct ww_model model;
	struct ww_strategies strategies;
	const struct ww_strategy_ops *ops;
	void *self;
	const char *script;
	uint32_t requests;
	uint32_t asked;         /* configurations, in the last request */
	uint32_t repairs;
	uint32_t initial;       /* requests with that template */
	char variables[4096];   /* of the last request */
	char filler[64];
	uint32_t opened;        /* partners */
	uint32_t partner_asks;
	const struct ww_proposal_info *forged; /* with the model's proposals */
	uint32_t told_to_partner;
	int partner_fails;
	/* The host's archive. */
	struct ww_points known;
	size_t told;
	uint32_t room;          /* of the present ask */
	uint32_t families[6];   /* polish, coverage, partner, model, local, far */
	char last_family[64];
	uint64_t state;
};

extern struct scene *scene; /* of the running test */

void scene_start(struct scene *s, const char *script, const char *const *set);
void scene_start_seeded(struct scene *s, const char *script,
                        const char *const *set, uint64_t seed);
void scene_end(void);
/* One round, before which all results are told. Returns the strategy's status
 * and writes how many configurations it proposed, and its message where `text`
 * (1024 bytes) is not null. */
ww_status play(uint32_t round, uint32_t want, uint64_t left, uint32_t *n,
               char *text);

#endif
