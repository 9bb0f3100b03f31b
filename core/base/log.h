/* SPDX-License-Identifier: MIT
 *
 * The program's log on stderr: one line a message, level and origin first.
 * Secrets registered here are masked in every line.
 */
#ifndef WW_CORE_LOG_H
#define WW_CORE_LOG_H

#include "warpwright/host.h"

/* Messages above this level are dropped; WW_LOG_WARNING at start. */
void ww_log_set_level(int32_t level);
int32_t ww_log_level(void);

/* `origin` is a module or plugin name. Thread-safe. */
void ww_log_line(int32_t level, const char *origin, const char *text);
void ww_logf(int32_t level, const char *origin, const char *format, ...)
	WW_PRINTF(3, 4);

/* A function that runs before and after a line is written, so that a progress
 * line can be taken off the terminal; null: none. */
void ww_log_set_curtain(void (*curtain)(int drawn, void *context),
                        void *context);

/* From now on `secret` (6 bytes or more) is shown as "[redacted]" by
 * ww_redact() and by every log line. Copied; thread-safe. */
void ww_secret_register(const char *secret);
/* Masks registered secrets and anything that looks like a key
 * ("Bearer …", "sk-…") in place. */
void ww_redact(char *text);
/* The same into a fresh string that may hold NUL bytes; *length is updated. */
char *ww_redact_copy(const char *bytes, size_t *length);

#endif
