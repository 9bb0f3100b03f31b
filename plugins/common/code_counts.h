/* SPDX-License-Identifier: MIT
 *
 * How many instructions of which kind a kernel has, under names that all vendors
 * share; what is counted, a reader of the vendor's assembly decides (ptx.c, and
 * instructions.c of backend-hip). Counts are static; a loop's body counts once.
 */
#ifndef WW_PLUGINS_CODE_COUNTS_H
#define WW_PLUGINS_CODE_COUNTS_H

#include "warpwright/plugin.h"

enum code_kind {
	CODE_INSTRUCTIONS,
	CODE_FMA,    /* of the vector units, integers and dot products too */
	CODE_MATRIX,
	CODE_PACKED, /* arithmetic on several elements of a register */
	CODE_LOADS,  /* from memory that all blocks share */
	CODE_WIDE_LOADS, /* those of them with several registers a thread */
	CODE_SCALAR_LOADS, /* one for all threads of a warp, beside the loads */
	CODE_STORES,
	CODE_SHARED_LOADS, /* from the block's own memory */
	CODE_SHARED_STORES,
	CODE_LOCAL_LOADS, /* from the thread's own memory: arrays and spills */
	CODE_LOCAL_STORES,
	CODE_ASYNC_COPIES, /* into the block's memory past the registers */
	CODE_ATOMICS,
	CODE_BARRIERS,
	CODE_BRANCHES,
	CODE_CALLS,
	CODE_N_KINDS /* also: none that is counted */
};

struct code_counts {
	double n[CODE_N_KINDS];
};

/* How the opcodes of a kind begin. */
struct code_opcode {
	const char *start;
	enum code_kind kind;
};

/* The kind of the first of `n` rows with which the text begins, or
 * CODE_N_KINDS. */
enum code_kind code_kind_of(const struct code_opcode *rows, size_t n,
                            const char *text);
/* Reports code_instructions, code_fma and so on, but for kinds whose bits (1u <<
 * kind) are in `unknown` because this assembly does not show them. */
void code_counts_report(struct ww_build_sink *sink,
                        const struct code_counts *counts, uint32_t unknown);

#endif
