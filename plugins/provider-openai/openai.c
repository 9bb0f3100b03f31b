/* SPDX-License-Identifier: MIT
 *
 * Provider openai: chat completions at the service of that name, and at every
 * server that speaks the same protocol (option api_base).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/chat_completions.h"
#include "plugins/common/post.h"
#include "plugins/common/provider_options.h"
#include "plugins/common/url.h"

#define OFFICIAL_HOST "api.openai.com"
#define OFFICIAL_BASE "https://" OFFICIAL_HOST "/v1"
#define RANK 20

struct openai {
	struct chat_target target;
	struct ww_http_header headers[2];
	char api_base[800];
	char model[128];
};

/* The user's option, the variable that other clients read, the service. */
static void
choose_base(struct openai *openai, const struct ww_options *options)
{
	const char *base = options->string(options, "api_base");
	const char *variable = getenv("OPENAI_BASE_URL");

	if (base == NULL && variable != NULL && variable[0] != '\0')
		base = variable;
	snprintf(openai->api_base, sizeof openai->api_base, "%s",
	         base != NULL ? base : OFFICIAL_BASE);
}

static int
is_official(const char *base)
{
	return url_host_is(base, OFFICIAL_HOST) ||
	       url_host_ends(base, ".openai.azure.com");
}

static void
add_header(struct openai *openai, const char *name, const char *value)
{
	if (value != NULL)
		openai->headers[openai->target.n_headers++] =
			(struct ww_http_header){ name, value, NULL };
}

static void
choose_model(struct openai *openai, const struct ww_options *options)
{
	const char *model = options->string(options, "model");

	if (model == NULL && is_official(openai->api_base))
		model = options->string(options, "default_model");
	if (model == NULL)
		return;
	snprintf(openai->model, sizeof openai->model, "%s", model);
	openai->target.model = openai->model;
}

static void
choose_protocol(struct openai *openai, const char *protocol)
{
	struct chat_target *target = &openai->target;

	target->may_lack_responses = strcmp(protocol, "auto") == 0;
	target->responses = strcmp(protocol, "responses") == 0 ||
	                    (target->may_lack_responses &&
	                     url_host_is(openai->api_base, OFFICIAL_HOST));
}

static ww_status
openai_open(struct ww_call *call, const struct ww_host *host, void **self)
{
	const struct ww_options *options = host->options;
	struct openai *openai = calloc(1, sizeof *openai);
	struct chat_target *target;

	if (openai == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	if (host->http == NULL) {
		free(openai);
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "the host offers no HTTP service");
	}
	choose_base(openai, options);
	target = &openai->target;
	chat_target_start(target, host);
	target->api_base = openai->api_base;
	target->system_role = post_option(options, "system_role", "system");
	target->auth_header = post_option(options, "auth_header",
	                                  "Authorization");
	target->cache_key = options->string(options, "cache_key");
	target->headers = openai->headers;
	target->needs_key = is_official(openai->api_base);
	add_header(openai, "OpenAI-Organization",
	           options->string(options, "organization"));
	add_header(openai, "OpenAI-Project",
	           options->string(options, "project"));
	choose_protocol(openai, post_option(options, "protocol", "auto"));
	chat_target_choose(target, post_option(options, "limit_field", "auto"),
	                   post_option(options, "structured", "json_schema"),
	                   is_official(openai->api_base));
	choose_model(openai, options);
	*self = openai;
	return WW_OK;
}

static void
openai_close(void *self)
{
	free(self);
}

static uint64_t
openai_capabilities(void *self)
{
	const struct openai *openai = self;

	return WW_PROVIDER_SCHEMA |
	       (openai->target.stream ? WW_PROVIDER_STREAMS : 0) |
	       (openai->target.local ? WW_PROVIDER_LOCAL : 0);
}

static ww_status
openai_probe(struct ww_call *call, void *self, struct ww_provider_probe *probe)
{
	const struct openai *openai = self;

	(void)call;
	probe->rank = RANK;
	if (!openai->target.needs_key) {
		probe->present = 1;
		snprintf(probe->reason, sizeof probe->reason,
		         "the server %.200s is configured", openai->api_base);
		return WW_OK;
	}
	provider_probe_key(openai->target.host->options, probe);
	return WW_OK;
}

static ww_status
openai_generate(struct ww_call *call, void *self,
                const struct ww_chat_request *request,
                struct ww_chat_sink *sink, struct ww_chat_reply *reply)
{
	struct openai *openai = self;

	return chat_target_generate(&openai->target, call, request, sink,
	                            reply);
}

static const struct ww_option options[] = {
	{ .name = "api_base",
	  .type = WW_OPTION_STRING,
	  .flags = WW_OPTION_TRUSTED_ONLY,
	  .help = "address of a compatible server up to and with /v1; else "
	          "OPENAI_BASE_URL, else the service itself" },
	{ .name = "model",
	  .type = WW_OPTION_STRING,
	  .help = "model to ask; unset: default_model, or the first that a "
	          "compatible server lists" },
	{ .name = "default_model",
	  .type = WW_OPTION_STRING,
	  .default_value = "gpt-6-sol",
	  .help = "model to ask at the service itself if none is named" },
	PROVIDER_OPTION_KEY("OPENAI_API_KEY"),
	{ .name = "auth_header",
	  .type = WW_OPTION_STRING,
	  .default_value = "Authorization",
	  .help = "header that carries the key, such as api-key" },
	{ .name = "protocol",
	  .type = WW_OPTION_ENUM,
	  .default_value = "auto",
	  .choices = "auto,chat,responses",
	  .help = "protocol to speak; auto: responses at the service itself, "
	          "chat completions at compatible servers" },
	{ .name = "cache_key",
	  .type = WW_OPTION_STRING,
	  .help = "prompt_cache_key to send; unset: made from the prompt's "
	          "stable part at the service itself, none elsewhere" },
	{ .name = "limit_field",
	  .type = WW_OPTION_ENUM,
	  .default_value = "auto",
	  .choices = "auto,max_tokens,max_completion_tokens",
	  .help = "name of the output limit" },
	{ .name = "system_role",
	  .type = WW_OPTION_ENUM,
	  .default_value = "system",
	  .choices = "system,developer",
	  .help = "role of the instructions" },
	PROVIDER_OPTION_STRUCTURED,
	PROVIDER_OPTION_STREAM,
	PROVIDER_OPTION_REASONING_ROOM("16384"),
	PROVIDER_OPTION_EXTRA_BODY,
	{ .name = "organization",
	  .type = WW_OPTION_STRING,
	  .help = "organisation that is charged" },
	{ .name = "project",
	  .type = WW_OPTION_STRING,
	  .help = "project that is charged" },
	PROVIDER_OPTION_PRICES,
};

static const struct ww_provider_ops ops = {
	.size = sizeof ops,
	.open = openai_open,
	.close = openai_close,
	.capabilities = openai_capabilities,
	.probe = openai_probe,
	.generate = openai_generate,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.threads = WW_THREADS_SERIAL,
	.kind = WW_KIND_PROVIDER,
	.n_options = sizeof options / sizeof options[0],
	.name = "openai",
	.version = "0.1.0",
	.summary = "chat completions or responses, at the service or any compatible server",
	.license = "MIT",
	.options = options,
	.ops = &ops,
};
