/* SPDX-License-Identifier: MIT */
#include "core/measure/artifacts.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/base/text.h"

#define ENTRY_LIMIT ((size_t)1 << 20)
#define SAFE_SECONDS 3600

static bool
is_name(const char *name)
{
	return strlen(name) == WW_HASH_TEXT - 1 &&
	       strspn(name, "0123456789abcdef") == WW_HASH_TEXT - 1;
}

/* Whether a file of the folder is an artifact, an entry, or what is left of one
 * that was being written: "NAME", "NAME.json", each perhaps with ".XXXXXX". Who
 * points the cache at a folder with other things in it must not lose them. */
static bool
is_ours(const char *file)
{
	size_t length = strspn(file, "0123456789abcdef");
	const char *rest = file + length;

	if (length != WW_HASH_TEXT - 1)
		return false;
	if (strncmp(rest, ".json", 5) == 0)
		rest += 5;
	return rest[0] == '\0' || (rest[0] == '.' && strlen(rest) == 7);
}

/* Marks a file as used now, for the order in which files are removed. */
static void
touch(const char *path)
{
	utimensat(AT_FDCWD, path, NULL, 0);
}

ww_status
ww_artifact_put(const char *folder, const void *bytes, size_t length,
                char name[WW_HASH_TEXT], struct ww_error *error)
{
	struct stat found;
	ww_status status = WW_OK;
	char *path;

	ww_hash_of(bytes, length, name);
	path = ww_path_join(folder, name);
	if (stat(path, &found) == 0 && (size_t)found.st_size == length)
		touch(path);
	else
		status = ww_file_write(path, bytes, length, error);
	free(path);
	return status;
}

ww_status
ww_artifact_get(const char *folder, const char *name, void **bytes,
                size_t *length, struct ww_error *error)
{
	char content[WW_HASH_TEXT];
	char *path, *read = NULL;
	ww_status status;

	*bytes = NULL;
	if (!is_name(name))
		return ww_error_set(error, WW_E_FORMAT,
		                    "'%s' is no artifact's name", name);
	path = ww_path_join(folder, name);
	status = ww_file_read(path, WW_ARTIFACT_LIMIT, &read, length, error);
	if (status == WW_OK) {
		ww_hash_of(read, *length, content);
		if (strcmp(content, name) != 0) {
			free(read);
			unlink(path);
			status = ww_error_set(error, WW_E_FORMAT,
			                      "artifact %s was damaged and is "
			                      "removed; build it again",
			                      path);
		} else {
			*bytes = read;
		}
	}
	free(path);
	return status;
}

static char *
entry_path(const char *folder, const char *key)
{
	char *name = ww_text("%s.json", key);
	char *path = ww_path_join(folder, name);

	free(name);
	return path;
}

/* Takes the entry's members out; false if one is missing or of a wrong type. */
static bool
parse_entry(struct json_object *entry, struct ww_cached_build *build)
{
	const char *artifact = ww_json_string(entry, "artifact", "");
	struct json_object *facts = ww_json_get(entry, "facts");

	if (!is_name(artifact) ||
	    !json_object_is_type(facts, json_type_object))
		return false;
	memcpy(build->artifact, artifact, WW_HASH_TEXT);
	build->facts = json_object_get(facts);
	build->log = ww_copy(ww_json_string(entry, "log", NULL));
	return true;
}

bool
ww_build_find(const char *folder, const char *key,
              struct ww_cached_build *build)
{
	char *path = entry_path(folder, key);
	struct json_object *entry = NULL;
	char *text = NULL;
	void *bytes;
	size_t length;
	bool found;

	memset(build, 0, sizeof *build);
	found = ww_file_read(path, ENTRY_LIMIT, &text, &length, NULL) ==
	                WW_OK &&
	        ww_json_parse(text, length, path, 0, &entry, NULL) == WW_OK &&
	        parse_entry(entry, build) &&
	        ww_artifact_get(folder, build->artifact, &bytes, &build->bytes,
	                        NULL) == WW_OK;
	if (found) {
		char *artifact = ww_path_join(folder, build->artifact);

		free(bytes);
		touch(path);
		touch(artifact);
		free(artifact);
	} else {
		ww_cached_build_clear(build);
	}
	json_object_put(entry);
	free(text);
	free(path);
	return found;
}

void
ww_build_keep(const char *folder, const char *key,
              const struct ww_cached_build *build)
{
	struct json_object *entry = json_object_new_object();
	char *path = entry_path(folder, key);
	const char *text;

	ww_json_put_string(entry, "artifact", build->artifact);
	json_object_object_add(entry, "facts", json_object_get(build->facts));
	ww_json_put_string(entry, "log", build->log);
	text = ww_json_text(entry);
	ww_file_write(path, text, strlen(text), NULL);
	json_object_put(entry);
	free(path);
}

void
ww_cached_build_clear(struct ww_cached_build *build)
{
	json_object_put(build->facts);
	free(build->log);
	memset(build, 0, sizeof *build);
}

/* ------------------------------------------------------------- trimming */

struct kept {
	char *path;
	int64_t bytes;
	time_t used;
};

struct folder_list {
	struct kept *files;
	size_t n, space;
	int64_t bytes;
};

static int
older_first(const void *a, const void *b)
{
	const struct kept *x = a;
	const struct kept *y = b;

	if (x->used != y->used)
		return x->used < y->used ? -1 : 1;
	return strcmp(x->path, y->path);
}

/* Removes the scratch folder of a worker that was killed. */
static void
remove_stale(const char *folder, const char *name, time_t safe,
             const struct stat *found)
{
	if (S_ISDIR(found->st_mode) && found->st_mtime < safe &&
	    strncmp(name, WW_SCRATCH_PREFIX, strlen(WW_SCRATCH_PREFIX)) == 0) {
		char *path = ww_path_join(folder, name);

		ww_path_remove(path);
		free(path);
	}
}

static void
list_folder(const char *folder, time_t safe, struct folder_list *list)
{
	DIR *stream = opendir(folder);
	struct dirent *item;
	struct stat found;

	while (stream != NULL && (item = readdir(stream)) != NULL) {
		if (fstatat(dirfd(stream), item->d_name, &found,
		            AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		remove_stale(folder, item->d_name, safe, &found);
		if (!S_ISREG(found.st_mode) || !is_ours(item->d_name))
			continue;
		if (list->n == list->space) {
			list->space = list->space > 0 ? 2 * list->space : 256;
			list->files = ww_grow(list->files,
			                      list->space *
			                              sizeof *list->files);
		}
		list->files[list->n++] = (struct kept){
			.path = ww_path_join(folder, item->d_name),
			.bytes = found.st_size,
			.used = found.st_mtime,
		};
		list->bytes += found.st_size;
	}
	if (stream != NULL)
		closedir(stream);
}

int64_t
ww_artifacts_trim(const char *folder, int64_t limit)
{
	struct folder_list list = { 0 };
	time_t safe = time(NULL) - SAFE_SECONDS;
	size_t i;

	list_folder(folder, safe, &list);
	if (list.bytes > limit)
		qsort(list.files, list.n, sizeof *list.files, older_first);
	for (i = 0; i < list.n; i++) {
		if (list.bytes > limit && list.files[i].used < safe &&
		    unlink(list.files[i].path) == 0)
			list.bytes -= list.files[i].bytes;
		free(list.files[i].path);
	}
	free(list.files);
	return list.bytes;
}
