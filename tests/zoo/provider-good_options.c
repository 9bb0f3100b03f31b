/* SPDX-License-Identifier: MIT
 *
 * One option of every type: accepted, and shown by `plugin info`.
 */
#include "warpwright/abi.h"

static const struct ww_option options[] = {
	{ .name = "text", .type = WW_OPTION_STRING, .default_value = "moo",
	  .help = "What it says." },
	{ .name = "legs", .type = WW_OPTION_INT, .default_value = "4",
	  .minimum = 0, .maximum = 1000, .help = "How many legs it has." },
	{ .name = "weight", .type = WW_OPTION_FLOAT, .minimum = 0.5,
	  .maximum = 5000, .help = "Kilograms." },
	{ .name = "tame", .type = WW_OPTION_BOOL, .default_value = "false",
	  .help = "Whether it comes when called." },
	{ .name = "food", .type = WW_OPTION_ENUM, .choices = "hay,fish",
	  .default_value = "hay", .help = "What it eats." },
	{ .name = "cage", .type = WW_OPTION_PATH, .help = "Where it lives." },
	{ .name = "password", .type = WW_OPTION_SECRET,
	  .default_value = "WW_ZOO_PASSWORD", .help = "How to get in." },
	{ .name = "command", .type = WW_OPTION_LIST,
	  .flags = WW_OPTION_TRUSTED_ONLY, .help = "What it obeys." },
	{ .name = "notes", .type = WW_OPTION_JSON, .default_value = "{}",
	  .help = "Anything else." },
};

#define ZOO_NAME "good_options"
#define ZOO_OPTIONS options
#define ZOO_N_OPTIONS 9
#include "tests/zoo/provider.h"
