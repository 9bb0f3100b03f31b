/* SPDX-License-Identifier: MIT */
#include "core/space/diagram.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/text.h"

/* How many steps are taken between two looks at the limits: a slot with a million
 * values would pass them by far within a single node. */
#define LOOK_MASK UINT64_C(0x3fff)

/* One layer under construction: nodes found by their frontier. */
struct layer {
	struct ww_scalar *keys; /* `width` a node */
	uint32_t width;
	uint32_t n;
	uint32_t capacity;
	uint32_t *table; /* node + 1 */
	uint32_t table_size;
	double *paths;   /* how many prefixes lead to the node */
};

struct building {
	const struct ww_rules *rules;
	const struct ww_plan *plan;
	const struct ww_diagram_limits *limits;
	struct ww_diagram *diagram;
	struct ww_walk walk;
	struct layer here;
	struct layer next;
	struct ww_scalar *key; /* of the child at hand */
	uint64_t node_capacity;
	uint64_t edge_capacity;
	uint64_t steps;
	bool over;
};

/* ------------------------------------------------------------------ layers */

static void
layer_clear(struct layer *layer)
{
	free(layer->keys);
	free(layer->table);
	free(layer->paths);
	memset(layer, 0, sizeof *layer);
}

static uint32_t
layer_find(const struct layer *layer, const struct ww_scalar *key)
{
	size_t bytes = layer->width * sizeof *key;
	uint32_t at = (uint32_t)ww_hash_u64(key, bytes);

	for (at &= layer->table_size - 1; layer->table[at] != 0;
	     at = (at + 1) & (layer->table_size - 1)) {
		size_t node = layer->table[at] - 1;

		if (bytes == 0 || memcmp(layer->keys + node * layer->width, key,
		                         bytes) == 0)
			break;
	}
	return at;
}

static void
layer_grow(struct layer *layer)
{
	uint32_t i, at;

	layer->capacity = layer->capacity > 0 ? layer->capacity * 2 : 64;
	layer->table_size = layer->capacity * 2;
	free(layer->table);
	layer->table = ww_alloc(layer->table_size * sizeof layer->table[0]);
	layer->keys = ww_grow(layer->keys, (size_t)layer->capacity *
	                                           layer->width *
	                                           sizeof layer->keys[0]);
	layer->paths = ww_grow(layer->paths,
	                       layer->capacity * sizeof layer->paths[0]);
	for (i = 0; i < layer->n; i++) {
		at = layer_find(layer, layer->keys + (size_t)i * layer->width);
		layer->table[at] = i + 1;
	}
}

static uint32_t
layer_node(struct layer *layer, const struct ww_scalar *key)
{
	uint32_t at;

	if (layer->n == layer->capacity)
		layer_grow(layer);
	at = layer_find(layer, key);
	if (layer->table[at] == 0) {
		if (layer->width > 0)
			memcpy(layer->keys + (size_t)layer->n * layer->width,
			       key, layer->width * sizeof *key);
		layer->paths[layer->n] = 0;
		layer->table[at] = ++layer->n;
	}
	return layer->table[at] - 1;
}

static uint64_t
layer_bytes(const struct layer *layer)
{
	return layer->capacity *
	       (layer->width * (uint64_t)sizeof(struct ww_scalar) +
	        2 * sizeof(uint32_t) + sizeof(double));
}

/* ---------------------------------------------------------------- building */

static void
add_edge(struct building *building, uint32_t choice, uint32_t child)
{
	struct ww_diagram *diagram = building->diagram;

	if (diagram->n_edges == building->edge_capacity) {
		building->edge_capacity = building->edge_capacity * 2 + 64;
		diagram->edges = ww_grow(diagram->edges,
		                         building->edge_capacity *
		                                 sizeof diagram->edges[0]);
	}
	diagram->edges[diagram->n_edges].choice = choice;
	diagram->edges[diagram->n_edges++].child = child;
}

static void
add_node(struct building *building)
{
	struct ww_diagram *diagram = building->diagram;

	if (diagram->n_nodes == building->node_capacity) {
		building->node_capacity = building->node_capacity * 2 + 64;
		diagram->nodes = ww_grow(diagram->nodes,
		                         building->node_capacity *
		                                 sizeof diagram->nodes[0]);
	}
	memset(&diagram->nodes[diagram->n_nodes], 0, sizeof diagram->nodes[0]);
	diagram->nodes[diagram->n_nodes++].first_edge = diagram->n_edges;
}

static void
check_limits(struct building *building)
{
	struct ww_diagram *diagram = building->diagram;
	uint64_t bytes = layer_bytes(&building->here) +
	                 layer_bytes(&building->next) +
	                 building->edge_capacity * sizeof diagram->edges[0] +
	                 building->node_capacity * sizeof diagram->nodes[0];

	if (bytes > diagram->peak_bytes)
		diagram->peak_bytes = bytes;
	if (bytes > building->limits->bytes ||
	    building->steps > building->limits->steps)
		building->over = true;
}

/* The child that this step leads to: found by the values it still needs. */
static uint32_t
child_node(struct building *building, uint32_t level)
{
	const struct ww_plan *plan = building->plan;
	const struct ww_level *next;
	uint32_t i;

	if (level + 1 == plan->n_levels)
		return layer_node(&building->next, building->key);
	next = &plan->levels[level + 1];
	for (i = 0; i < next->n_frontier; i++) {
		building->key[i] = building->walk.values[next->frontier[i]];
		if (i < 64 && (building->walk.needed >> i & 1) == 0) {
			building->key[i] = ww_scalar_integer(0);
			building->key[i].tag = WW_SCALAR_UNUSED;
		}
	}
	return layer_node(&building->next, building->key);
}

static void
expand_node(struct building *building, uint32_t level, uint32_t node)
{
	const struct ww_level *at = &building->plan->levels[level];
	const struct ww_slot *slot = &building->rules->slots[at->slot];
	uint32_t first = 0, end = slot->n_values;
	double paths = building->here.paths[node];
	int active;
	uint32_t i;

	add_node(building);
	for (i = 0; i < at->n_frontier; i++)
		building->walk.values[at->frontier[i]] =
			building->here.keys[(size_t)node *
		                                    building->here.width +
		                            i];
	active = ww_walk_active(&building->walk, level);
	if (active == WW_STEP_FAULT) {
		building->diagram->faulty += paths * at->rest * slot->n_values;
		return;
	}
	if (active == WW_STEP_BROKEN) {
		first = slot->default_index;
		end = first + 1;
	}
	for (i = first; i < end && !building->over; i++) {
		int result = ww_walk_step(&building->walk, level, i);
		uint32_t child;

		if ((++building->steps & LOOK_MASK) == 0)
			check_limits(building);
		if (result == WW_STEP_FAULT)
			building->diagram->faulty += paths * at->rest;
		if (result != WW_STEP_GOOD)
			continue;
		child = child_node(building, level);
		building->next.paths[child] += paths;
		add_edge(building, i, child);
	}
	building->diagram->nodes[building->diagram->n_nodes - 1].n_edges =
		(uint32_t)(building->diagram->n_edges -
	                   building->diagram->nodes[building->diagram->n_nodes - 1]
	                           .first_edge);
}

static void
build_level(struct building *building, uint32_t level)
{
	struct ww_diagram *diagram = building->diagram;
	const struct ww_plan *plan = building->plan;
	uint32_t i;

	diagram->slots[level] = plan->levels[level].slot;
	diagram->first_node[level] = diagram->n_nodes;
	building->next.width = level + 1 < plan->n_levels
	                               ? plan->levels[level + 1].n_frontier
	                               : 0;
	building->key = ww_grow(building->key, (building->next.width + 1) *
	                                               sizeof *building->key);
	for (i = 0; i < building->here.n && !building->over; i++)
		expand_node(building, level, i);
	check_limits(building);
	layer_clear(&building->here);
	building->here = building->next;
	memset(&building->next, 0, sizeof building->next);
}

/* ---------------------------------------------------------------- counting */

static bool
add_count(uint64_t *sum, uint64_t more)
{
	if (__builtin_add_overflow(*sum, more, sum)) {
		*sum = UINT64_MAX;
		return true;
	}
	return false;
}

/* The node that an edge of a level leads to; null behind the last level. */
static const struct ww_diagram_node *
node_below(const struct ww_diagram *diagram, uint32_t level,
           const struct ww_edge *edge)
{
	return level + 1 == diagram->n_levels
	               ? NULL
	               : &diagram->nodes[diagram->first_node[level + 1] +
	                                 edge->child];
}

/* Edges without a completion are dropped. */
static void
count_node(struct ww_diagram *diagram, uint32_t level,
           struct ww_diagram_node *node)
{
	struct ww_edge *edges = diagram->edges + node->first_edge;
	uint32_t kept = 0;
	uint32_t k;

	for (k = 0; k < node->n_edges; k++) {
		const struct ww_diagram_node *below =
			node_below(diagram, level, &edges[k]);

		if (below != NULL && below->count == 0)
			continue;
		edges[kept++] = edges[k];
		node->weight += below != NULL ? below->weight : 1;
		if (add_count(&node->count, below != NULL ? below->count : 1))
			diagram->saturated = true;
	}
	node->n_edges = kept;
}

/* From the last level up. */
static void
count_nodes(struct ww_diagram *diagram)
{
	uint32_t level;
	uint64_t i;

	for (level = diagram->n_levels; level-- > 0;)
		for (i = diagram->first_node[level];
		     i < diagram->first_node[level + 1]; i++)
			count_node(diagram, level, &diagram->nodes[i]);
	diagram->count = diagram->n_nodes > 0 ? diagram->nodes[0].count : 0;
}

struct ww_diagram *
ww_diagram_new(const struct ww_rules *rules, const struct ww_plan *plan,
               const struct ww_diagram_limits *limits)
{
	struct ww_diagram *diagram = ww_alloc(sizeof *diagram);
	struct building building = { .rules = rules,
		                     .plan = plan,
		                     .limits = limits,
		                     .diagram = diagram };
	struct ww_scalar none = ww_scalar_integer(0);
	uint32_t level;

	diagram->n_levels = plan->n_levels;
	diagram->slots = ww_alloc(plan->n_levels * sizeof(uint32_t));
	diagram->first_node = ww_alloc((plan->n_levels + 1) * sizeof(uint64_t));
	building.walk = ww_walk_new(rules, plan);
	building.edge_capacity = 64;
	diagram->edges = ww_alloc(building.edge_capacity *
	                          sizeof diagram->edges[0]);
	layer_node(&building.here, &none);
	building.here.paths[0] = 1;
	for (level = 0; level < plan->n_levels && !building.over; level++)
		build_level(&building, level);
	diagram->first_node[plan->n_levels] = diagram->n_nodes;
	layer_clear(&building.here);
	ww_walk_clear(&building.walk);
	free(building.key);
	if (building.over) {
		ww_diagram_free(diagram);
		return NULL;
	}
	count_nodes(diagram);
	diagram->nodes = ww_grow(diagram->nodes,
	                         diagram->n_nodes * sizeof diagram->nodes[0]);
	diagram->edges = ww_grow(diagram->edges,
	                         diagram->n_edges * sizeof diagram->edges[0]);
	return diagram;
}

void
ww_diagram_free(struct ww_diagram *diagram)
{
	if (diagram == NULL)
		return;
	free(diagram->slots);
	free(diagram->first_node);
	free(diagram->nodes);
	free(diagram->edges);
	free(diagram);
}

/* ----------------------------------------------------------------- walking */

static uint64_t
edge_count(const struct ww_diagram *diagram, uint32_t level,
           const struct ww_edge *edge)
{
	const struct ww_diagram_node *below = node_below(diagram, level, edge);

	return below != NULL ? below->count : 1;
}

void
ww_diagram_sample(const struct ww_diagram *diagram,
                  const struct ww_random *random, uint32_t *indices)
{
	const struct ww_diagram_node *node = diagram->nodes;
	uint32_t level;

	for (level = 0; level < diagram->n_levels; level++) {
		const struct ww_edge *edge = diagram->edges + node->first_edge;
		const struct ww_edge *last = edge + node->n_edges - 1;
		const struct ww_diagram_node *below =
			node_below(diagram, level, edge);
		double left = ww_random_unit(random) * node->weight;

		for (; edge < last; below = node_below(diagram, level, edge)) {
			left -= below != NULL ? below->weight : 1;
			if (left < 0)
				break;
			edge++;
		}
		indices[diagram->slots[level]] = edge->choice;
		node = below;
	}
}

void
ww_diagram_at(const struct ww_diagram *diagram, uint64_t rank,
              uint32_t *indices)
{
	const struct ww_diagram_node *node = diagram->nodes;
	uint32_t level;

	for (level = 0; level < diagram->n_levels; level++) {
		const struct ww_edge *edge = diagram->edges + node->first_edge;
		uint64_t below = edge_count(diagram, level, edge);

		for (; rank >= below; below = edge_count(diagram, level, edge)) {
			rank -= below;
			edge++;
		}
		indices[diagram->slots[level]] = edge->choice;
		if (level + 1 < diagram->n_levels)
			node = diagram->nodes + diagram->first_node[level + 1] +
			       edge->child;
	}
}
