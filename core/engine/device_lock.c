/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/engine/device_list.h"

/* A file name made of the device's id. */
static char *
lock_path(const char *id)
{
	char *cache = ww_path_cache();
	char *folder = ww_path_join(cache, "locks");
	char *name = ww_copy(id[0] != '\0' ? id : "device");
	char *path;
	size_t i;

	for (i = 0; name[i] != '\0'; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '-')
			name[i] = '_';
	ww_path_create(folder, NULL);
	path = ww_path_join(folder, name);
	free(cache);
	free(folder);
	free(name);
	return path;
}

static void
rest(void)
{
	struct timespec time = { .tv_nsec = 200000000 };

	nanosleep(&time, NULL);
}

static ww_status
take(int fd, const char *id, const struct ww_cancel *cancel,
     void (*waiting)(void *context, const char *text), void *context,
     struct ww_error *error)
{
	bool said = false;

	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		char text[512];

		if (errno != EWOULDBLOCK && errno != EINTR)
			return WW_OK; /* a file system without locks */
		if (ww_cancel_requested(cancel))
			return ww_error_set(error, WW_E_CANCELLED,
			                    "stopped while waiting for device "
			                    "%s", id);
		snprintf(text, sizeof text,
		         "device %s is used by another warpwright; waiting "
		         "until it is free", id);
		if (!said && waiting != NULL)
			waiting(context, text);
		said = true;
		rest();
	}
	return WW_OK;
}

ww_status
ww_device_lock(const char *id, const struct ww_cancel *cancel,
               void (*waiting)(void *context, const char *text), void *context,
               int *fd, struct ww_error *error)
{
	char *path = lock_path(id);
	ww_status status;

	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*fd < 0) {
		status = ww_error_set(error, WW_E_IO,
		                      "cannot open the lock file %s: %s; set "
		                      "XDG_CACHE_HOME to a folder that can be "
		                      "written", path, strerror(errno));
		free(path);
		return status;
	}
	free(path);
	status = take(*fd, id, cancel, waiting, context, error);
	if (status != WW_OK) {
		close(*fd);
		*fd = -1;
	}
	return status;
}
