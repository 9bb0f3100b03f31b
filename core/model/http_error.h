/* SPDX-License-Identifier: MIT
 *
 * From an error response to a class and a message. One tolerant parser for the
 * body shapes of all known services, one table from their words to our classes.
 */
#ifndef WW_CORE_HTTP_ERROR_H
#define WW_CORE_HTTP_ERROR_H

#include "core/base/error.h"

struct ww_http_fault {
	ww_status status;       /* never WW_OK */
	char message[900];      /* printable, no secrets, with what to do */
	char parameter[128];    /* refused field, or "" */
	int64_t retry_after_ns; /* as the body says, or -1 */
};

/* `http_status` 0: not an HTTP response but one frame of a stream. */
void ww_http_fault_parse(int http_status, const char *body, size_t length,
                         struct ww_http_fault *fault);

#endif
