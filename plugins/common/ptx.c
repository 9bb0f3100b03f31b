/* SPDX-License-Identifier: MIT */
#include "plugins/common/ptx.h"

#include <ctype.h>
#include <string.h>

enum kind {
	INSTRUCTIONS,
	FMA,
	MATRIX,
	LOADS,
	WIDE_LOADS,
	STORES,
	SHARED_LOADS,
	SHARED_STORES,
	ASYNC_COPIES,
	ATOMICS,
	BARRIERS,
	BRANCHES,
	N_KINDS
};

static const char *const facts[N_KINDS] = {
	[INSTRUCTIONS] = "code_instructions",
	[FMA] = "code_fma",
	[MATRIX] = "code_matrix",
	[LOADS] = "code_loads",
	[WIDE_LOADS] = "code_wide_loads",
	[STORES] = "code_stores",
	[SHARED_LOADS] = "code_shared_loads",
	[SHARED_STORES] = "code_shared_stores",
	[ASYNC_COPIES] = "code_async_copies",
	[ATOMICS] = "code_atomics",
	[BARRIERS] = "code_barriers",
	[BRANCHES] = "code_branches",
};

/* How opcodes begin. Matrix instructions move their operands with others of the
 * same first word, which are not arithmetic. */
static const struct {
	const char *opcode;
	enum kind kind;
} opcodes[] = {
	{ "fma.", FMA },
	{ "mad.", FMA },
	{ "mma.sync", MATRIX },
	{ "mma.sp", MATRIX },
	{ "wmma.mma", MATRIX },
	{ "wgmma.mma", MATRIX },
	{ "tcgen05.mma", MATRIX },
	{ "ld.global", LOADS },
	{ "ld.shared", SHARED_LOADS },
	{ "ldmatrix", SHARED_LOADS },
	{ "st.global", STORES },
	{ "st.shared", SHARED_STORES },
	{ "stmatrix", SHARED_STORES },
	{ "cp.async.ca", ASYNC_COPIES },
	{ "cp.async.cg", ASYNC_COPIES },
	{ "cp.async.bulk", ASYNC_COPIES },
	{ "atom.", ATOMICS },
	{ "red.", ATOMICS },
	{ "bar.", BARRIERS },
	{ "barrier.", BARRIERS },
	{ "mbarrier.try_wait", BARRIERS },
	{ "bra", BRANCHES },
};

/* Groups of copies are committed and waited for, which copies nothing. */
static const char *const no_copies[] = { "cp.async.bulk.commit",
	                                 "cp.async.bulk.wait",
	                                 "cp.async.bulk.prefetch" };

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
count_line(const char *line, double counts[N_KINDS])
{
	const char *opcode = find_opcode(line);
	size_t i;

	if (opcode == NULL)
		return;
	counts[INSTRUCTIONS]++;
	for (i = 0; i < COUNT(no_copies); i++)
		if (begins(opcode, no_copies[i]))
			return;
	for (i = 0; i < COUNT(opcodes); i++)
		if (begins(opcode, opcodes[i].opcode))
			break;
	if (i == COUNT(opcodes))
		return;
	counts[opcodes[i].kind]++;
	if (opcodes[i].kind == LOADS && is_wide(opcode))
		counts[WIDE_LOADS]++;
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
	double counts[N_KINDS] = { 0 };
	const char *line = find_body(text, entry);
	size_t i;

	if (line == NULL)
		return;
	for (line += 2; *line != '\0' && !begins(line, "\n}");
	     line += strcspn(line, "\n"))
		count_line(++line, counts);
	for (i = 0; i < N_KINDS; i++)
		sink->fact(sink, facts[i], counts[i]);
}
