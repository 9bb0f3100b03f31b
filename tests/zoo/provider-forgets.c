/* SPDX-License-Identifier: MIT
 *
 * Forgets what it has when it cannot get the rest.
 */
#include <stdlib.h>

#include "warpwright/plugin.h"

static int
get_both(void)
{
	char *volatile first = malloc(10);
	char *volatile second;

	if (first == NULL)
		return 0;
	second = malloc(10);
	if (second == NULL)
		return 0;
	free(first);
	free(second);
	return 1;
}

#define ZOO_NAME "forgets"
#define ZOO_IN_OPEN                                                    \
	do {                                                           \
		if (!get_both())                                       \
			return ww_fail(call, WW_E_NO_MEMORY, "none");  \
	} while (0)
#include "tests/zoo/provider.h"
