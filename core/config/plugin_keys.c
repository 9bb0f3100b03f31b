/* SPDX-License-Identifier: MIT
 *
 * Settings that belong to plugins: found, typed and checked by the option
 * tables of the plugins themselves.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/config/layers.h"
#include "core/config/options.h"

#define MOST_NAMES 256

static char *
option_key(const struct ww_plugin *plugin, uint32_t i)
{
	return ww_text("%s.%s.%s", ww_kind_name(plugin->kind), plugin->name,
	               plugin->options[i].name);
}

/* Names of secrets could point a project's own server at somebody's key. */
static bool
is_trusted_only(const struct ww_option *option)
{
	return (option->flags & WW_OPTION_TRUSTED_ONLY) != 0 ||
	       option->type == WW_OPTION_SECRET;
}

/* Types one entry by the option's record; *value null: set back to unset. */
static ww_status
convert_entry(const struct ww_entry *entry, const struct ww_option *option,
              const char *key, struct json_object **value,
              struct ww_error *error)
{
	*value = NULL;
	if (entry->local && is_trusted_only(option))
		return ww_layer_refuse(entry->origin, key, error);
	if (entry->value == NULL ||
	    (entry->text && json_object_get_string_len(entry->value) == 0))
		return WW_OK;
	if (ww_option_convert(option, entry->value, entry->text, entry->folder,
	                      value, error) != WW_OK)
		return ww_error_prefix(error, "%s: %s: ", entry->origin, key);
	return WW_OK;
}

/* ------------------------------------------------------------------- check */

/* Gives an entry that came as a variable its key. */
static void
resolve_variable(struct ww_entry *entry, const struct ww_registry *registry)
{
	size_t i;
	uint32_t k;

	for (i = 0; i < ww_registry_count(registry); i++) {
		const struct ww_registry_entry *file = ww_registry_at(registry,
		                                                      i);

		if (file->state != WW_PLUGIN_LOADED)
			continue;
		for (k = 0; k < file->plugin->n_options; k++) {
			char *key = option_key(file->plugin, k);
			char *variable = ww_layer_variable(key);
			int found = strcmp(variable, entry->variable) == 0;

			free(variable);
			if (found) {
				entry->key = key;
				return;
			}
			free(key);
		}
	}
}

static ww_status
unknown_option(const struct ww_entry *entry, const struct ww_plugin *plugin,
               const char *name, struct ww_error *error)
{
	const char *names[MOST_NAMES];
	const char *closest;
	uint32_t i;

	for (i = 0; i < plugin->n_options && i < MOST_NAMES; i++)
		names[i] = plugin->options[i].name;
	closest = ww_text_closest(name, names, i);
	if (closest != NULL)
		return ww_error_set(error, WW_E_CONFIG,
		                    "%s: %.128s: %s %s has no such option; did "
		                    "you mean %s?",
		                    entry->origin, entry->key,
		                    ww_kind_name(plugin->kind), plugin->name,
		                    closest);
	return ww_error_set(error, WW_E_CONFIG,
	                    "%s: %.128s: %s %s has no such option; 'warpwright "
	                    "plugin info %s' lists them",
	                    entry->origin, entry->key,
	                    ww_kind_name(plugin->kind), plugin->name,
	                    plugin->name);
}

/* Whether a file of that kind and name was seen, though it cannot be used. */
static int
was_refused(const struct ww_registry *registry, const char *kind,
            const char *name)
{
	size_t i;

	for (i = 0; i < ww_registry_count(registry); i++) {
		const struct ww_registry_entry *file = ww_registry_at(registry,
		                                                      i);

		if (strcmp(file->kind, kind) == 0 &&
		    strcmp(file->name, name) == 0)
			return 1;
	}
	return 0;
}

static ww_status
check_named(struct ww_entry *entry, const struct ww_registry *registry,
            const char *kind, const char *name, const char *option,
            struct ww_error *error)
{
	const struct ww_plugin *plugin = ww_registry_find(registry, kind, name,
	                                                  error);
	struct json_object *value;
	ww_status status;
	uint32_t i;

	if (plugin == NULL && was_refused(registry, kind, name)) {
		/* One home folder may serve machines that differ in what
		 * works there; `plugin list` must still run to say why. */
		ww_logf(WW_LOG_WARNING, "settings",
		        "%s: %s is not checked: the plugin was refused",
		        entry->origin, entry->key);
		return WW_OK;
	}
	if (plugin == NULL) {
		ww_error_prefix(error, "%s: %s: ", entry->origin, entry->key);
		if (error != NULL)
			error->status = WW_E_CONFIG;
		return WW_E_CONFIG;
	}
	i = ww_plugin_option_find(plugin, option);
	if (i == plugin->n_options)
		return unknown_option(entry, plugin, option, error);
	status = convert_entry(entry, &plugin->options[i], entry->key, &value,
	                       error);
	if (status == WW_OK) {
		/* From now on it is shown, stored and read with its type. */
		json_object_put(entry->value);
		free(entry->list);
		entry->value = value;
		entry->list = NULL;
		entry->n_list = 0;
		entry->text = false;
	}
	return status;
}

static ww_status
check_entry(struct ww_entry *entry, const struct ww_registry *registry,
            struct ww_error *error)
{
	char *kind, *name, *option;
	ww_status status;

	if (entry->key == NULL)
		resolve_variable(entry, registry);
	if (entry->key == NULL)
		return ww_error_set(error, WW_E_CONFIG,
		                    "environment variable %.128s: no plugin has "
		                    "such an option; 'warpwright plugin info "
		                    "NAME' lists what there is",
		                    entry->variable);
	kind = ww_copy(entry->key);
	name = strchr(kind, '.');
	*name++ = '\0';
	option = strchr(name, '.');
	if (option == NULL) {
		status = ww_error_set(error, WW_E_CONFIG,
		                      "%s: %.128s: expected KIND.NAME.OPTION",
		                      entry->origin, entry->key);
	} else {
		*option++ = '\0';
		status = check_named(entry, registry, kind, name, option,
		                     error);
	}
	free(kind);
	return status;
}

ww_status
ww_settings_check(struct ww_settings *settings,
                  const struct ww_registry *registry, struct ww_error *error)
{
	ww_status status = WW_OK;
	size_t i;

	for (i = 0; status == WW_OK && i < settings->n_plugins; i++)
		status = check_entry(&settings->plugins[i], registry, error);
	return status;
}

/* ------------------------------------------------------------ one instance */

/* The entry of the highest layer for this option, or null. */
static const struct ww_entry *
find_entry(const struct ww_settings *settings, const char *key)
{
	char *variable = ww_layer_variable(key);
	const struct ww_entry *found = NULL;
	size_t i;

	for (i = settings->n_plugins; i > 0 && found == NULL; i--) {
		const struct ww_entry *entry = &settings->plugins[i - 1];

		if (entry->key != NULL ? strcmp(entry->key, key) == 0
		                       : strcmp(entry->variable, variable) == 0)
			found = entry;
	}
	free(variable);
	return found;
}

static ww_status
fill_from_settings(const struct ww_settings *settings,
                   const struct ww_plugin *plugin, struct ww_options *options,
                   struct ww_error *error)
{
	ww_status status = WW_OK;
	uint32_t i;

	for (i = 0; status == WW_OK && i < plugin->n_options; i++) {
		char *key = option_key(plugin, i);
		const struct ww_entry *entry = find_entry(settings, key);
		struct json_object *value = NULL;

		if (entry != NULL)
			status = convert_entry(entry, &plugin->options[i], key,
			                       &value, error);
		if (value != NULL)
			ww_options_put(options, i, value);
		free(key);
	}
	return status;
}

static ww_status
fill_from_overrides(struct json_object *overrides,
                    const struct ww_plugin *plugin, struct ww_options *options,
                    struct ww_error *error)
{
	struct json_object_iterator at = json_object_iter_begin(overrides);
	struct json_object_iterator end = json_object_iter_end(overrides);

	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at)) {
		const char *name = json_object_iter_peek_name(&at);
		struct json_object *raw = json_object_iter_peek_value(&at);
		uint32_t i = ww_plugin_option_find(plugin, name);
		struct json_object *value;

		if (i == plugin->n_options)
			return ww_error_set(error, WW_E_OPTION,
			                    "%s %s has no option '%.64s'",
			                    ww_kind_name(plugin->kind),
			                    plugin->name, name);
		if (raw == NULL)
			continue;
		if (ww_option_convert(&plugin->options[i], raw, false, NULL,
		                      &value, error) != WW_OK)
			return ww_error_prefix(error, "%s.%s.%s: ",
			                       ww_kind_name(plugin->kind),
			                       plugin->name, name);
		ww_options_put(options, i, value);
	}
	return WW_OK;
}

ww_status
ww_settings_options(const struct ww_settings *settings,
                    const struct ww_plugin *plugin,
                    struct json_object *overrides, struct ww_options **options,
                    struct ww_error *error)
{
	struct ww_options *filled = ww_options_new(plugin);
	ww_status status = fill_from_settings(settings, plugin, filled, error);

	if (status == WW_OK && overrides != NULL)
		status = fill_from_overrides(overrides, plugin, filled, error);
	if (status != WW_OK) {
		ww_options_free(filled);
		filled = NULL;
	}
	*options = filled;
	return status;
}
