/* SPDX-License-Identifier: MIT
 *
 * The fields of a request that the "chat completions" and the "responses"
 * protocol write alike, or almost.
 */
#ifndef WW_PLUGINS_CHAT_FIELDS_H
#define WW_PLUGINS_CHAT_FIELDS_H

#include "plugins/common/chat_completions.h"

struct json_object *chat_messages(const struct chat_target *target,
                                  const struct ww_chat_request *request);
/* Adds the longest answer, under the name `limit` (null: none), and the
 * temperature. */
void chat_limits(const struct chat_target *target,
                 const struct ww_chat_request *request, const char *limit,
                 struct json_object *body);
/* The form that the answer is to have, or null. A schema stands one level below
 * the form's type, in the member `below`, or beside it if that is null. */
struct json_object *chat_format(const struct chat_target *target,
                                const struct ww_chat_request *request,
                                const char *below);
/* Adds the name under which the service caches the prompt's stable beginning:
 * requests of the same name meet the same cache. */
void chat_cache_key(const struct chat_target *target,
                    const struct ww_chat_request *request,
                    struct json_object *body);

#endif
