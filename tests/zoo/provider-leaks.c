/* SPDX-License-Identifier: MIT
 *
 * Loses a little memory each time it is opened.
 */
#include <stdlib.h>

#include "warpwright/plugin.h"

static void *volatile lost;

#define ZOO_NAME "leaks"
#define ZOO_IN_OPEN (lost = malloc(24))
#include "tests/zoo/provider.h"
