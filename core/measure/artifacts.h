/* SPDX-License-Identifier: MIT
 *
 * The artifact folder: files named by the hash of their content, shared by all
 * workers, and, across sessions, entries that say which artifact a build made:
 * KEY.json beside them. Whatever is missing or damaged counts as absent;
 * failures are never kept.
 */
#ifndef WW_CORE_ARTIFACTS_H
#define WW_CORE_ARTIFACTS_H

#include <stdbool.h>

#include "core/base/error.h"
#include "core/base/hash.h"
#include "core/base/json.h"

/* Larger than any kernel object. */
#define WW_ARTIFACT_LIMIT ((size_t)256 << 20)
/* Folders that a build works in are named so; they lie in the artifact folder
 * too, where those of killed workers are found again. */
#define WW_SCRATCH_PREFIX "scratch."
/* What the folder may hold in all. */
#define WW_ARTIFACTS_LIMIT (INT64_C(2) << 30)

/* Stores the bytes and writes their name. */
ww_status ww_artifact_put(const char *folder, const void *bytes, size_t length,
                          char name[WW_HASH_TEXT], struct ww_error *error);
/* Reads an artifact and checks its content against its name. To be freed. */
ww_status ww_artifact_get(const char *folder, const char *name, void **bytes,
                          size_t *length, struct ww_error *error);

/* What a build made, by the key of its inputs. */
struct ww_cached_build {
	char artifact[WW_HASH_TEXT];
	size_t bytes;
	struct json_object *facts; /* object of numbers */
	char *log;                 /* the compiler's words, or null */
};

/* False: not there, or damaged, or the artifact is gone. */
bool ww_build_find(const char *folder, const char *key,
                   struct ww_cached_build *build);
/* Failing to write is no error: the build is only repeated next time. */
void ww_build_keep(const char *folder, const char *key,
                   const struct ww_cached_build *build);
void ww_cached_build_clear(struct ww_cached_build *build);

/* Removes the files that were not used for longest until the folder holds at
 * most `limit` bytes. What was used within the last hour stays: a session may
 * still need it. Scratch folders that were left behind go too. Returns the bytes
 * left. */
int64_t ww_artifacts_trim(const char *folder, int64_t limit);

#endif
