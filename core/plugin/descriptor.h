/* SPDX-License-Identifier: MIT
 *
 * Whether a plugin's descriptor and tables can be used by this host. Reads
 * data only; no function of the plugin runs here.
 */
#ifndef WW_CORE_PLUGIN_DESCRIPTOR_H
#define WW_CORE_PLUGIN_DESCRIPTOR_H

#include "core/base/error.h"

/* What this host offers to plugins of any kind. */
#define WW_HOST_FEATURES                                       \
	(WW_FEATURE_STREAMING | WW_FEATURE_CANCELLATION |      \
	 WW_FEATURE_SCHEMA_OUTPUT | WW_FEATURE_SUBSTRATEGIES)

/* `room` is how many bytes the object in the file holds; `kind` and `name` come
 * from the file's name. The text of `error` does not name the file. */
ww_status ww_descriptor_check(const struct ww_plugin *plugin, size_t room,
                              const char *kind, const char *name,
                              struct ww_error *error);

/* The tables of one kind (descriptor_ops.c). */
ww_status ww_descriptor_check_ops(const struct ww_plugin *plugin,
                                  struct ww_error *error);

#endif
