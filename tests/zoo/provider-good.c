/* SPDX-License-Identifier: MIT
 *
 * A good provider.
 */
#define ZOO_NAME "good"
#include "tests/zoo/provider.h"
