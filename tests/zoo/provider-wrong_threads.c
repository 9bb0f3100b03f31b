/* SPDX-License-Identifier: MIT */
#define ZOO_NAME "wrong_threads"
#define ZOO_THREADS 7
#include "tests/zoo/provider.h"
