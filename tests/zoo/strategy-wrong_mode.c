/* SPDX-License-Identifier: MIT */
#define ZOO_NAME "wrong_mode"
#define ZOO_MODE 9
#include "tests/zoo/strategy.h"
