/* SPDX-License-Identifier: MIT
 *
 * warpwright plugin list|info|check|new
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/json.h"
#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/cli/plugin.h"
#include "core/config/value.h"

static const char *
state_name(unsigned state)
{
	static const char *const names[] = {
		[WW_PLUGIN_LOADED] = "loaded",
		[WW_PLUGIN_REFUSED] = "refused",
		[WW_PLUGIN_SHADOWED] = "shadowed",
	};

	return names[state];
}

static const char *
version_of(const struct ww_registry_entry *entry)
{
	return entry->plugin != NULL ? entry->plugin->version : NULL;
}

static void
print_entry_json(const struct ww_registry_entry *entry)
{
	struct json_object *line = json_object_new_object();

	ww_json_put_string(line, "type", "plugin");
	ww_json_put_string(line, "kind", entry->kind);
	ww_json_put_string(line, "name", entry->name);
	ww_json_put_string(line, "version", version_of(entry));
	ww_json_put_string(line, "state", state_name(entry->state));
	ww_json_put_string(line, "reason", entry->reason);
	ww_json_put_string(line, "path", entry->path);
	ww_json_put_string(line, "origin", entry->origin);
	ww_cli_json_line(line);
}

static void
print_row(int width, const char *kind, const char *name, const char *version,
          const char *state, const char *path)
{
	printf("%-9s %-*s %-9s %-9s %s\n", kind, width, name, version, state,
	       path);
}

static void
print_entry(const struct ww_registry_entry *entry, int width)
{
	const char *version = version_of(entry);

	print_row(width, entry->kind[0] != '\0' ? entry->kind : "-",
	          entry->name, version != NULL ? version : "-",
	          state_name(entry->state), entry->path);
	if (entry->reason[0] != '\0')
		printf("          %s\n", entry->reason);
}

static int
list(struct ww_cli *cli)
{
	size_t n = ww_registry_count(cli->registry);
	int width = 12;
	size_t i;

	for (i = 0; i < n; i++) {
		int length = (int)strlen(ww_registry_at(cli->registry, i)->name);

		width = length > width ? length : width;
	}
	if (!cli->json && n > 0)
		print_row(width, "KIND", "NAME", "VERSION", "STATE", "FILE");
	for (i = 0; i < n; i++)
		if (cli->json)
			print_entry_json(ww_registry_at(cli->registry, i));
		else
			print_entry(ww_registry_at(cli->registry, i), width);
	if (n == 0 && !cli->json) {
		char *folder = ww_path_plugins();

		printf("No plugin file was found in %s; WARPWRIGHT_PLUGIN_PATH "
		       "and the setting\nplugin.path name more folders to look "
		       "in.\n",
		       folder);
		free(folder);
	}
	return WW_EXIT_OK;
}

/* ------------------------------------------------------------------- info */

static void
add_number(struct json_object *object, const char *name,
           const struct ww_option *option, double value)
{
	if (option->minimum < option->maximum)
		ww_json_put_number(object, name, value);
}

static struct json_object *
option_json(const struct ww_plugin *plugin, const struct ww_option *option)
{
	struct json_object *object = json_object_new_object();
	char *key = ww_text("%s.%s.%s", ww_kind_name(plugin->kind),
	                    plugin->name, option->name);

	ww_json_put_string(object, "name", option->name);
	ww_json_put_string(object, "key", key);
	ww_json_put_string(object, "type", ww_option_type_name(option->type));
	json_object_object_add(object, "default", ww_option_default(option));
	if (option->choices != NULL)
		ww_json_put_string(object, "choices", option->choices);
	add_number(object, "minimum", option, option->minimum);
	add_number(object, "maximum", option, option->maximum);
	ww_json_put_bool(object, "trusted_only",
	                 (option->flags & WW_OPTION_TRUSTED_ONLY) != 0 ||
	                         option->type == WW_OPTION_SECRET);
	ww_json_put_string(object, "help", option->help);
	free(key);
	return object;
}

static void
print_info_json(const struct ww_plugin *plugin, const char *path)
{
	struct json_object *line = json_object_new_object();
	struct json_object *options = json_object_new_array();
	char abi[32];
	uint32_t i;

	snprintf(abi, sizeof abi, "%u.%u", plugin->abi_major,
	         plugin->abi_minor);
	ww_json_put_string(line, "type", "plugin_info");
	ww_json_put_string(line, "kind", ww_kind_name(plugin->kind));
	ww_json_put_string(line, "name", plugin->name);
	ww_json_put_string(line, "version", plugin->version);
	ww_json_put_string(line, "summary", plugin->summary);
	ww_json_put_string(line, "license", plugin->license);
	ww_json_put_string(line, "abi", abi);
	ww_json_put_string(line, "path", path);
	for (i = 0; i < plugin->n_options; i++)
		json_object_array_add(options,
		                      option_json(plugin, &plugin->options[i]));
	json_object_object_add(line, "options", options);
	ww_cli_json_line(line);
}

static void
print_option(const struct ww_plugin *plugin, const struct ww_option *option)
{
	char range[80];

	ww_option_range(option, range, sizeof range);
	printf("\n  %s.%s.%s  (%s%s", ww_kind_name(plugin->kind), plugin->name,
	       option->name, ww_option_type_name(option->type), range);
	if (option->choices != NULL)
		printf(": %s", option->choices);
	if (option->default_value != NULL)
		printf("; default %s", option->default_value);
	printf(")\n      %s\n", option->help);
	if ((option->flags & WW_OPTION_TRUSTED_ONLY) != 0 ||
	    option->type == WW_OPTION_SECRET)
		puts("      Not from a project-local file.");
}

static void
print_info(const struct ww_plugin *plugin, const char *path)
{
	uint32_t i;

	printf("%s %s %s\n  %s\n\n", ww_kind_name(plugin->kind), plugin->name,
	       plugin->version, plugin->summary);
	printf("  licence  %s\n  ABI      %u.%u (needs %u.%u)\n  file     "
	       "%s\n",
	       plugin->license, plugin->abi_major, plugin->abi_minor,
	       plugin->abi_major, plugin->need_minor, path);
	if (plugin->n_options == 0)
		puts("\nIt has no options.");
	else
		puts("\nOptions, as settings:");
	for (i = 0; i < plugin->n_options; i++)
		print_option(plugin, &plugin->options[i]);
}

static int
show(struct ww_cli *cli, const struct ww_plugin *plugin)
{
	const char *path = ww_registry_path(cli->registry, plugin);

	if (cli->json)
		print_info_json(plugin, path);
	else
		print_info(plugin, path);
	return WW_EXIT_OK;
}

/* The plugins of any kind that have this name. */
static int
show_by_name(struct ww_cli *cli, const char *name)
{
	const char *refused = NULL;
	struct ww_error error = { 0 };
	int shown = 0;
	size_t i;

	for (i = 0; i < ww_registry_count(cli->registry); i++) {
		const struct ww_registry_entry *entry =
			ww_registry_at(cli->registry, i);

		if (strcmp(entry->name, name) != 0)
			continue;
		if (entry->state == WW_PLUGIN_REFUSED) {
			refused = entry->kind;
			continue;
		}
		if (entry->state == WW_PLUGIN_SHADOWED)
			continue;
		if (shown++ > 0 && !cli->json)
			puts("");
		show(cli, entry->plugin);
	}
	if (shown > 0)
		return WW_EXIT_OK;
	if (refused != NULL)
		ww_registry_find(cli->registry, refused, name, &error);
	else
		ww_error_set(&error, WW_E_UNAVAILABLE,
		             "no plugin named '%.64s'; 'warpwright plugin list' "
		             "shows what is there",
		             name);
	return ww_cli_fail(&error);
}

static int
info(struct ww_cli *cli, const char *first, const char *second)
{
	static const char *const kinds[] = { "provider", "strategy",
		                             "backend" };
	const struct ww_plugin *plugin;
	struct ww_error error = { 0 };
	size_t i;

	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		size_t length = strlen(kinds[i]);
		const char *name = second;

		if (strncmp(first, kinds[i], length) != 0)
			continue;
		if (name == NULL && first[length] == '-')
			name = first + length + 1;
		else if (first[length] != '\0')
			continue;
		if (name == NULL)
			break;
		plugin = ww_registry_find(cli->registry, kinds[i], name,
		                          &error);
		return plugin != NULL ? show(cli, plugin)
		                      : ww_cli_fail(&error);
	}
	if (second != NULL)
		return ww_cli_usage("no kind '%s'; there are provider, "
		                    "strategy, backend",
		                    first);
	return show_by_name(cli, first);
}

static int
run(struct ww_cli *cli)
{
	const char *what = cli->argc > 1 ? cli->argv[1] : "";
	int n = 0;
	int code;

	if (strcmp(what, "check") == 0)
		return ww_cli_plugin_check(cli);
	if (strcmp(what, "new") == 0)
		return ww_cli_plugin_new(cli);
	code = ww_cli_flags(cli, NULL, 0, &n);
	if (code != 0)
		return code;
	if (n == 1 && strcmp(cli->argv[1], "list") == 0)
		return list(cli);
	if (n == 2 && strcmp(cli->argv[1], "info") == 0)
		return info(cli, cli->argv[2], NULL);
	if (n == 3 && strcmp(cli->argv[1], "info") == 0)
		return info(cli, cli->argv[2], cli->argv[3]);
	return ww_cli_usage("expected 'plugin list', 'plugin info NAME', "
	                    "'plugin check FILE' or 'plugin new KIND NAME'");
}

static const char *const without_plugins[] = { "check", "new", NULL };

const struct ww_command ww_command_plugin = {
	.name = "plugin",
	.arguments = "list | info [KIND] NAME | check FILE | new KIND NAME [FOLDER]",
	.summary = "plugins that were found, their options; for their authors",
	.help = "list         every plugin file that was seen: kind, name, "
	        "version, state\n"
	        "             (loaded, refused, shadowed), file, and the reason\n"
	        "             of a refusal\n"
	        "info NAME    what a plugin is and every option that it has;\n"
	        "             KIND-NAME or KIND NAME where several kinds share\n"
	        "             a name\n"
	        "check FILE   the conformance suite on a plugin file: TAP, each\n"
	        "             test in a process of its own; exit code 1 if one\n"
	        "             fails\n"
	        "  --set OPTION=VALUE  options that the plugin is opened with\n"
	        "  --device            run kernels on the first device, too\n"
	        "  --task FILE         task for a backend\n"
	        "  --recording FILE    recorded exchanges for a provider\n"
	        "  --only ID           tests whose id starts so\n"
	        "new KIND NAME [FOLDER]\n"
	        "             a complete project for a provider, strategy or\n"
	        "             backend that passes the check as it is\n\n"
	        "Files are looked for in --plugin FILE, the folders of\n"
	        "WARPWRIGHT_PLUGIN_PATH, the setting plugin.path, and the\n"
	        "installed folder, in this order; the first of a name wins.\n",
	.run = run,
	.bare_first = without_plugins,
};
