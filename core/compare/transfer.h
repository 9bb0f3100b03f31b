/* SPDX-License-Identifier: MIT
 *
 * Recordings of the same kernel from elsewhere, as what a search starts from.
 */
#ifndef WW_CORE_TRANSFER_H
#define WW_CORE_TRANSFER_H

#include "core/compare/replay.h"
#include "core/engine/portfolio.h"

struct ww_transfer_plan {
	const char *paths; /* of recordings, comma-separated */
	struct ww_task *const *tasks;
	size_t n_tasks;
	const struct ww_settings *settings;
	const struct ww_registry *registry;
};

/* One portfolio a task, of what the recordings of the same kernel say about
 * configurations that the task's space has too. A recording of the task itself
 * (the same file) is left out. The caller frees them also after an error. */
ww_status ww_transfer(const struct ww_transfer_plan *plan,
                      struct ww_portfolio **portfolios,
                      struct ww_error *error);

#endif
