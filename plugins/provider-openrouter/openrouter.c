/* SPDX-License-Identifier: MIT
 *
 * Provider openrouter: chat completions at a service that passes requests on to
 * many others, with its own ways to say what matters.
 */
#include <stdlib.h>
#include <string.h>

#include "plugins/common/chat_completions.h"
#include "plugins/common/post.h"
#include "plugins/common/provider_options.h"

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
	chat_target_start(target, host);
	target->api_base = post_option(options, "api_base", OFFICIAL_BASE);
	target->headers = openrouter->headers;
	target->n_headers = 1;
	target->adjust = adjust;
	target->needs_key = 1;
	chat_target_choose(target, "max_completion_tokens",
	                   post_option(options, "structured", "json_schema"), 0);
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

	(void)call;
	probe->rank = RANK;
	provider_probe_key(openrouter->target.host->options, probe);
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
	PROVIDER_OPTION_KEY("OPENROUTER_API_KEY"),
	PROVIDER_OPTION_STRUCTURED,
	PROVIDER_OPTION_STREAM,
	PROVIDER_OPTION_REASONING_ROOM("16384"),
	PROVIDER_OPTION_EXTRA_BODY,
	PROVIDER_OPTION_PRICES,
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
