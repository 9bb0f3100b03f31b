/* SPDX-License-Identifier: MIT
 *
 * The options of one plugin instance, typed and complete: what
 * ww_settings_options() builds and ww_host_new() adopts.
 */
#ifndef WW_CORE_OPTIONS_H
#define WW_CORE_OPTIONS_H

#include "core/config/value.h"
#include "warpwright/host.h"

/* All options at their defaults. `plugin` must outlive them. */
struct ww_options *ww_options_new(const struct ww_plugin *plugin);
/* Sets option number `i`; takes the value over. */
void ww_options_put(struct ww_options *options, uint32_t i,
                    struct json_object *value);
/* Number of the option, or n_options. */
uint32_t ww_plugin_option_find(const struct ww_plugin *plugin,
                               const char *name);

#endif
