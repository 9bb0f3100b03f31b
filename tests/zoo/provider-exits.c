/* SPDX-License-Identifier: MIT
 *
 * A good plugin, had it not a function that runs when it is loaded.
 */
#include <unistd.h>

#define ZOO_NAME "exits"
#include "tests/zoo/provider.h"

__attribute__((constructor)) static void
start(void)
{
	_exit(3);
}
