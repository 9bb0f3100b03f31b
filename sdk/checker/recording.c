/* SPDX-License-Identifier: MIT */
#include "sdk/checker/recording.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/paths.h"
#include "core/base/text.h"
#include "sdk/checker/provider.h"
#include "sdk/folder.h"

#define FILE_LIMIT ((size_t)64 << 20)

static void
add(struct recording *recording, struct json_object *exchange)
{
	struct json_object *request = ww_json_get(exchange, "request");
	struct json_object *response = ww_json_get(exchange, "response");
	const char *body = ww_json_string(response, "body", NULL);
	struct json_object *headers = ww_json_get(response, "headers");
	int64_t status = ww_json_int(response, "status", 0);

	if (body == NULL || status != 200)
		return;
	if (strcmp(ww_json_string(request, "method", "POST"), "GET") == 0) {
		if (recording->get_body == NULL)
			recording->get_body = body;
		return;
	}
	recording->answers = ww_grow(recording->answers,
	                             (recording->n + 1) *
	                                     sizeof *recording->answers);
	recording->answers[recording->n++] = (struct host_answer){
		.http_status = 200,
		.content_type = ww_json_string(headers, "content-type",
		                               "text/event-stream"),
		.body = body,
		.length = strlen(body),
	};
}

static void
add_all(struct recording *recording, struct json_object *value)
{
	size_t i;

	if (!json_object_is_type(value, json_type_array)) {
		add(recording, value);
		return;
	}
	for (i = 0; i < json_object_array_length(value); i++)
		add(recording, json_object_array_get_idx(value, i));
}

void
recording_read(struct check *check, const char *path,
               struct recording *recording)
{
	struct ww_error error = { 0 };
	struct json_object *value;
	char *text, *line, *rest = NULL;
	size_t length;

	memset(recording, 0, sizeof *recording);
	if (ww_file_read(path, FILE_LIMIT, &text, &length, &error) != WW_OK)
		check_fail(check, "%s", error.text);
	if (ww_json_parse(text, length, path, 0, &value, &error) == WW_OK) {
		add_all(recording, value);
	} else {
		for (line = strtok_r(text, "\n", &rest); line != NULL;
		     line = strtok_r(NULL, "\n", &rest)) {
			if (ww_json_parse(line, strlen(line), path, 0, &value,
			                  &error) != WW_OK)
				check_fail(check, "%s", error.text);
			add_all(recording, value);
		}
	}
	check_that(check, recording->n > 0,
	           "%s holds no POST that was answered with status 200", path);
}

/* Opens the provider, and leaves it open if it understands. */
static int
understands(struct host *host, struct recording *recording)
{
	struct provider_reply reply;
	int good;

	host->answer = recording->answers[0];
	host->get_body = recording->get_body;
	if (host_open(host, NULL) != WW_OK)
		return 0;
	good = provider_ask(host, &reply) == WW_OK && reply.length > 0 &&
	       host->exchanges > 0;
	provider_reply_clear(&reply);
	if (!good)
		host_close(host);
	return good;
}

static int
find(struct host *host, struct recording *recording)
{
	struct check *check = host->check;
	char *pattern;
	glob_t found;
	size_t i;
	int good = 0;

	if (check->request->recording != NULL) {
		recording_read(check, check->request->recording, recording);
		return understands(host, recording);
	}
	pattern = ww_sdk_path("recordings/*.json");
	if (glob(pattern, 0, NULL, &found) == 0) {
		for (i = 0; i < found.gl_pathc && !good; i++) {
			recording_read(check, found.gl_pathv[i], recording);
			good = understands(host, recording);
		}
		globfree(&found);
	}
	free(pattern);
	return good;
}

int
recording_find(struct host *host, struct recording *recording)
{
	int found = find(host, recording);

	host_close(host);
	return found;
}

void
recording_choose(struct host *host, struct recording *recording)
{
	struct check *check = host->check;

	host_must_open(host, NULL);
	host_close(host);
	if (find(host, recording))
		return;
	if (host->exchanges == 0)
		check_skip(check, "it makes no HTTP request");
	check_that(check, check->request->recording == NULL,
	           "it does not understand the recording: %s",
	           host->error.text);
	check_skip(check, "no recording of its protocol; --recording FILE "
	                  "gives one");
}
