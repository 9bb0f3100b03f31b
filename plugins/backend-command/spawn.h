/* SPDX-License-Identifier: MIT
 *
 * Starting the far side: a program with three pipes in our process group.
 */
#ifndef WW_COMMAND_SPAWN_H
#define WW_COMMAND_SPAWN_H

#include <sys/types.h>

#include "warpwright/plugin.h"

/* Our ends of the pipes are non-blocking; on failure nothing is left behind.
 * WW_E_UNAVAILABLE: there is no such program. */
ww_status spawn_program(struct ww_call *call, const char *const *argv,
                        pid_t *pid, int *in, int *out, int *err);

#endif
