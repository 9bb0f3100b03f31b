/* SPDX-License-Identifier: MIT */
#include "instructions.h"

#include <string.h>

/* How opcodes begin; the first row that fits counts. Data goes to lanes of other
 * threads through the unit of LDS but not through its memory (ds_permute, …). What
 * a generic pointer points to is taken for global memory. */
static const struct code_opcode opcodes[] = {
	{ "v_mfma_", CODE_MATRIX },
	{ "v_smfmac_", CODE_MATRIX },
	{ "v_wmma_", CODE_MATRIX },
	{ "v_swmmac_", CODE_MATRIX },
	{ "global_load_lds_", CODE_ASYNC_COPIES },
	{ "global_load_", CODE_LOADS },
	{ "flat_load_", CODE_LOADS },
	{ "buffer_load_", CODE_LOADS },
	{ "tbuffer_load_", CODE_LOADS },
	{ "global_store_", CODE_STORES },
	{ "flat_store_", CODE_STORES },
	{ "buffer_store_", CODE_STORES },
	{ "tbuffer_store_", CODE_STORES },
	{ "s_load_", CODE_SCALAR_LOADS },
	{ "s_buffer_load_", CODE_SCALAR_LOADS },
	{ "scratch_load_", CODE_LOCAL_LOADS },
	{ "scratch_store_", CODE_LOCAL_STORES },
	{ "s_scratch_load_", CODE_LOCAL_LOADS },
	{ "s_scratch_store_", CODE_LOCAL_STORES },
	{ "global_atomic_", CODE_ATOMICS },
	{ "flat_atomic_", CODE_ATOMICS },
	{ "buffer_atomic_", CODE_ATOMICS },
	{ "s_atomic_", CODE_ATOMICS },
	{ "s_buffer_atomic_", CODE_ATOMICS },
	{ "ds_read", CODE_SHARED_LOADS },
	{ "ds_load_", CODE_SHARED_LOADS },
	{ "ds_write", CODE_SHARED_STORES },
	{ "ds_storexchg", CODE_ATOMICS },
	{ "ds_store_", CODE_SHARED_STORES },
	{ "ds_permute", CODE_N_KINDS },
	{ "ds_bpermute", CODE_N_KINDS },
	{ "ds_swizzle", CODE_N_KINDS },
	{ "ds_nop", CODE_N_KINDS },
	{ "ds_gws_barrier", CODE_BARRIERS },
	{ "ds_gws_", CODE_N_KINDS },
	{ "ds_", CODE_ATOMICS },
	{ "s_barrier_wait", CODE_BARRIERS },
	{ "s_barrier_", CODE_N_KINDS },
	{ "s_barrier", CODE_BARRIERS },
	{ "s_branch", CODE_BRANCHES },
	{ "s_cbranch", CODE_BRANCHES },
	{ "s_swappc", CODE_CALLS },
	{ "s_call", CODE_CALLS },
};

/* Arithmetic may be of two kinds at once. */
static const struct code_opcode multiply_adds[] = {
	{ "v_fma", CODE_FMA },
	{ "v_mad", CODE_FMA },
	{ "v_mac_", CODE_FMA },
	{ "v_dual_fma", CODE_FMA },
	{ "v_dual_dot2", CODE_FMA },
	{ "v_pk_fma", CODE_FMA },
	{ "v_pk_mad", CODE_FMA },
	{ "v_dot", CODE_FMA },
};
static const struct code_opcode packed[] = {
	{ "v_pk_mov", CODE_N_KINDS },
	{ "v_pk_", CODE_PACKED },
	{ "v_dot", CODE_PACKED },
	{ "v_dual_dot2", CODE_PACKED },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
count_arithmetic(struct code_counts *counts, const char *text)
{
	if (code_kind_of(multiply_adds, COUNT(multiply_adds), text) == CODE_FMA)
		counts->n[CODE_FMA]++;
	if (code_kind_of(packed, COUNT(packed), text) == CODE_PACKED)
		counts->n[CODE_PACKED]++;
}

/* Whether the opcode ends with "x2", "_b64" or more. */
static int
is_wide(const char *text)
{
	static const char *const ends[] = { "dwordx", "_b64", "_b96", "_b128" };
	size_t length = strcspn(text, " ");
	size_t i;

	for (i = 0; i < COUNT(ends); i++) {
		const char *found = strstr(text, ends[i]);

		if (found != NULL && found < text + length)
			return 1;
	}
	return 0;
}

/* Loads and stores by where they go to. */
static enum code_kind
refine(enum code_kind kind, const char *text, int in_buffers)
{
	if ((kind != CODE_LOADS && kind != CODE_STORES) ||
	    strncmp(text, "buffer_", 7) != 0)
		return kind;
	if (strstr(text, " lds") != NULL)
		return CODE_ASYNC_COPIES;
	if (in_buffers)
		return kind == CODE_LOADS ? CODE_LOCAL_LOADS
		                          : CODE_LOCAL_STORES;
	return kind;
}

void
hip_instruction_count(struct code_counts *counts, const char *text,
                      int in_buffers)
{
	const char *second;
	enum code_kind kind;

	text += strspn(text, " \t");
	counts->n[CODE_INSTRUCTIONS]++;
	count_arithmetic(counts, text);
	/* gfx11 does two things at once. */
	second = strstr(text, ":: ");
	if (second != NULL)
		count_arithmetic(counts, second + 3);
	kind = refine(code_kind_of(opcodes, COUNT(opcodes), text), text,
	              in_buffers);
	if (kind == CODE_N_KINDS)
		return;
	counts->n[kind]++;
	if (kind == CODE_LOADS && is_wide(text))
		counts->n[CODE_WIDE_LOADS]++;
}
