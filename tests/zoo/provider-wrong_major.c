/* SPDX-License-Identifier: MIT */
#define ZOO_NAME "wrong_major"
#define ZOO_MAJOR 2
#define ZOO_MINOR 0
#include "tests/zoo/provider.h"
