/* SPDX-License-Identifier: MIT
 *
 * A library, no plugin, that exports a descriptor.
 */
#define ZOO_NAME "dependency"
#include "tests/zoo/provider.h"

extern WW_EXPORT int zoo_dependency(void);

int
zoo_dependency(void)
{
	return 1;
}
