/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/json.h"
#include "core/base/log.h"
#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/model/service_internal.h"

#define LARGEST_ANSWER ((size_t)64 << 20)

void
ww_answer_cache_key(const struct ww_model_provider *provider,
                    const struct ww_chat_request *request, char key[33])
{
	struct json_object *options = ww_options_json(provider->options);
	struct ww_hash *hash = ww_hash_new();
	uint64_t i;

	ww_hash_text(hash, provider->plugin->name);
	ww_hash_text(hash, provider->plugin->version);
	/* Address, model and every switch; secrets by their names only. */
	ww_hash_text(hash, ww_json_text(options));
	ww_hash_text(hash, request->model);
	ww_hash_text(hash, request->schema);
	ww_hash_text(hash, request->effort);
	ww_hash_bytes(hash, &request->temperature, sizeof request->temperature);
	for (i = 0; i < request->n_messages; i++) {
		ww_hash_text(hash, request->messages[i].role);
		ww_hash_bytes(hash, request->messages[i].text,
		              (size_t)request->messages[i].length);
	}
	ww_hash_finish(hash, key);
	json_object_put(options);
}

static char *
answer_path(const char *key)
{
	char *cache = ww_path_cache();
	char *path = ww_text("%s/answers/%s.json", cache, key);

	free(cache);
	return path;
}

bool
ww_answer_cache_read(const char *key, struct ww_chat_sink *sink,
                     struct ww_chat_reply *reply)
{
	char *path = answer_path(key);
	struct json_object *stored = NULL;
	const char *text;
	char *bytes = NULL;
	size_t length;
	bool found = false;

	if (ww_file_read(path, LARGEST_ANSWER, &bytes, &length, NULL) == WW_OK &&
	    ww_json_parse(bytes, length, path, 0, &stored, NULL) == WW_OK) {
		text = ww_json_string(stored, "answer", NULL);
		found = text != NULL;
		if (found) {
			reply->finish = WW_FINISH_COMPLETE;
			reply->cost = 0;
			reply->input_tokens = reply->output_tokens = 0;
			snprintf(reply->model, sizeof reply->model, "%s",
			         ww_json_string(stored, "model", ""));
			sink->text(sink, text, strlen(text));
		}
	}
	json_object_put(stored);
	free(bytes);
	free(path);
	return found;
}

void
ww_answer_cache_write(const char *key, const struct ww_answer_text *answer,
                      const struct ww_chat_reply *reply)
{
	char *path = answer_path(key);
	char *folder = ww_path_folder(path);
	struct json_object *stored = json_object_new_object();
	struct ww_error error;
	const char *text;
	size_t length = answer->length;
	char *clean = ww_redact_copy(
		answer->bytes != NULL ? answer->bytes : "", &length);

	ww_json_put_string(stored, "answer", clean);
	free(clean);
	ww_json_put_string(stored, "model", reply->model);
	text = ww_json_text(stored);
	if (ww_path_create(folder, &error) != WW_OK ||
	    ww_file_write(path, text, strlen(text), &error) != WW_OK)
		ww_logf(WW_LOG_WARNING, "model", "answer not cached: %s",
		        error.text);
	json_object_put(stored);
	free(folder);
	free(path);
}
