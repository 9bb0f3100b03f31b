/* SPDX-License-Identifier: MIT */
#include "core/space/expression.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/text.h"

/* -------------------------------------------------------------- the pool */

void
ww_pool_clear(struct ww_pool *pool)
{
	size_t i;

	for (i = 0; i < pool->n_strings; i++)
		free(pool->strings[i]);
	free(pool->strings);
	free(pool->nodes);
	free(pool->operands);
	free(pool->table);
	memset(pool, 0, sizeof *pool);
}

const char *
ww_pool_string(struct ww_pool *pool, const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < pool->n_strings; i++)
		if (strlen(pool->strings[i]) == length &&
		    memcmp(pool->strings[i], text, length) == 0)
			return pool->strings[i];
	pool->strings = ww_grow(pool->strings, (pool->n_strings + 1) *
	                                               sizeof pool->strings[0]);
	pool->strings[pool->n_strings] = ww_copy_n(text, length);
	return pool->strings[pool->n_strings++];
}

static uint64_t
node_hash(const struct ww_node *node, const uint32_t *operands)
{
	uint64_t parts[4];

	parts[0] = (uint64_t)node->operator << 32 | node->slot;
	parts[1] = node->value.tag;
	parts[2] = node->value.tag == WW_SCALAR_STRING
	                   ? ww_hash_u64(node->value.as.string,
	                                 strlen(node->value.as.string))
	                   : (uint64_t)node->value.as.integer;
	parts[3] = ww_hash_u64(operands, node->n_operands * sizeof *operands);
	return ww_hash_u64(parts, sizeof parts);
}

static bool
node_same(const struct ww_pool *pool, const struct ww_node *a,
          const struct ww_node *b, const uint32_t *operands)
{
	return a->operator == b->operator && a->slot == b->slot &&
	       a->n_operands == b->n_operands &&
	       ww_scalar_same(a->value, b->value) &&
	       (a->n_operands == 0 ||
	        memcmp(pool->operands + a->first_operand, operands,
	               a->n_operands * sizeof *operands) == 0);
}

static void
table_put(struct ww_pool *pool, uint32_t node)
{
	uint32_t at = (uint32_t)node_hash(&pool->nodes[node],
	                                  pool->operands +
	                                          pool->nodes[node].first_operand);

	for (at &= pool->table_size - 1; pool->table[at] != 0;
	     at = (at + 1) & (pool->table_size - 1))
		continue;
	pool->table[at] = node + 1;
}

static void
table_grow(struct ww_pool *pool)
{
	uint32_t i;

	if (pool->n_nodes * 2 < pool->table_size)
		return;
	free(pool->table);
	pool->table_size = pool->table_size > 0 ? pool->table_size * 2 : 64;
	pool->table = ww_alloc(pool->table_size * sizeof pool->table[0]);
	for (i = 0; i < pool->n_nodes; i++)
		table_put(pool, i);
}

static uint32_t
intern(struct ww_pool *pool, struct ww_node node, const uint32_t *operands)
{
	uint32_t at;

	table_grow(pool);
	at = (uint32_t)node_hash(&node, operands);
	for (at &= pool->table_size - 1; pool->table[at] != 0;
	     at = (at + 1) & (pool->table_size - 1))
		if (node_same(pool, &pool->nodes[pool->table[at] - 1], &node,
		              operands))
			return pool->table[at] - 1;
	if (pool->n_nodes == pool->node_capacity) {
		pool->node_capacity = pool->node_capacity * 2 + 32;
		pool->nodes = ww_grow(pool->nodes,
		                      pool->node_capacity * sizeof node);
	}
	if (pool->operands == NULL ||
	    pool->n_operands + node.n_operands > pool->operand_capacity) {
		pool->operand_capacity = pool->operand_capacity * 2 + 64 +
		                         node.n_operands;
		pool->operands = ww_grow(pool->operands,
		                         pool->operand_capacity *
		                                 sizeof *operands);
	}
	node.first_operand = pool->n_operands;
	if (node.n_operands > 0)
		memcpy(pool->operands + pool->n_operands, operands,
		       node.n_operands * sizeof *operands);
	pool->n_operands += node.n_operands;
	pool->nodes[pool->n_nodes] = node;
	pool->table[at] = pool->n_nodes + 1;
	return pool->n_nodes++;
}

uint32_t
ww_pool_constant(struct ww_pool *pool, struct ww_scalar value)
{
	struct ww_node node = { .operator = WW_OP_CONSTANT, .value = value };

	return intern(pool, node, NULL);
}

uint32_t
ww_pool_slot(struct ww_pool *pool, uint32_t slot)
{
	struct ww_node node = { .operator = WW_OP_SLOT, .slot = slot };

	return intern(pool, node, NULL);
}

static struct ww_scalar
fetch_constant(void *context, uint32_t node)
{
	const struct ww_pool *pool = context;

	if (pool->nodes[node].operator == WW_OP_CONSTANT)
		return pool->nodes[node].value;
	return (struct ww_scalar){ .tag = WW_SCALAR_UNKNOWN };
}

uint32_t
ww_pool_node(struct ww_pool *pool, enum ww_operator operator,
             const uint32_t *operands, size_t n, int64_t chain)
{
	struct ww_node node = { .operator = (uint32_t)operator,
		                .n_operands = (uint32_t)n,
		                .value.as.integer = chain };
	uint32_t made = intern(pool, node, operands);
	struct ww_scalar value = ww_node_value(pool, made, fetch_constant,
	                                       pool);

	/* A certain fault is a constant too: only slots are ever unknown. */
	return value.tag != WW_SCALAR_UNKNOWN ? ww_pool_constant(pool, value)
	                                      : made;
}

/* ------------------------------------------------------------- evaluation */

enum ww_operator
ww_chain_operator(const struct ww_node *chain, size_t i)
{
	return (enum ww_operator)(chain->value.as.integer >> (5 * i) & 31);
}

static struct ww_scalar
strict_value(const struct ww_node *node, const uint32_t *operands,
             ww_fetch fetch, void *context)
{
	struct ww_scalar few[8];
	struct ww_scalar *values = few;
	struct ww_scalar result = { .tag = WW_SCALAR_INT };
	uint32_t i;

	if (node->n_operands > sizeof few / sizeof few[0])
		values = ww_alloc(node->n_operands * sizeof values[0]);
	for (i = 0; i < node->n_operands; i++) {
		values[i] = fetch(context, operands[i]);
		if (values[i].tag == WW_SCALAR_FAULT) {
			result = values[i];
			break;
		}
		if (!ww_scalar_known(values[i]))
			result = values[i];
	}
	if (ww_scalar_known(result))
		result = ww_scalar_apply((enum ww_operator)node->operator,
		                         values, node->n_operands);
	if (values != few)
		free(values);
	return result;
}

static struct ww_scalar
chain_value(const struct ww_node *node, const uint32_t *operands,
            ww_fetch fetch, void *context)
{
	struct ww_scalar pair[2], result;
	uint32_t i;

	pair[0] = fetch(context, operands[0]);
	if (!ww_scalar_known(pair[0]))
		return pair[0];
	result = ww_scalar_bool(true);
	for (i = 1; i < node->n_operands && ww_scalar_truth(result); i++) {
		pair[1] = fetch(context, operands[i]);
		if (!ww_scalar_known(pair[1]))
			return pair[1];
		result = ww_scalar_apply(ww_chain_operator(node, i - 1), pair,
		                         2);
		pair[0] = pair[1];
	}
	return result;
}

/* `and`, `or`: the first operand that decides, else the last one. */
static struct ww_scalar
logic_value(const struct ww_node *node, const uint32_t *operands,
            ww_fetch fetch, void *context)
{
	bool decides = node->operator == WW_OP_OR;
	struct ww_scalar value = { .tag = WW_SCALAR_UNKNOWN };
	uint32_t i;

	for (i = 0; i < node->n_operands; i++) {
		value = fetch(context, operands[i]);
		if (!ww_scalar_known(value) || ww_scalar_truth(value) == decides)
			break;
	}
	return value;
}

struct ww_scalar
ww_node_value(const struct ww_pool *pool, uint32_t index, ww_fetch fetch,
              void *context)
{
	const struct ww_node *node = &pool->nodes[index];
	const uint32_t *operands = pool->operands + node->first_operand;
	struct ww_scalar condition;

	switch (node->operator) {
	case WW_OP_CONSTANT:
		return node->value;
	case WW_OP_SLOT:
		return fetch(context, index);
	case WW_OP_CHAIN:
		return chain_value(node, operands, fetch, context);
	case WW_OP_AND:
	case WW_OP_OR:
		return logic_value(node, operands, fetch, context);
	case WW_OP_IF:
		condition = fetch(context, operands[0]);
		if (!ww_scalar_known(condition))
			return condition;
		return fetch(context,
		             operands[ww_scalar_truth(condition) ? 1 : 2]);
	default:
		return strict_value(node, operands, fetch, context);
	}
}

struct assignment {
	const struct ww_pool *pool;
	const struct ww_scalar *scalars;
};

static struct ww_scalar
fetch_assigned(void *context, uint32_t index)
{
	const struct assignment *assignment = context;
	const struct ww_node *node = &assignment->pool->nodes[index];

	if (node->operator == WW_OP_SLOT)
		return assignment->scalars[node->slot];
	return ww_node_value(assignment->pool, index, fetch_assigned, context);
}

struct ww_scalar
ww_expression_value(const struct ww_pool *pool, uint32_t node,
                    const struct ww_scalar *scalars)
{
	struct assignment assignment = { pool, scalars };

	return fetch_assigned(&assignment, node);
}

void
ww_expression_walk(const struct ww_pool *pool, uint32_t node,
                   unsigned char *marks,
                   void (*visit)(void *context, uint32_t node), void *context)
{
	const struct ww_node *it = &pool->nodes[node];
	uint32_t i;

	if (marks[node])
		return;
	marks[node] = 1;
	for (i = 0; i < it->n_operands; i++)
		ww_expression_walk(pool, pool->operands[it->first_operand + i],
		                   marks, visit, context);
	visit(context, node);
}
