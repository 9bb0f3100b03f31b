/* SPDX-License-Identifier: MIT
 *
 * Writes to standard output, which belongs to the host.
 */
#include <unistd.h>

#include "warpwright/plugin.h"

#define ZOO_NAME "prints"
#define ZOO_IN_OPEN ((void)!write(STDOUT_FILENO, "hello\n", 6))
#include "tests/zoo/provider.h"
