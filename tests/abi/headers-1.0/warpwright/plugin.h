/* SPDX-License-Identifier: MIT
 *
 * warpwright/plugin.h: everything a plugin may include, in one line.
 */
#ifndef WARPWRIGHT_PLUGIN_H
#define WARPWRIGHT_PLUGIN_H

#include "warpwright/abi.h"
#include "warpwright/backend.h"
#include "warpwright/host.h"
#include "warpwright/model.h"
#include "warpwright/provider.h"
#include "warpwright/space.h"
#include "warpwright/strategy.h"
#include "warpwright/trial.h"

#endif
