/* SPDX-License-Identifier: MIT */
#define ZOO_NAME "no_slot"
#define ZOO_GENERATE NULL
#include "tests/zoo/provider.h"
