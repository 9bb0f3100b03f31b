/* SPDX-License-Identifier: MIT */
#include "warpwright/abi.h"

/* Something else is exported. */
extern WW_EXPORT const int zoo_other_symbol;
const int zoo_other_symbol = 1;
