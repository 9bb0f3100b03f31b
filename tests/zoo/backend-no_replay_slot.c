/* SPDX-License-Identifier: MIT */
#define ZOO_NAME "no_replay_slot"
#define ZOO_LOOKUP NULL
#define ZOO_REPLAY &zoo_replay
#include "tests/zoo/backend.h"
