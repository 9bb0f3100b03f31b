/* SPDX-License-Identifier: MIT
 *
 * What can be said about a plugin's file without running anything of it: its
 * name, who may write to it, and whether it is a shared object for this
 * machine. These checks stop accidents and tricks with paths; a plugin that is
 * loaded can do what its user can do.
 */
#ifndef WW_CORE_PLUGIN_FILE_H
#define WW_CORE_PLUGIN_FILE_H

#include <sys/types.h>

#include "core/base/error.h"

#define WW_PLUGIN_NAME_MAX 64

struct ww_plugin_file {
	char *path; /* absolute, symbolic links resolved */
	char kind[16];
	char name[WW_PLUGIN_NAME_MAX];
	dev_t device;
	ino_t inode;
	int constructors; /* 1: it holds functions that run when it is loaded */
};

/* Splits "…/KIND-NAME.so"; leaves what it cannot tell as "". */
ww_status ww_plugin_file_name(struct ww_plugin_file *file, const char *path,
                              struct ww_error *error);
/* Everything else; `file->path` is set whenever the file could be resolved. */
ww_status ww_plugin_file_check(struct ww_plugin_file *file, const char *path,
                               struct ww_error *error);
void ww_plugin_file_clear(struct ww_plugin_file *file);

/* ELF class, byte order, machine, type, and that all of it is there: mapping a
 * truncated file would end the process with SIGBUS. The text of `error` does
 * not name the file. */
ww_status ww_elf_check(int fd, uint64_t length, int *constructors,
                       struct ww_error *error);

#endif
