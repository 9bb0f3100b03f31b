/* SPDX-License-Identifier: MIT
 *
 * Counting a kernel's instructions in PTX: the right entry, predicates, labels,
 * and groups of copies that copy nothing.
 */
#include <string.h>

#include "plugins/common/ptx.h"
#include "tests/unit/unit.h"

static const char text[] =
	".version 9.0\n.target sm_90\n"
	".visible .entry other(\n\t.param .u64 p\n)\n{\n"
	"\tld.global.f32 \t%f1, [%rd6];\n}\n\n"
	".visible .entry gemm(\n\t.param .u64 gemm_param_0\n)\n"
	".maxntid 128, 1, 1\n{\n"
	"\t.reg .f32 \t%f<5>;\n"
	"\tld.param.u64 \t%rd1, [gemm_param_0];\n"
	"$L__BB0_1:\n"
	"\t// a remark\n"
	"\tld.global.nc.v4.f32 \t{%f1, %f2, %f3, %f4}, [%rd6];\n"
	"\tld.global.f32 \t%f1, [%rd6];\n"
	"\tcp.async.cg.shared.global [%r1], [%rd2], 16;\n"
	"\tcp.async.commit_group;\n"
	"\tcp.async.bulk.commit_group;\n"
	"\tst.shared.f32 \t[%rd8], %f1;\n"
	"\tbar.sync \t0;\n"
	"\tldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r1}, [%r2];\n"
	"\tmma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%f1}, {%r1};\n"
	"\tfma.rn.f32 \t%f4, %f2, 0f40000000, %f3;\n"
	"\tdp4a.s32.s32 \t%r5, %r3, %r4, %r5;\n"
	"\tst.local.v2.f32 \t[%rd12], {%f1, %f2};\n"
	"\tst.local.f32 \t[%rd12+8], %f3;\n"
	"\tld.local.f32 \t%f5, [%rd13];\n"
	"\tcall.uni (%r6), helper, (%r5);\n"
	"\t@%p1 bra \t$L__BB0_1;\n"
	"\tst.global.f32 \t[%rd11], %f4;\n"
	"\tatom.global.add.f32 \t%f1, [%rd2], %f2;\n"
	"\tret;\n\n}\n";

struct heard {
	struct ww_build_sink face;
	char words[1024];
};

static void
hear(struct ww_build_sink *self, const char *name, double value)
{
	struct heard *heard = (struct heard *)self;
	size_t used = strlen(heard->words);

	snprintf(heard->words + used, sizeof heard->words - used, "%s=%g ",
	         name + strlen("code_"), value);
}

static void
listen(struct heard *heard, const char *ptx, const char *entry)
{
	memset(heard, 0, sizeof *heard);
	heard->face.size = sizeof heard->face;
	heard->face.fact = hear;
	ptx_facts(&heard->face, ptx, entry);
}

START_TEST(counts_one_entry)
{
	struct heard heard;

	listen(&heard, text, "gemm");
	ck_assert_str_eq(heard.words,
	                 "instructions=20 fma=2 matrix=1 loads=2 wide_loads=1 "
	                 "stores=1 shared_loads=1 shared_stores=1 local_loads=1 "
	                 "local_stores=2 async_copies=1 atomics=1 barriers=1 "
	                 "branches=1 calls=1 ");
	listen(&heard, text, "other");
	ck_assert_ptr_nonnull(strstr(heard.words, "instructions=1 fma=0"));
}
END_TEST

/* Neither a prefix of a name nor a text that ends early is anything to count. */
START_TEST(says_nothing_of_what_is_not_there)
{
	static const char *const entries[] = { "gem", "gemm_param", "absent",
		                               "" };
	struct heard heard;
	size_t i;

	for (i = 0; i < sizeof entries / sizeof entries[0]; i++) {
		listen(&heard, text, entries[i]);
		ck_assert_str_eq(heard.words, "");
	}
	listen(&heard, "", "gemm");
	ck_assert_str_eq(heard.words, "");
	listen(&heard, ".entry gemm(", "gemm");
	ck_assert_str_eq(heard.words, "");
}
END_TEST

START_TEST(any_cut_of_the_text_is_survived)
{
	char cut[sizeof text];
	struct heard heard;
	size_t i;

	for (i = 0; i < sizeof text; i++) {
		memcpy(cut, text, i);
		cut[i] = '\0';
		listen(&heard, cut, "gemm");
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ptx");
	TCase *counts = tcase_create("counts");

	tcase_add_test(counts, counts_one_entry);
	tcase_add_test(counts, says_nothing_of_what_is_not_there);
	tcase_add_test(counts, any_cut_of_the_text_is_survived);
	suite_add_tcase(suite, counts);
	return ww_unit_run(suite);
}
