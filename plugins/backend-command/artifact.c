/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plugins/backend-command/command.h"

#define LARGEST_FILE ((off_t)256 << 20)

/* Reads at most `length` bytes; how many, or -1. */
static ssize_t
read_all(int fd, char *bytes, size_t length)
{
	size_t done = 0;

	while (done < length) {
		ssize_t got = read(fd, bytes + done, length - done);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		done += (size_t)got;
	}
	return (ssize_t)done;
}

/* The file's bytes behind `before` bytes of room, to be freed. */
static ww_status
read_file(struct ww_call *call, const char *name, const char *scratch,
          size_t before, char **bytes, size_t *length)
{
	struct stat info;
	char *path = NULL;
	ww_status status = WW_OK;
	int fd;

	if (name[0] == '\0' || strchr(name, '/') != NULL)
		return ww_fail(call, WW_E_FORMAT,
		               "the program's \"file\" is '%.100s', expected a "
		               "file name in the scratch folder", name);
	if (asprintf(&path, "%s/%s", scratch, name) < 0)
		return ww_fail(call, WW_E_NO_MEMORY, "no memory");
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	free(path);
	if (fd < 0 || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode) ||
	    info.st_size > LARGEST_FILE)
		status = ww_fail(call, WW_E_FORMAT,
		                 "the program's \"file\" %.100s is no file of at "
		                 "most 256 MiB in the scratch folder", name);
	if (status == WW_OK) {
		*length = (size_t)info.st_size;
		*bytes = malloc(before + *length + 1);
		if (*bytes == NULL)
			status = ww_fail(call, WW_E_NO_MEMORY, "no memory");
		else if (read_all(fd, *bytes + before, *length) !=
		         (ssize_t)*length)
			status = ww_fail(call, WW_E_IO, "cannot read %.100s: %s",
			                 name, strerror(errno));
	}
	if (fd >= 0)
		close(fd);
	return status;
}

ww_status
artifact_write(struct ww_call *call, struct json_object *answer,
               struct json_object *values, const char *scratch,
               struct ww_build_sink *sink)
{
	const char *file = json_text(answer, "file", NULL);
	struct json_object *header = json_object_new_object();
	char *bytes = NULL;
	const char *text;
	size_t before, length = 0;
	ww_status status = WW_OK;

	/* Without the values, equal builds of different configurations are
	 * equal artifacts, which are measured once. */
	if (!json_flag(answer, "standalone", 0))
		json_object_object_add(header, "values",
		                       json_object_get(values));
	json_object_object_add(header, "artifact",
	                       json_object_get(json_member(answer,
	                                                   "artifact")));
	json_object_object_add(header, "file",
	                       json_object_new_boolean(file != NULL));
	text = json_object_to_json_string_length(
		header, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE,
		&before);
	if (file != NULL)
		status = read_file(call, file, scratch, before + 1, &bytes,
		                   &length);
	else if ((bytes = malloc(before + 1)) == NULL)
		status = ww_fail(call, WW_E_NO_MEMORY, "no memory");
	if (status == WW_OK) {
		memcpy(bytes, text, before);
		bytes[before] = '\n';
		status = sink->artifact(sink, bytes, before + 1 + length);
	}
	free(bytes);
	json_object_put(header);
	return status;
}

ww_status
artifact_read(struct ww_call *call, const void *bytes, uint64_t length,
              struct artifact *artifact)
{
	const char *text = bytes;
	const char *end = length > 0 ? memchr(bytes, '\n', (size_t)length)
	                             : NULL;
	struct json_tokener *tokener = json_tokener_new();

	memset(artifact, 0, sizeof *artifact);
	if (end != NULL && tokener != NULL && end - text < INT32_MAX)
		artifact->header = json_tokener_parse_ex(tokener, text,
		                                         (int)(end - text));
	if (tokener != NULL)
		json_tokener_free(tokener);
	if (!json_object_is_type(artifact->header, json_type_object)) {
		json_object_put(artifact->header);
		artifact->header = NULL;
		return ww_fail(call, WW_E_INVALID,
		               "the artifact is none of backend command");
	}
	artifact->bytes = end + 1;
	artifact->length = length - (uint64_t)(end + 1 - text);
	return WW_OK;
}

static int
write_all(int fd, const char *bytes, uint64_t length)
{
	while (length > 0) {
		ssize_t wrote = write(fd, bytes, (size_t)length);

		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return -1;
		bytes += wrote;
		length -= (uint64_t)wrote;
	}
	return 0;
}

ww_status
artifact_unpack(struct ww_call *call, const struct artifact *artifact,
                char **path)
{
	const char *folder = getenv("TMPDIR");
	ww_status status = WW_OK;
	int fd;

	*path = NULL;
	if (!json_flag(artifact->header, "file", 0))
		return WW_OK;
	if (folder == NULL || folder[0] != '/')
		folder = "/tmp";
	if (asprintf(path, "%s/warpwright-artifact-XXXXXX", folder) < 0) {
		*path = NULL;
		return ww_fail(call, WW_E_NO_MEMORY, "no memory");
	}
	fd = mkostemp(*path, O_CLOEXEC);
	if (fd < 0 ||
	    write_all(fd, artifact->bytes, artifact->length) != 0)
		status = ww_fail(call, WW_E_IO, "cannot write %s: %s", *path,
		                 strerror(errno));
	/* It may be a program. */
	if (fd >= 0 && fchmod(fd, 0700) != 0)
		errno = 0;
	if (fd >= 0)
		close(fd);
	if (status != WW_OK) {
		unlink(*path);
		free(*path);
		*path = NULL;
	}
	return status;
}
