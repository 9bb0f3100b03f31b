/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/space/plan.h"

/* Beyond this many slots in one part, trying every first slot is too slow. */
#define MOST_STARTS 24

/* ----------------------------------------------------------------- parts */

static uint32_t
leader(uint32_t *parents, uint32_t slot)
{
	while (parents[slot] != slot) {
		parents[slot] = parents[parents[slot]];
		slot = parents[slot];
	}
	return slot;
}

struct joining {
	const struct ww_rules *rules;
	uint32_t *parents;
	uint32_t first; /* UINT32_MAX: none yet */
};

static void
join_slot(void *context, uint32_t node)
{
	struct joining *joining = context;
	const struct ww_node *it = &joining->rules->pool->nodes[node];
	uint32_t a, b;

	if (it->operator != WW_OP_SLOT)
		return;
	if (joining->first == UINT32_MAX)
		joining->first = it->slot;
	a = leader(joining->parents, joining->first);
	b = leader(joining->parents, it->slot);
	joining->parents[a > b ? a : b] = a > b ? b : a;
}

static void
join_below(struct joining *joining, uint32_t root, unsigned char *marks)
{
	memset(marks, 0, joining->rules->pool->n_nodes);
	ww_expression_walk(joining->rules->pool, root, marks, join_slot,
	                   joining);
}

uint32_t
ww_plan_parts(const struct ww_rules *rules, uint32_t *part,
              uint32_t *root_part)
{
	unsigned char *marks = ww_alloc(rules->pool->n_nodes);
	uint32_t *parents = ww_alloc(rules->n_slots * sizeof *parents);
	struct joining joining = { .rules = rules, .parents = parents };
	uint32_t n_parts = 0;
	uint32_t i;

	for (i = 0; i < rules->n_slots; i++)
		parents[i] = i;
	for (i = 0; i < rules->n_roots; i++) {
		joining.first = UINT32_MAX;
		join_below(&joining, rules->roots[i], marks);
		root_part[i] = joining.first;
	}
	for (i = 0; i < rules->n_slots; i++) {
		joining.first = i;
		if (rules->conditions[i] != WW_NO_NODE)
			join_below(&joining, rules->conditions[i], marks);
	}
	/* A leader is the smallest slot of its part: it comes first. */
	for (i = 0; i < rules->n_slots; i++)
		part[i] = leader(parents, i) == i ? n_parts++
		                                  : part[leader(parents, i)];
	for (i = 0; i < rules->n_roots; i++)
		if (root_part[i] != UINT32_MAX)
			root_part[i] = part[root_part[i]];
	free(parents);
	free(marks);
	return n_parts;
}

/* ----------------------------------------------------------------- order */

struct ordering {
	const struct ww_rules *rules;
	const uint32_t *slots; /* of the part */
	uint32_t n;
	uint32_t *nodes;       /* of the part, operands first */
	uint32_t n_nodes;
	double *bits;          /* of each node: log2 of its distinct values */
	uint64_t *masks;       /* of each node: its slots, as positions */
	uint32_t words;        /* of one mask */
	uint64_t *placed;
	unsigned char *marks;
};

static uint64_t *
mask_of(const struct ordering *ordering, uint32_t node)
{
	return ordering->masks + (size_t)node * ordering->words;
}

static double
slots_bits(const struct ordering *ordering, uint32_t node)
{
	const uint64_t *mask = mask_of(ordering, node);
	double sum = 0;
	uint32_t i;

	for (i = 0; i < ordering->n; i++)
		if (mask[i / 64] >> (i % 64) & 1)
			sum += log2(ordering->rules->slots[ordering->slots[i]]
			                    .n_values);
	return sum;
}

/* How many values a node may take on. A guess: only the order depends on it. */
static double
guess_bits(const struct ordering *ordering, uint32_t index)
{
	const struct ww_pool *pool = ordering->rules->pool;
	const struct ww_node *node = &pool->nodes[index];
	double sum = 0;
	uint32_t i;

	if (node->operator == WW_OP_SLOT)
		return slots_bits(ordering, index);
	if ((node->operator >= WW_OP_EQUAL &&
	     node->operator <= WW_OP_GREATER_EQUAL) ||
	    node->operator == WW_OP_NOT || node->operator == WW_OP_IN ||
	    node->operator == WW_OP_NOT_IN || node->operator == WW_OP_CHAIN)
		return 1;
	for (i = 0; i < node->n_operands; i++)
		sum += ordering->bits[pool->operands[node->first_operand + i]];
	/* Different factors and terms often meet in one value. */
	if (node->n_operands > 1)
		sum *= 0.9;
	return fmin(sum, slots_bits(ordering, index));
}

static void
add_node(void *context, uint32_t index)
{
	struct ordering *ordering = context;
	const struct ww_pool *pool = ordering->rules->pool;
	const struct ww_node *node = &pool->nodes[index];
	uint64_t *mask = mask_of(ordering, index);
	uint32_t i, w;

	if (node->operator == WW_OP_CONSTANT)
		return;
	for (i = 0; node->operator == WW_OP_SLOT && i < ordering->n; i++)
		if (ordering->slots[i] == node->slot)
			mask[i / 64] |= UINT64_C(1) << (i % 64);
	for (i = 0; i < node->n_operands; i++)
		for (w = 0; w < ordering->words; w++)
			mask[w] |= mask_of(ordering,
			                   pool->operands[node->first_operand +
			                                  i])[w];
	ordering->nodes[ordering->n_nodes++] = index;
	ordering->bits[index] = guess_bits(ordering, index);
}

static bool
is_known(const struct ordering *ordering, uint32_t node)
{
	const uint64_t *mask = mask_of(ordering, node);
	uint32_t w;

	for (w = 0; w < ordering->words; w++)
		if ((mask[w] & ~ordering->placed[w]) != 0)
			return false;
	return true;
}

static bool
is_placed(const struct ordering *ordering, uint32_t position)
{
	return (ordering->placed[position / 64] >> (position % 64) & 1) != 0;
}

static double
count_use(struct ordering *ordering, uint32_t node)
{
	if (ordering->marks[node] || !is_known(ordering, node))
		return 0;
	ordering->marks[node] = 1;
	return ordering->bits[node];
}

/* Size (log2) of the frontier behind the placed slots. */
static double
frontier_bits(struct ordering *ordering)
{
	const struct ww_rules *rules = ordering->rules;
	double sum = 0;
	uint32_t i, k;

	memset(ordering->marks, 0, rules->pool->n_nodes);
	for (i = 0; i < ordering->n_nodes; i++) {
		const struct ww_node *node =
			&rules->pool->nodes[ordering->nodes[i]];

		if (is_known(ordering, ordering->nodes[i]))
			continue;
		for (k = 0; k < node->n_operands; k++)
			sum += count_use(ordering,
			                 rules->pool->operands
			                         [node->first_operand + k]);
	}
	for (i = 0; i < ordering->n; i++) {
		uint32_t condition = rules->conditions[ordering->slots[i]];

		if (!is_placed(ordering, i) && condition != WW_NO_NODE)
			sum += count_use(ordering, condition);
	}
	return sum;
}

static bool
may_place(const struct ordering *ordering, uint32_t position)
{
	uint32_t condition =
		ordering->rules->conditions[ordering->slots[position]];

	return !is_placed(ordering, position) &&
	       (condition == WW_NO_NODE || is_known(ordering, condition));
}

static void
place(struct ordering *ordering, uint32_t position, bool placed)
{
	uint64_t bit = UINT64_C(1) << (position % 64);

	if (placed)
		ordering->placed[position / 64] |= bit;
	else
		ordering->placed[position / 64] &= ~bit;
}

/* The slot that leaves the smallest frontier. */
static uint32_t
next_best(struct ordering *ordering, double *bits)
{
	uint32_t best = UINT32_MAX;
	double least = INFINITY;
	uint32_t i;

	for (i = 0; i < ordering->n; i++) {
		double size;

		if (!may_place(ordering, i))
			continue;
		place(ordering, i, true);
		size = frontier_bits(ordering);
		place(ordering, i, false);
		if (best == UINT32_MAX || size < least) {
			best = i;
			least = size;
		}
	}
	*bits = least;
	return best;
}

/* Greedy from a given first slot; the cost is the guessed number of steps. */
static double
order_from(struct ordering *ordering, uint32_t first, uint32_t *order)
{
	double cost = 0;
	double before = 0;
	double bits;
	uint32_t i, at;

	memset(ordering->placed, 0, ordering->words * sizeof(uint64_t));
	for (i = 0; i < ordering->n; i++) {
		if (i == 0 && first != UINT32_MAX) {
			at = first;
			place(ordering, at, true);
			bits = frontier_bits(ordering);
		} else {
			at = next_best(ordering, &bits);
			place(ordering, at, true);
		}
		order[i] = ordering->slots[at];
		cost += exp2(before) *
		        ordering->rules->slots[order[i]].n_values;
		before = bits;
	}
	return cost;
}

static void
find_order(struct ordering *ordering, uint32_t *slots)
{
	uint32_t n = ordering->n;
	uint32_t *order = ww_alloc(n * sizeof *order);
	uint32_t *best = ww_alloc(n * sizeof *best);
	double least = order_from(ordering, UINT32_MAX, best);
	uint32_t i;

	for (i = 0; i < n && n <= MOST_STARTS; i++) {
		double cost;

		memset(ordering->placed, 0, ordering->words * sizeof(uint64_t));
		if (!may_place(ordering, i))
			continue;
		cost = order_from(ordering, i, order);
		if (cost < least) {
			least = cost;
			memcpy(best, order, n * sizeof *order);
		}
	}
	memcpy(slots, best, n * sizeof *order);
	free(best);
	free(order);
}

void
ww_plan_order(const struct ww_rules *rules, uint32_t *slots, uint32_t n)
{
	uint32_t n_nodes = rules->pool->n_nodes;
	struct ordering ordering = { .rules = rules, .slots = slots, .n = n };
	uint32_t *copy;
	uint32_t i;

	if (n < 2)
		return;
	copy = ww_alloc(n * sizeof *copy);
	memcpy(copy, slots, n * sizeof *copy);
	ordering.slots = copy;
	ordering.words = (n + 63) / 64;
	ordering.nodes = ww_alloc(n_nodes * sizeof(uint32_t));
	ordering.bits = ww_alloc(n_nodes * sizeof(double));
	ordering.masks = ww_alloc((size_t)n_nodes * ordering.words *
	                          sizeof(uint64_t));
	ordering.placed = ww_alloc(ordering.words * sizeof(uint64_t));
	ordering.marks = ww_alloc(n_nodes);
	for (i = 0; i < rules->n_roots; i++)
		ww_expression_walk(rules->pool, rules->roots[i],
		                   ordering.marks, add_node, &ordering);
	for (i = 0; i < n; i++)
		if (rules->conditions[copy[i]] != WW_NO_NODE)
			ww_expression_walk(rules->pool,
			                   rules->conditions[copy[i]],
			                   ordering.marks, add_node, &ordering);
	find_order(&ordering, slots);
	free(ordering.marks);
	free(ordering.placed);
	free(ordering.masks);
	free(ordering.bits);
	free(ordering.nodes);
	free(copy);
}
