/* SPDX-License-Identifier: MIT
 *
 * Every plugin file that was seen, with its state and the reason. Files are
 * checked before they are opened and again before anything in them runs; a
 * refused file never ends the run unless that plugin was asked for. Nothing is
 * ever unloaded.
 */
#ifndef WW_CORE_REGISTRY_H
#define WW_CORE_REGISTRY_H

#include "core/base/error.h"

#define WW_PLUGIN_LOADED 0u
#define WW_PLUGIN_REFUSED 1u
#define WW_PLUGIN_SHADOWED 2u /* an earlier file has the same kind and name */

struct ww_registry;

struct ww_registry_entry {
	const char *path;
	const char *kind;   /* "provider", … from the file's name, or "" */
	const char *name;
	const char *origin; /* "--plugin", "WARPWRIGHT_PLUGIN_PATH", … */
	unsigned state;
	const char *reason; /* why refused or shadowed, or "" */
	const struct ww_plugin *plugin; /* LOADED and SHADOWED only */
};

struct ww_registry *ww_registry_new(void);
/* Loads one file; a refusal is recorded and returned. */
ww_status ww_registry_file(struct ww_registry *registry, const char *path,
                           const char *origin, struct ww_error *error);
/* WARPWRIGHT_PLUGIN_PATH (not for setuid), then the configured folders (null-
 * terminated array or null), then the installed one. --plugin files are added
 * by the caller before. */
void ww_registry_scan(struct ww_registry *registry,
                      const char *const *configured);

/* The loaded plugin of this kind ("provider", "strategy", "backend") and name,
 * or null with a message that names the closest one, or the reason of its
 * refusal. `error` may be null. */
const struct ww_plugin *ww_registry_find(const struct ww_registry *registry,
                                         const char *kind, const char *name,
                                         struct ww_error *error);
size_t ww_registry_count(const struct ww_registry *registry);
const struct ww_registry_entry *
ww_registry_at(const struct ww_registry *registry, size_t i);
/* Path of the file that a descriptor came from. */
const char *ww_registry_path(const struct ww_registry *registry,
                             const struct ww_plugin *plugin);
/* Frees the bookkeeping; the files stay mapped. */
void ww_registry_free(struct ww_registry *registry);

const char *ww_kind_name(uint32_t kind); /* "provider", … */

#endif
