/* SPDX-License-Identifier: MIT */
#include "warpwright/abi.h"

static const struct ww_option options[] = {
	{ .name = "fine", .type = WW_OPTION_INT, .help = "Help." },
	{ .name = "odd", .type = 77, .help = "Help." },
};

#define ZOO_NAME "bad_option_type"
#define ZOO_OPTIONS options
#define ZOO_N_OPTIONS 2
#include "tests/zoo/provider.h"
