/* SPDX-License-Identifier: MIT
 *
 * Inside of the settings: the entries, and one way to set them that all layers
 * share.
 */
#ifndef WW_CORE_LAYERS_H
#define WW_CORE_LAYERS_H

#include "core/config/settings.h"

/* Where a value comes from. */
struct ww_layer {
	const char *origin; /* for people: "FILE:3", "--set" */
	const char *folder; /* relative paths start here; null: working folder */
	bool text;          /* a person typed it: not JSON */
	bool local;         /* project-local file: sets no trusted-only key */
};

struct ww_entry {
	char *key;      /* null: known by its variable only */
	char *variable; /* null unless it came from the environment */
	struct json_object *value; /* null: unset */
	const char **list;         /* LIST: texts of value */
	size_t n_list;
	char *origin;
	char *folder;
	bool text;
	bool local;
	bool set; /* by a layer above the built-in one */
};

struct ww_settings {
	struct ww_entry *core;    /* one a key, in the table's order */
	struct ww_entry *plugins; /* options of plugins, in order of layers */
	size_t n_plugins;
};

/* Sets a key of the core or keeps an option of a plugin; `value` is borrowed. */
ww_status ww_layer_set(struct ww_settings *settings,
                       const struct ww_layer *layer, const char *key,
                       struct json_object *value, struct ww_error *error);
/* Keeps an option of a plugin under the name of its variable. */
void ww_layer_set_variable(struct ww_settings *settings,
                           const struct ww_layer *layer, const char *variable,
                           struct json_object *value);
/* The error for a trusted-only key in a project-local file. */
ww_status ww_layer_refuse(const char *origin, const char *key,
                          struct ww_error *error);
/* "WARPWRIGHT_SEARCH_SEED" for "search.seed"; to be freed. */
char *ww_layer_variable(const char *key);
/* 1 if the key begins with the kind of a plugin and a dot. */
int ww_layer_is_plugin_key(const char *key);

#endif
