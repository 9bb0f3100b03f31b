/* SPDX-License-Identifier: MIT
 *
 * Built against a later minor, content with this one: accepted.
 */
#define ZOO_NAME "newer_minor"
#define ZOO_MINOR 7
#include "tests/zoo/provider.h"
