/* SPDX-License-Identifier: MIT */
#include "core/plugin/registry.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/plugin/file.h"
#include "core/plugin/load.h"

#define MOST_NAMES 128

struct record {
	struct ww_registry_entry entry; /* its texts belong to the record */
	struct ww_plugin_file file;
	char *origin;
	char *reason;
};

struct ww_registry {
	struct record **records;
	size_t n;
};

struct ww_registry *
ww_registry_new(void)
{
	return ww_alloc(sizeof(struct ww_registry));
}

static struct record *
add_record(struct ww_registry *registry, const char *path, const char *origin)
{
	struct record *record = ww_alloc(sizeof *record);

	registry->records = ww_grow(registry->records,
	                            (registry->n + 1) *
	                                    sizeof(struct record *));
	registry->records[registry->n++] = record;
	record->entry.kind = record->file.kind;
	record->entry.name = record->file.name;
	record->origin = ww_copy(origin);
	record->entry.origin = record->origin;
	record->entry.reason = "";
	record->file.path = ww_path_absolute(path);
	record->entry.path = record->file.path;
	return record;
}

/* The file that already has this kind and name and is in use, or null. */
static const struct record *
find_loaded(const struct ww_registry *registry, const char *kind,
            const char *name)
{
	size_t i;

	for (i = 0; i < registry->n; i++) {
		const struct record *record = registry->records[i];

		if (record->entry.state == WW_PLUGIN_LOADED &&
		    record->entry.plugin != NULL &&
		    strcmp(record->file.kind, kind) == 0 &&
		    strcmp(record->file.name, name) == 0)
			return record;
	}
	return NULL;
}

static ww_status
load_record(struct record *record, const char *path, struct ww_error *error)
{
	ww_status status = ww_plugin_file_name(&record->file, path, error);

	if (status == WW_OK)
		status = ww_plugin_file_check(&record->file, path, error);
	record->entry.path = record->file.path;
	if (status == WW_OK)
		status = ww_plugin_load(&record->file, &record->entry.plugin,
		                        error);
	return status;
}

static void
refuse(struct record *record, const struct ww_error *error)
{
	record->entry.state = WW_PLUGIN_REFUSED;
	record->entry.plugin = NULL;
	record->reason = ww_copy(error->text);
	record->entry.reason = record->reason;
}

ww_status
ww_registry_file(struct ww_registry *registry, const char *path,
                 const char *origin, struct ww_error *error)
{
	struct ww_error local = { 0 };
	const struct record *earlier;
	struct record *record = add_record(registry, path, origin);
	ww_status status;

	/* Not "loaded" while its own record is searched. */
	record->entry.state = WW_PLUGIN_REFUSED;
	status = load_record(record, path, &local);
	if (status != WW_OK) {
		refuse(record, &local);
		return ww_error_set(error, status, "plugin %s: %s",
		                    record->entry.path, local.text);
	}
	earlier = find_loaded(registry, record->file.kind, record->file.name);
	if (earlier == NULL) {
		record->entry.state = WW_PLUGIN_LOADED;
		return WW_OK;
	}
	record->entry.state = WW_PLUGIN_SHADOWED;
	record->reason = ww_text("version %s is shadowed by version %s in %s",
	                         record->entry.plugin->version,
	                         earlier->entry.plugin->version,
	                         earlier->entry.path);
	record->entry.reason = record->reason;
	return WW_OK;
}

/* ------------------------------------------------------------- searching */

static int
is_plugin_file(const struct dirent *item)
{
	size_t length = strlen(item->d_name);

	return length > 3 && strcmp(item->d_name + length - 3, ".so") == 0;
}

/* Alphabetical in every locale. */
static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* The same folder named twice is one folder. */
static int
is_known(const struct ww_registry *registry, const char *path)
{
	char *resolved = ww_path_absolute(path);
	int known = 0;
	size_t i;

	for (i = 0; i < registry->n && !known; i++)
		known = strcmp(registry->records[i]->entry.path, resolved) == 0;
	free(resolved);
	return known;
}

/* Every *.so of the folder in alphabetical order; a missing one is fine. */
static void
scan_folder(struct ww_registry *registry, const char *folder,
            const char *origin)
{
	struct dirent **items;
	int n = scandir(folder, &items, is_plugin_file, by_name);
	int i;

	for (i = 0; i < n; i++) {
		char *path = ww_path_join(folder, items[i]->d_name);
		struct ww_error error;

		if (!is_known(registry, path) &&
		    ww_registry_file(registry, path, origin, &error) != WW_OK)
			ww_log_line(WW_LOG_INFO, "plugins", error.text);
		free(path);
		free(items[i]);
	}
	if (n >= 0)
		free(items);
}

static void
scan_variable(struct ww_registry *registry)
{
	/* A program that runs with more rights than its caller must not load
	 * code that the caller names. */
	const char *folders = secure_getenv("WARPWRIGHT_PLUGIN_PATH");

	while (folders != NULL && folders[0] != '\0') {
		size_t length = strcspn(folders, ":");
		char *folder = ww_copy_n(folders, length);

		if (length > 0)
			scan_folder(registry, folder,
			            "WARPWRIGHT_PLUGIN_PATH");
		free(folder);
		folders += length + (folders[length] == ':');
	}
}

void
ww_registry_scan(struct ww_registry *registry, const char *const *configured)
{
	char *installed = ww_path_plugins();

	scan_variable(registry);
	for (; configured != NULL && *configured != NULL; configured++)
		scan_folder(registry, *configured, "plugin.path");
	scan_folder(registry, installed, "installed");
	free(installed);
}

/* --------------------------------------------------------------- looking */

static ww_status
explain_missing(const struct ww_registry *registry, const char *kind,
                const char *name, struct ww_error *error)
{
	const char *names[MOST_NAMES];
	const char *closest;
	size_t n = 0;
	size_t i;

	for (i = 0; i < registry->n; i++) {
		const struct record *record = registry->records[i];

		if (strcmp(record->file.kind, kind) != 0)
			continue;
		if (strcmp(record->file.name, name) == 0)
			return ww_error_set(error, WW_E_UNAVAILABLE,
			                    "%s %s was refused: %s: %s", kind,
			                    name, record->entry.path,
			                    record->entry.reason);
		if (record->entry.state == WW_PLUGIN_LOADED && n < MOST_NAMES)
			names[n++] = record->file.name;
	}
	closest = ww_text_closest(name, names, n);
	if (closest != NULL)
		return ww_error_set(error, WW_E_UNAVAILABLE,
		                    "no %s named '%.64s'; did you mean '%s'?",
		                    kind, name, closest);
	return ww_error_set(error, WW_E_UNAVAILABLE,
	                    "no %s named '%.64s'; 'warpwright plugin list' "
	                    "shows what is there",
	                    kind, name);
}

const struct ww_plugin *
ww_registry_find(const struct ww_registry *registry, const char *kind,
                 const char *name, struct ww_error *error)
{
	const struct record *record = find_loaded(registry, kind, name);

	if (record != NULL)
		return record->entry.plugin;
	explain_missing(registry, kind, name, error);
	return NULL;
}

size_t
ww_registry_count(const struct ww_registry *registry)
{
	return registry->n;
}

const struct ww_registry_entry *
ww_registry_at(const struct ww_registry *registry, size_t i)
{
	return i < registry->n ? &registry->records[i]->entry : NULL;
}

const char *
ww_registry_path(const struct ww_registry *registry,
                 const struct ww_plugin *plugin)
{
	size_t i;

	for (i = 0; i < registry->n; i++)
		if (registry->records[i]->entry.plugin == plugin)
			return registry->records[i]->entry.path;
	return NULL;
}

void
ww_registry_free(struct ww_registry *registry)
{
	size_t i;

	if (registry == NULL)
		return;
	for (i = 0; i < registry->n; i++) {
		struct record *record = registry->records[i];

		free(record->origin);
		free(record->reason);
		ww_plugin_file_clear(&record->file);
		free(record);
	}
	free(registry->records);
	free(registry);
}
