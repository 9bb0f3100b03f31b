/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/space/backtrack.h"
#include "core/space/impl.h"

/* A diagram beyond these is given up: about two seconds and 128 MiB. */
#define MOST_STEPS UINT64_C(10000000)
#define MOST_BYTES (UINT64_C(128) << 20)
/* Steps spent on a lower bound where there is no diagram. */
#define BOUND_STEPS UINT64_C(1000000)

/* ------------------------------------------------------------------- roots */

struct list {
	uint32_t *items;
	uint32_t n;
};

static void
list_add(struct list *list, uint32_t item)
{
	if ((list->n & (list->n - 1)) == 0)
		list->items = ww_grow(list->items,
		                      (list->n > 0 ? list->n * 2 : 1) *
		                              sizeof list->items[0]);
	list->items[list->n++] = item;
}

/* `a and b` are two rules, `a < b < c` too: each is checked on its own as soon
 * as its slots are known. */
static void
split_root(struct ww_pool *pool, uint32_t root, struct list *list)
{
	uint32_t n = pool->nodes[root].n_operands;
	uint32_t operator = pool->nodes[root].operator;
	uint32_t i;

	if (operator == WW_OP_AND) {
		for (i = 0; i < n; i++)
			split_root(pool,
			           pool->operands[pool->nodes[root].first_operand +
			                          i],
			           list);
	} else if (operator == WW_OP_CHAIN) {
		for (i = 0; i + 1 < n; i++) {
			uint32_t pair[2];

			memcpy(pair,
			       pool->operands +
			               pool->nodes[root].first_operand + i,
			       sizeof pair);
			list_add(list,
			         ww_pool_node(pool,
			                      ww_chain_operator(
						      &pool->nodes[root], i),
			                      pair, 2, 0));
		}
	} else {
		list_add(list, root);
	}
}

/* ------------------------------------------------------------------- parts */

static bool
count_one(void *context)
{
	(*(uint64_t *)context)++;
	return true;
}

/* A configuration is faulty if one of its parts is; what the other parts hold
 * does not matter. */
static void
add_faulty(struct ww_space_impl *impl, double faulty, const struct ww_part *part,
           const uint32_t *slots, uint32_t n)
{
	double all = 1, before = 1;
	uint32_t i;

	for (i = 0; i < impl->n_slots; i++)
		before *= part->rules.slots[i].n_values;
	for (i = 0; i < n; i++)
		all *= part->rules.slots[slots[i]].n_values;
	if (faulty > 0)
		impl->faulty += (before - impl->faulty) * fmin(faulty / all, 1);
}

static void
solve_part(struct ww_space_impl *impl, struct ww_part *part, uint32_t *slots,
           uint32_t n)
{
	double faulty = 0;

	ww_plan_order(&part->rules, slots, n);
	part->plan = ww_plan_new(&part->rules, slots, n);
	part->diagram = ww_diagram_new(&part->rules, part->plan, &impl->limits);
	if (part->diagram != NULL) {
		part->count = part->diagram->count;
		part->exact = !part->diagram->saturated;
		faulty = part->diagram->faulty;
	} else {
		uint32_t *indices = ww_alloc(impl->n_slots * sizeof *indices);
		int result = ww_backtrack_each(&part->rules, part->plan,
		                               BOUND_STEPS, indices, count_one,
		                               &part->count, &faulty);

		part->exact = result == WW_BACKTRACK_DONE;
		free(indices);
	}
	add_faulty(impl, faulty, part, slots, n);
}

/* Rules without any slot: problem sizes alone decide them. */
static void
check_constant(struct ww_space_impl *impl, uint32_t root)
{
	struct ww_scalar value = ww_expression_value(&impl->pool, root, NULL);

	if (!ww_scalar_known(value) || !ww_scalar_truth(value))
		impl->impossible = true;
	if (value.tag == WW_SCALAR_FAULT)
		impl->faulty = HUGE_VAL;
}

static void
solve_parts(struct ww_space_impl *impl, const struct ww_rules *rules)
{
	uint32_t *part_of = ww_alloc(impl->n_slots * sizeof *part_of);
	uint32_t *root_part = ww_alloc((rules->n_roots + 1) * sizeof *root_part);
	uint32_t *slots = ww_alloc(impl->n_slots * sizeof *slots);
	uint32_t p, i;

	impl->n_parts = ww_plan_parts(rules, part_of, root_part);
	impl->parts = ww_alloc(impl->n_parts * sizeof impl->parts[0]);
	for (i = 0; i < rules->n_roots; i++)
		if (root_part[i] == UINT32_MAX)
			check_constant(impl, rules->roots[i]);
	for (p = 0; p < impl->n_parts; p++) {
		struct ww_part *part = &impl->parts[p];
		struct list roots = { NULL, 0 };
		uint32_t n = 0;

		for (i = 0; i < impl->n_slots; i++)
			if (part_of[i] == p)
				slots[n++] = i;
		for (i = 0; i < rules->n_roots; i++)
			if (root_part[i] == p)
				list_add(&roots, rules->roots[i]);
		part->rules = *rules;
		part->rules.roots = roots.items;
		part->rules.n_roots = roots.n;
		solve_part(impl, part, slots, n);
	}
	free(slots);
	free(root_part);
	free(part_of);
}

static void
total(struct ww_space_impl *impl)
{
	uint32_t p;

	impl->count = 1;
	impl->count_u64 = 1;
	impl->exact = true;
	for (p = 0; p < impl->n_parts; p++) {
		impl->count *= (double)impl->parts[p].count;
		impl->exact = impl->exact && impl->parts[p].exact;
		if (__builtin_mul_overflow(impl->count_u64,
		                           impl->parts[p].count,
		                           &impl->count_u64))
			impl->count_u64 = UINT64_MAX;
	}
	/* Nothing times anything is nothing, and for certain. */
	for (p = 0; p < impl->n_parts; p++)
		if (impl->parts[p].count == 0 && impl->parts[p].exact) {
			impl->count = 0;
			impl->count_u64 = 0;
			impl->exact = true;
		}
	if (impl->impossible) {
		impl->count = 0;
		impl->count_u64 = 0;
		impl->exact = true;
	}
}

/* ----------------------------------------------------------------- related */

static void
relate(struct ww_space_impl *impl, const unsigned char *marks)
{
	uint32_t a, b;

	for (a = 0; a < impl->n_slots; a++)
		for (b = 0; marks[a] && b < impl->n_slots; b++)
			if (marks[b])
				impl->related[a * impl->related_words + b / 64] |=
					UINT64_C(1) << (b % 64);
}

struct marking {
	const struct ww_pool *pool;
	unsigned char *slots;
};

static void
mark_slot(void *context, uint32_t node)
{
	struct marking *marking = context;

	if (marking->pool->nodes[node].operator == WW_OP_SLOT)
		marking->slots[marking->pool->nodes[node].slot] = 1;
}

static void
find_related(struct ww_space_impl *impl)
{
	struct marking marking = { .pool = &impl->pool };
	unsigned char *seen = ww_alloc(impl->pool.n_nodes);
	uint32_t n = impl->n_constraints + impl->n_slots + impl->n_parameters;
	uint32_t i, s;

	marking.slots = ww_alloc(impl->n_slots);
	impl->related_words = (impl->n_slots + 63) / 64;
	impl->related = ww_alloc((size_t)impl->n_slots * impl->related_words *
	                         sizeof(uint64_t));
	for (i = 0; i < n; i++) {
		uint32_t root = WW_NO_NODE;

		memset(seen, 0, impl->pool.n_nodes);
		memset(marking.slots, 0, impl->n_slots);
		if (i < impl->n_constraints) {
			root = impl->constraint_nodes[i];
		} else if (i < impl->n_constraints + impl->n_slots) {
			s = i - impl->n_constraints;
			root = impl->conditions[s];
			marking.slots[s] = 1;
		} else {
			const struct ww_parameter *list =
				&impl->parameters[i - impl->n_constraints -
			                          impl->n_slots];

			memset(marking.slots + list->first_slot, 1,
			       list->n_slots);
		}
		if (root != WW_NO_NODE)
			ww_expression_walk(&impl->pool, root, seen, mark_slot,
			                   &marking);
		relate(impl, marking.slots);
	}
	free(marking.slots);
	free(seen);
}

/* -------------------------------------------------------------------- rows */

static void
total_rows(struct ww_space_impl *impl)
{
	impl->count = (double)impl->n_rows;
	impl->count_u64 = impl->n_rows;
	impl->exact = true;
}

void
ww_space_solve(struct ww_search_space *space)
{
	struct ww_space_impl *impl = space->impl;
	struct list roots = { NULL, 0 };
	struct ww_rules rules;
	uint32_t i;

	find_related(impl);
	for (i = 0; i < impl->n_constraints; i++)
		split_root(&impl->pool, impl->constraint_nodes[i], &roots);
	rules = (struct ww_rules){ .pool = &impl->pool,
		                   .slots = impl->slots,
		                   .n_slots = impl->n_slots,
		                   .roots = roots.items,
		                   .n_roots = roots.n,
		                   .conditions = impl->conditions };
	if (impl->limits.steps == 0)
		impl->limits.steps = MOST_STEPS;
	if (impl->limits.bytes == 0)
		impl->limits.bytes = MOST_BYTES;
	if (impl->has_rows) {
		total_rows(impl);
	} else {
		solve_parts(impl, &rules);
		total(impl);
	}
	free(roots.items);
}
