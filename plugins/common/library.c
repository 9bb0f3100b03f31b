/* SPDX-License-Identifier: MIT */
#include "plugins/common/library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

ww_status
ww_library_open(struct ww_call *call, const char *const *names, void **library)
{
	char tried[768];
	size_t used = 0;
	size_t i;

	*library = NULL;
	for (i = 0; names[i] != NULL; i++) {
		const char *why;

		*library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
		if (*library != NULL)
			return WW_OK;
		why = dlerror();
		if (used < sizeof tried)
			used += (size_t)snprintf(
				tried + used, sizeof tried - used, "%s%s",
				i > 0 ? "; " : "",
				why != NULL ? why : names[i]);
	}
	return ww_fail(call, WW_E_UNAVAILABLE, "no library could be opened: %s",
	               i > 0 ? tried : "none was named");
}

ww_status
ww_library_symbols(struct ww_call *call, void *library, const char *name,
                   const struct ww_symbol *symbols, size_t n, void *table)
{
	size_t i;

	for (i = 0; i < n; i++) {
		void *address = dlsym(library, symbols[i].name);

		if (address == NULL && !symbols[i].optional)
			return ww_fail(call, WW_E_UNAVAILABLE,
			               "%s has no function %s; its version "
			               "may be too old",
			               name, symbols[i].name);
		/* POSIX lets a function's address be held in a void *. */
		memcpy((char *)table + symbols[i].offset, &address,
		       sizeof address);
	}
	return WW_OK;
}

void
ww_library_close(void *library)
{
	if (library != NULL)
		dlclose(library);
}
