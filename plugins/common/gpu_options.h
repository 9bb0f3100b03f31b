/* SPDX-License-Identifier: MIT
 *
 * Command line of a run-time compiler: a growing list of option strings.
 */
#ifndef WW_PLUGINS_GPU_OPTIONS_H
#define WW_PLUGINS_GPU_OPTIONS_H

#include "warpwright/plugin.h"

struct gpu_options {
	char **list; /* null-terminated */
	int n;
	int failed;  /* out of memory */
};

void gpu_option_add(struct gpu_options *options, const char *format, ...)
	WW_PRINTF(2, 3);
/* -DNAME=value for every problem size and parameter, then -I for the kernel's
 * folder, then the task's own options. */
void gpu_options_standard(struct gpu_options *options,
                          const struct ww_kernel *kernel,
                          const struct ww_build *build);
void gpu_options_free(struct gpu_options *options);

/* A plain name can be looked up as it is if it is declared extern "C"; an entry
 * with template arguments needs the compiler's name expressions. */
int gpu_entry_is_expression(const char *entry);

#endif
