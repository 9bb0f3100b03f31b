/* SPDX-License-Identifier: MIT */
#include "warpwright/abi.h"

static const struct ww_option options[] = {
	{ .name = "count", .type = WW_OPTION_INT, .default_value = "many",
	  .help = "Help." },
};

#define ZOO_NAME "bad_option_default"
#define ZOO_OPTIONS options
#define ZOO_N_OPTIONS 1
#include "tests/zoo/provider.h"
