/* SPDX-License-Identifier: MIT
 *
 * Growing bytes for providers: bounded, and a failed allocation is remembered
 * instead of checked at every step.
 */
#ifndef WW_PLUGINS_BYTES_H
#define WW_PLUGINS_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
	char *text; /* NUL-terminated, or null while empty */
	size_t length;
	size_t room;
	int failed; /* out of memory or over the limit: text is incomplete */
};

#define BYTES_LIMIT ((size_t)32 << 20)

void bytes_add(struct bytes *bytes, const char *more, size_t length);
void bytes_add_text(struct bytes *bytes, const char *text);
void bytes_clear(struct bytes *bytes); /* keeps the memory */
void bytes_free(struct bytes *bytes);
/* Never null. */
const char *bytes_text(const struct bytes *bytes);

#endif
