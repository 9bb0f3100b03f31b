/* SPDX-License-Identifier: MIT
 *
 * Bayesian optimisation: a Gaussian process learns from all results, and the
 * configuration from which it expects the greatest improvement on the best is
 * proposed. What is outstanding counts as measured as expected. Failures are bad
 * results like others. Once the search has stalled, every other pick is for
 * improvement on the best of what is far from where it stalled, or has its sides
 * turned, for which the place itself is turned first. Of more than some hundred
 * results it learns from a part, as its cost grows with their square.
 */
#ifndef WW_PLUGINS_IMPROVEMENT_H
#define WW_PLUGINS_IMPROVEMENT_H

#include "plugins/common/basins.h"
#include "plugins/common/gaussian.h"
#include "plugins/common/moves.h"
#include "plugins/common/search.h"

struct ww_improvement {
	struct ww_search *search;
	struct ww_gaussian process;
	struct ww_moves moves;   /* candidates; the process watches them */
	struct ww_basins basins; /* where it stalled */
	struct ww_moves turns;   /* from there, sides exchanged */
	size_t *kept;            /* points learnt from, of the older ones */
	size_t n_kept;
	size_t kept_until;       /* of the points from here on all are */
	size_t n_learnt;         /* results at the last learning */
	size_t n_picked;         /* from these candidates */
	double best;             /* when they were gathered */
	double *scores;          /* of the candidates */
	double *variances;
	unsigned char *climbed;  /* candidates whose neighbours are in */
	size_t capacity;
};

/* 0 if memory is short. */
int ww_improvement_start(struct ww_improvement *improvement,
                         struct ww_search *search);
void ww_improvement_clear(struct ww_improvement *improvement);

/* Whether space and results are of a size for this. */
int ww_improvement_suits(const struct ww_improvement *improvement);
/* Writes the next pick. WW_OK; WW_PENDING if there is nothing to learn from yet
 * (fewer than two measured) or no candidate; WW_E_NO_MEMORY. */
ww_status ww_improvement_pick(struct ww_improvement *improvement,
                              uint32_t *row);

#endif
