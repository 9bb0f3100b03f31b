/* SPDX-License-Identifier: MIT
 *
 * How many tokens calls of a model used. Command-line clients and some servers
 * do not count; what they leave out is estimated from the length of the texts,
 * so that a limit on tokens holds with every provider.
 */
#ifndef WW_CORE_TOKENS_H
#define WW_CORE_TOKENS_H

#include <stdbool.h>

#include "core/store/store.h"
#include "warpwright/provider.h"

/* English and JSON need one in three to five. */
#define WW_CHARACTERS_A_TOKEN 4

struct ww_tokens {
	int64_t input, output;
	bool estimated; /* at least one of the calls was not counted */
};

/* Adds one attempt. One that brought no answer and no count used nothing. */
void ww_tokens_add_reply(struct ww_tokens *sum,
                         const struct ww_chat_request *request,
                         const char *answer,
                         const struct ww_chat_reply *reply);
/* Adds one call as it is stored. */
void ww_tokens_add_call(struct ww_tokens *sum,
                        const struct ww_model_call *call);

#endif
