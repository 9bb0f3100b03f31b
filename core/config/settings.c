/* SPDX-License-Identifier: MIT */
#include "core/config/settings.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/config/keys.h"
#include "core/config/layers.h"
#include "core/config/list.h"
#include "core/config/value.h"

static void
set_entry(struct ww_entry *entry, const char *origin, struct json_object *value)
{
	char *copy = ww_copy(origin); /* may be the entry's own */

	json_object_put(entry->value);
	free(entry->list);
	free(entry->origin);
	entry->value = value;
	entry->origin = copy;
	entry->n_list = 0;
	entry->list = json_object_is_type(value, json_type_array)
	                      ? ww_list_of(value, &entry->n_list)
	                      : NULL;
}

static void
clear_entry(struct ww_entry *entry)
{
	json_object_put(entry->value);
	free(entry->list);
	free(entry->key);
	free(entry->variable);
	free(entry->origin);
	free(entry->folder);
}

struct ww_settings *
ww_settings_new(void)
{
	struct ww_settings *settings = ww_alloc(sizeof *settings);
	size_t i;

	settings->core = ww_alloc(ww_n_keys * sizeof *settings->core);
	for (i = 0; i < ww_n_keys; i++) {
		settings->core[i].key = ww_copy(ww_keys[i].name);
		set_entry(&settings->core[i], "built-in",
		          ww_option_default(&ww_keys[i]));
	}
	return settings;
}

void
ww_settings_free(struct ww_settings *settings)
{
	size_t i;

	if (settings == NULL)
		return;
	for (i = 0; i < ww_n_keys; i++)
		clear_entry(&settings->core[i]);
	for (i = 0; i < settings->n_plugins; i++)
		clear_entry(&settings->plugins[i]);
	free(settings->core);
	free(settings->plugins);
	free(settings);
}

/* ---------------------------------------------------------------- setting */

char *
ww_layer_variable(const char *key)
{
	char *variable = ww_text("WARPWRIGHT_%s", key);
	char *c;

	for (c = variable; *c != '\0'; c++)
		*c = *c == '.' ? '_' : (char)toupper((unsigned char)*c);
	return variable;
}

int
ww_layer_is_plugin_key(const char *key)
{
	return strncmp(key, "provider.", 9) == 0 ||
	       strncmp(key, "strategy.", 9) == 0 ||
	       strncmp(key, "backend.", 8) == 0;
}

static ww_status
unknown_key(const struct ww_layer *layer, const char *key,
            struct ww_error *error)
{
	const char **names = ww_alloc(ww_n_keys * sizeof *names);
	const char *closest;
	ww_status status;
	size_t i;

	for (i = 0; i < ww_n_keys; i++)
		names[i] = ww_keys[i].name;
	closest = ww_text_closest(key, names, ww_n_keys);
	if (closest != NULL)
		status = ww_error_set(error, WW_E_CONFIG,
		                      "%s: %.128s: no such setting; did you "
		                      "mean %s?",
		                      layer->origin, key, closest);
	else
		status = ww_error_set(error, WW_E_CONFIG,
		                      "%s: %.128s: no such setting; 'warpwright "
		                      "config show' lists all of them",
		                      layer->origin, key);
	free(names);
	return status;
}

ww_status
ww_layer_refuse(const char *origin, const char *key, struct ww_error *error)
{
	char *folder = ww_path_user_config();
	ww_status status = ww_error_set(
		error, WW_E_CONFIG,
		"%s: %s: a project-local file cannot set this, because it may "
		"come from somebody else; put it into %s/config.json or give it "
		"with --config or --set",
		origin, key, folder);

	free(folder);
	return status;
}

static struct ww_entry *
add_plugin_entry(struct ww_settings *settings, const struct ww_layer *layer,
                 struct json_object *value)
{
	struct ww_entry *entry;

	settings->plugins = ww_grow(settings->plugins,
	                            (settings->n_plugins + 1) *
	                                    sizeof *settings->plugins);
	entry = &settings->plugins[settings->n_plugins++];
	memset(entry, 0, sizeof *entry);
	set_entry(entry, layer->origin, json_object_get(value));
	entry->folder = ww_copy(layer->folder);
	entry->text = layer->text;
	entry->local = layer->local;
	entry->set = true;
	return entry;
}

void
ww_layer_set_variable(struct ww_settings *settings,
                      const struct ww_layer *layer, const char *variable,
                      struct json_object *value)
{
	add_plugin_entry(settings, layer, value)->variable = ww_copy(variable);
}

ww_status
ww_layer_set(struct ww_settings *settings, const struct ww_layer *layer,
             const char *key, struct json_object *value, struct ww_error *error)
{
	struct json_object *converted;
	size_t i;

	if (ww_layer_is_plugin_key(key)) {
		add_plugin_entry(settings, layer, value)->key = ww_copy(key);
		return WW_OK;
	}
	i = ww_key_find(key);
	if (i == ww_n_keys)
		return unknown_key(layer, key, error);
	if (layer->local && (ww_keys[i].flags & WW_OPTION_TRUSTED_ONLY) != 0)
		return ww_layer_refuse(layer->origin, key, error);
	if (value == NULL ||
	    (layer->text && json_object_get_string_len(value) == 0)) {
		set_entry(&settings->core[i], layer->origin,
		          ww_option_default(&ww_keys[i]));
		settings->core[i].set = false;
		return WW_OK;
	}
	if (ww_option_convert(&ww_keys[i], value, layer->text, layer->folder,
	                      &converted, error) != WW_OK)
		return ww_error_prefix(error, "%s: %s: ", layer->origin, key);
	set_entry(&settings->core[i], layer->origin, converted);
	settings->core[i].set = true;
	return WW_OK;
}

/* ---------------------------------------------------------------- reading */

static const struct ww_entry *
read_entry(const struct ww_settings *settings, const char *key, uint32_t type)
{
	size_t i = ww_key_find(key);

	if (i < ww_n_keys && (type == 0 || ww_keys[i].type == type))
		return &settings->core[i];
	fprintf(stderr, "warpwright: defect: setting '%s' %s\n", key,
	        i < ww_n_keys ? "is of another type" : "does not exist");
	abort();
}

const char *
ww_setting_string(const struct ww_settings *settings, const char *key)
{
	return json_object_get_string(read_entry(settings, key, 0)->value);
}

int64_t
ww_setting_int(const struct ww_settings *settings, const char *key)
{
	return json_object_get_int64(
		read_entry(settings, key, WW_OPTION_INT)->value);
}

double
ww_setting_number(const struct ww_settings *settings, const char *key)
{
	const struct ww_entry *entry = read_entry(settings, key, 0);

	return entry->value == NULL ? NAN
	                            : json_object_get_double(entry->value);
}

bool
ww_setting_bool(const struct ww_settings *settings, const char *key)
{
	return json_object_get_boolean(
		read_entry(settings, key, WW_OPTION_BOOL)->value);
}

const char *const *
ww_setting_list(const struct ww_settings *settings, const char *key, size_t *n)
{
	const struct ww_entry *entry = read_entry(settings, key,
	                                          WW_OPTION_LIST);

	if (n != NULL)
		*n = entry->n_list;
	return entry->list;
}

bool
ww_setting_is_set(const struct ww_settings *settings, const char *key)
{
	return read_entry(settings, key, 0)->set;
}

const char *
ww_setting_origin(const struct ww_settings *settings, const char *key)
{
	return read_entry(settings, key, 0)->origin;
}

/* A plugin's option that a later layer has set again. */
static int
is_overridden(const struct ww_settings *settings, size_t i)
{
	const char *key = settings->plugins[i].key;
	size_t k;

	for (k = i + 1; k < settings->n_plugins; k++)
		if (settings->plugins[k].key != NULL &&
		    strcmp(settings->plugins[k].key, key) == 0)
			return 1;
	return 0;
}

void
ww_settings_each(const struct ww_settings *settings,
                 void (*visit)(void *context, const char *key,
                               struct json_object *value, const char *origin,
                               const char *help),
                 void *context)
{
	size_t i;

	for (i = 0; i < ww_n_keys; i++)
		visit(context, ww_keys[i].name, settings->core[i].value,
		      settings->core[i].origin, ww_keys[i].help);
	for (i = 0; i < settings->n_plugins; i++) {
		const struct ww_entry *entry = &settings->plugins[i];

		if (entry->key != NULL && !is_overridden(settings, i))
			visit(context, entry->key, entry->value, entry->origin,
			      "");
	}
}

/* Puts a value under "a.b.c" into nested objects. */
static void
put_nested(void *context, const char *key, struct json_object *value,
           const char *origin, const char *help)
{
	struct json_object *object = context;
	const char *dot;

	(void)origin;
	(void)help;
	while ((dot = strchr(key, '.')) != NULL) {
		char *section = ww_copy_n(key, (size_t)(dot - key));
		struct json_object *inner = ww_json_get(object, section);

		if (inner == NULL) {
			inner = json_object_new_object();
			json_object_object_add(object, section, inner);
		}
		object = inner;
		key = dot + 1;
		free(section);
	}
	json_object_object_add(object, key, json_object_get(value));
}

struct json_object *
ww_settings_json(const struct ww_settings *settings)
{
	struct json_object *object = json_object_new_object();

	ww_settings_each(settings, put_nested, object);
	return object;
}
