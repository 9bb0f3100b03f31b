/* SPDX-License-Identifier: MIT */
#define ZOO_NAME "no_license"
#define ZOO_LICENSE ""
#include "tests/zoo/provider.h"
