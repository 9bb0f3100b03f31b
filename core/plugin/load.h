/* SPDX-License-Identifier: MIT
 *
 * Opens a file that passed ww_plugin_file_check() and finds a usable descriptor
 * in it. What is opened stays open until the program ends.
 */
#ifndef WW_CORE_PLUGIN_LOAD_H
#define WW_CORE_PLUGIN_LOAD_H

#include "core/base/error.h"
#include "core/plugin/file.h"

ww_status ww_plugin_load(const struct ww_plugin_file *file,
                         const struct ww_plugin **plugin,
                         struct ww_error *error);

#endif
