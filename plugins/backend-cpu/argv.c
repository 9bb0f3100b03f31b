/* SPDX-License-Identifier: MIT */
#include "plugins/backend-cpu/argv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static int
make_room(struct argv *argv)
{
	size_t space = argv->space > 0 ? 2 * argv->space : 64;
	char **items;

	if (argv->n + 1 < argv->space)
		return 1;
	items = realloc(argv->items, space * sizeof *items);
	if (items == NULL)
		return 0;
	argv->items = items;
	argv->space = space;
	return 1;
}

void
argv_add(struct argv *argv, const char *format, ...)
{
	va_list args;
	char *item = NULL;

	va_start(args, format);
	if (vasprintf(&item, format, args) < 0)
		item = NULL;
	va_end(args);
	if (item == NULL || !make_room(argv)) {
		free(item);
		argv->failed = 1;
		return;
	}
	argv->items[argv->n++] = item;
	argv->items[argv->n] = NULL;
}

void
argv_add_all(struct argv *argv, const char *const *items)
{
	size_t i;

	for (i = 0; items != NULL && items[i] != NULL; i++)
		argv_add(argv, "%s", items[i]);
}

void
argv_free(struct argv *argv)
{
	size_t i;

	for (i = 0; i < argv->n; i++)
		free(argv->items[i]);
	free(argv->items);
}
