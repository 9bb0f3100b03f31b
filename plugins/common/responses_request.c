/* SPDX-License-Identifier: MIT */
#include "plugins/common/chat_fields.h"
#include "plugins/common/post.h"
#include "plugins/common/responses.h"

static void
put_below(struct json_object *body, const char *section, const char *name,
          struct json_object *value)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, name, value);
	json_object_object_add(body, section, object);
}

char *
responses_body(const struct chat_target *target,
               const struct ww_chat_request *request, const char *model)
{
	struct json_object *body = json_object_new_object();
	struct json_object *format = chat_format(target, request, NULL);

	post_put(body, "model", model);
	json_object_object_add(body, "input", chat_messages(target, request));
	chat_limits(target, request,
	            target->limit != LIMIT_NONE ? "max_output_tokens" : NULL,
	            body);
	if (request->effort != NULL && !target->no_effort)
		put_below(body, "reasoning", "effort",
		          json_object_new_string(request->effort));
	if (format != NULL)
		put_below(body, "text", "format", format);
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
