/* SPDX-License-Identifier: MIT
 *
 * The "responses" protocol, which the service that invented chat completions
 * offers in their place: what its answers mean, and how a request is written.
 */
#ifndef WW_PLUGINS_RESPONSES_H
#define WW_PLUGINS_RESPONSES_H

#include "plugins/common/chat_completions.h"

extern const struct codec responses_codec;

/* The request's body, to be freed; null without memory. */
char *responses_body(const struct chat_target *target,
                     const struct ww_chat_request *request, const char *model);

#endif
