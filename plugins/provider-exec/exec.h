/* SPDX-License-Identifier: MIT
 *
 * Shared by the files of provider exec: the instance, and the files of one
 * request that the client's arguments may name.
 */
#ifndef WW_PROVIDER_EXEC_H
#define WW_PROVIDER_EXEC_H

#include "plugins/common/bytes.h"
#include "warpwright/plugin.h"

struct exec {
	const struct ww_host *host;
	const char *const *command; /* or null: not configured */
	const char *const *environment;
	const char *text_pointer;
	const char *error_pointer;
	const char *cost_pointer;
	const char *model;
	double timeout; /* seconds */
	int local;
};

/* A private folder with what the arguments ask for; "" where they do not. */
struct exec_files {
	char folder[300];
	char system[340];
	char prompt[340];
	char schema[340];
	char output[340];
};

ww_status exec_files_make(const struct exec *exec, struct ww_call *call,
                          const struct ww_chat_request *request,
                          struct exec_files *files);
/* The answer from {output_file}; 0, or -1 if there is none. */
int exec_files_read(const struct exec_files *files, struct bytes *text);
void exec_files_remove(struct exec_files *files);

/* The command with placeholders replaced; null without memory. */
char **exec_expand(const char *const *command, const struct exec_files *files,
                   const char *model);
void exec_free_list(char **list);
/* What goes to standard input: every message that no file holds. */
void exec_write_prompt(const struct ww_chat_request *request,
                       const struct exec_files *files, struct bytes *input);

#endif
