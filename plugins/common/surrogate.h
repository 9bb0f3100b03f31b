/* SPDX-License-Identifier: MIT
 *
 * Likelihood-free Bayesian optimisation: a forest learns which configurations
 * are among the best tenth, weighted by how good they are; what it likes best
 * among many candidates, and not all of one kind, is proposed. Failures are bad
 * examples like any other. Labels are made anew from the latest results for
 * every fit; only what was really pushed counts as known.
 */
#ifndef WW_PLUGINS_SURROGATE_H
#define WW_PLUGINS_SURROGATE_H

#include "plugins/common/forest.h"
#include "plugins/common/moves.h"
#include "plugins/common/search.h"

struct ww_surrogate {
	struct ww_search *search;
	struct ww_forest *forest;
	struct ww_moves moves;  /* candidates */
	size_t from;            /* see ww_surrogate_restart() */
	size_t fitted_at;       /* told points at the last fit */
	uint32_t *queue;        /* picks, best first */
	size_t n_queue;
	size_t next;
	double *scores;         /* of the candidates */
	uint32_t *leaves;
	size_t capacity;
};

/* 0 if memory is short. */
int ww_surrogate_start(struct ww_surrogate *surrogate,
                       struct ww_search *search);
void ww_surrogate_clear(struct ww_surrogate *surrogate);

/* From now on only points that become known later count as good, and their
 * neighbours as candidates; older ones stay as bad examples unless they are
 * better than those. With `from` 0 everything counts again. */
void ww_surrogate_restart(struct ww_surrogate *surrogate, size_t from);

/* Writes the next pick. WW_OK; WW_PENDING if there is nothing to learn from yet
 * (fewer than two measured) or no candidate; WW_E_NO_MEMORY. */
ww_status ww_surrogate_pick(struct ww_surrogate *surrogate, uint32_t *row);
/* The neighbour of one of the best points, by any move of one parameter, that
 * the forest likes best; all neighbours of the best come before those of the
 * next. WW_OK, WW_PENDING (none is left), WW_E_NO_MEMORY. */
ww_status ww_surrogate_polish(struct ww_surrogate *surrogate, uint32_t *row);

#endif
