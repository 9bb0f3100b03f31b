/* SPDX-License-Identifier: MIT */
#include "core/engine/shares.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

struct entry {
	char key[WW_HASH_TEXT]; /* "": empty */
	void *value;
};

struct ww_shares {
	struct entry *table;
	size_t size; /* a power of two */
	size_t used;
};

struct ww_shares *
ww_shares_new(void)
{
	struct ww_shares *shares = ww_alloc(sizeof *shares);

	shares->size = 64;
	shares->table = ww_alloc(shares->size * sizeof *shares->table);
	return shares;
}

void
ww_shares_free(struct ww_shares *shares)
{
	if (shares == NULL)
		return;
	free(shares->table);
	free(shares);
}

static struct entry *
find_entry(struct entry *table, size_t size, const char *key)
{
	size_t at = ww_hash_u64(key, strlen(key)) & (size - 1);

	while (table[at].key[0] != '\0' && strcmp(table[at].key, key) != 0)
		at = (at + 1) & (size - 1);
	return &table[at];
}

void *
ww_shares_find(const struct ww_shares *shares, const char *key)
{
	return find_entry(shares->table, shares->size, key)->value;
}

static void
grow(struct ww_shares *shares)
{
	struct entry *table = ww_alloc(2 * shares->size * sizeof *table);
	size_t i;

	for (i = 0; i < shares->size; i++)
		if (shares->table[i].key[0] != '\0')
			*find_entry(table, 2 * shares->size,
			            shares->table[i].key) = shares->table[i];
	free(shares->table);
	shares->table = table;
	shares->size *= 2;
}

void
ww_shares_put(struct ww_shares *shares, const char key[WW_HASH_TEXT],
              void *value)
{
	struct entry *entry;

	if (2 * (shares->used + 1) > shares->size)
		grow(shares);
	entry = find_entry(shares->table, shares->size, key);
	if (entry->key[0] == '\0') {
		memcpy(entry->key, key, WW_HASH_TEXT);
		shares->used++;
	}
	entry->value = value;
}
