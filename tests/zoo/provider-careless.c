/* SPDX-License-Identifier: MIT
 *
 * Believes that there is always memory.
 */
#include <stdlib.h>

#include "warpwright/plugin.h"

static void
write_something(void)
{
	char *text = malloc(100);

	*(volatile char *)text = '\0';
	free(text);
}

#define ZOO_NAME "careless"
#define ZOO_IN_OPEN write_something()
#include "tests/zoo/provider.h"
