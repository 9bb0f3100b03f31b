/* SPDX-License-Identifier: MIT
 *
 * Provider ollama: its native protocol, because only that can set the size of
 * the context and refuse to cut the prompt in silence.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/attempts.h"
#include "plugins/common/chat_lines.h"
#include "plugins/common/post.h"
#include "plugins/common/provider_options.h"
#include "plugins/common/url.h"

#define RANK 40
#define PORT "11434"
#define BYTES_PER_TOKEN 3 /* cautious: JSON is denser than prose */
#define SMALLEST_CONTEXT 8192

struct ollama {
	const struct ww_host *host;
	char api_base[800];
	const char *model;
	const char *keep_alive;
	const char *extra_body;
	int64_t context; /* 0: by the prompt */
	int stream;
	int local;
	int no_think;
	int no_format;
	char found_model[128];
};

/* Host as the server's own tools read it: scheme and port optional, and the
 * address it listens on is not one to call. */
static void
read_host(char *base, size_t size, const char *text)
{
	const char *scheme = strstr(text, "://") != NULL ? "" : "http://";
	const char *host = strstr(text, "://");
	const char *port = "";

	host = host != NULL ? host + 3 : text;
	if (scheme[0] != '\0' && strchr(host, ':') == NULL)
		port = ":" PORT;
	if (post_begins(host, "0.0.0.0"))
		snprintf(base, size, "%.*s%s127.0.0.1%s%s",
		         (int)(host - text), text, scheme, host + 7, port);
	else
		snprintf(base, size, "%s%s%s", scheme, text, port);
}

static ww_status
ollama_open(struct ww_call *call, const struct ww_host *host, void **self)
{
	const struct ww_options *options = host->options;
	const char *base = options->string(options, "api_base");
	const char *variable = getenv("OLLAMA_HOST");
	struct ollama *ollama;

	if (host->http == NULL)
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "the host offers no HTTP service");
	ollama = calloc(1, sizeof *ollama);
	if (ollama == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	if (base == NULL && variable != NULL && variable[0] != '\0')
		base = variable;
	read_host(ollama->api_base, sizeof ollama->api_base,
	          base != NULL ? base : "127.0.0.1");
	ollama->host = host;
	ollama->model = options->string(options, "model");
	ollama->keep_alive = options->string(options, "keep_alive");
	ollama->extra_body = options->string(options, "extra_body");
	ollama->context = options->integer(options, "context");
	ollama->stream = options->boolean(options, "stream");
	ollama->local = url_is_loopback(ollama->api_base);
	*self = ollama;
	return WW_OK;
}

static void
ollama_close(void *self)
{
	free(self);
}

static uint64_t
ollama_capabilities(void *self)
{
	const struct ollama *ollama = self;

	return WW_PROVIDER_SCHEMA |
	       (ollama->stream ? WW_PROVIDER_STREAMS : 0) |
	       (ollama->local ? WW_PROVIDER_LOCAL : 0);
}

/* ------------------------------------------------------------ which models */

static void
take_models(struct answer *answer, struct json_object *body)
{
	struct json_object *list = member(body, "models");

	answer->complete = json_object_is_type(list, json_type_array);
	answer_model(answer, member(element(list, 0), "name"));
}

static void
ignore_frame(struct answer *answer, const char *event,
             struct json_object *data)
{
	(void)answer;
	(void)event;
	(void)data;
}

/* The first model that is installed, or "". */
static ww_status
list_models(struct ollama *ollama, struct ww_call *call, int64_t timeout_ns)
{
	static const struct codec list = { .name = "tags",
		                           .frame = ignore_frame,
		                           .whole = take_models };
	struct ww_chat_reply reply = { .size = sizeof reply };
	struct post post = { .http = ollama->host->http,
		             .api_base = ollama->api_base,
		             .path = "/api/tags",
		             .local = ollama->local,
		             .timeout_ns = timeout_ns };
	struct answer answer;
	ww_status status;

	answer_start(&answer, &list, post.http, call, NULL, &reply, 0);
	status = post_send(&post, call, &answer);
	answer_free(&answer);
	if (status == WW_OK)
		memcpy(ollama->found_model, reply.model,
		       sizeof ollama->found_model);
	return status;
}

static ww_status
ollama_probe(struct ww_call *call, void *self, struct ww_provider_probe *probe)
{
	struct ollama *ollama = self;
	struct trial_call trial;

	probe->rank = RANK;
	if (!ollama->local) {
		snprintf(probe->reason, sizeof probe->reason,
		         "%.200s is not this machine", ollama->api_base);
		return WW_OK;
	}
	trial_call_start(&trial, call);
	if (list_models(ollama, &trial.call, INT64_C(1500000000)) != WW_OK)
		snprintf(probe->reason, sizeof probe->reason,
		         "no Ollama answers on %.200s", ollama->api_base);
	else if (ollama->found_model[0] == '\0' && ollama->model == NULL)
		snprintf(probe->reason, sizeof probe->reason,
		         "Ollama on %.160s has no model; 'ollama pull' one",
		         ollama->api_base);
	else
		probe->present = 1;
	if (probe->present)
		snprintf(probe->reason, sizeof probe->reason,
		         "Ollama answers on %.200s", ollama->api_base);
	return WW_OK;
}

/* ----------------------------------------------------------------- request */

static int64_t
context_size(const struct ollama *ollama, const struct ww_chat_request *request,
             int64_t output)
{
	int64_t size = output;
	int64_t rounded = SMALLEST_CONTEXT;
	uint64_t i;

	if (ollama->context > 0)
		return ollama->context;
	for (i = 0; i < request->n_messages; i++)
		size += (int64_t)request->messages[i].length / BYTES_PER_TOKEN +
		        16;
	/* Few different sizes: each new one makes the server load again. */
	while (rounded < size && rounded < (INT64_C(1) << 20))
		rounded *= 2;
	return rounded;
}

static struct json_object *
write_options(const struct ollama *ollama,
              const struct ww_chat_request *request)
{
	struct json_object *options = json_object_new_object();
	int64_t output = request->max_output_tokens > 0
	                         ? request->max_output_tokens
	                         : 8192;

	output += ollama->host->options->integer(ollama->host->options,
	                                         "reasoning_room");
	json_object_object_add(options, "num_predict",
	                       json_object_new_int64(output));
	json_object_object_add(options, "num_ctx",
	                       json_object_new_int64(context_size(
				       ollama, request, output)));
	if (!isnan(request->temperature))
		json_object_object_add(
			options, "temperature",
			json_object_new_double(request->temperature));
	return options;
}

static void
write_think(const struct ollama *ollama, const struct ww_chat_request *request,
            struct json_object *body)
{
	if (request->effort == NULL || ollama->no_think)
		return;
	if (strcmp(request->effort, "off") == 0 ||
	    strcmp(request->effort, "none") == 0)
		json_object_object_add(body, "think",
		                       json_object_new_boolean(0));
	else
		post_put(body, "think", request->effort);
}

static char *
write_body(const struct ollama *ollama, const struct ww_chat_request *request,
           const char *model)
{
	struct json_object *body = json_object_new_object();
	struct json_object *list = json_object_new_array();
	struct json_object *schema;
	uint64_t i;

	for (i = 0; i < request->n_messages; i++) {
		const struct ww_message *message = &request->messages[i];
		struct json_object *item = json_object_new_object();

		post_put(item, "role", message->role);
		json_object_object_add(
			item, "content",
			json_object_new_string_len(message->text,
		                                   (int)message->length));
		json_object_array_add(list, item);
	}
	post_put(body, "model", model);
	json_object_object_add(body, "messages", list);
	/* The server's default is a stream: say it either way. */
	json_object_object_add(body, "stream",
	                       json_object_new_boolean(ollama->stream));
	json_object_object_add(body, "truncate", json_object_new_boolean(0));
	json_object_object_add(body, "shift", json_object_new_boolean(0));
	json_object_object_add(body, "options", write_options(ollama, request));
	if (ollama->keep_alive != NULL)
		post_put(body, "keep_alive", ollama->keep_alive);
	schema = request->schema != NULL && !ollama->no_format
	                 ? parse_json(request->schema, strlen(request->schema))
	                 : NULL;
	if (schema != NULL)
		json_object_object_add(body, "format", schema);
	write_think(ollama, request, body);
	if (ollama->extra_body != NULL)
		post_merge(body, ollama->extra_body);
	return post_text(body);
}

static ww_status
send_once(void *self, struct ww_call *call,
          const struct ww_chat_request *request, struct ww_chat_sink *sink,
          struct ww_chat_reply *reply, char parameter[128])
{
	struct ollama *ollama = self;
	const struct ww_options *options = ollama->host->options;
	const struct ww_http_header headers[] = {
		{ "Content-Type", "application/json", NULL },
		{ "Authorization", "Bearer ", "key" },
	};
	const char *model = request->model != NULL ? request->model
	                    : ollama->model != NULL ? ollama->model
	                                            : ollama->found_model;
	char *body = write_body(ollama, request, model);
	struct post post = {
		.http = ollama->host->http,
		.api_base = ollama->api_base,
		.path = "/api/chat",
		.headers = headers,
		/* Only the cloud wants a key. */
		.n_headers = !ollama->local &&
		                             options->secret_present(options,
	                                                             "key")
		                     ? 2
		                     : 1,
		.body = body,
		.local = 1,
	};
	struct answer answer;
	ww_status status;

	if (body == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "no memory for a prompt");
	answer_start(&answer, &chat_lines_codec, post.http, call, sink, reply,
	             ollama->stream);
	status = post_send(&post, call, &answer);
	memcpy(parameter, answer.parameter, sizeof answer.parameter);
	answer_free(&answer);
	free(body);
	return status;
}

static int
give_way(void *self, const char *parameter)
{
	struct ollama *ollama = self;

	if (post_begins(parameter, "think"))
		return post_once(&ollama->no_think);
	if (post_begins(parameter, "format"))
		return post_once(&ollama->no_format);
	return 0;
}

static ww_status
ollama_generate(struct ww_call *call, void *self,
                const struct ww_chat_request *request,
                struct ww_chat_sink *sink, struct ww_chat_reply *reply)
{
	static const struct attempts attempts = { .send = send_once,
		                                  .give_way = give_way };
	struct ollama *ollama = self;
	ww_status status = WW_OK;

	if (request->model == NULL && ollama->model == NULL &&
	    ollama->found_model[0] == '\0')
		status = list_models(ollama, call, 0);
	if (status != WW_OK)
		return status;
	if (request->model == NULL && ollama->model == NULL &&
	    ollama->found_model[0] == '\0')
		return ww_fail(call, WW_E_REQUEST,
		               "no model is installed; 'ollama pull' one, or "
		               "name one with --model");
	return attempts_generate(&attempts, ollama->host, self, call, request,
	                         sink, reply);
}

static const struct ww_option options[] = {
	{ .name = "api_base",
	  .type = WW_OPTION_STRING,
	  .flags = WW_OPTION_TRUSTED_ONLY,
	  .help = "address of the server; else OLLAMA_HOST, else "
	          "127.0.0.1:11434" },
	{ .name = "model",
	  .type = WW_OPTION_STRING,
	  .help = "model to ask; unset: the first that is installed" },
	{ .name = "key",
	  .type = WW_OPTION_SECRET,
	  .default_value = "OLLAMA_API_KEY",
	  .flags = WW_OPTION_TRUSTED_ONLY,
	  .help = "variable, or file:PATH, with the key of a remote server" },
	{ .name = "context",
	  .type = WW_OPTION_INT,
	  .default_value = "0",
	  .minimum = 0,
	  .maximum = 10000000,
	  .help = "tokens of context (num_ctx); 0: as the prompt needs" },
	{ .name = "keep_alive",
	  .type = WW_OPTION_STRING,
	  .help = "how long the model stays loaded; it shares the GPU with the "
	          "kernel, so \"0s\" makes timings cleaner" },
	PROVIDER_OPTION_STREAM,
	PROVIDER_OPTION_REASONING_ROOM("4096"),
	PROVIDER_OPTION_EXTRA_BODY,
};

static const struct ww_provider_ops ops = {
	.size = sizeof ops,
	.open = ollama_open,
	.close = ollama_close,
	.capabilities = ollama_capabilities,
	.probe = ollama_probe,
	.generate = ollama_generate,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.threads = WW_THREADS_SERIAL,
	.kind = WW_KIND_PROVIDER,
	.n_options = sizeof options / sizeof options[0],
	.name = "ollama",
	.version = "0.1.0",
	.summary = "a local model through Ollama's own protocol",
	.license = "MIT",
	.options = options,
	.ops = &ops,
};
