/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <string.h>

#include "plugins/common/post.h"
#include "plugins/common/responses.h"

static struct json_object *
write_input(const struct chat_target *target,
            const struct ww_chat_request *request)
{
	struct json_object *list = json_object_new_array();
	uint64_t i;

	for (i = 0; i < request->n_messages; i++)
		json_object_array_add(list,
		                      chat_message(target,
		                                   &request->messages[i]));
	return list;
}

/* Name and schema stand beside the type here, not one level below it. */
static void
write_format(const struct chat_target *target,
             const struct ww_chat_request *request, struct json_object *body)
{
	struct json_object *text, *format, *schema;

	if (request->schema == NULL || target->structured == STRUCTURED_NONE)
		return;
	format = json_object_new_object();
	schema = parse_json(request->schema, strlen(request->schema));
	if (target->structured == STRUCTURED_OBJECT || schema == NULL) {
		post_put(format, "type", "json_object");
		json_object_put(schema);
	} else {
		post_put(format, "type", "json_schema");
		post_put(format, "name",
		         request->schema_name != NULL ? request->schema_name
		                                      : "answer");
		json_object_object_add(format, "schema", schema);
		json_object_object_add(format, "strict",
		                       json_object_new_boolean(1));
	}
	text = json_object_new_object();
	json_object_object_add(text, "format", format);
	json_object_object_add(body, "text", text);
}

static void
write_choices(const struct chat_target *target,
              const struct ww_chat_request *request, struct json_object *body)
{
	struct json_object *reasoning;

	if (target->limit != LIMIT_NONE && request->max_output_tokens > 0)
		json_object_object_add(
			body, "max_output_tokens",
			json_object_new_int64(request->max_output_tokens +
		                              target->reasoning_room));
	if (!isnan(request->temperature) && !target->no_temperature)
		json_object_object_add(
			body, "temperature",
			json_object_new_double(request->temperature));
	if (request->effort != NULL && !target->no_effort) {
		reasoning = json_object_new_object();
		post_put(reasoning, "effort", request->effort);
		json_object_object_add(body, "reasoning", reasoning);
	}
}

char *
responses_body(const struct chat_target *target,
               const struct ww_chat_request *request, const char *model)
{
	struct json_object *body = json_object_new_object();

	post_put(body, "model", model);
	json_object_object_add(body, "input", write_input(target, request));
	write_choices(target, request, body);
	write_format(target, request, body);
	if (target->stream)
		json_object_object_add(body, "stream",
		                       json_object_new_boolean(1));
	/* Here storing is the default, also of servers that cannot. */
	if (!target->no_store)
		json_object_object_add(body, "store",
		                       json_object_new_boolean(0));
	if (!target->no_truncation)
		post_put(body, "truncation", "disabled");
	chat_cache_key(target, request, body);
	if (target->extra_body != NULL)
		post_merge(body, target->extra_body);
	return post_text(body);
}
