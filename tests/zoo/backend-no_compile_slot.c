/* SPDX-License-Identifier: MIT */
#define ZOO_NAME "no_compile_slot"
#define ZOO_BUILD NULL
#include "tests/zoo/backend.h"
