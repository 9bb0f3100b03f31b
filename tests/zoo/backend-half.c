/* SPDX-License-Identifier: MIT
 *
 * Compiles and cannot measure.
 */
#define ZOO_NAME "half"
#define ZOO_NO_DEVICE
#define ZOO_DEVICE NULL
#include "tests/zoo/backend.h"
