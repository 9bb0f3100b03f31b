/* SPDX-License-Identifier: MIT
 *
 * Needs a function that nobody has.
 */
#define ZOO_NAME "unresolved"
#include "tests/zoo/provider.h"

extern int zoo_function_of_nobody(void);
extern WW_EXPORT int zoo_caller(void);

int
zoo_caller(void)
{
	return zoo_function_of_nobody();
}
