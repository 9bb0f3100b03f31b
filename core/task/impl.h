/* SPDX-License-Identifier: MIT
 *
 * What is behind struct ww_task; only for the files of this folder.
 */
#ifndef WW_CORE_TASK_IMPL_H
#define WW_CORE_TASK_IMPL_H

#include <math.h>

#include "core/task/reader.h"

struct ww_launch_formulas {
	unsigned dimensions; /* 0: no geometry */
	struct ww_formula *grid[3];
	struct ww_formula *block[3];
	struct ww_formula *cluster[3];
	struct ww_formula *shared_bytes;
};

struct ww_task_impl {
	char **kept; /* strings of the task */
	size_t n_kept;
	size_t kept_capacity;
	struct ww_task_size *sizes;
	struct ww_value *size_values;  /* kept */
	const char **options;
	const char **reference_options;
	struct ww_launch_formulas launch;
	struct ww_formula *flops;
	struct ww_formula *bytes;
};

/* Raw memory that lives as long as the task. */
void *ww_task_keep_bytes(struct ww_task *task, size_t bytes);

#endif
