/* SPDX-License-Identifier: MIT */
#include "sdk/checker/memory.h"

#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FIRST_ROOM 1024u

/* Of the whole process: a test has one to itself. */
static struct {
	pthread_mutex_t mutex;
	uint64_t count, fail_at;
	int all;
	int failed;
	char place[160];
	ElfW(Addr) base;     /* of the plugin's file */
	uintptr_t *blocks;   /* hash table, 0: free, 1: was used */
	size_t room, used, n;
	int verdict;
} memory = { .mutex = PTHREAD_MUTEX_INITIALIZER };

/* ------------------------------------------------------------------ blocks */

static void
insert(uintptr_t block)
{
	size_t i = (block >> 4) * UINT64_C(0x9e3779b97f4a7c15) % memory.room;

	while (memory.blocks[i] > 1)
		i = (i + 1) % memory.room;
	memory.used += memory.blocks[i] == 0;
	memory.blocks[i] = block;
	memory.n++;
}

static void
make_room(void)
{
	uintptr_t *before = memory.blocks;
	size_t room = memory.room, i;

	if (2 * (memory.used + 1) <= room)
		return;
	memory.room = 4 * memory.n + FIRST_ROOM;
	memory.blocks = calloc(memory.room, sizeof *memory.blocks);
	if (memory.blocks == NULL)
		abort();
	memory.used = memory.n = 0;
	for (i = 0; i < room; i++)
		if (before[i] > 1)
			insert(before[i]);
	free(before);
}

static void
note_block(const void *block)
{
	if (block == NULL)
		return;
	pthread_mutex_lock(&memory.mutex);
	make_room();
	insert((uintptr_t)block);
	pthread_mutex_unlock(&memory.mutex);
}

static void
forget_block(const void *block)
{
	size_t i;

	pthread_mutex_lock(&memory.mutex);
	i = memory.room == 0 ? 0
	                     : ((uintptr_t)block >> 4) *
	                               UINT64_C(0x9e3779b97f4a7c15) %
	                               memory.room;
	while (memory.room > 0 && memory.blocks[i] != 0) {
		if (memory.blocks[i] == (uintptr_t)block) {
			memory.blocks[i] = 1;
			memory.n--;
			break;
		}
		i = (i + 1) % memory.room;
	}
	pthread_mutex_unlock(&memory.mutex);
}

uint64_t
memory_blocks(void)
{
	return memory.n;
}

/* ----------------------------------------------------------------- failing */

int
memory_refuses(const char *function, const void *caller)
{
	int refused;

	pthread_mutex_lock(&memory.mutex);
	memory.count++;
	refused = memory.fail_at != 0 &&
	          (memory.count == memory.fail_at ||
	           (memory.all && memory.count > memory.fail_at));
	if (refused && !memory.failed) {
		memory.failed = 1;
		snprintf(memory.place, sizeof memory.place, "%s at +0x%lx",
		         function,
		         (unsigned long)((uintptr_t)caller - memory.base));
	}
	pthread_mutex_unlock(&memory.mutex);
	if (refused)
		errno = ENOMEM;
	return refused;
}

void
memory_fail(uint64_t n, int all)
{
	memory.count = 0;
	memory.fail_at = n;
	memory.all = all;
	memory.failed = 0;
	memory.place[0] = '\0';
}

uint64_t
memory_count(void)
{
	return memory.count;
}

int
memory_failed(void)
{
	return memory.failed;
}

const char *
memory_place(void)
{
	return memory.place;
}

/* ------------------------------------------------------- in libc's place */

/* Who called, for the author's addr2line. */
#define REFUSES(function) memory_refuses(function, __builtin_return_address(0))

static void *
checked_malloc(size_t size)
{
	void *block = REFUSES("malloc") ? NULL : malloc(size);

	note_block(block);
	return block;
}

static void *
checked_calloc(size_t n, size_t size)
{
	void *block = REFUSES("calloc") ? NULL : calloc(n, size);

	note_block(block);
	return block;
}

/* The old block is forgotten first: as soon as it is free, another thread may
 * get it. */
static void *
resized(void *old, size_t size)
{
	uintptr_t before = (uintptr_t)old;
	void *block;

	if (old != NULL)
		forget_block(old);
	block = realloc(old, size);
	if (block != NULL)
		note_block(block);
	else if (size > 0)
		note_block((const void *)before);
	return block;
}

static void *
checked_realloc(void *old, size_t size)
{
	return REFUSES("realloc") ? NULL : resized(old, size);
}

static void *
checked_reallocarray(void *old, size_t n, size_t size)
{
	if (REFUSES("reallocarray") || (size > 0 && n > SIZE_MAX / size))
		return NULL;
	return resized(old, n * size);
}

static void *
checked_aligned_alloc(size_t alignment, size_t size)
{
	void *block = REFUSES("aligned_alloc") ? NULL
	                                       : aligned_alloc(alignment, size);

	note_block(block);
	return block;
}

static int
checked_posix_memalign(void **block, size_t alignment, size_t size)
{
	int code = REFUSES("posix_memalign")
	                   ? ENOMEM
	                   : posix_memalign(block, alignment, size);

	if (code == 0)
		note_block(*block);
	return code;
}

static void
checked_free(void *block)
{
	if (block != NULL)
		forget_block(block);
	free(block);
}

static char *
checked_strdup(const char *text)
{
	char *copy = REFUSES("strdup") ? NULL : strdup(text);

	note_block(copy);
	return copy;
}

static char *
checked_strndup(const char *text, size_t length)
{
	char *copy = REFUSES("strndup") ? NULL : strndup(text, length);

	note_block(copy);
	return copy;
}

static int
checked_vasprintf(char **text, const char *format, va_list args)
	WW_PRINTF(2, 0);
static int
checked_vasprintf(char **text, const char *format, va_list args)
{
	int length = REFUSES("vasprintf") ? -1 : vasprintf(text, format, args);

	if (length >= 0)
		note_block(*text);
	return length;
}

static int checked_asprintf(char **text, const char *format, ...)
	WW_PRINTF(2, 3);
static int
checked_asprintf(char **text, const char *format, ...)
{
	va_list args;
	int length;

	if (REFUSES("asprintf"))
		return -1;
	va_start(args, format);
	length = vasprintf(text, format, args);
	va_end(args);
	if (length >= 0)
		note_block(*text);
	return length;
}

/* What it writes into is freed by the plugin, and never noted. */
static FILE *
checked_open_memstream(char **text, size_t *length)
{
	return REFUSES("open_memstream") ? NULL : open_memstream(text, length);
}

static FILE *
checked_fopen(const char *path, const char *mode)
{
	return REFUSES("fopen") ? NULL : fopen(path, mode);
}

typedef void (*code)(void);
static const struct {
	const char *name;
	code replacement;
} replacements[] = {
	{ "malloc", (code)checked_malloc },
	{ "calloc", (code)checked_calloc },
	{ "realloc", (code)checked_realloc },
	{ "reallocarray", (code)checked_reallocarray },
	{ "aligned_alloc", (code)checked_aligned_alloc },
	{ "posix_memalign", (code)checked_posix_memalign },
	{ "free", (code)checked_free },
	{ "strdup", (code)checked_strdup },
	{ "strndup", (code)checked_strndup },
	{ "vasprintf", (code)checked_vasprintf },
	{ "asprintf", (code)checked_asprintf },
	{ "open_memstream", (code)checked_open_memstream },
	{ "fopen", (code)checked_fopen },
};

/* ------------------------------------------- the plugin's table of addresses */

/* What the dynamic section says. */
struct tables {
	ElfW(Addr) base;
	const ElfW(Sym) *symbols;
	const char *names;
	const ElfW(Rela) *lists[2]; /* entries with an addend, of data and calls */
	size_t lengths[2];
	const ElfW(Rel) *short_lists[2];
	size_t short_lengths[2];
};

struct search {
	uintptr_t inside; /* an address in the file that is looked for */
	const ElfW(Dyn) *dynamic;
	ElfW(Addr) base;
};

static int
find_file(struct dl_phdr_info *info, size_t size, void *context)
{
	struct search *search = context;
	const ElfW(Dyn) *dynamic = NULL;
	int found = 0;
	int i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + segment->p_vaddr;

		if (segment->p_type == PT_LOAD && search->inside >= start &&
		    search->inside < start + segment->p_memsz)
			found = 1;
		if (segment->p_type == PT_DYNAMIC)
			dynamic = (const ElfW(Dyn) *)start;
	}
	if (!found)
		return 0;
	search->dynamic = dynamic;
	search->base = info->dlpi_addr;
	return 1;
}

/* Some loaders have put the base into these addresses already. */
static uintptr_t
address(const struct tables *tables, const ElfW(Dyn) *entry)
{
	uintptr_t value = entry->d_un.d_ptr;

	return value < tables->base ? tables->base + value : value;
}

static void
read_entry(struct tables *tables, const ElfW(Dyn) *entry, size_t *call_bytes,
           uintptr_t *calls, int *with_addend)
{
	uintptr_t at = address(tables, entry);

	switch (entry->d_tag) {
	case DT_SYMTAB:
		tables->symbols = (const ElfW(Sym) *)at;
		break;
	case DT_STRTAB:
		tables->names = (const char *)at;
		break;
	case DT_RELA:
		tables->lists[0] = (const ElfW(Rela) *)at;
		break;
	case DT_RELASZ:
		tables->lengths[0] = entry->d_un.d_val / sizeof(ElfW(Rela));
		break;
	case DT_REL:
		tables->short_lists[0] = (const ElfW(Rel) *)at;
		break;
	case DT_RELSZ:
		tables->short_lengths[0] =
			entry->d_un.d_val / sizeof(ElfW(Rel));
		break;
	case DT_JMPREL:
		*calls = at;
		break;
	case DT_PLTRELSZ:
		*call_bytes = entry->d_un.d_val;
		break;
	case DT_PLTREL:
		*with_addend = entry->d_un.d_val == DT_RELA;
		break;
	default:
		break;
	}
}

static void
read_tables(struct tables *tables, const struct search *search)
{
	const ElfW(Dyn) *entry = search->dynamic;
	size_t call_bytes = 0;
	uintptr_t calls = 0;
	int with_addend = 1;

	memset(tables, 0, sizeof *tables);
	tables->base = search->base;
	for (; entry->d_tag != DT_NULL; entry++)
		read_entry(tables, entry, &call_bytes, &calls, &with_addend);
	if (with_addend) {
		tables->lists[1] = (const ElfW(Rela) *)calls;
		tables->lengths[1] = call_bytes / sizeof(ElfW(Rela));
	} else {
		tables->short_lists[1] = (const ElfW(Rel) *)calls;
		tables->short_lengths[1] = call_bytes / sizeof(ElfW(Rel));
	}
}

#if __ELF_NATIVE_CLASS == 64
#define SYMBOL_OF(info) ELF64_R_SYM(info)
#else
#define SYMBOL_OF(info) ELF32_R_SYM(info)
#endif

/* One place that holds the address of a function of another library. Only the
 * plugin itself is changed: its own calls, and its own tables. */
static void
lead_through(const struct tables *tables, ElfW(Addr) offset, size_t symbol)
{
	uintptr_t at = tables->base + offset;
	uintptr_t page = at - at % (uintptr_t)sysconf(_SC_PAGESIZE);
	const char *name = tables->names + tables->symbols[symbol].st_name;
	uintptr_t value;
	size_t i;

	if (symbol == 0 || tables->symbols[symbol].st_shndx != SHN_UNDEF)
		return;
	for (i = 0; i < sizeof replacements / sizeof replacements[0]; i++) {
		if (strcmp(replacements[i].name, name) != 0)
			continue;
		if (mprotect((void *)page, at + sizeof value - page,
		             PROT_READ | PROT_WRITE) != 0)
			return;
		value = (uintptr_t)replacements[i].replacement;
		memcpy((void *)at, &value, sizeof value);
	}
}

void
memory_watch(struct check *check)
{
	struct search search = { 0 };
	struct tables tables;
	size_t i, k;

	if (check->plugin == NULL)
		check_load(check);
	if (memory.base != 0)
		return;
	search.inside = (uintptr_t)check->plugin;
	dl_iterate_phdr(find_file, &search);
	if (search.dynamic == NULL)
		check_fail(check, "the file is not among those that are loaded");
	memory.base = search.base;
	read_tables(&tables, &search);
	for (k = 0; k < 2; k++) {
		for (i = 0; i < tables.lengths[k]; i++)
			lead_through(&tables, tables.lists[k][i].r_offset,
			             SYMBOL_OF(tables.lists[k][i].r_info));
		for (i = 0; i < tables.short_lengths[k]; i++)
			lead_through(&tables, tables.short_lists[k][i].r_offset,
			             SYMBOL_OF(tables.short_lists[k][i].r_info));
	}
}

/* ----------------------------------------------------------------- crashes */

static void
on_crash(int number)
{
	static const char before[] = "Fit crashed after a failed allocation: ";
	static const char other[] = "Fit crashed, and no allocation had failed";

	(void)number;
	if (!memory.failed)
		_exit(write(memory.verdict, other, sizeof other - 1) < 0);
	if (write(memory.verdict, before, sizeof before - 1) < 0 ||
	    write(memory.verdict, memory.place, strlen(memory.place)) < 0)
		_exit(1);
	_exit(0);
}

void
memory_catch_crashes(struct check *check)
{
	static const int numbers[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL,
		                       SIGABRT };
	static char room[65536];
	stack_t stack = { .ss_sp = room, .ss_size = sizeof room };
	struct sigaction action;
	size_t i;

	memory.verdict = check->verdict;
	sigaltstack(&stack, NULL); /* a stack that overflowed is no help */
	memset(&action, 0, sizeof action);
	action.sa_handler = on_crash;
	action.sa_flags = SA_ONSTACK;
	for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		sigaction(numbers[i], &action, NULL);
}
