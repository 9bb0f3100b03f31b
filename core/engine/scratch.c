/* SPDX-License-Identifier: MIT */
#include "core/engine/scratch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/base/text.h"

#define PREFIX "session-"
/* A folder is made before it is locked. */
#define SAFE_SECONDS 3600

/* -1: it is somebody's, or the file system knows no locks. */
static int
lock_folder(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Removes the folder of a session that nobody runs any more. */
static void
clear_one(const char *path)
{
	struct stat info;
	int fd;

	if (lstat(path, &info) != 0 || !S_ISDIR(info.st_mode) ||
	    info.st_uid != geteuid() ||
	    info.st_mtime > time(NULL) - SAFE_SECONDS)
		return;
	fd = lock_folder(path);
	if (fd < 0)
		return;
	ww_path_remove(path);
	close(fd);
}

static void
clear_others(const char *cache)
{
	DIR *stream = opendir(cache);
	struct dirent *item;

	while (stream != NULL && (item = readdir(stream)) != NULL) {
		char *path;

		if (strncmp(item->d_name, PREFIX, strlen(PREFIX)) != 0 ||
		    strlen(item->d_name) != strlen(PREFIX) + 6)
			continue;
		path = ww_path_join(cache, item->d_name);
		clear_one(path);
		free(path);
	}
	if (stream != NULL)
		closedir(stream);
}

ww_status
ww_scratch_make(struct ww_scratch *scratch, const char *cache,
                struct ww_error *error)
{
	char *pattern = ww_path_join(cache, PREFIX "XXXXXX");

	clear_others(cache);
	scratch->lock = -1;
	if (mkdtemp(pattern) == NULL) {
		free(pattern);
		return ww_error_set(error, WW_E_IO,
		                    "cannot create a folder in %s: %s; check "
		                    "that it can be written and has room",
		                    cache, strerror(errno));
	}
	scratch->folder = pattern;
	scratch->lock = lock_folder(pattern);
	return WW_OK;
}

void
ww_scratch_remove(struct ww_scratch *scratch)
{
	if (scratch->folder == NULL)
		return;
	ww_path_remove(scratch->folder);
	if (scratch->lock >= 0)
		close(scratch->lock);
	free(scratch->folder);
	scratch->folder = NULL;
}
