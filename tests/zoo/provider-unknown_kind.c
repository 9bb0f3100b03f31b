/* SPDX-License-Identifier: MIT */
#define ZOO_NAME "unknown_kind"
#define ZOO_KIND 9
#include "tests/zoo/provider.h"
