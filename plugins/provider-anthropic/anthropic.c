/* SPDX-License-Identifier: MIT
 *
 * Provider anthropic: the messages protocol, at the service of that name and at
 * servers that speak the same.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/attempts.h"
#include "plugins/common/chat_completions.h"
#include "plugins/common/messages.h"
#include "plugins/common/post.h"
#include "plugins/common/provider_options.h"
#include "plugins/common/url.h"

#define OFFICIAL_HOST "api.anthropic.com"
#define OFFICIAL_BASE "https://" OFFICIAL_HOST
#define RANK 10
#define PLAIN_VERSION "2026-10-21"
/* The only one that knows a temperature. */
#define SAMPLING_VERSION "2023-06-01"

struct anthropic {
	const struct ww_host *host;
	char api_base[800];
	const char *model;
	const char *extra_body;
	int64_t reasoning_room;
	double price_input, price_output;
	int stream;
	int bearer;   /* key as a Bearer token */
	int cache;
	/* Learnt from refusals. */
	int no_temperature;
	int no_effort;
	int no_format;
	int no_cache;
};

/* The service's own clients send its keys as Bearer tokens; servers that speak its
 * protocol look for the older header. */
static void
choose_auth(struct anthropic *anthropic, const char *auth)
{
	anthropic->bearer = strcmp(auth, "bearer") == 0 ||
	                    (strcmp(auth, "auto") == 0 &&
	                     url_host_is(anthropic->api_base, OFFICIAL_HOST));
}

static ww_status
anthropic_open(struct ww_call *call, const struct ww_host *host, void **self)
{
	const struct ww_options *options = host->options;
	const char *base = options->string(options, "api_base");
	const char *variable = getenv("ANTHROPIC_BASE_URL");
	struct anthropic *anthropic;

	if (host->http == NULL)
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "the host offers no HTTP service");
	anthropic = calloc(1, sizeof *anthropic);
	if (anthropic == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	if (base == NULL && variable != NULL && variable[0] != '\0')
		base = variable;
	snprintf(anthropic->api_base, sizeof anthropic->api_base, "%s",
	         base != NULL ? base : OFFICIAL_BASE);
	anthropic->host = host;
	anthropic->model = options->string(options, "model");
	anthropic->extra_body = options->string(options, "extra_body");
	anthropic->reasoning_room = options->integer(options,
	                                             "reasoning_room");
	anthropic->price_input = post_price(options, "price_input");
	anthropic->price_output = post_price(options, "price_output");
	anthropic->stream = options->boolean(options, "stream");
	anthropic->cache = options->boolean(options, "cache");
	choose_auth(anthropic, post_option(options, "auth", "auto"));
	*self = anthropic;
	return WW_OK;
}

static void
anthropic_close(void *self)
{
	free(self);
}

static uint64_t
anthropic_capabilities(void *self)
{
	const struct anthropic *anthropic = self;

	return WW_PROVIDER_SCHEMA |
	       (anthropic->stream ? WW_PROVIDER_STREAMS : 0) |
	       (url_is_loopback(anthropic->api_base) ? WW_PROVIDER_LOCAL : 0);
}

static ww_status
anthropic_probe(struct ww_call *call, void *self,
                struct ww_provider_probe *probe)
{
	const struct anthropic *anthropic = self;

	(void)call;
	probe->rank = RANK;
	provider_probe_key(anthropic->host->options, probe);
	return WW_OK;
}

/* ----------------------------------------------------------------- request */

static struct json_object *
text_block(const struct anthropic *anthropic, const struct ww_message *message,
           int breakpoint)
{
	struct json_object *block = json_object_new_object();
	struct json_object *control;

	post_put(block, "type", "text");
	json_object_object_add(block, "text",
	                       json_object_new_string_len(
				       message->text, (int)message->length));
	if (breakpoint && anthropic->cache && !anthropic->no_cache) {
		control = json_object_new_object();
		post_put(control, "type", "ephemeral");
		json_object_object_add(block, "cache_control", control);
	}
	return block;
}

/* System texts stand apart; the rest alternates. A breakpoint closes what stays
 * the same, another one the newest turn. */
static void
write_messages(const struct anthropic *anthropic,
               const struct ww_chat_request *request, struct json_object *body)
{
	struct json_object *system = json_object_new_array();
	struct json_object *list = json_object_new_array();
	uint64_t i;

	for (i = 0; i < request->n_messages; i++) {
		const struct ww_message *message = &request->messages[i];
		struct json_object *item, *content;

		if (strcmp(message->role, "system") == 0) {
			json_object_array_add(
				system,
				text_block(anthropic, message,
			                   (message->flags &
			                    WW_MESSAGE_STABLE) != 0));
			continue;
		}
		item = json_object_new_object();
		content = json_object_new_array();
		post_put(item, "role", message->role);
		json_object_array_add(
			content, text_block(anthropic, message,
		                            i + 1 == request->n_messages));
		json_object_object_add(item, "content", content);
		json_object_array_add(list, item);
	}
	if (json_object_array_length(system) > 0)
		json_object_object_add(body, "system", system);
	else
		json_object_put(system);
	json_object_object_add(body, "messages", list);
}

static void
write_output(const struct anthropic *anthropic,
             const struct ww_chat_request *request, struct json_object *body)
{
	struct json_object *output = json_object_new_object();
	struct json_object *thinking, *format, *schema;

	if (request->effort != NULL && !anthropic->no_effort) {
		if (strcmp(request->effort, "off") == 0) {
			thinking = json_object_new_object();
			post_put(thinking, "type", "disabled");
			json_object_object_add(body, "thinking", thinking);
		} else {
			post_put(output, "effort", request->effort);
		}
	}
	schema = request->schema != NULL && !anthropic->no_format
	                 ? parse_json(request->schema,
	                              strlen(request->schema))
	                 : NULL;
	if (schema != NULL) {
		format = json_object_new_object();
		post_put(format, "type", "json_schema");
		json_object_object_add(format, "schema", schema);
		json_object_object_add(output, "format", format);
	}
	if (json_object_object_length(output) > 0)
		json_object_object_add(body, "output_config", output);
	else
		json_object_put(output);
}

static int
sends_temperature(const struct anthropic *anthropic,
                  const struct ww_chat_request *request)
{
	return !isnan(request->temperature) && !anthropic->no_temperature;
}

static char *
write_body(const struct anthropic *anthropic,
           const struct ww_chat_request *request)
{
	struct json_object *body = json_object_new_object();
	int64_t visible = request->max_output_tokens > 0
	                          ? request->max_output_tokens
	                          : 8192;

	post_put(body, "model", request->model != NULL ? request->model
	                                               : anthropic->model);
	json_object_object_add(
		body, "max_tokens",
		json_object_new_int64(visible + anthropic->reasoning_room));
	write_messages(anthropic, request, body);
	write_output(anthropic, request, body);
	if (sends_temperature(anthropic, request))
		json_object_object_add(
			body, "temperature",
			json_object_new_double(request->temperature));
	if (anthropic->stream)
		json_object_object_add(body, "stream",
		                       json_object_new_boolean(1));
	if (anthropic->extra_body != NULL)
		post_merge(body, anthropic->extra_body);
	return post_text(body);
}

static ww_status
send_once(void *self, struct ww_call *call,
          const struct ww_chat_request *request, struct ww_chat_sink *sink,
          struct ww_chat_reply *reply, char parameter[128])
{
	struct anthropic *anthropic = self;
	const struct ww_http_header headers[] = {
		{ "Content-Type", "application/json", NULL },
		{ "anthropic-version",
		  sends_temperature(anthropic, request) ? SAMPLING_VERSION
		                                        : PLAIN_VERSION,
		  NULL },
		{ anthropic->bearer ? "Authorization" : "x-api-key",
		  anthropic->bearer ? "Bearer " : "", "key" },
	};
	char *body = write_body(anthropic, request);
	struct post post = {
		.http = anthropic->host->http,
		.api_base = anthropic->api_base,
		.path = "/v1/messages",
		.headers = headers,
		.n_headers = sizeof headers / sizeof headers[0],
		.body = body,
		.local = url_is_loopback(anthropic->api_base),
	};
	struct answer answer;
	ww_status status;

	if (body == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "no memory for a prompt");
	answer_start(&answer, &messages_codec, post.http, call, sink, reply,
	             anthropic->stream);
	status = post_send(&post, call, &answer);
	memcpy(parameter, answer.parameter, sizeof answer.parameter);
	answer_free(&answer);
	free(body);
	chat_price(reply, anthropic->price_input, anthropic->price_output);
	return status;
}

static int
give_way(void *self, const char *parameter)
{
	struct anthropic *anthropic = self;

	if (post_begins(parameter, "temperature"))
		return post_once(&anthropic->no_temperature);
	if (post_begins(parameter, "output_config.format") ||
	    post_begins(parameter, "format"))
		return post_once(&anthropic->no_format);
	if (post_begins(parameter, "output_config.effort") ||
	    post_begins(parameter, "thinking"))
		return post_once(&anthropic->no_effort);
	if (post_begins(parameter, "output_config"))
		return post_once(&anthropic->no_effort) ||
		       post_once(&anthropic->no_format);
	if (strstr(parameter, "cache_control") != NULL)
		return post_once(&anthropic->no_cache);
	return 0;
}

static ww_status
anthropic_generate(struct ww_call *call, void *self,
                   const struct ww_chat_request *request,
                   struct ww_chat_sink *sink, struct ww_chat_reply *reply)
{
	static const struct attempts attempts = { .send = send_once,
		                                  .give_way = give_way };
	struct anthropic *anthropic = self;

	return attempts_generate(&attempts, anthropic->host, self, call, request,
	                         sink, reply);
}

static const struct ww_option options[] = {
	{ .name = "api_base",
	  .type = WW_OPTION_STRING,
	  .flags = WW_OPTION_TRUSTED_ONLY,
	  .help = "address of the server without /v1; else "
	          "ANTHROPIC_BASE_URL, else the service itself" },
	{ .name = "model",
	  .type = WW_OPTION_STRING,
	  .default_value = "claude-sonnet-5-5",
	  .help = "model to ask" },
	PROVIDER_OPTION_KEY("ANTHROPIC_API_KEY"),
	{ .name = "auth",
	  .type = WW_OPTION_ENUM,
	  .default_value = "auto",
	  .choices = "auto,x-api-key,bearer",
	  .help = "header that carries the key; auto: bearer at the service "
	          "itself, x-api-key elsewhere" },
	PROVIDER_OPTION_STREAM,
	{ .name = "cache",
	  .type = WW_OPTION_BOOL,
	  .default_value = "true",
	  .help = "mark what is the same in every round for the prompt cache" },
	PROVIDER_OPTION_REASONING_ROOM("16384"),
	PROVIDER_OPTION_EXTRA_BODY,
	PROVIDER_OPTION_PRICES,
};

static const struct ww_provider_ops ops = {
	.size = sizeof ops,
	.open = anthropic_open,
	.close = anthropic_close,
	.capabilities = anthropic_capabilities,
	.probe = anthropic_probe,
	.generate = anthropic_generate,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.threads = WW_THREADS_SERIAL,
	.kind = WW_KIND_PROVIDER,
	.n_options = sizeof options / sizeof options[0],
	.name = "anthropic",
	.version = "0.1.0",
	.summary = "the messages protocol, with prompt caching",
	.license = "MIT",
	.options = options,
	.ops = &ops,
};
