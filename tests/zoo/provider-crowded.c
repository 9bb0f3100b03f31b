/* SPDX-License-Identifier: MIT
 *
 * Says that it takes several callers at once, and has room for one.
 */
#include <stdlib.h>
#include <time.h>

#include "warpwright/plugin.h"

static volatile int zoo_inside;

static ww_status
zoo_squeeze(struct ww_call *call, void *self,
            const struct ww_chat_request *request, struct ww_chat_sink *sink,
            struct ww_chat_reply *reply)
{
	const struct timespec nap = { 0, 20000000 };

	(void)self;
	(void)request;
	(void)sink;
	(void)reply;
	if (zoo_inside)
		abort();
	zoo_inside = 1;
	nanosleep(&nap, NULL);
	zoo_inside = 0;
	return ww_fail(call, WW_E_UNAVAILABLE, "animals do not talk");
}

#define ZOO_NAME "crowded"
#define ZOO_THREADS WW_THREADS_FREE
#define ZOO_GENERATE zoo_squeeze
#include "tests/zoo/provider.h"
