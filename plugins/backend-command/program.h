/* SPDX-License-Identifier: MIT
 *
 * A program with which lines are exchanged: one line there, one line back. Owns
 * the process, its three pipes and what has been read and not yet taken. It
 * stays in our process group, so that whoever ends this worker ends it too.
 */
#ifndef WW_COMMAND_PROGRAM_H
#define WW_COMMAND_PROGRAM_H

#include <stddef.h>
#include <sys/types.h>

#include "warpwright/plugin.h"

/* A longer line is a fault of the program. */
#define PROGRAM_LONGEST_LINE ((size_t)4 << 20)

struct program {
	const struct ww_log *log; /* takes what it writes to stderr; or null */
	pid_t pid;                /* 0: not running */
	pid_t owner;              /* the process that started it */
	int in, out, err;         /* our ends, non-blocking; -1: closed */
	char *text;               /* read from stdout, not yet taken */
	size_t length, room;
	size_t scanned;           /* so much of it holds no end of a line */
	char words[1024];         /* the current line of stderr */
	size_t n_words;
	char last[1024];          /* the last full one that says something */
};

ww_status program_start(struct program *program, struct ww_call *call,
                        const char *const *argv);
/* Sends `length` bytes, which end in a newline, and waits for one line, which is
 * the caller's to free. WW_E_CRASH: the program ended; WW_E_FORMAT: what it
 * wrote is no answer; WW_E_TIMEOUT: limit_ns (0: none) is over, time in which
 * this process was stopped left out; WW_E_CANCELLED. After an error the program
 * is gone. `what` names the request in messages. */
ww_status program_ask(struct program *program, struct ww_call *call,
                      const char *what, const char *bytes, size_t length,
                      int64_t limit_ns, char **line);
/* Closes its stdin, gives it `grace_ms` to end by itself, then ends it. */
void program_stop(struct program *program, int grace_ms);

#endif
