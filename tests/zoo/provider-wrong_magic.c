/* SPDX-License-Identifier: MIT */
#define ZOO_NAME "wrong_magic"
#define ZOO_MAGIC 0x12345678u
#include "tests/zoo/provider.h"
