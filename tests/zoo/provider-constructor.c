/* SPDX-License-Identifier: MIT
 *
 * Runs something harmless when it is loaded: tried in a child, then accepted.
 */
#define ZOO_NAME "constructor"
#include "tests/zoo/provider.h"

static volatile int started;

__attribute__((constructor)) static void
start(void)
{
	started = 1;
}
