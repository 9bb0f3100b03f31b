/* SPDX-License-Identifier: MIT
 *
 * warpwright config show
 */
#include <stdio.h>
#include <string.h>

#include "core/base/json.h"
#include "core/cli/cli.h"
#include "core/config/keys.h"
#include "core/config/layers.h"
#include "core/config/value.h"

/* What `config show` prints, and how wide its columns are. */
struct view {
	const char *key; /* a key or a section, or null: everything */
	int json;
	int key_width;
	int value_width;
	size_t n;
};

#define WIDEST_VALUE 32

static int
is_wanted(const struct view *view, const char *key)
{
	size_t length;

	if (view->key == NULL)
		return 1;
	length = strlen(view->key);
	return strncmp(key, view->key, length) == 0 &&
	       (key[length] == '\0' || key[length] == '.');
}

static const char *
value_text(struct json_object *value)
{
	return value == NULL ? "(unset)" : ww_json_text(value);
}

static void
measure(void *context, const char *key, struct json_object *value,
        const char *origin, const char *help)
{
	struct view *view = context;
	int width = (int)strlen(value_text(value));

	(void)origin;
	(void)help;
	if (!is_wanted(view, key))
		return;
	view->n++;
	if ((int)strlen(key) > view->key_width)
		view->key_width = (int)strlen(key);
	if (width > view->value_width && width <= WIDEST_VALUE)
		view->value_width = width;
}

/* What the table says about a key of the core. */
static void
add_record(struct json_object *line, const char *key)
{
	size_t i = ww_key_find(key);
	const struct ww_option *option = &ww_keys[i];

	if (i == ww_n_keys)
		return;
	json_object_object_add(line, "default", ww_option_default(option));
	ww_json_put_string(line, "value_type",
	                   ww_option_type_name(option->type));
	if (option->choices != NULL)
		ww_json_put_string(line, "choices", option->choices);
	if (option->minimum < option->maximum) {
		ww_json_put_number(line, "minimum", option->minimum);
		ww_json_put_number(line, "maximum", option->maximum);
	}
	ww_json_put_bool(line, "trusted_only",
	                 (option->flags & WW_OPTION_TRUSTED_ONLY) != 0);
}

static void
print(void *context, const char *key, struct json_object *value,
      const char *origin, const char *help)
{
	const struct view *view = context;
	struct json_object *line;

	if (!is_wanted(view, key))
		return;
	if (!view->json) {
		printf("%-*s  %-*s  %s\n", view->key_width, key,
		       view->value_width, value_text(value), origin);
		return;
	}
	line = json_object_new_object();
	ww_json_put_string(line, "type", "setting");
	ww_json_put_string(line, "key", key);
	json_object_object_add(line, "value", json_object_get(value));
	ww_json_put_string(line, "origin", origin);
	add_record(line, key);
	ww_json_put_string(line, "help", help);
	ww_cli_json_line(line);
}

static int
run(struct ww_cli *cli)
{
	struct view view = { .json = cli->json };
	struct ww_error error;
	int n = 0;
	int code = ww_cli_flags(cli, NULL, 0, &n);

	if (code != 0)
		return code;
	if (n < 1 || n > 2 || strcmp(cli->argv[1], "show") != 0)
		return ww_cli_usage("expected 'config show [KEY]'");
	if (n == 2)
		view.key = cli->argv[2];
	ww_settings_each(cli->settings, measure, &view);
	if (view.n == 0) {
		/* Those of plugins are shown where they are set. */
		if (ww_layer_is_plugin_key(view.key))
			ww_error_set(&error, WW_E_CONFIG,
			             "%.128s: not set, or no such option; "
			             "'warpwright plugin info NAME' shows those of "
			             "a plugin with their defaults", view.key);
		else
			ww_error_set(&error, WW_E_CONFIG,
			             "%.128s: no such setting or section; "
			             "'warpwright config show' lists all of them",
			             view.key);
		return ww_cli_fail(&error);
	}
	ww_settings_each(cli->settings, print, &view);
	return WW_EXIT_OK;
}

const struct ww_command ww_command_config = {
	.name = "config",
	.arguments = "show [KEY | SECTION]",
	.summary = "every setting with its value and where it comes from",
	.help = "Layers, each over the one before: built in, the system's\n"
	        "config.json, the user's config.json, ./warpwright.json,\n"
	        "--config FILE, WARPWRIGHT_SECTION_KEY, --set and options.\n"
	        "Options of plugins are shown where they were set; 'warpwright\n"
	        "plugin info NAME' shows all of them.\n",
	.run = run,
};
