/* SPDX-License-Identifier: MIT
 *
 * Drivers and run-time compilers are never linked: they are opened by their
 * versioned names when they are needed, and their functions go into a table. So
 * one build serves machines with and without them.
 */
#ifndef WW_PLUGINS_LIBRARY_H
#define WW_PLUGINS_LIBRARY_H

#include "warpwright/plugin.h"

/* One function of a library and where its address goes in the table. */
struct ww_symbol {
	const char *name;
	size_t offset;     /* offsetof(struct table, member) */
	int optional;      /* 1: stays null if the library lacks it */
};

/* Opens the first of `names` (null-terminated; a name with a slash is a path)
 * that exists. WW_E_UNAVAILABLE with everything that was tried. */
ww_status ww_library_open(struct ww_call *call, const char *const *names,
                          void **library);
/* Fills the table; WW_E_UNAVAILABLE names the first function that is missing. */
ww_status ww_library_symbols(struct ww_call *call, void *library,
                             const char *name, const struct ww_symbol *symbols,
                             size_t n, void *table);
void ww_library_close(void *library); /* null is fine */

#endif
