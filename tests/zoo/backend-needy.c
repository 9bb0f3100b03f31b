/* SPDX-License-Identifier: MIT
 *
 * Takes a service for granted that a host may lack.
 */
#include "warpwright/plugin.h"

static volatile uint32_t zoo_size;

#define ZOO_NAME "needy"
#define ZOO_IN_OPEN (zoo_size = host->process->size)
#include "tests/zoo/backend.h"
