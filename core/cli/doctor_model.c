/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "core/base/text.h"
#include "core/cli/doctor.h"
#include "core/model/http.h"
#include "core/plugin/host.h"

#define PROBE_NS INT64_C(5000000000)

static ww_status
probe_open(const struct ww_plugin *plugin, const struct ww_host *host,
           struct ww_provider_probe *probe, struct ww_error *error)
{
	const struct ww_provider_ops *ops = plugin->ops;
	struct ww_call_frame frame;
	void *self = NULL;
	ww_status status;

	ww_call_start(&frame, NULL, ww_now_ns() + PROBE_NS);
	status = ww_call_finish(&frame, ops->open(&frame.call, host, &self),
	                        error);
	if (status != WW_OK)
		return status;
	ww_call_start(&frame, NULL, ww_now_ns() + PROBE_NS);
	status = ww_call_finish(
		&frame, ops->probe(&frame.call, self, probe), error);
	ops->close(self);
	return status;
}

static ww_status
probe(struct ww_cli *cli, const struct ww_plugin *plugin,
      struct ww_provider_probe *result, struct ww_error *error)
{
	struct ww_options *options = NULL;
	struct ww_services services = { .process = ww_process_service() };
	struct ww_host_box *box;
	struct ww_http *http;
	ww_status status = ww_settings_options(cli->settings, plugin, NULL,
	                                       &options, error);

	if (status != WW_OK)
		return status;
	http = ww_http_new(cli->settings);
	ww_http_bind(http, options);
	services.http = http;
	box = ww_host_new(plugin, options, 1, &services);
	status = probe_open(plugin, ww_host_of(box), result, error);
	ww_host_free(box);
	ww_http_free(http);
	return status;
}

/* 1 if this provider would be chosen by itself. */
static int
check_provider(struct ww_doctor *doctor, const struct ww_plugin *plugin)
{
	struct ww_provider_probe result = { .size = sizeof result };
	struct ww_error error = { 0 };
	char subject[64];
	int chosen;

	snprintf(subject, sizeof subject, "model (%s)", plugin->name);
	if (probe(doctor->cli, plugin, &result, &error) != WW_OK) {
		ww_doctor_line(doctor, subject, "not usable", error.text, 0);
		return 0;
	}
	chosen = result.present && result.rank >= 0;
	if (result.present)
		ww_doctor_line(doctor, subject, result.reason, NULL, 0);
	else if (result.rank >= 0)
		ww_doctor_absent(doctor, subject, result.reason);
	else
		ww_doctor_line(doctor, subject,
		               "only if named with --provider", NULL, 0);
	return chosen;
}

void
ww_doctor_models(struct ww_doctor *doctor)
{
	size_t i;
	int n = 0;

	for (i = 0; i < ww_registry_count(doctor->cli->registry); i++) {
		const struct ww_registry_entry *entry =
			ww_registry_at(doctor->cli->registry, i);

		if (entry->state == WW_PLUGIN_LOADED &&
		    entry->plugin->kind == WW_KIND_PROVIDER)
			n += check_provider(doctor, entry->plugin);
	}
	if (n == 0)
		ww_doctor_line(doctor, "language model", "none is reachable",
		               "one of those above is enough (\"With a model\" "
		               "in README.md); until then 'tune' searches with "
		               "a classical strategy",
		               0);
}
