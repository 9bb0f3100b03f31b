/* SPDX-License-Identifier: MIT */
#include "plugins/common/code_counts.h"

#include <string.h>

static const char *const facts[CODE_N_KINDS] = {
	[CODE_INSTRUCTIONS] = "code_instructions",
	[CODE_FMA] = "code_fma",
	[CODE_MATRIX] = "code_matrix",
	[CODE_PACKED] = "code_packed",
	[CODE_LOADS] = "code_loads",
	[CODE_WIDE_LOADS] = "code_wide_loads",
	[CODE_SCALAR_LOADS] = "code_scalar_loads",
	[CODE_STORES] = "code_stores",
	[CODE_SHARED_LOADS] = "code_shared_loads",
	[CODE_SHARED_STORES] = "code_shared_stores",
	[CODE_LOCAL_LOADS] = "code_local_loads",
	[CODE_LOCAL_STORES] = "code_local_stores",
	[CODE_ASYNC_COPIES] = "code_async_copies",
	[CODE_ATOMICS] = "code_atomics",
	[CODE_BARRIERS] = "code_barriers",
	[CODE_BRANCHES] = "code_branches",
	[CODE_CALLS] = "code_calls",
};

enum code_kind
code_kind_of(const struct code_opcode *rows, size_t n, const char *text)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strncmp(text, rows[i].start, strlen(rows[i].start)) == 0)
			return rows[i].kind;
	return CODE_N_KINDS;
}

void
code_counts_report(struct ww_build_sink *sink, const struct code_counts *counts,
                   uint32_t unknown)
{
	size_t i;

	for (i = 0; i < CODE_N_KINDS; i++)
		if ((unknown >> i & 1) == 0)
			sink->fact(sink, facts[i], counts->n[i]);
}
