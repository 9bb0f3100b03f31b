/* SPDX-License-Identifier: MIT */
#define ZOO_NAME "wrong_minor"
#define ZOO_MINOR 9
#define ZOO_NEED_MINOR 9
#include "tests/zoo/provider.h"
