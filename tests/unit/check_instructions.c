/* SPDX-License-Identifier: MIT
 *
 * Kinds of AMD's instructions: by their opcodes on four generations, and by what
 * the opcode alone does not say.
 */
#include <string.h>

#include "plugins/backend-hip/instructions.h"
#include "tests/unit/unit.h"

struct heard {
	struct ww_build_sink face;
	char words[512];
};

static void
hear(struct ww_build_sink *self, const char *name, double value)
{
	struct heard *heard = (struct heard *)self;
	size_t used = strlen(heard->words);

	if (value > 0)
		snprintf(heard->words + used, sizeof heard->words - used,
		         "%s=%g ", name + strlen("code_"), value);
}

/* Lines as the disassembler gives them, one after the other. */
static void
expect(const char *const *lines, size_t n, int in_buffers, const char *words)
{
	struct heard heard = { .face = { .size = sizeof heard.face,
		                         .fact = hear } };
	struct code_counts counts = { { 0 } };
	size_t i;

	for (i = 0; i < n; i++)
		hip_instruction_count(&counts, lines[i], in_buffers);
	code_counts_report(&heard.face, &counts, 0);
	ck_assert_str_eq(heard.words, words);
}

#define EXPECT(lines, in_buffers, words) \
	expect(lines, sizeof(lines) / sizeof((lines)[0]), in_buffers, words)

START_TEST(a_kernel_of_gfx9)
{
	static const char *const lines[] = {
		"\ts_load_dwordx4 s[0:3], s[4:5], 0x0",
		"\tglobal_load_dword v3, v[3:4], off",
		"\tglobal_load_dwordx4 v[8:11], v0, s[2:3] offset:16",
		"\tglobal_load_ubyte v12, v0, s[2:3]",
		"\ts_waitcnt vmcnt(0)",
		"\tds_write2st64_b32 v4, v3, v5 offset1:4",
		"\ts_barrier ",
		"\tds_read_b128 v[16:19], v4",
		"\tds_bpermute_b32 v6, v4, v3",
		"\tv_fmac_f32_e32 v1, v2, v3",
		"\tv_mad_u64_u32 v[2:3], s[4:5], v1, v2, v[4:5]",
		"\tv_pk_fma_f32 v[0:1], v[2:3], v[4:5], v[0:1] op_sel_hi:[1,0,1]",
		"\tv_pk_mul_f32 v[0:1], v[2:3], v[4:5]",
		"\tv_pk_mov_b32 v[0:1], v[2:3], v[4:5] op_sel:[0,1]",
		"\tv_dot2_f32_f16 v1, v2, v3, v1",
		"\tv_div_fmas_f32 v7, v7, v8, v9",
		"\tv_mfma_f32_32x32x1f32 a[0:31], v0, v1, a[0:31]",
		"\tv_accvgpr_read_b32 v1, a0",
		"\tglobal_atomic_add_f32 v0, v1, s[2:3]",
		"\tds_add_rtn_f32 v1, v2, v3",
		"\ts_cbranch_scc1 65500",
		"\ts_branch 12",
		"\ts_swappc_b64 s[30:31], s[4:5]",
		"\tglobal_store_dwordx2 v[0:1], v[2:3], off",
		"\ts_endpgm",
	};

	EXPECT(lines, 0,
	       "instructions=25 fma=4 matrix=1 packed=3 loads=3 wide_loads=1 "
	       "scalar_loads=1 stores=1 shared_loads=1 shared_stores=1 "
	       "atomics=2 barriers=1 branches=2 calls=1 ");
}
END_TEST

START_TEST(a_kernel_of_gfx11)
{
	static const char *const lines[] = {
		"\ts_load_b128 s[0:3], s[0:1], null",
		"\tglobal_load_b32 v1, v[1:2], off",
		"\tglobal_load_b64 v[2:3], v[1:2], off",
		"\tglobal_load_b96 v[2:4], v[1:2], off",
		"\tglobal_load_d16_b16 v5, v[1:2], off",
		"\tds_store_b32 v0, v1",
		"\tds_storexchg_rtn_b32 v3, v0, v1",
		"\tds_load_b64 v[1:2], v0",
		"\tv_dual_fmac_f32 v0, v1, v2 :: v_dual_mul_f32 v3, v4, v5",
		"\tv_dual_mov_b32 v0, v1 :: v_dual_fmaak_f32 v3, v4, v5, 0x3f80",
		"\tv_dual_dot2acc_f32_f16 v0, v1, v2 :: v_dual_fmac_f32 v3, v4, v5",
		"\tv_fmamk_f32 v3, v5, 0x3fb8aa3b, v4",
		"\tv_wmma_f32_16x16x16_f16 v[0:7], v[8:15], v[16:23], v[0:7]",
		"\tscratch_load_b32 v1, off, off offset:4",
		"\tscratch_store_b128 off, v[0:3], off",
		"\tglobal_store_b128 v[0:1], v[2:5], off",
	};

	EXPECT(lines, 0,
	       "instructions=16 fma=5 matrix=1 packed=1 loads=4 wide_loads=2 "
	       "scalar_loads=1 stores=1 shared_loads=1 shared_stores=1 "
	       "local_loads=1 local_stores=1 atomics=1 ");
}
END_TEST

/* gfx12 signals and waits; one of them is enough. */
START_TEST(a_barrier_in_two_parts)
{
	static const char *const lines[] = {
		"\ts_barrier_signal -1",
		"\ts_barrier_wait 0xffff",
	};

	EXPECT(lines, 0, "instructions=2 barriers=1 ");
}
END_TEST

/* Scratch memory, other memory, and memory that goes to LDS. */
START_TEST(what_buffers_are_for)
{
	static const char *const lines[] = {
		"\tbuffer_load_dword v4, off, s[12:15], 0 offset:1052",
		"\tbuffer_load_dwordx2 v[4:5], off, s[12:15], 0 offset:1056",
		"\tbuffer_store_dword v0, v1, s[0:3], 0 offen",
		"\tbuffer_load_dword v1, s[8:11], 0 offen lds",
		"\tglobal_load_lds_dword v[0:1], off",
		"\tbuffer_wbinvl1_vol ",
		"\tbuffer_atomic_add v1, v0, s[4:7], 0 offen",
	};

	EXPECT(lines, 0,
	       "instructions=7 loads=2 wide_loads=1 stores=1 async_copies=2 "
	       "atomics=1 ");
	EXPECT(lines, 1,
	       "instructions=7 local_loads=2 local_stores=1 async_copies=2 "
	       "atomics=1 ");
}
END_TEST

START_TEST(anything_is_an_instruction_at_most)
{
	static const char *const lines[] = { "", "\t", "v_", "ds", "::",
		                             ":: v_", "\xff\xfe", "lds s_" };

	EXPECT(lines, 1, "instructions=8 ");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("instructions");
	TCase *kinds = tcase_create("kinds");

	tcase_add_test(kinds, a_kernel_of_gfx9);
	tcase_add_test(kinds, a_kernel_of_gfx11);
	tcase_add_test(kinds, a_barrier_in_two_parts);
	tcase_add_test(kinds, what_buffers_are_for);
	tcase_add_test(kinds, anything_is_an_instruction_at_most);
	suite_add_tcase(suite, kinds);
	return ww_unit_run(suite);
}
