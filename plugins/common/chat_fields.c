/* SPDX-License-Identifier: MIT */
#include "plugins/common/chat_fields.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plugins/common/post.h"

static struct json_object *
write_message(const struct chat_target *target,
              const struct ww_message *message)
{
	struct json_object *item = json_object_new_object();

	post_put(item, "role",
	         strcmp(message->role, "system") == 0 ? target->system_role
	                                              : message->role);
	json_object_object_add(
		item, "content",
		json_object_new_string_len(message->text,
	                                   (int)message->length));
	return item;
}

struct json_object *
chat_messages(const struct chat_target *target,
              const struct ww_chat_request *request)
{
	struct json_object *list = json_object_new_array();
	uint64_t i;

	for (i = 0; i < request->n_messages; i++)
		json_object_array_add(list,
		                      write_message(target,
		                                    &request->messages[i]));
	return list;
}

void
chat_limits(const struct chat_target *target,
            const struct ww_chat_request *request, const char *limit,
            struct json_object *body)
{
	if (limit != NULL && request->max_output_tokens > 0)
		json_object_object_add(
			body, limit,
			json_object_new_int64(request->max_output_tokens +
		                              target->reasoning_room));
	if (!isnan(request->temperature) && !target->no_temperature)
		json_object_object_add(
			body, "temperature",
			json_object_new_double(request->temperature));
}

struct json_object *
chat_format(const struct chat_target *target,
            const struct ww_chat_request *request, const char *below)
{
	struct json_object *format, *named, *schema;

	if (request->schema == NULL || target->structured == STRUCTURED_NONE)
		return NULL;
	format = json_object_new_object();
	schema = parse_json(request->schema, strlen(request->schema));
	if (target->structured == STRUCTURED_OBJECT || schema == NULL) {
		post_put(format, "type", "json_object");
		json_object_put(schema);
		return format;
	}
	post_put(format, "type", "json_schema");
	named = below != NULL ? json_object_new_object() : format;
	post_put(named, "name",
	         request->schema_name != NULL ? request->schema_name
	                                      : "answer");
	json_object_object_add(named, "schema", schema);
	json_object_object_add(named, "strict", json_object_new_boolean(1));
	if (below != NULL)
		json_object_object_add(format, below, named);
	return format;
}

/* Of the first message's text (FNV-1a), so that all rounds of all sessions with
 * the same beginning share a cache. */
void
chat_cache_key(const struct chat_target *target,
               const struct ww_chat_request *request, struct json_object *body)
{
	const struct ww_message *first = &request->messages[0];
	uint64_t hash = UINT64_C(14695981039346656037);
	char key[40];
	uint64_t i;

	if (target->no_cache_key)
		return;
	if (target->cache_key != NULL) {
		post_put(body, "prompt_cache_key", target->cache_key);
		return;
	}
	if (!target->official || (first->flags & WW_MESSAGE_STABLE) == 0)
		return;
	for (i = 0; i < first->length; i++)
		hash = (hash ^ (unsigned char)first->text[i]) *
		       UINT64_C(1099511628211);
	snprintf(key, sizeof key, "warpwright-%016llx",
	         (unsigned long long)hash);
	post_put(body, "prompt_cache_key", key);
}
