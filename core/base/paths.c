/* SPDX-License-Identifier: MIT */
#include "core/base/paths.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/text.h"

char *
ww_path_join(const char *folder, const char *name)
{
	if (name[0] == '/')
		return ww_copy(name);
	return ww_text("%s%s%s", folder,
	               folder[0] != '\0' && folder[strlen(folder) - 1] == '/'
	                       ? ""
	                       : "/",
	               name);
}

char *
ww_path_folder(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return ww_copy(".");
	return slash == path ? ww_copy("/")
	                     : ww_copy_n(path, (size_t)(slash - path));
}

char *
ww_path_absolute(const char *path)
{
	char resolved[PATH_MAX];
	char *here;
	char *joined;

	if (realpath(path, resolved) != NULL)
		return ww_copy(resolved);
	if (path[0] == '/' || getcwd(resolved, sizeof resolved) == NULL)
		return ww_copy(path);
	here = ww_copy(resolved);
	joined = ww_path_join(here, path);
	free(here);
	return joined;
}

char *
ww_path_program(void)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);

	if (length <= 0)
		return ww_copy("warpwright");
	path[length] = '\0';
	return ww_copy(path);
}

/* `relative` beside the program's own bin folder if that exists, else the
 * configured place. */
static char *
relocated(const char *relative, const char *configured)
{
	char *program = ww_path_program();
	char *bin = ww_path_folder(program);
	char *prefix = ww_path_folder(bin);
	char *path = ww_path_join(prefix, relative);

	free(program);
	free(bin);
	free(prefix);
	if (access(path, X_OK) == 0)
		return path;
	free(path);
	return ww_copy(configured);
}

char *
ww_path_plugins(void)
{
	return relocated("lib/warpwright/plugins-1", WW_PLUGIN_DIR);
}

char *
ww_path_data(void)
{
	const char *set = secure_getenv("WARPWRIGHT_DATA");

	if (set != NULL && set[0] != '\0')
		return ww_path_absolute(set);
	return relocated("share/warpwright", WW_DATA_DIR);
}

/* Never a folder that others may write to: settings found there may name
 * commands. */
static char *
home_folder(void)
{
	const char *home = getenv("HOME");
	struct passwd entry, *found = NULL;
	char texts[4096];

	if (home != NULL && home[0] == '/')
		return ww_copy(home);
	if (getpwuid_r(geteuid(), &entry, texts, sizeof texts, &found) == 0 &&
	    found != NULL && found->pw_dir[0] == '/')
		return ww_copy(found->pw_dir);
	return ww_copy("/nonexistent");
}

static char *
xdg(const char *variable, const char *fallback)
{
	const char *set = getenv(variable);
	char *home, *path;

	if (set != NULL && set[0] == '/')
		return ww_text("%s/warpwright", set);
	home = home_folder();
	path = ww_text("%s/%s/warpwright", home, fallback);
	free(home);
	return path;
}

char *
ww_path_user_data(void)
{
	return xdg("XDG_DATA_HOME", ".local/share");
}

char *
ww_path_user_config(void)
{
	return xdg("XDG_CONFIG_HOME", ".config");
}

char *
ww_path_cache(void)
{
	return xdg("XDG_CACHE_HOME", ".cache");
}

ww_status
ww_path_create(const char *folder, struct ww_error *error)
{
	char *path = ww_copy(folder);
	char *slash = path;
	size_t length = strlen(path);
	ww_status status = WW_OK;

	while (length > 1 && path[length - 1] == '/')
		path[--length] = '\0';
	while (status == WW_OK && (slash = strchr(slash + 1, '/')) != NULL) {
		*slash = '\0';
		if (mkdir(path, 0755) != 0 && errno != EEXIST)
			status = ww_error_set(error, WW_E_IO,
			                      "cannot create folder %s: %s",
			                      path, strerror(errno));
		*slash = '/';
	}
	if (status == WW_OK && mkdir(path, 0700) != 0 && errno != EEXIST)
		status = ww_error_set(error, WW_E_IO,
		                      "cannot create folder %s: %s", path,
		                      strerror(errno));
	free(path);
	return status;
}

static int
remove_one(const char *path, const struct stat *info, int type,
           struct FTW *walk)
{
	(void)info;
	(void)type;
	(void)walk;
	remove(path);
	return 0;
}

void
ww_path_remove(const char *folder)
{
	nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static ww_status
read_all(FILE *file, const char *path, size_t limit, char **bytes,
         size_t *length, struct ww_error *error)
{
	size_t room = 65536;
	size_t used = 0;
	char *data = ww_alloc(room + 1);

	for (;;) {
		size_t got = fread(data + used, 1, room - used, file);

		used += got;
		if (used > limit) {
			free(data);
			return ww_error_set(error, WW_E_FORMAT,
			                    "%s is larger than %zu bytes", path,
			                    limit);
		}
		if (got == 0)
			break;
		if (used == room) {
			room *= 2;
			data = ww_grow(data, room + 1);
		}
	}
	if (ferror(file)) {
		free(data);
		/* A folder opens like a file; that is a wrong name. */
		return ww_error_set(error,
		                    errno == EISDIR ? WW_E_FORMAT : WW_E_IO,
		                    "cannot read %s: %s", path,
		                    strerror(errno));
	}
	data[used] = '\0';
	*bytes = data;
	*length = used;
	return WW_OK;
}

ww_status
ww_file_read(const char *path, size_t limit, char **bytes, size_t *length,
             struct ww_error *error)
{
	FILE *file = fopen(path, "rbe");
	ww_status status;

	/* Whoever names a file that cannot be opened named the wrong one; the
	 * disk is at fault only where reading fails. */
	if (file == NULL)
		return ww_error_set(error,
		                    errno == EIO ? WW_E_IO : WW_E_NOT_FOUND,
		                    "cannot open %s: %s", path,
		                    strerror(errno));
	status = read_all(file, path, limit, bytes, length, error);
	fclose(file);
	return status;
}

static int
write_all(int fd, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t wrote = write(fd, bytes, length);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return -1;
		bytes += wrote;
		length -= (size_t)wrote;
	}
	return 0;
}

/* Beside the file and then in its place: whoever reads it sees the old bytes or
 * the new ones. The number of what went wrong, or 0. */
static int
replace_file(const char *path, const char *bytes, size_t length)
{
	char *temporary = ww_text("%s.XXXXXX", path);
	int fd = mkostemp(temporary, O_CLOEXEC);
	int fault = fd < 0 || write_all(fd, bytes, length) != 0 ? errno : 0;

	/* Some file systems tell of a full disk only here. */
	if (fd >= 0 && close(fd) != 0 && fault == 0)
		fault = errno;
	if (fault == 0 && rename(temporary, path) != 0)
		fault = errno;
	if (fault != 0 && fd >= 0)
		unlink(temporary);
	free(temporary);
	return fault;
}

static int
write_into(const char *path, const char *bytes, size_t length)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	int fault = fd < 0 || write_all(fd, bytes, length) != 0 ? errno : 0;

	if (fd >= 0 && close(fd) != 0 && fault == 0)
		fault = errno;
	return fault;
}

ww_status
ww_file_write(const char *path, const void *bytes, size_t length,
              struct ww_error *error)
{
	struct stat info;
	int exists = stat(path, &info) == 0;
	char *target = exists ? realpath(path, NULL) : NULL;
	int fault;

	/* A device or a pipe takes the bytes; a file in its place would end it
	 * for everybody. A link stays one. */
	if (exists && !S_ISREG(info.st_mode))
		fault = write_into(path, bytes, length);
	else
		fault = replace_file(target != NULL ? target : path, bytes,
		                     length);
	free(target);
	if (fault != 0)
		return ww_error_set(error, WW_E_IO, "cannot write %s: %s", path,
		                    strerror(fault));
	return WW_OK;
}
