/* SPDX-License-Identifier: MIT
 *
 * What a launch must give, and whether it did. Large outputs are compared where
 * they lie, by a kernel that the driver's compiler makes for the device; small
 * ones, and all where there is no compiler, on the host.
 */
#ifndef WW_PLUGINS_GPU_COMPARE_H
#define WW_PLUGINS_GPU_COMPARE_H

#include "plugins/common/gpu_bench.h"

/* Keeps what the outputs hold now as what every later launch must give. */
ww_status gpu_keep_outputs(struct ww_call *call, struct gpu_bench *bench);
/* Keeps the contents of the outputs' reference files. */
ww_status gpu_keep_files(struct ww_call *call, struct gpu_bench *bench);
/* Compares all outputs that there is something to compare with. */
ww_status gpu_compare_outputs(struct ww_call *call, struct gpu_bench *bench,
                              struct ww_verdict *verdict);
void gpu_compare_end(struct gpu_bench *bench);

#endif
