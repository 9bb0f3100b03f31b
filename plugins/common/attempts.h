/* SPDX-License-Identifier: MIT
 *
 * A request that is sent again without what the server refused: the loop that
 * every HTTP provider's generate() is.
 */
#ifndef WW_PLUGINS_ATTEMPTS_H
#define WW_PLUGINS_ATTEMPTS_H

#include "plugins/common/answer.h"

/* How a provider sends once, and what it learns from a refusal. */
struct attempts {
	/* Writes the name of a refused field into `parameter`, or "". */
	ww_status (*send)(void *self, struct ww_call *call,
	                  const struct ww_chat_request *request,
	                  struct ww_chat_sink *sink, struct ww_chat_reply *reply,
	                  char parameter[128]);
	/* Leaves the field out, or spells it differently, from now on; 0: there
	 * is nothing (more) to change. */
	int (*give_way)(void *self, const char *parameter);
};

ww_status attempts_generate(const struct attempts *attempts,
                            const struct ww_host *host, void *self,
                            struct ww_call *call,
                            const struct ww_chat_request *request,
                            struct ww_chat_sink *sink,
                            struct ww_chat_reply *reply);

#endif
