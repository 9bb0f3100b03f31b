/* SPDX-License-Identifier: MIT
 *
 * The right name on an object that is too small to look at.
 */
#include "warpwright/abi.h"

extern WW_EXPORT const uint32_t ww_plugin_v1;
const uint32_t ww_plugin_v1 = WW_PLUGIN_MAGIC;
