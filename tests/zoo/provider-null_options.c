/* SPDX-License-Identifier: MIT */
#define ZOO_NAME "null_options"
#define ZOO_N_OPTIONS 3
#include "tests/zoo/provider.h"
