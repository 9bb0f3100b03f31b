/* SPDX-License-Identifier: MIT
 *
 * Says that it is longer than what the file holds.
 */
#define ZOO_NAME "long_descriptor"
#define ZOO_SIZE 4096
#include "tests/zoo/provider.h"
