/* SPDX-License-Identifier: MIT
 *
 * Reads an option as if it could not be unset.
 */
#include <string.h>

#include "warpwright/plugin.h"

static volatile size_t zoo_length;
static const struct ww_option options[] = {
	{ .name = "text", .type = WW_OPTION_STRING, .default_value = "moo",
	  .help = "What it says." },
};

#define ZOO_NAME "trusting"
#define ZOO_OPTIONS options
#define ZOO_N_OPTIONS 1
#define ZOO_IN_OPEN                                                       \
	(zoo_length = strlen(host->options->string(host->options, "text")))
#include "tests/zoo/provider.h"
