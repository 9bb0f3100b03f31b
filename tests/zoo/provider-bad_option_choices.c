/* SPDX-License-Identifier: MIT */
#include "warpwright/abi.h"

static const struct ww_option options[] = {
	{ .name = "choice", .type = WW_OPTION_ENUM, .help = "Help." },
};

#define ZOO_NAME "bad_option_choices"
#define ZOO_OPTIONS options
#define ZOO_N_OPTIONS 1
#include "tests/zoo/provider.h"
