/* SPDX-License-Identifier: MIT
 *
 * Expressions over parameters and problem sizes: a closed grammar with Python's
 * semantics. Many expressions share one pool in which equal subexpressions are
 * one node and operands stand before their users; the search space depends on
 * both. Text may come from strangers: its length and nesting are bounded.
 */
#ifndef WW_CORE_EXPRESSION_H
#define WW_CORE_EXPRESSION_H

#include "core/base/error.h"
#include "core/space/scalar.h"

#define WW_EXPRESSION_LENGTH 8192 /* bytes */
#define WW_EXPRESSION_OPERATIONS 1000
#define WW_EXPRESSION_NESTING 100

/* -- names --------------------------------------------------------------- */

struct ww_symbol {
	char *name;
	bool is_slot;
	struct ww_scalar constant;     /* !is_slot */
	uint32_t slot;                 /* is_slot */
	const struct ww_value *values; /* is_slot: borrowed */
	uint32_t n_values;
};

struct ww_symbols {
	struct ww_symbol *items;
	size_t n;
	size_t capacity;
};

/* Both copy the name; a name that is there already is replaced. */
void ww_symbols_constant(struct ww_symbols *symbols, const char *name,
                         struct ww_scalar value);
void ww_symbols_slot(struct ww_symbols *symbols, const char *name,
                     uint32_t slot, const struct ww_value *values,
                     uint32_t n_values);
const struct ww_symbol *ww_symbols_find(const struct ww_symbols *symbols,
                                        const char *name);
/* The known name closest to this one, or null. */
const char *ww_symbols_closest(const struct ww_symbols *symbols,
                               const char *name);
void ww_symbols_clear(struct ww_symbols *symbols);

/* -- nodes --------------------------------------------------------------- */

#define WW_CHAIN_LENGTH 12 /* comparisons in one chain */

struct ww_node {
	uint32_t operator; /* enum ww_operator */
	uint32_t n_operands;
	uint32_t first_operand; /* in pool.operands */
	uint32_t slot;          /* WW_OP_SLOT */
	struct ww_scalar value; /* WW_OP_CONSTANT; WW_OP_CHAIN: five bits of
	                         * `integer` a comparison, the first lowest */
};

struct ww_pool {
	struct ww_node *nodes;
	uint32_t n_nodes;
	uint32_t node_capacity;
	uint32_t *operands;
	uint32_t n_operands;
	uint32_t operand_capacity;
	uint32_t *table; /* hash table of node index + 1 */
	uint32_t table_size;
	char **strings;
	size_t n_strings;
};

void ww_pool_clear(struct ww_pool *pool);
uint32_t ww_pool_constant(struct ww_pool *pool, struct ww_scalar value);
uint32_t ww_pool_slot(struct ww_pool *pool, uint32_t slot);
/* Folds constants; `chain` only for WW_OP_CHAIN, else 0. */
uint32_t ww_pool_node(struct ww_pool *pool, enum ww_operator operator,
                      const uint32_t *operands, size_t n, int64_t chain);
/* A string that lives as long as the pool. */
const char *ww_pool_string(struct ww_pool *pool, const char *text,
                           size_t length);

/* Parses one expression into the pool. The message names the column and, for an
 * unknown name, the closest known one: "column 3: …". */
ww_status ww_expression_parse(struct ww_pool *pool,
                              const struct ww_symbols *symbols,
                              const char *text, uint32_t *node,
                              struct ww_error *error);

/* -- evaluation ----------------------------------------------------------- */

/* Value of one node, whose operands come from `fetch`. Operators that Python
 * evaluates lazily ask only for what they need. */
typedef struct ww_scalar (*ww_fetch)(void *context, uint32_t node);
struct ww_scalar ww_node_value(const struct ww_pool *pool, uint32_t node,
                               ww_fetch fetch, void *context);

/* The operator of comparison number `i` of a chain. */
enum ww_operator ww_chain_operator(const struct ww_node *chain, size_t i);

/* Value under a complete assignment: scalars[slot] for every slot. */
struct ww_scalar ww_expression_value(const struct ww_pool *pool, uint32_t node,
                                     const struct ww_scalar *scalars);

/* Calls visit for every node below `node`, itself included, operands first,
 * each once. `marks` holds n_nodes zero bytes and keeps what was seen. */
void ww_expression_walk(const struct ww_pool *pool, uint32_t node,
                        unsigned char *marks,
                        void (*visit)(void *context, uint32_t node),
                        void *context);

#endif
