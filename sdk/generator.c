/* SPDX-License-Identifier: MIT */
#include "sdk/generator.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/plugin/file.h"
#include "sdk/folder.h"

#define FILE_LIMIT ((size_t)1 << 20)

/* What the templates have in place of the name, in text and in file names. */
#define OLD_NAME "example"
#define OLD_CAPITALS "EXAMPLE"

static ww_status
check_words(const char *kind, const char *name, struct ww_error *error)
{
	struct ww_plugin_file file = { 0 };
	char *path = ww_text("%s-%s.so", kind, name);
	ww_status status = ww_plugin_file_name(&file, path, NULL);

	ww_plugin_file_clear(&file);
	free(path);
	if (status == WW_OK && isdigit((unsigned char)name[0]))
		status = WW_E_INVALID;
	if (status == WW_OK)
		return WW_OK;
	return ww_error_set(error, WW_E_INVALID,
	                    "cannot make a plugin '%s' of kind '%s': the kind "
	                    "is provider, strategy or backend, the name has "
	                    "a-z, 0-9 and _ and starts with a letter",
	                    name, kind);
}

static ww_status
check_folder(const char *folder, struct ww_error *error)
{
	DIR *directory = opendir(folder);
	struct dirent *entry;
	int n = 0;

	if (directory == NULL && errno == ENOENT)
		return WW_OK;
	if (directory == NULL)
		return ww_error_set(error, WW_E_IO, "cannot look into %s: %s",
		                    folder, strerror(errno));
	while ((entry = readdir(directory)) != NULL)
		n += entry->d_name[0] != '.';
	closedir(directory);
	if (n == 0)
		return WW_OK;
	return ww_error_set(error, WW_E_INVALID,
	                    "%s is not empty; name another folder", folder);
}

/* `text` with every `old` replaced; to be freed. */
static char *
replaced(const char *text, const char *old, const char *new)
{
	size_t step = strlen(old), gain = strlen(new);
	size_t n = 0;
	const char *at;
	char *result, *out;

	for (at = strstr(text, old); at != NULL; at = strstr(at + step, old))
		n++;
	result = ww_alloc(strlen(text) + n * gain + 1);
	for (out = result; (at = strstr(text, old)) != NULL; text = at + step) {
		memcpy(out, text, (size_t)(at - text));
		out += at - text;
		memcpy(out, new, gain);
		out += gain;
	}
	memcpy(out, text, strlen(text) + 1);
	return result;
}

/* With the plugin's own name, in both spellings. */
static char *
named(const char *text, const char *name)
{
	char *capitals = ww_copy(name);
	char *half, *whole;
	char *c;

	for (c = capitals; *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
	half = replaced(text, OLD_NAME, name);
	whole = replaced(half, OLD_CAPITALS, capitals);
	free(half);
	free(capitals);
	return whole;
}

static ww_status
write_new(const char *path, const char *text, mode_t mode,
          struct ww_error *error)
{
	int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);
	size_t length = strlen(text);

	if (fd >= 0 && write(fd, text, length) == (ssize_t)length &&
	    close(fd) == 0)
		return WW_OK;
	return ww_error_set(error, WW_E_IO, "cannot write %s: %s", path,
	                    strerror(errno));
}

static ww_status
copy_file(const char *from, const char *folder, const char *base,
          const char *name, struct ww_error *error)
{
	char *file = named(base, name);
	char *to = ww_path_join(folder, file);
	char *text = NULL;
	struct stat info;
	size_t length;
	ww_status status = ww_file_read(from, FILE_LIMIT, &text, &length, error);

	if (status == WW_OK) {
		char *result = named(text, name);
		mode_t mode = stat(from, &info) == 0 &&
		                              (info.st_mode & S_IXUSR) != 0
		                      ? 0755
		                      : 0644;

		status = write_new(to, result, mode, error);
		free(result);
	}
	free(text);
	free(to);
	free(file);
	return status;
}

static ww_status
copy_all(const char *template, const char *folder, const char *name,
         struct ww_error *error)
{
	DIR *directory = opendir(template);
	ww_status status = WW_OK;
	struct dirent *entry;

	if (directory == NULL)
		return ww_error_set(error, WW_E_UNAVAILABLE,
		                    "the template %s cannot be opened: %s; is "
		                    "the SDK installed?",
		                    template, strerror(errno));
	while (status == WW_OK && (entry = readdir(directory)) != NULL) {
		char *from = ww_path_join(template, entry->d_name);

		if (entry->d_name[0] != '.')
			status = copy_file(from, folder, entry->d_name, name,
			                   error);
		free(from);
	}
	closedir(directory);
	return status;
}

/* ww_path_create() makes private folders; a project is not. */
static ww_status
create(const char *folder, struct ww_error *error)
{
	ww_status status = ww_path_create(folder, error);

	if (status == WW_OK && chmod(folder, 0755) != 0)
		status = ww_error_set(error, WW_E_IO, "cannot open up %s: %s",
		                      folder, strerror(errno));
	return status;
}

ww_status
ww_plugin_generate(const char *kind, const char *name, const char *folder,
                   struct ww_error *error)
{
	char *relative = ww_text("templates/%s", kind);
	char *template = ww_sdk_path(relative);
	ww_status status = check_words(kind, name, error);

	if (status == WW_OK)
		status = check_folder(folder, error);
	if (status == WW_OK)
		status = create(folder, error);
	if (status == WW_OK)
		status = copy_all(template, folder, name, error);
	free(template);
	free(relative);
	return status;
}
