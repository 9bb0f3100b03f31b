/* SPDX-License-Identifier: MIT
 *
 * One short use of an opened plugin of any kind, for tests that do not care what
 * it is.
 */
#ifndef WW_SDK_CHECK_USE_H
#define WW_SDK_CHECK_USE_H

#include "sdk/checker/host.h"

/* The space that a strategy is opened with here; null for other kinds. Lives as
 * long as the process. */
const struct ww_space *use_space(struct check *check);
/* Calls the slots that need nothing but an instance. The status is that of the
 * last one that failed, else WW_OK. */
ww_status use_plugin(struct host *host);

/* As much of it as there is without a device: a recorded answer, a search, a
 * build of the sample task. The same every time. */
ww_status use_thoroughly(struct host *host);

/* The same with a stream, a sink or a compiler that takes its time: half a
 * minute, unless it is cancelled meanwhile. */
ww_status use_slowly(struct host *host);

/* A text sink that counts and keeps nothing but the first bytes. */
struct use_text {
	struct ww_text_sink face; /* first member */
	uint64_t length;
	char bytes[4096];
};
void use_text_start(struct use_text *text);

#endif
