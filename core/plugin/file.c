/* SPDX-License-Identifier: MIT */
#include "core/plugin/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/base/text.h"

static const char *const kinds[] = { "provider", "strategy", "backend" };

static int
is_name(const char *name)
{
	size_t length = strlen(name);

	return name[0] >= 'a' && name[0] <= 'z' &&
	       length < WW_PLUGIN_NAME_MAX &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == length;
}

ww_status
ww_plugin_file_name(struct ww_plugin_file *file, const char *path,
                    struct ww_error *error)
{
	const char *slash = strrchr(path, '/');
	char base[NAME_MAX + 1];
	char *suffix;
	size_t i;

	ww_text_clean(base, sizeof base, slash != NULL ? slash + 1 : path,
	              strlen(slash != NULL ? slash + 1 : path));
	suffix = strrchr(base, '.');
	if (suffix != NULL && strcmp(suffix, ".so") == 0)
		*suffix = '\0';
	else
		suffix = NULL;
	for (i = 0; suffix != NULL && i < sizeof kinds / sizeof kinds[0]; i++) {
		size_t length = strlen(kinds[i]);

		if (strncmp(base, kinds[i], length) != 0 ||
		    base[length] != '-' || !is_name(base + length + 1))
			continue;
		memcpy(file->kind, kinds[i], length + 1);
		memcpy(file->name, base + length + 1,
		       strlen(base + length + 1) + 1);
		return WW_OK;
	}
	ww_text_clean(file->name, sizeof file->name, base, strlen(base));
	return ww_error_set(error, WW_E_ABI,
	                    "the file's name is '%s%s', expected KIND-NAME.so "
	                    "with provider, strategy or backend as KIND and "
	                    "a-z, 0-9, _ in NAME",
	                    base, suffix != NULL ? ".so" : "");
}

static int
is_trusted_owner(uid_t owner)
{
	return owner == 0 || owner == geteuid();
}

/* Who else could change what this file or folder holds. A group may write if
 * it is the caller's own or root's: many systems give every user a group of
 * their own and a umask that lets it write. */
static int
written_by_others(const struct stat *info)
{
	if ((info->st_mode & S_IWOTH) != 0)
		return 1;
	return (info->st_mode & S_IWGRP) != 0 && info->st_gid != 0 &&
	       info->st_gid != getegid();
}

/* Whoever may write to a folder may replace what is in it, whoever owns that;
 * so every folder on the way counts. In a folder with the sticky bit, such as
 * /tmp, an entry can be renamed or removed only by the owner of the entry or of
 * the folder: there the entry's owner decides. */
static ww_status
check_folder(const char *folder, const struct stat *child,
             struct ww_error *error)
{
	struct stat info;

	if (stat(folder, &info) != 0)
		return ww_error_set(error, WW_E_UNAVAILABLE,
		                    "cannot look at folder %s: %s", folder,
		                    strerror(errno));
	if (!is_trusted_owner(info.st_uid))
		return ww_error_set(error, WW_E_UNAVAILABLE,
		                    "folder %s is owned by user %u, expected "
		                    "root or user %u",
		                    folder, (unsigned)info.st_uid,
		                    (unsigned)geteuid());
	if (!written_by_others(&info))
		return WW_OK;
	if ((info.st_mode & S_ISVTX) != 0 && is_trusted_owner(child->st_uid))
		return WW_OK;
	return ww_error_set(error, WW_E_UNAVAILABLE,
	                    "folder %s has mode %04o, which lets others write "
	                    "to it; expected none of them (chmod go-w)",
	                    folder, (unsigned)info.st_mode & 07777u);
}

static ww_status
check_folders(const char *path, const struct stat *file, struct ww_error *error)
{
	struct stat child = *file;
	char *folder = ww_path_folder(path);
	ww_status status = WW_OK;

	for (;;) {
		char *parent;

		status = check_folder(folder, &child, error);
		if (status != WW_OK || strcmp(folder, "/") == 0 ||
		    stat(folder, &child) != 0)
			break;
		parent = ww_path_folder(folder);
		free(folder);
		folder = parent;
	}
	free(folder);
	return status;
}

static ww_status
check_open_file(struct ww_plugin_file *file, int fd, struct ww_error *error)
{
	struct stat info;
	ww_status status;

	if (fstat(fd, &info) != 0)
		return ww_error_set(error, WW_E_UNAVAILABLE,
		                    "cannot look at it: %s", strerror(errno));
	if (!S_ISREG(info.st_mode))
		return ww_error_set(error, WW_E_UNAVAILABLE,
		                    "file type is %06o, expected a regular "
		                    "file",
		                    (unsigned)info.st_mode & (unsigned)S_IFMT);
	if (!is_trusted_owner(info.st_uid))
		return ww_error_set(error, WW_E_UNAVAILABLE,
		                    "owned by user %u, expected root or user "
		                    "%u",
		                    (unsigned)info.st_uid,
		                    (unsigned)geteuid());
	if (written_by_others(&info))
		return ww_error_set(error, WW_E_UNAVAILABLE,
		                    "mode %04o lets others write to it; "
		                    "expected none of them (chmod go-w)",
		                    (unsigned)info.st_mode & 07777u);
	status = check_folders(file->path, &info, error);
	if (status != WW_OK)
		return status;
	file->device = info.st_dev;
	file->inode = info.st_ino;
	return ww_elf_check(fd, (uint64_t)info.st_size, &file->constructors,
	                    error);
}

ww_status
ww_plugin_file_check(struct ww_plugin_file *file, const char *path,
                     struct ww_error *error)
{
	char resolved[PATH_MAX];
	ww_status status;
	int fd;

	if (realpath(path, resolved) == NULL)
		return ww_error_set(error, WW_E_UNAVAILABLE,
		                    "cannot be found: %s", strerror(errno));
	free(file->path);
	file->path = ww_copy(resolved);
	/* Without O_NONBLOCK a pipe of that name would stop us here. */
	fd = open(resolved, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return ww_error_set(error, WW_E_UNAVAILABLE,
		                    "cannot be opened: %s", strerror(errno));
	status = check_open_file(file, fd, error);
	close(fd);
	return status;
}

void
ww_plugin_file_clear(struct ww_plugin_file *file)
{
	free(file->path);
	file->path = NULL;
}
