/* SPDX-License-Identifier: MIT
 *
 * A good plugin, had it not a function that runs when it is loaded.
 */
#include <stdlib.h>

#define ZOO_NAME "aborts"
#include "tests/zoo/provider.h"

__attribute__((constructor)) static void
start(void)
{
	abort();
}
