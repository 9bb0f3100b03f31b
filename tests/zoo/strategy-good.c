/* SPDX-License-Identifier: MIT
 *
 * A good strategy.
 */
#define ZOO_NAME "good"
#include "tests/zoo/strategy.h"
