/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/space/expression.h"
#include "core/space/lexer.h"

struct parser {
	struct ww_pool *pool;
	const struct ww_symbols *symbols;
	struct ww_lexer lexer;
	struct ww_error *error;
	bool failed;
	unsigned depth;
	unsigned operations;
};

/* A growing list of operands; most expressions need two. */
struct operands {
	uint32_t few[8];
	uint32_t *items;
	size_t n;
	size_t capacity;
};

static uint32_t parse_expression(struct parser *parser);
static uint32_t parse_not(struct parser *parser);
static uint32_t parse_unary(struct parser *parser);

static uint32_t
fail(struct parser *parser, const char *what)
{
	if (!parser->failed)
		ww_error_set(parser->error, WW_E_FORMAT, "column %zu: %s",
		             parser->lexer.start + 1, what);
	parser->failed = true;
	/* Nothing more is read: every loop sees an unknown word. */
	parser->lexer.type = WW_TOKEN_ERROR;
	return 0;
}

static uint32_t
fail_here(struct parser *parser, const char *wanted)
{
	char what[320];

	if (parser->lexer.type == WW_TOKEN_ERROR)
		return fail(parser, parser->lexer.fault);
	if (parser->lexer.type == WW_TOKEN_END)
		snprintf(what, sizeof what, "expected %s, the text ends",
		         wanted);
	else
		snprintf(what, sizeof what, "expected %s, found '%.*s'",
		         wanted,
		         parser->lexer.length < 100 ? (int)parser->lexer.length
		                                    : 100,
		         parser->lexer.text + parser->lexer.start);
	return fail(parser, what);
}

static bool
take(struct parser *parser, const char *word)
{
	if (!ww_lexer_is(&parser->lexer, word))
		return false;
	ww_lexer_next(&parser->lexer);
	return true;
}

static void
operands_add(struct operands *list, uint32_t node)
{
	if (list->items == NULL) {
		list->items = list->few;
		list->capacity = sizeof list->few / sizeof list->few[0];
	}
	if (list->n == list->capacity) {
		uint32_t *old = list->items == list->few ? NULL : list->items;

		list->capacity *= 4;
		list->items = ww_grow(old, list->capacity *
		                                   sizeof list->items[0]);
		if (old == NULL)
			memcpy(list->items, list->few, sizeof list->few);
	}
	list->items[list->n++] = node;
}

static void
operands_clear(struct operands *list)
{
	if (list->items != list->few)
		free(list->items);
}

/* Makes a node and clears the list. */
static uint32_t
node_of(struct parser *parser, enum ww_operator operator,
        struct operands *list, int64_t chain)
{
	uint32_t node = 0;

	if (++parser->operations > WW_EXPRESSION_OPERATIONS)
		fail(parser, "too long: more than 1000 operations");
	if (!parser->failed)
		node = ww_pool_node(parser->pool, operator, list->items,
		                    list->n, chain);
	operands_clear(list);
	return node;
}

static uint32_t
node_two(struct parser *parser, enum ww_operator operator, uint32_t a,
         uint32_t b)
{
	struct operands list = { .n = 0 };

	operands_add(&list, a);
	operands_add(&list, b);
	return node_of(parser, operator, &list, 0);
}

static bool
enter(struct parser *parser)
{
	if (++parser->depth > WW_EXPRESSION_NESTING)
		fail(parser, "nested too deeply");
	return !parser->failed;
}

/* ------------------------------------------------------------------ atoms */

/* min(name), max(name) of one parameter: over all of its values. */
static uint32_t
parse_extreme_of(struct parser *parser, enum ww_operator operator)
{
	const struct ww_symbol *symbol = ww_symbols_find(parser->symbols,
	                                                 parser->lexer.word);
	struct operands list = { .n = 0 };
	uint32_t i;

	for (i = 0; i < symbol->n_values; i++)
		operands_add(&list, ww_pool_constant(
					    parser->pool,
					    ww_scalar_of(&symbol->values[i])));
	ww_lexer_next(&parser->lexer);
	ww_lexer_next(&parser->lexer);
	return node_of(parser, operator, &list, 0);
}

static bool
is_lone_parameter(const struct parser *parser)
{
	struct ww_lexer ahead = parser->lexer;
	const struct ww_symbol *symbol;

	if (ahead.type != WW_TOKEN_NAME)
		return false;
	symbol = ww_symbols_find(parser->symbols, ahead.word);
	ww_lexer_next(&ahead);
	return symbol != NULL && symbol->is_slot && ww_lexer_is(&ahead, ")");
}

static uint32_t
parse_call(struct parser *parser, const char *name)
{
	static const struct {
		const char *name;
		enum ww_operator operator;
		size_t least, most;
	} functions[] = {
		{ "min", WW_OP_MIN, 1, 1000 },
		{ "max", WW_OP_MAX, 1, 1000 },
		{ "abs", WW_OP_ABS, 1, 1 },
		{ "ceil_div", WW_OP_CEIL_DIVIDE, 2, 2 },
	};
	struct operands list = { .n = 0 };
	char what[320];
	size_t i;

	for (i = 0; i < 4 && strcmp(functions[i].name, name) != 0; i++)
		continue;
	if (i == 4) {
		snprintf(what, sizeof what, "no function '%s'; there are min, "
		         "max, abs and ceil_div", name);
		return fail(parser, what);
	}
	ww_lexer_next(&parser->lexer);
	if (functions[i].most > 2 && is_lone_parameter(parser))
		return parse_extreme_of(parser, functions[i].operator);
	do
		operands_add(&list, parse_expression(parser));
	while (!parser->failed && take(parser, ","));
	if (!parser->failed && !ww_lexer_is(&parser->lexer, ")"))
		fail_here(parser, "',' or ')'");
	if (!parser->failed &&
	    (list.n < functions[i].least || list.n > functions[i].most)) {
		snprintf(what, sizeof what, "%s takes %zu operand%s", name,
		         functions[i].least,
		         functions[i].least == 1 ? "" : "s");
		fail(parser, what);
	}
	ww_lexer_next(&parser->lexer);
	return node_of(parser, functions[i].operator, &list, 0);
}

static uint32_t
parse_name(struct parser *parser)
{
	const struct ww_symbol *symbol;
	struct ww_lexer ahead = parser->lexer;
	const char *closest;
	char what[480];

	ww_lexer_next(&ahead);
	if (ww_lexer_is(&parser->lexer, "True") ||
	    ww_lexer_is(&parser->lexer, "False")) {
		bool value = parser->lexer.word[0] == 'T';

		parser->lexer = ahead;
		return ww_pool_constant(parser->pool, ww_scalar_bool(value));
	}
	symbol = ww_symbols_find(parser->symbols, parser->lexer.word);
	if (ww_lexer_is(&ahead, "(")) {
		char name[WW_TOKEN_NAME_LENGTH];

		memcpy(name, parser->lexer.word, sizeof name);
		if (symbol != NULL) {
			parser->lexer = ahead;
			return fail_here(parser, "an operator");
		}
		/* The column of an unknown function is its own. */
		if (strcmp(name, "min") == 0 || strcmp(name, "max") == 0 ||
		    strcmp(name, "abs") == 0 || strcmp(name, "ceil_div") == 0)
			parser->lexer = ahead;
		return parse_call(parser, name);
	}
	if (symbol != NULL) {
		parser->lexer = ahead;
		return symbol->is_slot
		               ? ww_pool_slot(parser->pool, symbol->slot)
		               : ww_pool_constant(parser->pool,
		                                  symbol->constant);
	}
	closest = ww_symbols_closest(parser->symbols, parser->lexer.word);
	snprintf(what, sizeof what, closest != NULL
	                ? "no parameter or problem size '%s'; did you mean '%s'?"
	                : "no parameter or problem size '%s'",
	         parser->lexer.word, closest);
	return fail(parser, what);
}

static uint32_t
parse_atom(struct parser *parser)
{
	struct ww_lexer *lexer = &parser->lexer;
	uint32_t node;

	if (lexer->type == WW_TOKEN_NUMBER) {
		node = ww_pool_constant(parser->pool, lexer->number);
		ww_lexer_next(lexer);
		return node;
	}
	if (lexer->type == WW_TOKEN_STRING) {
		const char *text = ww_pool_string(parser->pool,
		                                  lexer->text + lexer->start + 1,
		                                  lexer->length - 2);

		node = ww_pool_constant(parser->pool, ww_scalar_string(text));
		ww_lexer_next(lexer);
		return node;
	}
	if (lexer->type == WW_TOKEN_NAME)
		return parse_name(parser);
	if (!take(parser, "("))
		return fail_here(parser, "a value");
	node = parse_expression(parser);
	if (!parser->failed && !take(parser, ")"))
		return fail_here(parser, "')'");
	return node;
}

/* -------------------------------------------------------------- operators */

static uint32_t
parse_power(struct parser *parser)
{
	uint32_t base = parse_atom(parser);

	/* Binds tighter than a minus on its left, looser than on its right. */
	if (take(parser, "**"))
		return node_two(parser, WW_OP_POWER, base, parse_unary(parser));
	return base;
}

static uint32_t
parse_unary(struct parser *parser)
{
	static const struct {
		const char *symbol;
		enum ww_operator operator;
	} table[] = { { "-", WW_OP_NEGATE },
		      { "+", WW_OP_PLUS },
		      { "~", WW_OP_INVERT } };
	struct operands list = { .n = 0 };
	uint32_t node;
	size_t i;

	if (!enter(parser))
		return 0;
	for (i = 0; i < 3 && !take(parser, table[i].symbol); i++)
		continue;
	if (i == 3) {
		node = parse_power(parser);
	} else {
		operands_add(&list, parse_unary(parser));
		node = node_of(parser, table[i].operator, &list, 0);
	}
	parser->depth--;
	return node;
}

/* Binary operators that bind tighter than comparisons, loosest first. */
static const struct {
	const char *symbol;
	unsigned level;
	enum ww_operator operator;
} binaries[] = {
	{ "|", 0, WW_OP_BIT_OR },        { "^", 1, WW_OP_BIT_XOR },
	{ "&", 2, WW_OP_BIT_AND },       { "<<", 3, WW_OP_SHIFT_LEFT },
	{ ">>", 3, WW_OP_SHIFT_RIGHT },  { "+", 4, WW_OP_ADD },
	{ "-", 4, WW_OP_SUBTRACT },      { "*", 5, WW_OP_MULTIPLY },
	{ "/", 5, WW_OP_DIVIDE },        { "//", 5, WW_OP_FLOOR_DIVIDE },
	{ "%", 5, WW_OP_MODULO },
};
#define N_BINARIES (sizeof binaries / sizeof binaries[0])
#define N_LEVELS 6u

static uint32_t
parse_binary(struct parser *parser, unsigned level)
{
	uint32_t node;
	size_t i;

	if (level == N_LEVELS)
		return parse_unary(parser);
	node = parse_binary(parser, level + 1);
	for (i = 0; i < N_BINARIES && !parser->failed; i++)
		if (binaries[i].level == level &&
		    take(parser, binaries[i].symbol)) {
			node = node_two(parser, binaries[i].operator, node,
			                parse_binary(parser, level + 1));
			i = (size_t)-1;
		}
	return node;
}

/* `value in [a, b]`, after the word "in". */
static uint32_t
parse_membership(struct parser *parser, uint32_t value, enum ww_operator how)
{
	struct operands list = { .n = 0 };
	const char *close = ww_lexer_is(&parser->lexer, "(") ? ")" : "]";

	if (!take(parser, "[") && !take(parser, "("))
		return fail_here(parser, "a list in brackets");
	operands_add(&list, value);
	while (!parser->failed && !ww_lexer_is(&parser->lexer, close)) {
		operands_add(&list, parse_expression(parser));
		if (!take(parser, ","))
			break;
	}
	if (!parser->failed && !take(parser, close))
		fail_here(parser, "',' or the end of the list");
	return node_of(parser, how, &list, 0);
}

static bool
take_comparison(struct parser *parser, enum ww_operator *operator)
{
	static const struct {
		const char *symbol;
		enum ww_operator operator;
	} table[] = {
		{ "==", WW_OP_EQUAL },      { "!=", WW_OP_UNEQUAL },
		{ "<", WW_OP_LESS },        { "<=", WW_OP_LESS_EQUAL },
		{ ">", WW_OP_GREATER },     { ">=", WW_OP_GREATER_EQUAL },
	};
	size_t i;

	for (i = 0; i < sizeof table / sizeof table[0]; i++)
		if (take(parser, table[i].symbol)) {
			*operator = table[i].operator;
			return true;
		}
	return false;
}

static uint32_t
parse_comparison(struct parser *parser)
{
	uint32_t first = parse_binary(parser, 0);
	struct operands list = { .n = 0 };
	enum ww_operator operator = WW_OP_EQUAL;
	int64_t chain = 0;
	unsigned n = 0;

	if (take(parser, "in"))
		return parse_membership(parser, first, WW_OP_IN);
	if (take(parser, "not")) {
		if (!take(parser, "in"))
			return fail_here(parser, "'in'");
		return parse_membership(parser, first, WW_OP_NOT_IN);
	}
	operands_add(&list, first);
	while (!parser->failed && take_comparison(parser, &operator)) {
		operands_add(&list, parse_binary(parser, 0));
		if (n == WW_CHAIN_LENGTH) {
			fail(parser, "more than 12 comparisons in one chain");
			break;
		}
		chain |= (int64_t)operator << (5 * n++);
	}
	if (n > 0 && !parser->failed &&
	    (ww_lexer_is(&parser->lexer, "in") ||
	     ww_lexer_is(&parser->lexer, "not")))
		fail(parser, "'in' after a comparison; put one of them in "
		             "parentheses");
	if (n > 1)
		return node_of(parser, WW_OP_CHAIN, &list, chain);
	operands_clear(&list);
	return n == 0 ? first
	              : node_two(parser, operator, first, list.few[1]);
}

static uint32_t
parse_not(struct parser *parser)
{
	struct operands list = { .n = 0 };
	uint32_t node = 0;

	if (!enter(parser))
		return 0;
	if (take(parser, "not")) {
		operands_add(&list, parse_not(parser));
		node = node_of(parser, WW_OP_NOT, &list, 0);
	} else {
		node = parse_comparison(parser);
	}
	parser->depth--;
	return node;
}

static uint32_t
parse_logic(struct parser *parser, enum ww_operator operator)
{
	const char *word = operator == WW_OP_OR ? "or" : "and";
	struct operands list = { .n = 0 };
	uint32_t first;

	do
		operands_add(&list, operator == WW_OP_OR
		                            ? parse_logic(parser, WW_OP_AND)
		                            : parse_not(parser));
	while (!parser->failed && take(parser, word));
	if (list.n > 1)
		return node_of(parser, operator, &list, 0);
	first = list.items[0];
	operands_clear(&list);
	return first;
}

static uint32_t
parse_expression(struct parser *parser)
{
	struct operands list = { .n = 0 };
	uint32_t node, condition;

	if (!enter(parser))
		return 0;
	node = parse_logic(parser, WW_OP_OR);
	if (take(parser, "if")) {
		condition = parse_logic(parser, WW_OP_OR);
		if (!parser->failed && !take(parser, "else"))
			fail_here(parser, "'else'");
		operands_add(&list, condition);
		operands_add(&list, node);
		operands_add(&list, parse_expression(parser));
		node = node_of(parser, WW_OP_IF, &list, 0);
	}
	parser->depth--;
	return node;
}

ww_status
ww_expression_parse(struct ww_pool *pool, const struct ww_symbols *symbols,
                    const char *text, uint32_t *node, struct ww_error *error)
{
	struct parser parser = { .pool = pool,
		                 .symbols = symbols,
		                 .lexer = { .text = text },
		                 .error = error };
	uint32_t result;

	if (strlen(text) > WW_EXPRESSION_LENGTH)
		return ww_error_set(error, WW_E_FORMAT,
		                    "column 1: longer than %d characters",
		                    WW_EXPRESSION_LENGTH);
	ww_lexer_next(&parser.lexer);
	if (parser.lexer.type == WW_TOKEN_END)
		return ww_error_set(error, WW_E_FORMAT,
		                    "column 1: nothing but blanks");
	result = parse_expression(&parser);
	if (!parser.failed && parser.lexer.type != WW_TOKEN_END)
		fail_here(&parser, "an operator or the end");
	if (parser.failed)
		return WW_E_FORMAT;
	*node = result;
	return WW_OK;
}
