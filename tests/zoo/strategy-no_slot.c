/* SPDX-License-Identifier: MIT */
#define ZOO_NAME "no_slot"
#define ZOO_ASK NULL
#include "tests/zoo/strategy.h"
