/* SPDX-License-Identifier: MIT */
#define ZOO_NAME "no_device_slot"
#define ZOO_VERIFY NULL
#include "tests/zoo/backend.h"
