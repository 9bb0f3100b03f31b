/* SPDX-License-Identifier: MIT
 *
 * The folder that the workers of a session put their temporary files into. It
 * goes with the session; those of sessions that were killed go with the next one.
 */
#ifndef WW_CORE_SCRATCH_H
#define WW_CORE_SCRATCH_H

#include "core/base/error.h"

struct ww_scratch {
	char *folder; /* null: none */
	int lock;     /* on the folder, while its session lives */
};

/* Makes a fresh one in `cache`, which exists, and clears away what is left of
 * others. */
ww_status ww_scratch_make(struct ww_scratch *scratch, const char *cache,
                          struct ww_error *error);
void ww_scratch_remove(struct ww_scratch *scratch);

#endif
