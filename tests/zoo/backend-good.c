/* SPDX-License-Identifier: MIT
 *
 * A good backend.
 */
#define ZOO_NAME "good"
#include "tests/zoo/backend.h"
