/* SPDX-License-Identifier: MIT
 *
 * What the machine code of a kernel is made of, read from a disassembler's
 * listing: x86-64 in the AT&T spelling, and AArch64. Counts are static; a loop's
 * body counts once.
 */
#include <ctype.h>
#include <string.h>

#include "plugins/backend-cpu/cpu.h"

#define DISASSEMBLER "objdump"
#define LONGEST_LINE 256

enum kind {
	INSTRUCTIONS,
	LOADS,
	STORES,
	FMA,
	PACKED,        /* arithmetic on several elements at once */
	SCALAR_FLOAT,  /* arithmetic on one */
	BRANCHES,
	CALLS,
	VECTOR_BYTES,  /* the widest register that is used */
	N_KINDS
};

static const char *const facts[N_KINDS] = {
	[INSTRUCTIONS] = "code_instructions",
	[LOADS] = "code_loads",
	[STORES] = "code_stores",
	[FMA] = "code_fma",
	[PACKED] = "code_packed",
	[SCALAR_FLOAT] = "code_scalar_float",
	[BRANCHES] = "code_branches",
	[CALLS] = "code_calls",
	[VECTOR_BYTES] = "code_vector_bytes",
};

struct listing {
	struct ww_text_sink face; /* first member */
	char line[LONGEST_LINE];
	size_t length;
	/* The kernel's functions, and the generated calls of them, which matter
	 * only if the kernel was inlined there. */
	double counts[2][N_KINDS];
	int place; /* index of counts, or -1: not ours */
};

/* ------------------------------------------------------------ instructions */

static int
begins(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static int
ends(const char *text, const char *end)
{
	size_t length = strlen(text);

	return length >= strlen(end) &&
	       strcmp(text + length - strlen(end), end) == 0;
}

static double
widest(const char *operands)
{
	if (strstr(operands, "%zmm") != NULL)
		return 64;
	if (strstr(operands, "%ymm") != NULL)
		return 32;
	return strstr(operands, "%xmm") != NULL ? 16 : 0;
}

/* Moves, shuffles and conversions are no arithmetic. */
static int
is_arithmetic(const char *name)
{
	static const char *const words[] = { "add", "sub", "mul", "div", "sqrt",
		                             "max", "min", "rcp", "rsqrt",
		                             "dp" };
	size_t i;

	name += name[0] == 'v';
	name += name[0] == 'p' || name[0] == 'f';
	for (i = 0; i < sizeof words / sizeof words[0]; i++)
		if (begins(name, words[i]))
			return 1;
	return strstr(name, "madd") != NULL || strstr(name, "msub") != NULL;
}

/* AT&T order: sources first, the destination last. */
static void
count_x86(const char *name, const char *operands, double *counts)
{
	const char *memory = strchr(operands, '(');
	double width = widest(operands);
	int compares = begins(name, "cmp") || begins(name, "test");

	if (memory != NULL && !begins(name, "lea") && !begins(name, "nop") &&
	    !begins(name, "prefetch")) {
		int last = strchr(strchr(memory, ')'), ',') == NULL;

		counts[last && strchr(operands, ',') != NULL && !compares
		               ? STORES
		               : LOADS]++;
	}
	if (width > counts[VECTOR_BYTES])
		counts[VECTOR_BYTES] = width;
	if (width > 0 && is_arithmetic(name)) {
		int scalar = ends(name, "ss") || ends(name, "sd");

		counts[scalar ? SCALAR_FLOAT : PACKED]++;
		if (strstr(name, "fmadd") != NULL ||
		    strstr(name, "fmsub") != NULL ||
		    strstr(name, "fnmadd") != NULL)
			counts[FMA]++;
	}
	if (name[0] == 'j')
		counts[BRANCHES]++;
	else if (begins(name, "call"))
		counts[CALLS]++;
}

/* Vector operands are spelled "v0.4s", those of the scalable extension "z0.s". */
static void
count_arm(const char *name, const char *operands, double *counts)
{
	int neon = operands[0] == 'v' && strchr(operands, '.') != NULL;
	int scalable = operands[0] == 'z';

	if (begins(name, "ld"))
		counts[LOADS]++;
	else if (begins(name, "st"))
		counts[STORES]++;
	if ((neon || operands[0] == 'q') && counts[VECTOR_BYTES] < 16)
		counts[VECTOR_BYTES] = 16;
	if (begins(name, "fml") || begins(name, "fmadd") ||
	    begins(name, "fmsub"))
		counts[FMA]++;
	if ((neon || scalable) &&
	    (is_arithmetic(name) || begins(name, "fml") || begins(name, "ml")))
		counts[PACKED]++;
	else if (name[0] == 'f' && is_arithmetic(name))
		counts[SCALAR_FLOAT]++;
	if (begins(name, "bl"))
		counts[CALLS]++;
	else if (begins(name, "b.") || begins(name, "cb") ||
	         begins(name, "tb") || strcmp(name, "b") == 0)
		counts[BRANCHES]++;
}

/* ------------------------------------------------------------------ lines */

/* "0000000000001130 <name>:" */
static void
read_label(struct listing *listing, const char *line)
{
	static const char *const runtime[] = { "register_tm_clones>",
		                               "deregister_tm_clones>",
		                               "__do_global_dtors_aux>",
		                               "frame_dummy>",
		                               "call_weak_fn>" };
	const char *name = strchr(line, '<');
	size_t i;

	if (name == NULL)
		return;
	name++;
	listing->place = begins(name, WW_CPU_ENTRY ">") ||
	                 begins(name, WW_CPU_CONSTANTS ">");
	for (i = 0; i < sizeof runtime / sizeof runtime[0]; i++)
		if (begins(name, runtime[i]))
			listing->place = -1;
}

/* "    1139:\tvmovups (%rax),%ymm0" */
static void
read_instruction(struct listing *listing, const char *text)
{
	double *counts = listing->counts[listing->place];
	char name[32];
	size_t length = strcspn(text, " \t");
	const char *operands = text + length;

	if (length == 0 || length >= sizeof name ||
	    !islower((unsigned char)text[0]))
		return;
	memcpy(name, text, length);
	name[length] = '\0';
	operands += strspn(operands, " \t");
	counts[INSTRUCTIONS]++;
#ifdef __aarch64__
	count_arm(name, operands, counts);
	(void)count_x86;
#else
	count_x86(name, operands, counts);
	(void)count_arm;
#endif
}

static void
read_line(struct listing *listing)
{
	const char *line = listing->line;
	const char *text = strstr(line, ":\t");

	if (isxdigit((unsigned char)line[0]))
		read_label(listing, line);
	else if (text != NULL && listing->place >= 0)
		read_instruction(listing, text + 2);
}

static ww_status
take(struct ww_text_sink *self, const char *bytes, uint64_t length)
{
	struct listing *listing = (struct listing *)self;
	uint64_t i;

	for (i = 0; i < length; i++) {
		if (bytes[i] == '\n') {
			listing->line[listing->length] = '\0';
			read_line(listing);
			listing->length = 0;
		} else if (listing->length + 1 < sizeof listing->line) {
			listing->line[listing->length++] = bytes[i];
		}
	}
	return WW_OK;
}

void
cpu_listing_facts(struct ww_call *call, const struct cpu *cpu,
                  const char *folder, const char *object,
                  struct ww_build_sink *sink)
{
	const char *const argv[] = { DISASSEMBLER, "-d", "-j", ".text",
		                     "--no-show-raw-insn", object, NULL };
	const struct ww_process *process = cpu->host->process;
	struct listing listing = {
		.face = { .size = sizeof listing.face, .write = take },
		.place = -1,
	};
	struct ww_process_request request = {
		.size = sizeof request,
		.argv = argv,
		.directory = folder,
	};
	struct ww_process_result result = { .size = sizeof result };
	const double *counts = listing.counts[0];
	size_t i;

	if (!cpu->disassembles ||
	    process->run(process, call, &request, &listing.face, &result) !=
	            WW_OK ||
	    result.exit_code != 0)
		return;
	if (counts[INSTRUCTIONS] <= 0)
		counts = listing.counts[1];
	for (i = 0; i < N_KINDS && counts[INSTRUCTIONS] > 0; i++)
		sink->fact(sink, facts[i], counts[i]);
}
