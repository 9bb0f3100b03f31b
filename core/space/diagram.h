/* SPDX-License-Identifier: MIT
 *
 * All valid configurations of one independent part of a space as a layered
 * decision diagram. A node stands for every path that leaves the same frontier
 * behind, so a million prefixes can be one node; each node knows the number of
 * its completions, which makes counting, ranking and uniform sampling exact.
 */
#ifndef WW_CORE_DIAGRAM_H
#define WW_CORE_DIAGRAM_H

#include "core/space/plan.h"
#include "warpwright/host.h"

struct ww_edge {
	uint32_t choice; /* value index of the level's slot */
	uint32_t child;  /* node of the next level */
};

struct ww_diagram_node {
	uint64_t count; /* of completions; saturates */
	double weight;  /* the same, rounded instead of saturated */
	uint64_t first_edge;
	uint32_t n_edges;
	uint32_t reserved;
};

struct ww_diagram {
	uint32_t n_levels;
	uint32_t *slots;
	uint64_t *first_node;  /* of each level, and the end */
	struct ww_diagram_node *nodes;
	struct ww_edge *edges;
	uint64_t n_nodes;
	uint64_t n_edges;
	uint64_t count;
	bool saturated;
	double faulty;         /* configurations refused for a fault */
	uint64_t peak_bytes;   /* while it was built */
};

/* Where building gives up; the caller searches another way then. */
struct ww_diagram_limits {
	uint64_t steps;
	uint64_t bytes;
};

/* Null if a limit was passed. */
struct ww_diagram *ww_diagram_new(const struct ww_rules *rules,
                                  const struct ww_plan *plan,
                                  const struct ww_diagram_limits *limits);
void ww_diagram_free(struct ww_diagram *diagram);

/* One completion, uniform up to the rounding of doubles: for diagrams with more
 * of them than 64 bits can number. */
void ww_diagram_sample(const struct ww_diagram *diagram,
                       const struct ww_random *random, uint32_t *indices);
/* Writes indices[slot] of this part's slots for completion number `rank`. */
void ww_diagram_at(const struct ww_diagram *diagram, uint64_t rank,
                   uint32_t *indices);

#endif
