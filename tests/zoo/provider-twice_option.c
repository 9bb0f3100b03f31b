/* SPDX-License-Identifier: MIT */
#include "warpwright/abi.h"

static const struct ww_option options[] = {
	{ .name = "same", .type = WW_OPTION_INT, .help = "Help." },
	{ .name = "same", .type = WW_OPTION_BOOL, .help = "Help." },
};

#define ZOO_NAME "twice_option"
#define ZOO_OPTIONS options
#define ZOO_N_OPTIONS 2
#include "tests/zoo/provider.h"
