/* SPDX-License-Identifier: MIT */
#include "core/space/plan.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

#define NOT_HERE UINT32_MAX

/* ------------------------------------------------------------------ levels */

struct planning {
	const struct ww_rules *rules;
	struct ww_plan *plan;
	uint32_t *position;  /* of each slot of the space */
	uint32_t *last_use;  /* of each node: the last level that needs it */
	uint32_t *nodes;     /* in the order of the walk */
	uint32_t n_nodes;
};

static void
use_node(struct planning *planning, uint32_t node, uint32_t level)
{
	uint32_t *last = &planning->last_use[node];

	if (level != NOT_HERE && (*last == NOT_HERE || *last < level))
		*last = level;
}

/* A node is known at the level of its last slot. */
static void
place_node(void *context, uint32_t index)
{
	struct planning *planning = context;
	const struct ww_pool *pool = planning->rules->pool;
	const struct ww_node *node = &pool->nodes[index];
	uint32_t level = 0;
	uint32_t i, operand;

	if (node->operator == WW_OP_CONSTANT)
		return;
	if (node->operator == WW_OP_SLOT)
		level = planning->position[node->slot];
	for (i = 0; i < node->n_operands; i++) {
		operand = pool->operands[node->first_operand + i];
		if (pool->nodes[operand].operator != WW_OP_CONSTANT &&
		    planning->plan->level_of[operand] > level)
			level = planning->plan->level_of[operand];
	}
	planning->plan->level_of[index] = level;
	for (i = 0; i < node->n_operands; i++)
		use_node(planning, pool->operands[node->first_operand + i],
		         level);
	planning->nodes[planning->n_nodes++] = index;
}

static void
walk_nodes(struct planning *planning)
{
	const struct ww_rules *rules = planning->rules;
	unsigned char *marks = ww_alloc(rules->pool->n_nodes);
	uint32_t i, condition;

	for (i = 0; i < rules->n_roots; i++)
		ww_expression_walk(rules->pool, rules->roots[i], marks,
		                   place_node, planning);
	for (i = 0; i < planning->plan->n_levels; i++) {
		condition = rules->conditions[planning->plan->levels[i].slot];
		if (condition == WW_NO_NODE)
			continue;
		ww_expression_walk(rules->pool, condition, marks, place_node,
		                   planning);
		use_node(planning, condition, i);
	}
	free(marks);
}

static void
list_add(uint32_t **list, uint32_t *n, uint32_t item)
{
	if ((*n & (*n - 1)) == 0)
		*list = ww_grow(*list, (*n > 0 ? *n * 2 : 1) * sizeof **list);
	(*list)[(*n)++] = item;
}

static void
fill_levels(struct planning *planning)
{
	const struct ww_rules *rules = planning->rules;
	struct ww_plan *plan = planning->plan;
	uint32_t i, level, node;

	for (i = 0; i < planning->n_nodes; i++) {
		struct ww_level *at;

		node = planning->nodes[i];
		at = &plan->levels[plan->level_of[node]];
		list_add(&at->evaluate, &at->n_evaluate, node);
		for (level = plan->level_of[node] + 1;
		     planning->last_use[node] != NOT_HERE &&
		     level <= planning->last_use[node];
		     level++)
			list_add(&plan->levels[level].frontier,
			         &plan->levels[level].n_frontier, node);
	}
	for (i = 0; i < rules->n_roots; i++) {
		level = plan->level_of[rules->roots[i]];
		list_add(&plan->levels[level].finished,
		         &plan->levels[level].n_finished, rules->roots[i]);
	}
}

/* ---------------------------------------------------------- early decisions */

struct below {
	const struct ww_pool *pool;
	const struct ww_level *next;
	uint64_t uses;
	bool lazy;
};

static void
note_below(void *context, uint32_t node)
{
	struct below *below = context;
	uint32_t i;

	if (below->pool->nodes[node].operator >= WW_OP_CHAIN)
		below->lazy = true;
	for (i = 0; below->next != NULL && i < below->next->n_frontier &&
	            i < 64; i++)
		if (below->next->frontier[i] == node)
			below->uses |= UINT64_C(1) << i;
}

static struct below
look_below(const struct planning *planning, uint32_t root, uint32_t next)
{
	const struct ww_pool *pool = planning->rules->pool;
	unsigned char *marks = ww_alloc(pool->n_nodes);
	struct below below = { .pool = pool };

	if (next < planning->plan->n_levels)
		below.next = &planning->plan->levels[next];
	ww_expression_walk(pool, root, marks, note_below, &below);
	free(marks);
	return below;
}

static void
add_early(struct ww_level *at, uint32_t root, uint64_t uses)
{
	at->early = ww_grow(at->early, (at->n_early + 1) * sizeof *at->early);
	at->early[at->n_early].root = root;
	at->early[at->n_early++].uses = uses;
}

/* What the next frontier is for. Only rules with `and`, `or`, `if` can be
 * decided while values are missing; all others keep what they use. A condition
 * is one entry that its slots need in any case. */
static void
find_early(struct planning *planning)
{
	const struct ww_rules *rules = planning->rules;
	struct ww_plan *plan = planning->plan;
	uint32_t i, level;

	for (level = 0; level < plan->n_levels; level++) {
		struct ww_level *at = &plan->levels[level];

		for (i = 0; i < rules->n_roots; i++) {
			struct below below;

			if (plan->level_of[rules->roots[i]] <= level)
				continue;
			below = look_below(planning, rules->roots[i],
			                   level + 1);
			if (below.lazy)
				add_early(at, rules->roots[i], below.uses);
			else
				at->kept |= below.uses;
		}
		for (i = level + 1; i < plan->n_levels; i++)
			if (plan->levels[i].condition != WW_NO_NODE)
				at->kept |= look_below(planning,
				                       plan->levels[i].condition,
				                       level + 1)
				                    .uses;
	}
}

struct ww_plan *
ww_plan_new(const struct ww_rules *rules, const uint32_t *slots, uint32_t n)
{
	uint32_t n_nodes = rules->pool->n_nodes;
	struct ww_plan *plan = ww_alloc(sizeof *plan);
	struct planning planning = { .rules = rules, .plan = plan };
	double rest = 1;
	uint32_t i;

	plan->n_levels = n;
	plan->levels = ww_alloc(n * sizeof plan->levels[0]);
	plan->level_of = ww_alloc(n_nodes * sizeof plan->level_of[0]);
	planning.position = ww_alloc(rules->n_slots * sizeof(uint32_t));
	planning.last_use = ww_alloc(n_nodes * sizeof(uint32_t));
	planning.nodes = ww_alloc(n_nodes * sizeof(uint32_t));
	for (i = 0; i < n_nodes; i++)
		planning.last_use[i] = plan->level_of[i] = NOT_HERE;
	for (i = n; i-- > 0;) {
		planning.position[slots[i]] = i;
		plan->levels[i].slot = slots[i];
		plan->levels[i].condition = rules->conditions[slots[i]];
		plan->levels[i].rest = rest;
		rest *= rules->slots[slots[i]].n_values;
	}
	walk_nodes(&planning);
	fill_levels(&planning);
	find_early(&planning);
	free(planning.nodes);
	free(planning.last_use);
	free(planning.position);
	return plan;
}

void
ww_plan_free(struct ww_plan *plan)
{
	uint32_t i;

	for (i = 0; plan != NULL && i < plan->n_levels; i++) {
		free(plan->levels[i].evaluate);
		free(plan->levels[i].finished);
		free(plan->levels[i].early);
		free(plan->levels[i].frontier);
	}
	if (plan != NULL) {
		free(plan->levels);
		free(plan->level_of);
	}
	free(plan);
}

/* ------------------------------------------------------------------ walking */

struct ww_walk
ww_walk_new(const struct ww_rules *rules, const struct ww_plan *plan)
{
	struct ww_walk walk = { .rules = rules, .plan = plan };
	uint32_t i;

	walk.values = ww_alloc(rules->pool->n_nodes * sizeof walk.values[0]);
	for (i = 0; i < rules->pool->n_nodes; i++)
		if (rules->pool->nodes[i].operator == WW_OP_CONSTANT)
			walk.values[i] = rules->pool->nodes[i].value;
	return walk;
}

void
ww_walk_clear(struct ww_walk *walk)
{
	free(walk->values);
	walk->values = NULL;
}

int
ww_walk_active(struct ww_walk *walk, uint32_t level)
{
	uint32_t condition = walk->plan->levels[level].condition;
	struct ww_scalar value;

	if (condition == WW_NO_NODE)
		return WW_STEP_GOOD;
	value = walk->values[condition];
	if (value.tag == WW_SCALAR_FAULT)
		return WW_STEP_FAULT;
	return ww_scalar_truth(value) ? WW_STEP_GOOD : WW_STEP_BROKEN;
}

static struct ww_scalar
fetch_value(void *context, uint32_t node)
{
	const struct ww_walk *walk = context;

	return walk->values[node];
}

static struct ww_scalar
fetch_if_known(void *context, uint32_t node)
{
	struct ww_walk *walk = context;
	const struct ww_node *it = &walk->rules->pool->nodes[node];

	if (it->operator == WW_OP_CONSTANT ||
	    walk->plan->level_of[node] <= walk->level)
		return walk->values[node];
	if (it->operator == WW_OP_SLOT)
		return (struct ww_scalar){ .tag = WW_SCALAR_UNKNOWN };
	return ww_node_value(walk->rules->pool, node, fetch_if_known, walk);
}

/* UNUSED: the rule was found to hold earlier, and what it used was dropped. */
static int
verdict(struct ww_scalar value)
{
	if (value.tag == WW_SCALAR_FAULT)
		return WW_STEP_FAULT;
	return value.tag == WW_SCALAR_UNUSED || ww_scalar_truth(value)
	               ? WW_STEP_GOOD
	               : WW_STEP_BROKEN;
}

static int
decide_early(struct ww_walk *walk, const struct ww_level *at)
{
	uint32_t i;

	for (i = 0; i < at->n_early; i++) {
		struct ww_scalar value = ww_node_value(walk->rules->pool,
		                                       at->early[i].root,
		                                       fetch_if_known, walk);

		if (value.tag == WW_SCALAR_UNKNOWN)
			walk->needed |= at->early[i].uses;
		else if (verdict(value) != WW_STEP_GOOD)
			return verdict(value);
	}
	return WW_STEP_GOOD;
}

/* Most nodes are sums and products of two known values: the short way. */
static struct ww_scalar
evaluate(struct ww_walk *walk, uint32_t index)
{
	const struct ww_pool *pool = walk->rules->pool;
	const struct ww_node *node = &pool->nodes[index];
	const uint32_t *operands = pool->operands + node->first_operand;
	struct ww_scalar pair[2];

	if (node->operator < WW_OP_ADD || node->operator > WW_OP_GREATER_EQUAL)
		return ww_node_value(pool, index, fetch_value, walk);
	pair[0] = walk->values[operands[0]];
	pair[1] = walk->values[operands[1]];
	if (!ww_scalar_known(pair[0]) || !ww_scalar_known(pair[1]))
		return ww_node_value(pool, index, fetch_value, walk);
	return ww_scalar_apply((enum ww_operator)node->operator, pair, 2);
}

int
ww_walk_step(struct ww_walk *walk, uint32_t level, uint32_t choice)
{
	const struct ww_level *at = &walk->plan->levels[level];
	const struct ww_pool *pool = walk->rules->pool;
	uint32_t i;

	for (i = 0; i < at->n_evaluate; i++) {
		uint32_t node = at->evaluate[i];

		walk->values[node] =
			pool->nodes[node].operator == WW_OP_SLOT
				? ww_scalar_of(&walk->rules->slots[at->slot]
			                               .values[choice])
				: evaluate(walk, node);
	}
	for (i = 0; i < at->n_finished; i++) {
		int result = verdict(walk->values[at->finished[i]]);

		if (result != WW_STEP_GOOD)
			return result;
	}
	walk->level = level;
	walk->needed = at->kept;
	return decide_early(walk, at);
}
