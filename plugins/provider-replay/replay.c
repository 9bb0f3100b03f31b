/* SPDX-License-Identifier: MIT
 *
 * Provider replay: answers from the recording of an earlier session
 * (`warpwright session export ID --recording FILE`). A recorded exchange runs
 * through the same codec as when it was live; where there is none, the stored
 * answer is used.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/common/chat_completions.h"
#include "plugins/common/chat_lines.h"
#include "plugins/common/messages.h"
#include "plugins/common/responses.h"

#define LARGEST_FILE ((off_t)256 << 20)
#define VERSION 1

struct replay {
	const struct ww_host *host;
	const char *file;
	int strict;
	int raw;                   /* play exchanges where there are any */
	struct json_object *root;  /* null until the first request */
	struct json_object *calls; /* borrowed from root */
	size_t next;
};

static ww_status
replay_open(struct ww_call *call, const struct ww_host *host, void **self)
{
	const struct ww_options *options = host->options;
	struct replay *replay = calloc(1, sizeof *replay);
	const char *play;

	if (replay == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	replay->host = host;
	replay->file = options->string(options, "file");
	replay->strict = options->boolean(options, "strict");
	play = options->string(options, "play");
	replay->raw = play != NULL && strcmp(play, "exchanges") == 0;
	*self = replay;
	return WW_OK;
}

static void
replay_close(void *self)
{
	struct replay *replay = self;

	json_object_put(replay->root);
	free(replay);
}

static uint64_t
replay_capabilities(void *self)
{
	(void)self;
	return WW_PROVIDER_REPLAYS | WW_PROVIDER_SCHEMA | WW_PROVIDER_STREAMS;
}

static ww_status
replay_probe(struct ww_call *call, void *self, struct ww_provider_probe *probe)
{
	const struct replay *replay = self;

	(void)call;
	/* Old answers are never given unless asked for. */
	probe->rank = -1;
	probe->present = replay->file != NULL && access(replay->file, R_OK) == 0;
	snprintf(probe->reason, sizeof probe->reason, "%.200s",
	         replay->file != NULL ? replay->file
	                              : "provider.replay.file is not set");
	return WW_OK;
}

/* ----------------------------------------------------------- the recording */

static char *
read_all(struct ww_call *call, const char *path, size_t *length)
{
	struct stat about;
	char *text = NULL;
	ssize_t got = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	*length = 0;
	if (fd < 0 || fstat(fd, &about) != 0) {
		ww_fail(call, WW_E_OPTION, "cannot open recording %s: %s", path,
		        strerror(errno));
	} else if (!S_ISREG(about.st_mode) || about.st_size > LARGEST_FILE) {
		ww_fail(call, WW_E_OPTION,
		        "recording %s is no file of at most 256 MiB", path);
	} else {
		text = calloc(1, (size_t)about.st_size + 1);
	}
	while (text != NULL && *length < (size_t)about.st_size &&
	       (got = read(fd, text + *length,
	                   (size_t)about.st_size - *length)) > 0)
		*length += (size_t)got;
	if (fd >= 0)
		close(fd);
	return text;
}

static ww_status
load(struct replay *replay, struct ww_call *call)
{
	size_t length;
	char *text;

	if (replay->root != NULL)
		return WW_OK;
	if (replay->file == NULL)
		return ww_fail(call, WW_E_OPTION,
		               "no recording is named; set provider.replay.file");
	text = read_all(call, replay->file, &length);
	if (text == NULL)
		return WW_E_OPTION;
	replay->root = parse_json(text, length);
	free(text);
	replay->calls = member(replay->root, "calls");
	if (json_object_is_type(replay->calls, json_type_array) &&
	    member_count(replay->root, "version") == VERSION)
		return WW_OK;
	json_object_put(replay->root);
	replay->root = NULL;
	return ww_fail(call, WW_E_OPTION,
	               "%s is no recording of model calls of version %d; write "
	               "one with 'warpwright session export ID --recording "
	               "FILE'", replay->file, VERSION);
}

/* ---------------------------------------------------------------- matching */

/* Where the prompt differs from the recorded one, in words; 0 if it does not. */
static int
differs(struct json_object *recorded, const struct ww_chat_request *request,
        char *words, size_t size)
{
	uint64_t i;

	if (!json_object_is_type(recorded, json_type_array) ||
	    json_object_array_length(recorded) != request->n_messages) {
		snprintf(words, size, "it has another number of messages");
		return 1;
	}
	for (i = 0; i < request->n_messages; i++) {
		const struct ww_message *now = &request->messages[i];
		struct json_object *then = element(recorded, (size_t)i);
		const char *text = member_text(then, "content");
		size_t at = 0;

		while (at < now->length && text[at] == now->text[at] &&
		       text[at] != '\0')
			at++;
		if (strcmp(member_text(then, "role"), now->role) == 0 &&
		    at == now->length && text[at] == '\0')
			continue;
		snprintf(words, size,
		         "the %.20s message differs from byte %zu on: recorded "
		         "\"%.40s\", now \"%.*s\"", now->role, at, text + at,
		         (int)(now->length - at < 40 ? now->length - at : 40),
		         now->text + at);
		return 1;
	}
	return 0;
}

static const struct {
	const char *outcome;
	ww_status status;
} outcomes[] = {
	{ "ok", WW_OK },
	{ "truncated", WW_OK },
	{ "refusal", WW_OK },
	{ "filter", WW_OK },
	{ "auth", WW_E_AUTH },
	{ "billing", WW_E_BILLING },
	{ "rate", WW_E_RATE },
	{ "overloaded", WW_E_OVERLOADED },
	{ "server", WW_E_SERVER },
	{ "transport", WW_E_TRANSPORT },
	{ "timeout", WW_E_TRANSPORT },
	{ "context", WW_E_CONTEXT },
	{ "parameter", WW_E_PARAMETER },
	{ "request", WW_E_REQUEST },
	{ "format", WW_E_FORMAT },
};

static ww_status
status_of(const char *outcome)
{
	size_t i;

	for (i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++)
		if (strcmp(outcomes[i].outcome, outcome) == 0)
			return outcomes[i].status;
	return WW_E_UNAVAILABLE;
}

/* A failure that another provider or attempt then mended is not played. */
static int
is_mended(const struct replay *replay, struct json_object *entry)
{
	struct json_object *after = element(replay->calls, replay->next);

	return status_of(member_text(entry, "outcome")) != WW_OK &&
	       member_text(entry, "answer")[0] == '\0' && after != NULL &&
	       json_object_equal(member(entry, "prompt"),
	                         member(after, "prompt"));
}

static ww_status
find_entry(struct replay *replay, struct ww_call *call,
           const struct ww_chat_request *request, struct json_object **entry)
{
	size_t n = json_object_array_length(replay->calls);
	char words[300];

	do {
		if (replay->next >= n)
			return ww_fail(call, WW_E_UNAVAILABLE,
			               "all %zu calls of recording %s are used",
			               n, replay->file);
		*entry = element(replay->calls, replay->next++);
	} while (is_mended(replay, *entry));
	if (!differs(member(*entry, "prompt"), request, words, sizeof words))
		return WW_OK;
	if (replay->strict)
		return ww_fail(call, WW_E_REQUEST,
		               "call %zu of recording %s answers another "
		               "prompt: %s; with provider.replay.strict false "
		               "it is used all the same", replay->next,
		               replay->file, words);
	ww_log_message(replay->host->log, WW_LOG_WARNING,
	       "call %zu of the recording answers another prompt: %s",
	       replay->next, words);
	return WW_OK;
}

/* ----------------------------------------------------------------- playing */

static const char *
no_header(const struct ww_http_response *self, const char *name)
{
	(void)self;
	(void)name;
	return NULL;
}

static const struct codec *
codec_of(const char *url)
{
	static const struct {
		const char *path;
		const struct codec *codec;
	} paths[] = { { "/chat/completions", &chat_completions_codec },
		      { "/v1/messages", &messages_codec },
		      { "/api/chat", &chat_lines_codec } };
	size_t i;

	for (i = 0; i < sizeof paths / sizeof paths[0]; i++)
		if (strstr(url, paths[i].path) != NULL)
			return paths[i].codec;
	return NULL;
}

static int
asked_stream(struct json_object *sent)
{
	const char *text = member_text(sent, "body");
	struct json_object *body = parse_json(text, strlen(text));
	struct json_object *stream = member(body, "stream");
	int asked = json_object_is_type(stream, json_type_boolean) &&
	            json_object_get_boolean(stream);

	json_object_put(body);
	return asked;
}

static ww_status
play_exchange(struct replay *replay, struct ww_call *call,
              const struct codec *codec, struct json_object *exchange,
              struct ww_chat_sink *sink, struct ww_chat_reply *reply)
{
	struct json_object *received = member(exchange, "response");
	const char *text = member_text(received, "body");
	const char *outcome = member_text(exchange, "outcome");
	struct ww_http_response response = {
		.size = sizeof response,
		.http_status = (int32_t)member_count(received, "status"),
		.header = no_header,
	};
	struct answer answer;
	ww_status status = WW_OK;

	if (strcmp(outcome, "ok") != 0 && strcmp(outcome, "stopped") != 0)
		status = WW_E_TRANSPORT;
	answer_start(&answer, codec, replay->host->http, call, sink, reply,
	             asked_stream(member(exchange, "request")));
	answer.sink.head(&answer.sink, &response);
	answer.sink.body(&answer.sink, text, strlen(text));
	status = answer_finish(&answer, status);
	answer_free(&answer);
	if (status == WW_E_TRANSPORT)
		ww_fail(call, status, "the recorded connection was cut");
	return status;
}

static ww_status
play_answer(struct ww_call *call, struct json_object *entry,
            struct ww_chat_sink *sink, struct ww_chat_reply *reply)
{
	struct json_object *cost = member(entry, "cost");
	const char *outcome = member_text(entry, "outcome");
	const char *text = member_text(entry, "answer");
	ww_status status = status_of(outcome);

	reply->finish = strcmp(outcome, "truncated") == 0 ? WW_FINISH_LENGTH
	                : strcmp(outcome, "refusal") == 0 ? WW_FINISH_REFUSAL
	                : strcmp(outcome, "filter") == 0  ? WW_FINISH_FILTER
	                                                  : WW_FINISH_COMPLETE;
	reply->input_tokens = member_count(entry, "input_tokens");
	reply->cached_tokens = member_count(entry, "cached_tokens");
	reply->output_tokens = member_count(entry, "output_tokens");
	reply->reasoning_tokens = member_count(entry, "reasoning_tokens");
	reply->cost = json_object_is_type(cost, json_type_double)
	                      ? json_object_get_double(cost)
	                      : NAN;
	snprintf(reply->model, sizeof reply->model, "%s",
	         member_text(entry, "model"));
	if (text[0] != '\0' && sink->text(sink, text, strlen(text)) != WW_OK) {
		reply->finish = WW_FINISH_STOPPED;
		return WW_OK;
	}
	if (status != WW_OK)
		return ww_fail(call, status, "as recorded: %.400s",
		               member_text(entry, "error"));
	return WW_OK;
}

static ww_status
replay_generate(struct ww_call *call, void *self,
                const struct ww_chat_request *request,
                struct ww_chat_sink *sink, struct ww_chat_reply *reply)
{
	struct replay *replay = self;
	struct json_object *entry = NULL;
	struct json_object *exchange;
	const struct codec *codec = NULL;
	ww_status status = load(replay, call);

	if (status == WW_OK)
		status = find_entry(replay, call, request, &entry);
	if (status != WW_OK)
		return status;
	exchange = member(entry, "exchange");
	if (replay->raw && replay->host->http != NULL &&
	    member(member(exchange, "response"), "body") != NULL)
		codec = codec_of(member_text(member(exchange, "request"),
		                             "url"));
	return codec != NULL ? play_exchange(replay, call, codec, exchange,
	                                     sink, reply)
	                     : play_answer(call, entry, sink, reply);
}

static const struct ww_option options[] = {
	{ .name = "file",
	  .type = WW_OPTION_PATH,
	  .help = "recording to answer from" },
	{ .name = "strict",
	  .type = WW_OPTION_BOOL,
	  .default_value = "true",
	  .help = "refuse to answer a prompt that differs from the recorded "
	          "one" },
	{ .name = "play",
	  .type = WW_OPTION_ENUM,
	  .default_value = "exchanges",
	  .choices = "exchanges,answers",
	  .help = "run recorded exchanges through their protocol again, or use "
	          "the stored answers" },
};

static const struct ww_provider_ops ops = {
	.size = sizeof ops,
	.open = replay_open,
	.close = replay_close,
	.capabilities = replay_capabilities,
	.probe = replay_probe,
	.generate = replay_generate,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.threads = WW_THREADS_SERIAL,
	.kind = WW_KIND_PROVIDER,
	.n_options = sizeof options / sizeof options[0],
	.name = "replay",
	.version = "0.1.0",
	.summary = "answers from the recording of an earlier session",
	.license = "MIT",
	.options = options,
	.ops = &ops,
};
