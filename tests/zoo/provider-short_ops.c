/* SPDX-License-Identifier: MIT */
#define ZOO_NAME "short_ops"
#define ZOO_OPS_SIZE 16
#include "tests/zoo/provider.h"
