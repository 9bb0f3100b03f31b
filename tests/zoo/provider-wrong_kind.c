/* SPDX-License-Identifier: MIT
 *
 * A provider that calls itself a strategy.
 */
#define ZOO_NAME "wrong_kind"
#define ZOO_KIND WW_KIND_STRATEGY
#include "tests/zoo/provider.h"
