/* SPDX-License-Identifier: MIT */
#include "core/config/layers.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/config/keys.h"

/* ------------------------------------------------------------------- files */

struct file {
	struct ww_settings *settings;
	char *path;
	char *text;
	char *folder;
	bool local;
	struct ww_error *error;
};

static char *
file_origin(const struct file *file, const char *key)
{
	int line = ww_json_line(file->text, key);

	return line > 0 ? ww_text("%s:%d", file->path, line)
	                : ww_copy(file->path);
}

static ww_status
set_from_file(const struct file *file, const char *key,
              struct json_object *value)
{
	char *origin = file_origin(file, key);
	struct ww_layer layer = { .origin = origin,
		                  .folder = file->folder,
		                  .local = file->local };
	ww_status status = ww_layer_set(file->settings, &layer, key, value,
	                                file->error);

	free(origin);
	return status;
}

static ww_status
expect_object(const struct file *file, const char *key,
              struct json_object *value)
{
	char *origin;
	ww_status status;

	if (json_object_is_type(value, json_type_object))
		return WW_OK;
	origin = file_origin(file, key);
	status = ww_error_set(file->error, WW_E_CONFIG,
	                      "%s: %s%sexpected an object of settings, not "
	                      "%.100s",
	                      origin, key, key[0] != '\0' ? ": " : "",
	                      ww_json_text(value));
	free(origin);
	return status;
}

/* Members of `object` stand under `prefix`; `depth` objects are still to be
 * opened before there are values. */
static ww_status
walk(const struct file *file, const char *prefix, struct json_object *object,
     int depth)
{
	struct json_object_iterator at = json_object_iter_begin(object);
	struct json_object_iterator end = json_object_iter_end(object);
	ww_status status = WW_OK;

	for (; status == WW_OK && !json_object_iter_equal(&at, &end);
	     json_object_iter_next(&at)) {
		const char *name = json_object_iter_peek_name(&at);
		struct json_object *value = json_object_iter_peek_value(&at);
		char *key = ww_text("%s%s%s", prefix,
		                    prefix[0] != '\0' ? "." : "", name);

		if (depth == 0) {
			status = set_from_file(file, key, value);
		} else {
			status = expect_object(file, key, value);
			if (status == WW_OK)
				status = walk(file, key, value, depth - 1);
		}
		free(key);
	}
	return status;
}

static int
is_section(const char *name)
{
	size_t length = strlen(name);
	size_t i;

	for (i = 0; i < ww_n_keys; i++)
		if (strncmp(ww_keys[i].name, name, length) == 0 &&
		    ww_keys[i].name[length] == '.')
			return 1;
	return 0;
}

static ww_status
unknown_section(const struct file *file, const char *name)
{
	static const char *const sections[] = {
		"llm",      "search", "parallel", "prompt",   "fallback", "measure",
		"http",     "plugin", "store",    "provider", "strategy", "backend",
	};
	const char *closest = ww_text_closest(
		name, sections, sizeof sections / sizeof sections[0]);
	char *origin = file_origin(file, name);
	ww_status status = ww_error_set(
		file->error, WW_E_CONFIG, "%s: %.64s: no such section%s%s%s",
		origin, name, closest != NULL ? "; did you mean " : "",
		closest != NULL ? closest : "", closest != NULL ? "?" : "");

	free(origin);
	return status;
}

static ww_status
walk_sections(const struct file *file, struct json_object *root)
{
	struct json_object_iterator at = json_object_iter_begin(root);
	struct json_object_iterator end = json_object_iter_end(root);
	ww_status status = WW_OK;

	for (; status == WW_OK && !json_object_iter_equal(&at, &end);
	     json_object_iter_next(&at)) {
		const char *name = json_object_iter_peek_name(&at);
		struct json_object *value = json_object_iter_peek_value(&at);
		char *dotted = ww_text("%s.", name);
		int plugin = ww_layer_is_plugin_key(dotted);

		free(dotted);
		/* Editors find the schema of a file by this member. */
		if (strcmp(name, "$schema") == 0)
			continue;
		if (!plugin && !is_section(name))
			return unknown_section(file, name);
		status = expect_object(file, name, value);
		if (status == WW_OK)
			status = walk(file, name, value, plugin ? 1 : 0);
	}
	return status;
}

/* A file that is read unasked and may name commands must be out of reach of
 * other users. Write access of a group is the administrator's decision. */
static ww_status
check_owner(const char *path, struct ww_error *error)
{
	struct stat info;

	if (stat(path, &info) != 0)
		return ww_error_set(error, WW_E_CONFIG, "cannot open %s: %s",
		                    path, strerror(errno));
	if (info.st_uid != 0 && info.st_uid != geteuid())
		return ww_error_set(error, WW_E_CONFIG,
		                    "%s: owned by user %u, expected root or "
		                    "user %u",
		                    path, (unsigned)info.st_uid,
		                    (unsigned)geteuid());
	if ((info.st_mode & S_IWOTH) != 0)
		return ww_error_set(error, WW_E_CONFIG,
		                    "%s: mode %04o lets others write to it; "
		                    "expected none of them (chmod o-w)",
		                    path, (unsigned)info.st_mode & 07777u);
	return WW_OK;
}

static ww_status
load_file(struct ww_settings *settings, const char *path, bool local,
          bool required, struct ww_error *error)
{
	struct file file = { .settings = settings, .local = local,
		             .error = error };
	struct json_object *root;
	ww_status status;

	if (!required && access(path, F_OK) != 0)
		return WW_OK;
	if (!required && !local && check_owner(path, error) != WW_OK)
		return WW_E_CONFIG;
	file.path = ww_path_absolute(path);
	status = ww_json_read(file.path, &root, &file.text, error);
	if (status == WW_OK) {
		file.folder = ww_path_folder(file.path);
		status = expect_object(&file, "", root);
		if (status == WW_OK)
			status = walk_sections(&file, root);
		json_object_put(root);
	} else {
		status = WW_E_CONFIG;
		if (error != NULL)
			error->status = status;
	}
	free(file.path);
	free(file.folder);
	free(file.text);
	return status;
}

static ww_status
load_in_folder(struct ww_settings *settings, char *folder,
               struct ww_error *error)
{
	char *path = ww_path_join(folder, "config.json");
	ww_status status = load_file(settings, path, false, false, error);

	free(path);
	free(folder);
	return status;
}

/* ------------------------------------------------------------- environment */

static int
begins_with_section(const char *rest)
{
	static const char *const kinds[] = { "PROVIDER_", "STRATEGY_",
		                             "BACKEND_" };
	size_t i, k;

	for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strncmp(rest, kinds[i], strlen(kinds[i])) == 0)
			return 2;
	for (i = 0; i < ww_n_keys; i++) {
		const char *key = ww_keys[i].name;

		for (k = 0; key[k] != '.' &&
		            toupper((unsigned char)key[k]) == rest[k];
		     k++)
			continue;
		if (key[k] == '.' && rest[k] == '_')
			return 1;
	}
	return 0;
}

static ww_status
unknown_variable(const char *name, struct ww_error *error)
{
	char **names = ww_alloc(ww_n_keys * sizeof *names);
	const char *closest;
	ww_status status;
	size_t i;

	for (i = 0; i < ww_n_keys; i++)
		names[i] = ww_layer_variable(ww_keys[i].name);
	closest = ww_text_closest(name, (const char *const *)names, ww_n_keys);
	status = ww_error_set(error, WW_E_CONFIG,
	                      "environment variable %.128s: no such setting%s%s"
	                      "%s",
	                      name, closest != NULL ? "; did you mean " : "",
	                      closest != NULL ? closest : "",
	                      closest != NULL ? "?" : "");
	for (i = 0; i < ww_n_keys; i++)
		free(names[i]);
	free(names);
	return status;
}

static ww_status
set_from_variable(struct ww_settings *settings, const char *name,
                  const char *text, struct ww_error *error)
{
	struct ww_layer layer = { .origin = name, .text = true };
	struct json_object *value;
	ww_status status = WW_OK;
	size_t i;

	if (text[0] == '\0')
		return WW_OK; /* set to nothing is not set */
	value = json_object_new_string(text);
	for (i = 0; i < ww_n_keys; i++) {
		char *variable = ww_layer_variable(ww_keys[i].name);
		int found = strcmp(variable, name) == 0;

		free(variable);
		if (found)
			break;
	}
	if (i < ww_n_keys)
		status = ww_layer_set(settings, &layer, ww_keys[i].name, value,
		                      error);
	else if (begins_with_section(name + strlen("WARPWRIGHT_")) == 2)
		ww_layer_set_variable(settings, &layer, name, value);
	else if (begins_with_section(name + strlen("WARPWRIGHT_")) == 1)
		status = unknown_variable(name, error);
	else
		ww_logf(WW_LOG_WARNING, "settings",
		        "environment variable %.128s is no setting", name);
	json_object_put(value);
	return status;
}

static ww_status
load_environment(struct ww_settings *settings, struct ww_error *error)
{
	/* Known to others: registry.c and paths.c read them. */
	static const char *const reserved[] = { "WARPWRIGHT_PLUGIN_PATH",
		                                "WARPWRIGHT_DATA" };
	ww_status status = WW_OK;
	size_t i;

	for (i = 0; status == WW_OK && environ[i] != NULL; i++) {
		const char *equals = strchr(environ[i], '=');
		char *name;

		if (equals == NULL ||
		    strncmp(environ[i], "WARPWRIGHT_", 11) != 0)
			continue;
		name = ww_copy_n(environ[i], (size_t)(equals - environ[i]));
		if (strcmp(name, reserved[0]) != 0 &&
		    strcmp(name, reserved[1]) != 0)
			status = set_from_variable(settings, name, equals + 1,
			                           error);
		free(name);
	}
	return status;
}

ww_status
ww_settings_load(struct ww_settings *settings, const char *explicit_file,
                 struct ww_error *error)
{
	ww_status status = load_in_folder(
		settings, ww_path_join(WW_SYSCONF_DIR, "warpwright"), error);

	if (status == WW_OK)
		status = load_in_folder(settings, ww_path_user_config(), error);
	if (status == WW_OK)
		status = load_file(settings, "warpwright.json", true, false,
		                   error);
	if (status == WW_OK && explicit_file != NULL)
		status = load_file(settings, explicit_file, false, true, error);
	if (status == WW_OK)
		status = load_environment(settings, error);
	return status;
}

/* ------------------------------------------------------------ command line */

ww_status
ww_settings_put(struct ww_settings *settings, const char *key,
                const char *value, const char *origin, struct ww_error *error)
{
	struct ww_layer layer = { .origin = origin, .text = true };
	struct json_object *text = json_object_new_string(value);
	ww_status status = ww_layer_set(settings, &layer, key, text, error);

	json_object_put(text);
	return status;
}

ww_status
ww_settings_assign(struct ww_settings *settings, const char *text,
                   struct ww_error *error)
{
	const char *equals = strchr(text, '=');
	ww_status status;
	char *key;

	if (equals == NULL || equals == text)
		return ww_error_set(error, WW_E_CONFIG,
		                    "--set %.128s: expected KEY=VALUE, for "
		                    "example search.seed=7",
		                    text);
	key = ww_copy_n(text, (size_t)(equals - text));
	status = ww_settings_put(settings, key, equals + 1, "--set", error);
	free(key);
	return status;
}
