/* SPDX-License-Identifier: MIT
 *
 * An error: a status of abi.h and one line of text that says what failed, on
 * which object, why, and what to do. The first function that knows the cause
 * writes it; callers may put a prefix before it and never replace it.
 */
#ifndef WW_CORE_ERROR_H
#define WW_CORE_ERROR_H

#include "warpwright/abi.h"

#define WW_ERROR_TEXT 2048

struct ww_error {
	ww_status status;
	char text[WW_ERROR_TEXT];
};

/* Writes status and text and returns the status. `error` may be null. */
ww_status ww_error_set(struct ww_error *error, ww_status status,
                       const char *format, ...) WW_PRINTF(3, 4);

/* Puts a prefix before the text and returns the status. */
ww_status ww_error_prefix(struct ww_error *error, const char *format, ...)
	WW_PRINTF(2, 3);

/* Stable lower-case name of a status: "ok", "auth", "wrong_result", … */
const char *ww_status_name(ww_status status);

/* Stable lower-case name of a trial's outcome (WW_TRIAL_…): "ok",
 * "compile_error", … and back; WW_TRIAL_N_CLASSES if unknown. */
const char *ww_outcome_name(uint32_t outcome);
uint32_t ww_outcome_parse(const char *name);

#endif
