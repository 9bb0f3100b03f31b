/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugins/provider-exec/exec.h"

static int
uses(const struct exec *exec, const char *placeholder)
{
	size_t i;

	for (i = 0; exec->command[i] != NULL; i++)
		if (strstr(exec->command[i], placeholder) != NULL)
			return 1;
	return 0;
}

static int
write_file(const char *path, const char *text, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int failed = fd < 0;

	while (!failed && length > 0) {
		ssize_t written = write(fd, text, length);

		if (written < 0 && errno == EINTR)
			continue;
		failed = written <= 0;
		if (!failed) {
			text += written;
			length -= (size_t)written;
		}
	}
	if (fd >= 0 && close(fd) != 0)
		failed = 1;
	return failed;
}

static int
is_system(const struct ww_message *message)
{
	return strcmp(message->role, "system") == 0;
}

/* Messages of one sort, an empty line between them. `system` 0, 1, or -1: all */
static void
join(const struct ww_chat_request *request, int system, struct bytes *text)
{
	uint64_t i;

	for (i = 0; i < request->n_messages; i++) {
		const struct ww_message *message = &request->messages[i];

		if (system >= 0 && is_system(message) != system)
			continue;
		if (text->length > 0)
			bytes_add_text(text, "\n\n");
		bytes_add(text, message->text, (size_t)message->length);
	}
}

void
exec_write_prompt(const struct ww_chat_request *request,
                  const struct exec_files *files, struct bytes *input)
{
	if (files->prompt[0] == '\0')
		join(request, files->system[0] != '\0' ? 0 : -1, input);
}

static int
fill(const struct exec *exec, const struct ww_chat_request *request,
     struct exec_files *files)
{
	struct bytes text = { 0 };
	int failed = 0;

	if (uses(exec, "{system_file}")) {
		snprintf(files->system, sizeof files->system, "%s/system.txt",
		         files->folder);
		join(request, 1, &text);
		failed |= text.failed || write_file(files->system,
		                                    bytes_text(&text),
		                                    text.length);
	}
	if (uses(exec, "{prompt_file}")) {
		snprintf(files->prompt, sizeof files->prompt, "%s/prompt.txt",
		         files->folder);
		bytes_clear(&text);
		join(request, files->system[0] != '\0' ? 0 : -1, &text);
		failed |= text.failed || write_file(files->prompt,
		                                    bytes_text(&text),
		                                    text.length);
	}
	if (uses(exec, "{schema_file}")) {
		const char *schema = request->schema != NULL ? request->schema
		                                             : "{}";

		snprintf(files->schema, sizeof files->schema, "%s/schema.json",
		         files->folder);
		failed |= write_file(files->schema, schema, strlen(schema));
	}
	if (uses(exec, "{output_file}"))
		snprintf(files->output, sizeof files->output, "%s/answer.txt",
		         files->folder);
	bytes_free(&text);
	return failed;
}

ww_status
exec_files_make(const struct exec *exec, struct ww_call *call,
                const struct ww_chat_request *request, struct exec_files *files)
{
	const char *parent = getenv("TMPDIR");

	memset(files, 0, sizeof *files);
	if (!uses(exec, "_file}"))
		return WW_OK;
	if (parent == NULL || parent[0] != '/')
		parent = "/tmp";
	snprintf(files->folder, sizeof files->folder, "%.200s/warpwright-XXXXXX",
	         parent);
	if (mkdtemp(files->folder) == NULL) {
		int cause = errno;

		files->folder[0] = '\0';
		return ww_fail(call, WW_E_IO,
		               "cannot create a folder in %.200s: %s", parent,
		               strerror(cause));
	}
	if (fill(exec, request, files) != 0) {
		ww_fail(call, WW_E_IO, "cannot write the prompt into %s: %s",
		        files->folder, strerror(errno));
		exec_files_remove(files);
		return WW_E_IO;
	}
	return WW_OK;
}

int
exec_files_read(const struct exec_files *files, struct bytes *text)
{
	char block[8192];
	ssize_t got;
	int fd = open(files->output, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return -1;
	while ((got = read(fd, block, sizeof block)) > 0)
		bytes_add(text, block, (size_t)got);
	close(fd);
	return got < 0 || text->length == 0 ? -1 : 0;
}

void
exec_files_remove(struct exec_files *files)
{
	const char *const paths[] = { files->system, files->prompt,
		                      files->schema, files->output };
	size_t i;

	if (files->folder[0] == '\0')
		return;
	for (i = 0; i < sizeof paths / sizeof paths[0]; i++)
		if (paths[i][0] != '\0')
			unlink(paths[i]);
	rmdir(files->folder);
	files->folder[0] = '\0';
}

/* One argument with its placeholders replaced; null without memory. */
static char *
expand(const char *text, const struct exec_files *files, const char *model)
{
	const struct {
		const char *name;
		const char *value;
	} known[] = { { "{system_file}", files->system },
		      { "{prompt_file}", files->prompt },
		      { "{schema_file}", files->schema },
		      { "{output_file}", files->output },
		      { "{model}", model != NULL ? model : "" } };
	struct bytes result = { 0 };
	size_t i;

	bytes_add(&result, "", 0);
	while (*text != '\0' && !result.failed) {
		for (i = 0; i < sizeof known / sizeof known[0]; i++)
			if (strncmp(text, known[i].name,
			            strlen(known[i].name)) == 0)
				break;
		if (i == sizeof known / sizeof known[0]) {
			bytes_add(&result, text++, 1);
		} else {
			bytes_add_text(&result, known[i].value);
			text += strlen(known[i].name);
		}
	}
	if (result.failed) {
		bytes_free(&result);
		return NULL;
	}
	return result.text;
}

char **
exec_expand(const char *const *command, const struct exec_files *files,
            const char *model)
{
	size_t n = 0;
	size_t i;
	char **list;

	while (command[n] != NULL)
		n++;
	list = calloc(n + 1, sizeof *list);
	for (i = 0; list != NULL && i < n; i++) {
		list[i] = expand(command[i], files, model);
		if (list[i] == NULL) {
			exec_free_list(list);
			return NULL;
		}
	}
	return list;
}

void
exec_free_list(char **list)
{
	size_t i;

	for (i = 0; list != NULL && list[i] != NULL; i++)
		free(list[i]);
	free(list);
}
