/* SPDX-License-Identifier: MIT
 *
 * `warpwright ask`: the lines that a program and the session exchange. ask.c
 * owns the command and what is written, ask_read.c what is read.
 */
#ifndef WW_CORE_CLI_ASK_H
#define WW_CORE_CLI_ASK_H

#include "core/cli/cli.h"
#include "core/cli/lines.h"
#include "core/engine/session.h"

struct ww_ask {
	struct ww_cli *cli;
	const struct ww_task *task;
	struct ww_lines lines;
	char session[40];
	char strategy[64];
	char model[128];
	uint64_t n_trials;
};

/* Runs a session whose trials the program at the other end of standard input and
 * output measures; request->far and ->observer are set here. Returns the exit
 * code. */
int ww_ask_run(struct ww_cli *cli, struct ww_session_request *request,
               const char *device);

/* ask_read.c: acts on one line of the program. */
void ww_ask_line(struct ww_ask *ask, struct ww_desk *desk, char *line);

/* {"error":{"text":…,"line":n}}; 0: it is about no line. */
void ww_ask_error(const char *text, unsigned line);
void ww_ask_describe(struct ww_ask *ask);
void ww_ask_best(struct ww_ask *ask, struct ww_desk *desk);

#endif
