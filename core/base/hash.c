/* SPDX-License-Identifier: MIT */
#include "core/base/hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct ww_hash {
	XXH3_state_t *state;
};

struct ww_hash *
ww_hash_new(void)
{
	struct ww_hash *hash = malloc(sizeof *hash);

	if (hash == NULL || (hash->state = XXH3_createState()) == NULL)
		abort();
	XXH3_128bits_reset(hash->state);
	return hash;
}

void
ww_hash_bytes(struct ww_hash *hash, const void *bytes, size_t length)
{
	uint64_t prefix = length;

	XXH3_128bits_update(hash->state, &prefix, sizeof prefix);
	if (length > 0)
		XXH3_128bits_update(hash->state, bytes, length);
}

void
ww_hash_text(struct ww_hash *hash, const char *text)
{
	ww_hash_bytes(hash, text, text == NULL ? 0 : strlen(text));
}

static void
write_name(XXH128_hash_t value, char name[WW_HASH_TEXT])
{
	snprintf(name, WW_HASH_TEXT, "%016llx%016llx",
	         (unsigned long long)value.high64,
	         (unsigned long long)value.low64);
}

void
ww_hash_finish(struct ww_hash *hash, char name[WW_HASH_TEXT])
{
	write_name(XXH3_128bits_digest(hash->state), name);
	XXH3_freeState(hash->state);
	free(hash);
}

void
ww_hash_of(const void *bytes, size_t length, char name[WW_HASH_TEXT])
{
	write_name(XXH3_128bits(bytes, length), name);
}

uint64_t
ww_hash_u64(const void *bytes, size_t length)
{
	return XXH3_64bits(bytes, length);
}
