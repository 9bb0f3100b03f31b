/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/model/service_internal.h"

#define PROBE_NS INT64_C(2000000000)

void
ww_model_close_provider(struct ww_model_provider *provider)
{
	if (provider->self != NULL)
		provider->ops->close(provider->self);
	ww_host_free(provider->box);
	ww_http_free(provider->http);
	memset(provider, 0, sizeof *provider);
}

static bool
has_option(const struct ww_plugin *plugin, const char *name)
{
	uint32_t i;

	for (i = 0; i < plugin->n_options; i++)
		if (strcmp(plugin->options[i].name, name) == 0)
			return true;
	return false;
}

/* A setting of section `llm` is an option of every provider that has one of
 * that name, unless the user set that provider's own. */
static struct json_object *
overrides_for(const struct ww_model_service *service,
              const struct ww_plugin *plugin, const struct ww_options *own)
{
	static const struct {
		const char *setting;
		const char *option;
	} shared[] = { { "llm.model", "model" },
		       { "llm.api_base", "api_base" } };
	struct json_object *overrides = json_object_new_object();
	size_t i;

	for (i = 0; i < sizeof shared / sizeof shared[0]; i++) {
		const char *value = ww_setting_string(service->settings,
		                                      shared[i].setting);

		if (value != NULL && has_option(plugin, shared[i].option) &&
		    !own->from_user(own, shared[i].option))
			ww_json_put_string(overrides, shared[i].option, value);
	}
	return overrides;
}

static ww_status
read_options(const struct ww_model_service *service,
             const struct ww_plugin *plugin, struct ww_options **options,
             struct ww_error *error)
{
	struct json_object *overrides;
	ww_status status = ww_settings_options(service->settings, plugin, NULL,
	                                       options, error);

	if (status != WW_OK)
		return status;
	overrides = overrides_for(service, plugin, *options);
	ww_options_free(*options);
	*options = NULL;
	status = ww_settings_options(service->settings, plugin, overrides,
	                             options, error);
	json_object_put(overrides);
	return status;
}

static ww_status
open_provider(struct ww_model_service *service, const struct ww_plugin *plugin,
              struct ww_model_provider *provider, struct ww_error *error)
{
	struct ww_options *options = NULL;
	struct ww_services services = { .process = ww_process_service() };
	struct ww_call_frame frame;
	const char *model;
	ww_status status = read_options(service, plugin, &options, error);

	memset(provider, 0, sizeof *provider);
	if (status != WW_OK)
		return status;
	provider->plugin = plugin;
	provider->ops = plugin->ops;
	provider->http = ww_http_new(service->settings);
	ww_http_bind(provider->http, options);
	services.http = provider->http;
	provider->options = options;
	provider->box = ww_host_new(plugin, options,
	                            service->random.random.next(
					    &service->random.random),
	                            &services);
	model = has_option(plugin, "model") ? options->string(options, "model")
	                                    : NULL;
	snprintf(provider->model, sizeof provider->model, "%s",
	         model != NULL ? model : "");
	ww_call_start(&frame, service->cancel, INT64_MAX);
	status = provider->ops->open(&frame.call, ww_host_of(provider->box),
	                             &provider->self);
	status = ww_call_finish(&frame, status, error);
	if (status == WW_OK)
		return WW_OK;
	provider->self = NULL;
	ww_model_close_provider(provider);
	return ww_error_prefix(error, "provider %s: ", plugin->name);
}

static void
adopt(struct ww_model_service *service, struct ww_model_provider *provider)
{
	service->providers = ww_grow(service->providers,
	                             (service->n_providers + 1) *
	                                     sizeof *service->providers);
	service->providers[service->n_providers++] = *provider;
}

static void
append_reason(struct ww_model_service *service, const char *text)
{
	size_t used = strlen(service->reason);

	snprintf(service->reason + used, sizeof service->reason - used, "%s%s",
	         used > 0 ? "; " : "", text);
}

/* Whether the provider could be used now; adds its reason if not. */
static bool
probe(struct ww_model_service *service, struct ww_model_provider *provider,
      struct ww_provider_probe *found)
{
	struct ww_call_frame frame;
	ww_status status;

	memset(found, 0, sizeof *found);
	found->size = sizeof *found;
	ww_call_start(&frame, service->cancel, ww_now_ns() + PROBE_NS);
	status = provider->ops->probe(&frame.call, provider->self, found);
	ww_call_finish(&frame, status, NULL);
	found->reason[sizeof found->reason - 1] = '\0';
	if (status == WW_OK && found->present && found->rank >= 0)
		return true;
	if (found->rank >= 0 && found->reason[0] != '\0')
		append_reason(service, found->reason);
	return false;
}

/* "auto": of those that could be used now, the one that ranks first. */
static void
open_automatic(struct ww_model_service *service)
{
	struct ww_model_provider best = { 0 };
	int32_t best_rank = 0;
	size_t i;

	for (i = 0; i < ww_registry_count(service->registry); i++) {
		const struct ww_registry_entry *entry =
			ww_registry_at(service->registry, i);
		struct ww_model_provider provider;
		struct ww_provider_probe found;
		struct ww_error error;

		if (entry->state != WW_PLUGIN_LOADED ||
		    entry->plugin->kind != WW_KIND_PROVIDER)
			continue;
		if (open_provider(service, entry->plugin, &provider, &error) !=
		    WW_OK) {
			ww_logf(WW_LOG_INFO, "model", "%s", error.text);
			continue;
		}
		if (probe(service, &provider, &found) &&
		    (best.plugin == NULL || found.rank < best_rank)) {
			ww_model_close_provider(&best);
			best = provider;
			best_rank = found.rank;
		} else {
			ww_model_close_provider(&provider);
		}
	}
	if (best.plugin != NULL)
		adopt(service, &best);
}

static ww_status
open_named(struct ww_model_service *service, const char *name,
           struct ww_error *error)
{
	const struct ww_plugin *plugin =
		ww_registry_find(service->registry, "provider", name, error);
	struct ww_model_provider provider;
	ww_status status;

	if (plugin == NULL)
		return error != NULL ? error->status : WW_E_NOT_FOUND;
	status = open_provider(service, plugin, &provider, error);
	if (status == WW_OK)
		adopt(service, &provider);
	return status;
}

static void
write_reason(struct ww_model_service *service)
{
	char found[sizeof service->reason];
	size_t i;

	if (service->n_providers == 0) {
		memcpy(found, service->reason, sizeof found);
		snprintf(service->reason, sizeof service->reason,
		         "no model: %.900s",
		         found[0] != '\0' ? found : "no provider is there");
		return;
	}
	service->reason[0] = '\0';
	for (i = 0; i < service->n_providers; i++) {
		const struct ww_model_provider *provider =
			&service->providers[i];
		char *text = ww_text("%s%s%s", provider->plugin->name,
		                     provider->model[0] != '\0' ? " " : "",
		                     provider->model);

		append_reason(service, text);
		free(text);
	}
}

ww_status
ww_model_open_providers(struct ww_model_service *service,
                        struct ww_error *error)
{
	size_t n = 0;
	const char *const *names = ww_setting_list(service->settings,
	                                           "llm.provider", &n);
	ww_status status = WW_OK;
	size_t i;

	for (i = 0; i < n && status == WW_OK; i++) {
		if (strcmp(names[i], "auto") == 0)
			open_automatic(service);
		else if (strcmp(names[i], "none") != 0)
			status = open_named(service, names[i], error);
	}
	if (status == WW_OK)
		write_reason(service);
	return status;
}
