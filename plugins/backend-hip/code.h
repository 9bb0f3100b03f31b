/* SPDX-License-Identifier: MIT
 *
 * What a code object says of its kernels.
 */
#ifndef WW_HIP_CODE_H
#define WW_HIP_CODE_H

#include "warpwright/plugin.h"

/* Registers, spills, scratch and LDS of kernel `name` from the metadata note of
 * an AMD code object (LLVM's AMDGPU user guide, code object V3 and later). Says
 * nothing where it finds nothing. */
void hip_code_facts(struct ww_build_sink *sink, const void *code,
                    uint64_t length, const char *name);

#endif
