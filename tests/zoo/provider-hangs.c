/* SPDX-License-Identifier: MIT
 *
 * A good plugin, had it not a function that runs for ever when it is loaded.
 */
#include <unistd.h>

#define ZOO_NAME "hangs"
#include "tests/zoo/provider.h"

__attribute__((constructor)) static void
start(void)
{
	for (;;)
		pause();
}
