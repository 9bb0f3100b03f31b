/* SPDX-License-Identifier: MIT
 *
 * A command line that grows. Running out of memory is remembered and asked for
 * once, at the end.
 */
#ifndef WW_BACKEND_CPU_ARGV_H
#define WW_BACKEND_CPU_ARGV_H

#include <stddef.h>

#include "warpwright/abi.h"

struct argv {
	char **items; /* null-terminated */
	size_t n, space;
	int failed;
};

void argv_add(struct argv *argv, const char *format, ...) WW_PRINTF(2, 3);
void argv_add_all(struct argv *argv, const char *const *items);
void argv_free(struct argv *argv);

#endif
