/* SPDX-License-Identifier: MIT
 *
 * warpwright devices: what each backend finds on this machine.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/cli/cli.h"
#include "core/cli/table.h"
#include "core/engine/device_list.h"
#include "warpwright/backend.h"

int
ww_cli_drives_devices(const struct ww_plugin *plugin)
{
	const struct ww_backend_ops *ops = plugin->ops;

	return plugin->kind == WW_KIND_BACKEND &&
	       WW_HAS(struct ww_backend_ops, ops, device);
}

/* Bytes as what they are made of: 32 KiB, 23.5 GiB. */
static void
show_bytes(char text[WW_SHORT], double bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	size_t unit = 0;

	while (bytes >= 1024 && unit + 1 < sizeof units / sizeof units[0]) {
		bytes /= 1024;
		unit++;
	}
	snprintf(text, WW_SHORT, "%.4g %s", bytes, units[unit]);
}

/* Whether this fact of a device (warpwright/backend.h) counts bytes. */
static bool
counts_bytes(const char *name)
{
	size_t length = strlen(name);

	return strncmp(name, "shared_per_", 11) == 0 ||
	       (length > 6 && strcmp(name + length - 6, "_bytes") == 0);
}

static void
print_fact(const char *name, double value)
{
	char text[WW_SHORT];
	const char *unit = strstr(name, "_mhz") != NULL      ? " MHz"
	                   : strstr(name, "_gbs") != NULL    ? " GB/s"
	                   : strstr(name, "_gflops") != NULL ? " GFLOPS"
	                                                     : "";

	if (counts_bytes(name))
		show_bytes(text, value);
	else
		snprintf(text, sizeof text, "%.10g%s", value, unit);
	printf("    %-28s %s\n", name, text);
}

static void
print_members(struct json_object *members)
{
	if (!json_object_is_type(members, json_type_object))
		return;
	json_object_object_foreach(members, name, value)
	{
		if (json_object_is_type(value, json_type_double) ||
		    json_object_is_type(value, json_type_int))
			print_fact(name, json_object_get_double(value));
		else
			printf("    %-28s %s\n", name,
			       json_object_get_string(value));
	}
}

static void
print_device(const struct ww_cli *cli, const char *backend,
             struct json_object *device)
{
	struct json_object *line;

	if (!cli->json) {
		printf("%s: %s\n    %-28s %s\n", backend,
		       ww_json_string(device, "name", ""), "id",
		       ww_json_string(device, "id", ""));
		if (!cli->quiet) {
			print_members(ww_json_get(device, "texts"));
			print_members(ww_json_get(device, "facts"));
		}
		return;
	}
	line = json_object_new_object();
	ww_json_put_string(line, "type", "device");
	ww_json_put_string(line, "backend", backend);
	json_object_object_foreach(device, name, value)
	{
		json_object_object_add(line, name, json_object_get(value));
	}
	ww_cli_json_line(line);
}

static void
print_none(const struct ww_cli *cli, const char *backend, const char *why)
{
	struct json_object *line;

	if (!cli->json) {
		printf("%s: no device: %s\n", backend, why);
		return;
	}
	line = json_object_new_object();
	ww_json_put_string(line, "type", "no_device");
	ww_json_put_string(line, "backend", backend);
	ww_json_put_string(line, "reason", why);
	ww_cli_json_line(line);
}

static size_t
list_backend(const struct ww_cli *cli, const struct ww_plugin *backend)
{
	struct ww_device_list list = { 0 };
	struct ww_error error = { 0 };
	size_t i, n;

	if (ww_devices_find(cli->settings, cli->registry, backend, NULL,
	                    &cli->cancel, &list, &error) != WW_OK) {
		if (error.status != WW_E_CANCELLED)
			print_none(cli, backend->name, error.text);
		return 0;
	}
	n = list.n;
	for (i = 0; i < n; i++)
		print_device(cli, backend->name,
		             json_object_array_get_idx(list.json, i));
	if (n == 0)
		print_none(cli, backend->name, "none was found");
	ww_devices_clear(&list);
	return n;
}

static int
run(struct ww_cli *cli)
{
	const char *wanted = NULL;
	const struct ww_flag flags[] = {
		{ .name = "--backend", .text = &wanted },
	};
	struct ww_error error = { 0 };
	size_t found = 0, i;
	int n, code = ww_cli_flags(cli, flags, 1, &n);

	if (code != 0)
		return code;
	if (n != 0)
		return ww_cli_usage("devices takes no argument");
	if (wanted != NULL && ww_registry_find(cli->registry, "backend", wanted,
	                                       &error) == NULL)
		return ww_cli_fail(&error);
	for (i = 0; i < ww_registry_count(cli->registry); i++) {
		const struct ww_registry_entry *entry =
			ww_registry_at(cli->registry, i);

		if (entry->state != WW_PLUGIN_LOADED ||
		    !ww_cli_drives_devices(entry->plugin) ||
		    (wanted != NULL && strcmp(entry->name, wanted) != 0) ||
		    ww_cancel_requested(&cli->cancel))
			continue;
		found += list_backend(cli, entry->plugin);
	}
	if (ww_cancel_requested(&cli->cancel))
		return WW_EXIT_INTERRUPTED;
	return found > 0 ? WW_EXIT_OK : WW_EXIT_DEVICE;
}

const struct ww_command ww_command_devices = {
	.name = "devices",
	.arguments = "[--backend NAME]",
	.summary = "list the devices that each backend finds",
	.help = "Every backend with devices is asked in a worker process, so a "
	        "broken driver\ncosts one line. --quiet leaves the facts out. "
	        "Exit code 5 if there is none.\n\n"
	        "  --backend NAME   only this backend\n",
	.run = run,
};
