/* SPDX-License-Identifier: MIT
 *
 * Settings: one tree of values, put together from layers, each value with the
 * layer it came from. Built-in < /etc < user < ./warpwright.json < --config <
 * WARPWRIGHT_… < --set and flags. Keys are typed; an unknown key is an error
 * with file, line and the closest known name. A plugin's options live under its
 * kind and name ("strategy.llm.overlap") and are typed by its own table.
 */
#ifndef WW_CORE_SETTINGS_H
#define WW_CORE_SETTINGS_H

#include <stdbool.h>

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/plugin/registry.h"
#include "warpwright/host.h"

struct ww_settings;

struct ww_settings *ww_settings_new(void);
void ww_settings_free(struct ww_settings *settings);

/* The files and the environment, in order; `explicit_file` (--config) may be
 * null. Keys of plugins are kept and checked by ww_settings_check(). */
ww_status ww_settings_load(struct ww_settings *settings,
                           const char *explicit_file, struct ww_error *error);
/* "a.b=value" from --set. */
ww_status ww_settings_assign(struct ww_settings *settings, const char *text,
                             struct ww_error *error);
/* A flag of the command line; `origin` is its name ("--model"). */
ww_status ww_settings_put(struct ww_settings *settings, const char *key,
                          const char *value, const char *origin,
                          struct ww_error *error);
/* All keys under provider., strategy., backend. against the tables of the
 * plugins that are loaded; unknown plugin or option is an error, one of a plugin
 * that was refused is a warning. Variables of plugin options get their keys. */
ww_status ww_settings_check(struct ww_settings *settings,
                            const struct ww_registry *registry,
                            struct ww_error *error);

/* Typed reading; the key must be one of the known core keys. Pointers live as
 * long as the settings. */
const char *ww_setting_string(const struct ww_settings *settings,
                              const char *key); /* null: unset */
int64_t ww_setting_int(const struct ww_settings *settings, const char *key);
double ww_setting_number(const struct ww_settings *settings, const char *key);
bool ww_setting_bool(const struct ww_settings *settings, const char *key);
/* Null-terminated; a single string reads as a list of one; null: unset. */
const char *const *ww_setting_list(const struct ww_settings *settings,
                                   const char *key, size_t *n);
/* Whether any layer above the built-in one set it. */
bool ww_setting_is_set(const struct ww_settings *settings, const char *key);
/* "built-in", a file with line, "WARPWRIGHT_LLM_MODEL", "--set", … */
const char *ww_setting_origin(const struct ww_settings *settings,
                              const char *key);

/* Every known key in order, plugin options that were set included. */
void ww_settings_each(const struct ww_settings *settings,
                      void (*visit)(void *context, const char *key,
                                    struct json_object *value,
                                    const char *origin, const char *help),
                      void *context);
/* All values as one object, for the store. Never holds a secret. */
struct json_object *ww_settings_json(const struct ww_settings *settings);

/* Options of one plugin, for ww_host_new(); `overrides` (may be null) is a JSON
 * object that wins over the settings; a name in it that the plugin's table lacks
 * is WW_E_OPTION. Freed by ww_host_free(). */
ww_status ww_settings_options(const struct ww_settings *settings,
                              const struct ww_plugin *plugin,
                              struct json_object *overrides,
                              struct ww_options **options,
                              struct ww_error *error);
void ww_options_free(struct ww_options *options);
/* The secret itself, for the HTTP service alone; null if absent. Registered for
 * redaction. To be freed. */
char *ww_options_secret(const struct ww_options *options, const char *name);
/* What was set (defaults are left out) as a JSON object that serves as
 * `overrides` in a worker process; secrets as their names. */
struct json_object *ww_options_json(const struct ww_options *options);

#endif
