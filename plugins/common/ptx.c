/* SPDX-License-Identifier: MIT */
#include "plugins/common/ptx.h"

#include <ctype.h>
#include <string.h>

#include "plugins/common/code_counts.h"

/* There are no scalar loads, and packed arithmetic shows in its types only. */
#define UNKNOWN (1u << CODE_SCALAR_LOADS | 1u << CODE_PACKED)

/* How opcodes begin. Matrix instructions move their operands with others of the
 * same first word, which are not arithmetic; groups of copies are committed and
 * waited for, which copies nothing. */
static const struct code_opcode opcodes[] = {
	{ "fma.", CODE_FMA },
	{ "mad.", CODE_FMA },
	{ "dp4a.", CODE_FMA },
	{ "dp2a.", CODE_FMA },
	{ "mma.sync", CODE_MATRIX },
	{ "mma.sp", CODE_MATRIX },
	{ "wmma.mma", CODE_MATRIX },
	{ "wgmma.mma", CODE_MATRIX },
	{ "tcgen05.mma", CODE_MATRIX },
	{ "ld.global", CODE_LOADS },
	{ "ld.shared", CODE_SHARED_LOADS },
	{ "ldmatrix", CODE_SHARED_LOADS },
	{ "st.global", CODE_STORES },
	{ "st.shared", CODE_SHARED_STORES },
	{ "stmatrix", CODE_SHARED_STORES },
	{ "ld.local", CODE_LOCAL_LOADS },
	{ "st.local", CODE_LOCAL_STORES },
	{ "cp.async.ca", CODE_ASYNC_COPIES },
	{ "cp.async.cg", CODE_ASYNC_COPIES },
	{ "cp.async.bulk.commit", CODE_N_KINDS },
	{ "cp.async.bulk.wait", CODE_N_KINDS },
	{ "cp.async.bulk.prefetch", CODE_N_KINDS },
	{ "cp.async.bulk", CODE_ASYNC_COPIES },
	{ "atom.", CODE_ATOMICS },
	{ "red.", CODE_ATOMICS },
	{ "bar.", CODE_BARRIERS },
	{ "barrier.", CODE_BARRIERS },
	{ "mbarrier.try_wait", CODE_BARRIERS },
	{ "bra", CODE_BRANCHES },
	{ "call", CODE_CALLS },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static int
begins(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* An instruction begins behind blanks and an optional predicate "@%p1 "; null
 * for labels, directives, remarks and braces. */
static const char *
find_opcode(const char *line)
{
	while (*line == ' ' || *line == '\t')
		line++;
	if (*line == '@') {
		line += strcspn(line, " \t\n");
		while (*line == ' ' || *line == '\t')
			line++;
	}
	return islower((unsigned char)*line) ? line : NULL;
}

/* Whether the opcode has a part ".v2", ".v4" or ".v8". */
static int
is_wide(const char *opcode)
{
	for (; *opcode != '\0' && !isspace((unsigned char)*opcode); opcode++)
		if (begins(opcode, ".v") && isdigit((unsigned char)opcode[2]))
			return 1;
	return 0;
}

static void
count_line(const char *line, struct code_counts *counts)
{
	const char *opcode = find_opcode(line);
	enum code_kind kind;

	if (opcode == NULL)
		return;
	counts->n[CODE_INSTRUCTIONS]++;
	kind = code_kind_of(opcodes, COUNT(opcodes), opcode);
	if (kind == CODE_N_KINDS)
		return;
	counts->n[kind]++;
	if (kind == CODE_LOADS && is_wide(opcode))
		counts->n[CODE_WIDE_LOADS]++;
}

/* The first line of the entry's body, or null. */
static const char *
find_body(const char *text, const char *entry)
{
	size_t length = strlen(entry);

	while ((text = strstr(text, ".entry ")) != NULL) {
		text += strlen(".entry ");
		if (strncmp(text, entry, length) == 0 &&
		    strchr("( \n", text[length]) != NULL)
			break;
	}
	return text != NULL ? strstr(text, "\n{") : NULL;
}

void
ptx_facts(struct ww_build_sink *sink, const char *text, const char *entry)
{
	struct code_counts counts = { { 0 } };
	const char *line = find_body(text, entry);

	if (line == NULL)
		return;
	for (line += 2; *line != '\0' && !begins(line, "\n}");
	     line += strcspn(line, "\n"))
		count_line(++line, &counts);
	code_counts_report(sink, &counts, UNKNOWN);
}
