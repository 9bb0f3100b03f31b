/* SPDX-License-Identifier: MIT
 *
 * One question to a provider, and everything that came back.
 */
#ifndef WW_SDK_CHECK_PROVIDER_H
#define WW_SDK_CHECK_PROVIDER_H

#include "sdk/checker/host.h"

struct provider_reply {
	struct ww_chat_sink sink; /* first member */
	struct ww_chat_reply reply;
	ww_status status;
	char *text;
	size_t length;
	size_t reasoning;      /* bytes of it */
	size_t stop_after;     /* the sink has enough after that; 0: never */
	unsigned after_stop;   /* pieces that came nevertheless */
	int stopped;
};

/* Asks for a small JSON answer. */
ww_status provider_ask(struct host *host, struct provider_reply *reply);
ww_status provider_ask_until(struct host *host, struct provider_reply *reply,
                             size_t stop_after);
void provider_reply_clear(struct provider_reply *reply);

#endif
