/* SPDX-License-Identifier: MIT
 *
 * Provider openrouter: chat completions at a service that passes requests on to
 * many others, with its own ways to say what matters.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/chat_completions.h"
#include "plugins/common/post.h"

#define OFFICIAL_BASE "https://openrouter.ai/api/v1"
#define RANK 30

struct openrouter {
	struct chat_target target; /* first member */
	struct ww_http_header headers[1];
};

/* Other services behind it ignore in silence what they do not know, unless told
 * that all of it is required. */
static void
adjust(const struct chat_target *target, const struct ww_chat_request *request,
       struct json_object *body)
{
	const struct ww_options *options = target->host->options;
	struct json_object *provider, *effort, *usage, *list;
	uint32_t n = 0;
	uint32_t i;
	const char *const *models = options->list(options, "fallbacks", &n);

	if (request->schema != NULL &&
	    target->structured == STRUCTURED_SCHEMA) {
		provider = json_object_new_object();
		json_object_object_add(provider, "require_parameters",
		                       json_object_new_boolean(1));
		json_object_object_add(body, "provider", provider);
	}
	if (json_object_object_get_ex(body, "reasoning_effort", &effort)) {
		json_object_object_del(body, "reasoning_effort");
		effort = json_object_new_object();
		post_put(effort, "effort", request->effort);
		json_object_object_add(body, "reasoning", effort);
	}
	usage = json_object_new_object();
	json_object_object_add(usage, "include", json_object_new_boolean(1));
	json_object_object_add(body, "usage", usage);
	if (n == 0)
		return;
	list = json_object_new_array();
	for (i = 0; i < n; i++)
		json_object_array_add(list, json_object_new_string(models[i]));
	json_object_object_add(body, "models", list);
}

static ww_status
openrouter_open(struct ww_call *call, const struct ww_host *host, void **self)
{
	const struct ww_options *options = host->options;
	struct openrouter *openrouter;
	struct chat_target *target;

	if (host->http == NULL)
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "the host offers no HTTP service");
	openrouter = calloc(1, sizeof *openrouter);
	if (openrouter == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	openrouter->headers[0] = (struct ww_http_header){
		"X-OpenRouter-Title", "Warpwright", NULL
	};
	target = &openrouter->target;
	*target = (struct chat_target){
		.host = host,
		.api_base = options->string(options, "api_base"),
		.model = options->string(options, "model"),
		.system_role = "system",
		.auth_header = "Authorization",
		.extra_body = options->string(options, "extra_body"),
		.headers = openrouter->headers,
		.n_headers = 1,
		.adjust = adjust,
		.needs_key = 1,
		.reasoning_room = options->integer(options, "reasoning_room"),
		.price_input = post_price(options, "price_input"),
		.price_output = post_price(options, "price_output"),
		.stream = options->boolean(options, "stream"),
	};
	chat_target_choose(target, "max_completion_tokens",
	                   options->string(options, "structured"), 0);
	/* Usage is always in the last frame here. */
	target->no_stream_options = 1;
	*self = openrouter;
	return WW_OK;
}

static void
openrouter_close(void *self)
{
	free(self);
}

static uint64_t
openrouter_capabilities(void *self)
{
	const struct openrouter *openrouter = self;

	return WW_PROVIDER_SCHEMA |
	       (openrouter->target.stream ? WW_PROVIDER_STREAMS : 0);
}

static ww_status
openrouter_probe(struct ww_call *call, void *self,
                 struct ww_provider_probe *probe)
{
	const struct openrouter *openrouter = self;
	const struct ww_options *options = openrouter->target.host->options;

	(void)call;
	probe->rank = RANK;
	probe->present = options->secret_present(options, "key");
	snprintf(probe->reason, sizeof probe->reason, "%s is%s set",
	         options->string(options, "key"),
	         probe->present ? "" : " not");
	return WW_OK;
}

static ww_status
openrouter_generate(struct ww_call *call, void *self,
                    const struct ww_chat_request *request,
                    struct ww_chat_sink *sink, struct ww_chat_reply *reply)
{
	struct openrouter *openrouter = self;

	return chat_target_generate(&openrouter->target, call, request, sink,
	                            reply);
}

static const struct ww_option options[] = {
	{ .name = "api_base",
	  .type = WW_OPTION_STRING,
	  .default_value = OFFICIAL_BASE,
	  .flags = WW_OPTION_TRUSTED_ONLY,
	  .help = "address of the service up to and with /v1" },
	{ .name = "model",
	  .type = WW_OPTION_STRING,
	  .default_value = "openrouter/auto",
	  .help = "model to ask, as maker/name" },
	{ .name = "fallbacks",
	  .type = WW_OPTION_LIST,
	  .help = "models to ask instead, in this order, if that one fails" },
	{ .name = "key",
	  .type = WW_OPTION_SECRET,
	  .default_value = "OPENROUTER_API_KEY",
	  .flags = WW_OPTION_TRUSTED_ONLY,
	  .help = "variable, or file:PATH, that holds the key" },
	{ .name = "structured",
	  .type = WW_OPTION_ENUM,
	  .default_value = "json_schema",
	  .choices = "json_schema,json_object,none",
	  .help = "how the model is told to answer in JSON" },
	{ .name = "stream",
	  .type = WW_OPTION_BOOL,
	  .default_value = "true",
	  .help = "receive the answer while it is written" },
	{ .name = "reasoning_room",
	  .type = WW_OPTION_INT,
	  .default_value = "16384",
	  .minimum = 0,
	  .maximum = 1000000,
	  .help = "tokens of hidden reasoning that the output limit leaves "
	          "room for" },
	{ .name = "extra_body",
	  .type = WW_OPTION_JSON,
	  .help = "object whose members are added to every request" },
	{ .name = "price_input",
	  .type = WW_OPTION_FLOAT,
	  .help = "dollars a million input tokens, if the service does not say" },
	{ .name = "price_output",
	  .type = WW_OPTION_FLOAT,
	  .help = "dollars a million output tokens" },
};

static const struct ww_provider_ops ops = {
	.size = sizeof ops,
	.open = openrouter_open,
	.close = openrouter_close,
	.capabilities = openrouter_capabilities,
	.probe = openrouter_probe,
	.generate = openrouter_generate,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.threads = WW_THREADS_SERIAL,
	.kind = WW_KIND_PROVIDER,
	.n_options = sizeof options / sizeof options[0],
	.name = "openrouter",
	.version = "0.1.0",
	.summary = "many models behind one key, with their cost",
	.license = "MIT",
	.options = options,
	.ops = &ops,
};
