/* SPDX-License-Identifier: MIT
 *
 * Where things are. The installation is relocatable: data and plugins are
 * looked for beside the running program first, then where configure put them.
 * All results are absolute and to be freed by the caller.
 */
#ifndef WW_CORE_PATHS_H
#define WW_CORE_PATHS_H

#include "core/base/error.h"

char *ww_path_program(void);   /* the running executable */
char *ww_path_plugins(void);   /* the installed plugin folder */
char *ww_path_data(void);      /* share/warpwright, or $WARPWRIGHT_DATA */
char *ww_path_user_data(void); /* $XDG_DATA_HOME/warpwright */
char *ww_path_user_config(void); /* $XDG_CONFIG_HOME/warpwright */
char *ww_path_cache(void);     /* $XDG_CACHE_HOME/warpwright */
/* Joins, unless `name` is absolute. */
char *ww_path_join(const char *folder, const char *name);
char *ww_path_folder(const char *path); /* dirname */
/* Absolute, symbolic links resolved; a copy of `path` if it does not exist. */
char *ww_path_absolute(const char *path);

/* Creates a folder and its parents, the last one readable by the owner alone. */
ww_status ww_path_create(const char *folder, struct ww_error *error);
/* Removes a folder and everything in it; missing is fine. */
void ww_path_remove(const char *folder);

/* Reads a whole file, at most `limit` bytes; *bytes is NUL-terminated. */
ww_status ww_file_read(const char *path, size_t limit, char **bytes,
                       size_t *length, struct ww_error *error);
/* Writes through a temporary file and a rename, mode 0600; into what is no file,
 * such as a device or a pipe, as it is. */
ww_status ww_file_write(const char *path, const void *bytes, size_t length,
                        struct ww_error *error);

#endif
