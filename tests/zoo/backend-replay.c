/* SPDX-License-Identifier: MIT
 *
 * A good backend that only replays.
 */
#define ZOO_NAME "replay"
#define ZOO_NO_TABLES
#define ZOO_COMPILE NULL
#define ZOO_DEVICE NULL
#define ZOO_LOOKUP zoo_lookup
#define ZOO_REPLAY &zoo_replay
#include "tests/zoo/backend.h"
