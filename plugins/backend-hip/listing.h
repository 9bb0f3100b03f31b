/* SPDX-License-Identifier: MIT
 *
 * What the machine code of a kernel is made of.
 */
#ifndef WW_HIP_LISTING_H
#define WW_HIP_LISTING_H

#include "warpwright/plugin.h"

/* Reports the counts of code_counts.h for kernel `name`, which was compiled for
 * `target`, with the disassembler of the library that comgr_open() finds. Says
 * nothing if there is none, if the code object has no such kernel, or if the
 * disassembler does not know all of its instructions, crashes or takes too long. */
void hip_listing_facts(struct ww_build_sink *sink, const char *library,
                       const char *target, const void *code, uint64_t length,
                       const char *name);

#endif
