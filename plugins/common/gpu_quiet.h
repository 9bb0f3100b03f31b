/* SPDX-License-Identifier: MIT
 *
 * A call whose failures are told to nobody. The helpers' own kernels are a matter
 * of speed: that the device's compiler gives none is no error of the caller's.
 */
#ifndef WW_PLUGINS_GPU_QUIET_H
#define WW_PLUGINS_GPU_QUIET_H

#include "plugins/common/gpu.h"

extern struct ww_call gpu_quiet;

#endif
