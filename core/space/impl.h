/* SPDX-License-Identifier: MIT
 *
 * What is behind struct ww_search_space; only for the files of this folder.
 */
#ifndef WW_CORE_SPACE_IMPL_H
#define WW_CORE_SPACE_IMPL_H

#include "core/space/diagram.h"
#include "core/space/plan.h"
#include "core/space/space.h"

/* One independent part: a diagram, or only a plan for the search. */
struct ww_part {
	struct ww_rules rules; /* owns its roots */
	struct ww_plan *plan;
	struct ww_diagram *diagram; /* or null */
	uint64_t count;             /* exact with a diagram, else at least */
	bool exact;
};

struct ww_space_impl {
	struct ww_symbols symbols;
	struct ww_pool pool;
	struct ww_slot *slots;
	uint32_t n_slots;
	struct ww_parameter *parameters;
	uint32_t n_parameters;
	struct ww_constraint *constraints;
	uint32_t *constraint_nodes; /* whole expressions */
	uint32_t n_constraints;
	uint32_t *conditions;       /* of each slot, or WW_NO_NODE */
	uint32_t *slot_parameters;  /* index into parameters */
	uint64_t *related;          /* n_slots rows of related_words */
	uint32_t related_words;
	struct ww_part *parts;
	uint32_t n_parts;
	uint32_t *rows;             /* sorted, or null */
	uint64_t n_rows;
	bool has_rows;
	bool impossible;            /* a rule over constants is broken */
	double count;
	uint64_t count_u64;         /* saturates */
	bool exact;
	double faulty;
	struct ww_diagram_limits limits;
};

/* Values of all slots as scalars; to be freed. */
struct ww_scalar *ww_space_scalars(const struct ww_space_impl *impl,
                                   const uint32_t *indices);
/* Whether the slot's condition holds; *fault tells if it cannot be told. */
bool ww_space_condition(const struct ww_space_impl *impl,
                        const struct ww_scalar *scalars, uint32_t slot,
                        bool *fault);
/* Parts, diagrams and counts, once everything is known. */
void ww_space_solve(struct ww_search_space *space);
/* Fills the function table of the view. */
void ww_space_view(struct ww_search_space *space);
/* Sorts the recorded list and drops repetitions. */
void ww_space_sort_rows(struct ww_space_impl *impl);
/* Row of these indices in the recorded list, or UINT64_MAX. */
uint64_t ww_space_row(const struct ww_space_impl *impl,
                      const uint32_t *indices);

/* Other limits than the built-in ones for the diagrams of this space. */
void ww_space_builder_limits(struct ww_space_builder *builder,
                             struct ww_diagram_limits limits);

#endif
