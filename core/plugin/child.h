/* SPDX-License-Identifier: MIT
 *
 * A program that was started for a plugin: its pipes, its folder, its process
 * group. Reading, writing and waiting are the business of process.c.
 */
#ifndef WW_CORE_PROGRAM_H
#define WW_CORE_PROGRAM_H

#include <sys/types.h>

#include "warpwright/host.h"

struct ww_program {
	pid_t pid;    /* also its process group, unless it joined ours */
	int joined;
	int input;    /* our ends of its pipes, non-blocking; -1: closed */
	int output;
	int errors;
	int handle;   /* readable once it has ended, or -1 */
	char *folder; /* temporary, removed at the end; or null */
};

/* On failure nothing is left behind and `call` knows why. `joined`: the program
 * stays in our process group. */
ww_status ww_program_start(struct ww_program *child, struct ww_call *call,
                           const struct ww_process_request *request,
                           int joined);
void ww_program_close(int *fd);
/* 1 once it has ended; it stays there for ww_program_reap(), so that its process
 * group cannot become somebody else's before it has been ended too. */
int ww_program_has_ended(const struct ww_program *child);
void ww_program_signal(const struct ww_program *child, int number);
/* Ends what is left of the group, takes the exit status, closes and removes. */
void ww_program_reap(struct ww_program *child, int32_t *exit_code,
                     int32_t *number);

#endif
