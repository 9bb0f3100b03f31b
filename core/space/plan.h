/* SPDX-License-Identifier: MIT
 *
 * How to walk one independent part of a space: in which order its slots get
 * values, what becomes known at each step, which rules can be checked there,
 * and which values the rest of the walk still depends on (the frontier).
 */
#ifndef WW_CORE_PLAN_H
#define WW_CORE_PLAN_H

#include "core/space/expression.h"

#define WW_NO_NODE UINT32_MAX

/* What the walk is about: borrowed from the space. */
struct ww_rules {
	const struct ww_pool *pool;
	const struct ww_slot *slots;
	uint32_t n_slots;
	const uint32_t *roots;      /* each must hold; conjunctions are split */
	uint32_t n_roots;
	const uint32_t *conditions; /* of each slot, or WW_NO_NODE */
};

/* A rule that may be decided before all of its slots are known. */
struct ww_early {
	uint32_t root;
	uint64_t uses; /* entries of the next frontier below it, as bits */
};

struct ww_level {
	uint32_t slot;
	uint32_t condition;   /* WW_NO_NODE: always active */
	uint32_t n_evaluate;
	uint32_t n_finished;
	uint32_t n_early;
	uint32_t n_frontier;
	uint32_t *evaluate;   /* nodes known from here on, operands first */
	uint32_t *finished;   /* rules among them */
	struct ww_early *early;
	uint32_t *frontier;   /* known before, needed here or later */
	uint64_t kept;        /* entries of the next frontier that a rule
	                       * without early decision needs */
	double rest;          /* Cartesian size of the levels after this one */
};

struct ww_plan {
	struct ww_level *levels;
	uint32_t n_levels;
	uint32_t *level_of; /* of each node of the pool; UINT32_MAX: not here;
	                     * constants are on no level and always known */
};

/* Splits the slots into independent parts: part[slot] and root_part[root] are set
 * to the number of their part (UINT32_MAX for a root without any slot); the
 * number of parts is returned. */
uint32_t ww_plan_parts(const struct ww_rules *rules, uint32_t *part,
                       uint32_t *root_part);
/* Orders the n slots of one part, in place, so that frontiers stay small. From
 * here on `rules` holds the roots of this part alone. */
void ww_plan_order(const struct ww_rules *rules, uint32_t *slots, uint32_t n);
/* The plan for slots in this order (conditions must come first). */
struct ww_plan *ww_plan_new(const struct ww_rules *rules,
                            const uint32_t *slots, uint32_t n);
void ww_plan_free(struct ww_plan *plan);

/* -- walking --------------------------------------------------------------- */

/* Values of the nodes on one path; `values` holds one scalar a node. */
struct ww_walk {
	const struct ww_rules *rules;
	const struct ww_plan *plan;
	struct ww_scalar *values;
	uint32_t level;  /* where the walk is, for early decisions */
	uint64_t needed; /* after a step: bits of the next frontier */
};

struct ww_walk ww_walk_new(const struct ww_rules *rules,
                           const struct ww_plan *plan);
void ww_walk_clear(struct ww_walk *walk);

#define WW_STEP_GOOD 0
#define WW_STEP_BROKEN 1 /* a rule is broken */
#define WW_STEP_FAULT 2  /* a rule divides by zero, overflows, … */

/* Whether the slot of this level exists on the path: GOOD (any value), BROKEN
 * (default value only) or FAULT. */
int ww_walk_active(struct ww_walk *walk, uint32_t level);
/* Gives the slot of this level a value. */
int ww_walk_step(struct ww_walk *walk, uint32_t level, uint32_t choice);

#endif
