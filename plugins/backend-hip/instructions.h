/* SPDX-License-Identifier: MIT
 *
 * What kind of instruction a line of AMD's assembly is, for the architectures
 * whose names begin with gfx9, gfx10, gfx11 and gfx12.
 */
#ifndef WW_HIP_INSTRUCTIONS_H
#define WW_HIP_INSTRUCTIONS_H

#include "plugins/common/code_counts.h"

/* Counts one instruction as a disassembler writes it. `in_buffers`: what the
 * kernel keeps in scratch memory is in buffers, so that other buffers, which only
 * intrinsic functions address, are taken for it too. */
void hip_instruction_count(struct code_counts *counts, const char *text,
                           int in_buffers);

#endif
