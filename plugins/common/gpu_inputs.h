/* SPDX-License-Identifier: MIT
 *
 * Whether a kernel left alone what it may only read. Inputs stay on the device
 * for a whole session, so a kernel that changes one would spoil every later
 * configuration. Each input is summed up once when it is staged and again after
 * a launch that is verified: by a kernel where it is large, on the host where it
 * is small or where there is no compiler for the device.
 */
#ifndef WW_PLUGINS_GPU_INPUTS_H
#define WW_PLUGINS_GPU_INPUTS_H

#include "plugins/common/gpu_bench.h"

/* Sums up all inputs as they are now. */
ww_status gpu_inputs_note(struct ww_call *call, struct gpu_bench *bench);
/* WW_E_WRONG_RESULT with the name of an input that is not what it was. */
ww_status gpu_inputs_check(struct ww_call *call, struct gpu_bench *bench);
void gpu_inputs_end(struct gpu_bench *bench);

#endif
