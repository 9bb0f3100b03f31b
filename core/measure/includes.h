/* SPDX-License-Identifier: MIT
 *
 * What a kernel's text depends on: the files that it includes, and theirs, as
 * far as they are the project's own, so that a change in a header changes the
 * key of every artifact that was built from it.
 */
#ifndef WW_CORE_INCLUDES_H
#define WW_CORE_INCLUDES_H

#include "core/base/hash.h"
#include "warpwright/backend.h"

/* Adds name and text of every such file. A quoted name is looked for beside the
 * file that includes it, and like a name in <> in the folders that the kernel's
 * options name; what is found nowhere belongs to the compiler. */
void ww_includes_hash(const struct ww_kernel *kernel, struct ww_hash *hash);

#endif
