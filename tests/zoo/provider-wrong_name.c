/* SPDX-License-Identifier: MIT */
#define ZOO_NAME "another"
#include "tests/zoo/provider.h"
