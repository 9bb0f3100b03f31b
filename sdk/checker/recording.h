/* SPDX-License-Identifier: MIT
 *
 * Recorded exchanges: one JSON object, an array of them, or one a line, each as
 * the host records them (request, response {status, headers, body}).
 */
#ifndef WW_SDK_CHECK_RECORDING_H
#define WW_SDK_CHECK_RECORDING_H

#include "sdk/checker/host.h"

struct recording {
	struct host_answer *answers; /* of the POST requests that succeeded */
	size_t n;
	const char *get_body;        /* of the first GET, or null */
};

/* Reads a file; ends the test if it cannot be used. Kept for the life of the
 * process. */
void recording_read(struct check *check, const char *path,
                    struct recording *recording);
/* --recording, or the SDK's recording of the first protocol that the provider
 * understands; skips the test if there is none. Sets the host's get_body and
 * leaves the provider open. */
void recording_choose(struct host *host, struct recording *recording);
/* The same without opinions: 0 if there is none; the provider is closed. */
int recording_find(struct host *host, struct recording *recording);

#endif
