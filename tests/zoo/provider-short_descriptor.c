/* SPDX-License-Identifier: MIT */
#define ZOO_NAME "short_descriptor"
#define ZOO_SIZE 40
#include "tests/zoo/provider.h"
