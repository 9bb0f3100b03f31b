/* SPDX-License-Identifier: MIT
 *
 * Lines that a program writes, as they come: nothing waits for the end of the
 * stream, and a line of any length takes bounded memory.
 */
#ifndef WW_CORE_CLI_LINES_H
#define WW_CORE_CLI_LINES_H

#include <stdbool.h>
#include <stddef.h>

#define WW_LONGEST_LINE ((size_t)4 << 20)

struct ww_lines {
	int fd;
	char *bytes;
	size_t length, room;
	size_t taken;    /* bytes of lines that were handed out */
	unsigned number; /* of the last line handed out, from 1 */
	bool cut;        /* the last line handed out was too long: its rest is
	                  * left out */
	bool skipping;
	bool ended;      /* nothing more will be read */
};

void ww_lines_open(struct ww_lines *lines, int fd);
/* The next whole line without its end, or null if there is none yet; stays until
 * the next call. */
char *ww_lines_next(struct ww_lines *lines);
/* Reads what is there; waits if nothing is. */
void ww_lines_read(struct ww_lines *lines);
void ww_lines_close(struct ww_lines *lines);

#endif
