/* SPDX-License-Identifier: MIT
 *
 * Makes the folder of a new plugin from the template of its kind.
 */
#ifndef WW_SDK_GENERATOR_H
#define WW_SDK_GENERATOR_H

#include "core/base/error.h"

/* `kind` is "provider", "strategy" or "backend"; `name` is [a-z][a-z0-9_]*;
 * `folder` must not exist or be empty. Nothing that exists is overwritten. */
ww_status ww_plugin_generate(const char *kind, const char *name,
                             const char *folder, struct ww_error *error);

#endif
