/* SPDX-License-Identifier: MIT */
#define ZOO_NAME "wrong_features"
#define ZOO_FEATURES (UINT64_C(1) << 40)
#include "tests/zoo/provider.h"
