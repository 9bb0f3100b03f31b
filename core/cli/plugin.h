/* SPDX-License-Identifier: MIT
 *
 * The subcommands of `warpwright plugin` that need no plugin to be loaded.
 */
#ifndef WW_CORE_CLI_PLUGIN_H
#define WW_CORE_CLI_PLUGIN_H

struct ww_cli;

/* argv: plugin check FILE [options] */
int ww_cli_plugin_check(struct ww_cli *cli);
/* argv: plugin new KIND NAME [FOLDER] */
int ww_cli_plugin_new(struct ww_cli *cli);

#endif
