/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/space/expression.h"

const struct ww_symbol *
ww_symbols_find(const struct ww_symbols *symbols, const char *name)
{
	size_t i;

	for (i = 0; i < symbols->n; i++)
		if (strcmp(symbols->items[i].name, name) == 0)
			return &symbols->items[i];
	return NULL;
}

static struct ww_symbol *
place(struct ww_symbols *symbols, const char *name)
{
	struct ww_symbol *symbol;
	size_t i;

	for (i = 0; i < symbols->n; i++)
		if (strcmp(symbols->items[i].name, name) == 0)
			return &symbols->items[i];
	if (symbols->n == symbols->capacity) {
		symbols->capacity = symbols->capacity * 2 + 16;
		symbols->items = ww_grow(symbols->items,
		                         symbols->capacity *
		                                 sizeof symbols->items[0]);
	}
	symbol = &symbols->items[symbols->n++];
	memset(symbol, 0, sizeof *symbol);
	symbol->name = ww_copy(name);
	return symbol;
}

void
ww_symbols_constant(struct ww_symbols *symbols, const char *name,
                    struct ww_scalar value)
{
	struct ww_symbol *symbol = place(symbols, name);

	symbol->is_slot = false;
	symbol->constant = value;
}

void
ww_symbols_slot(struct ww_symbols *symbols, const char *name, uint32_t slot,
                const struct ww_value *values, uint32_t n_values)
{
	struct ww_symbol *symbol = place(symbols, name);

	symbol->is_slot = true;
	symbol->slot = slot;
	symbol->values = values;
	symbol->n_values = n_values;
}

const char *
ww_symbols_closest(const struct ww_symbols *symbols, const char *name)
{
	const char **names = ww_alloc((symbols->n + 1) * sizeof names[0]);
	const char *closest;
	size_t i;

	for (i = 0; i < symbols->n; i++)
		names[i] = symbols->items[i].name;
	closest = ww_text_closest(name, names, symbols->n);
	free(names);
	return closest;
}

void
ww_symbols_clear(struct ww_symbols *symbols)
{
	size_t i;

	for (i = 0; i < symbols->n; i++)
		free(symbols->items[i].name);
	free(symbols->items);
	memset(symbols, 0, sizeof *symbols);
}
