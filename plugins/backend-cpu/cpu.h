/* SPDX-License-Identifier: MIT
 *
 * Backend cpu: C and C++ kernels, compiled by the system's compiler into a
 * shared object and called in the device worker. Shared by its files only.
 *
 * The artifact is a shared object with one function, WW_CPU_ENTRY, which the
 * compile half generates behind the kernel's source: it takes the addresses of
 * the arguments, gives each its type and calls the kernel. The compiler so
 * checks the call, and no library for dynamic calls is needed.
 */
#ifndef WW_BACKEND_CPU_H
#define WW_BACKEND_CPU_H

#include <stddef.h>

#include "warpwright/plugin.h"

/* void ww_cpu_entry(void *const *addresses): calls the kernel once. */
#define WW_CPU_ENTRY "ww_cpu_entry"
/* void ww_cpu_constants(void *const *addresses): copies constant arguments to
 * the symbols of their names. */
#define WW_CPU_CONSTANTS "ww_cpu_constants"

#define CACHE_LINE 64

/* The opened backend. */
struct cpu {
	const struct ww_host *host;
	const char *const *compiler; /* argv start for C, null: look in PATH */
	const char *const *compiler_cxx;
	const char *const *flags;
	int64_t threads;             /* 0: all of the affinity mask */
	int pin;
	int disassembles;            /* the code is counted after compiling */
	/* Option that keeps the list of errors short, by language; learnt from
	 * what the compilers say of themselves. */
	const char *few_errors[2];
};

/* -- machine.c: what this computer is ------------------------------------ */

struct machine {
	char model[128];
	char architecture[32];
	double cores, threads, clock_mhz, memory_bytes;
	double l1_bytes, l2_bytes, l3_bytes;
	double vector_bytes;
	char features[128]; /* "avx512f avx2 fma", for people and models */
};

void cpu_machine(struct machine *machine);
/* A number that differs between processors for which "native" code differs. */
uint64_t cpu_instruction_sets(void);

/* -- compile.c ------------------------------------------------------------ */

extern const struct ww_compile_ops cpu_compile_ops;

/* -- wrapper.c ------------------------------------------------------------ */

/* The generated function, to be freed; null without memory. *fault is set (and
 * null returned) if an argument cannot be passed. */
char *cpu_wrapper(const struct ww_kernel *kernel, const char *entry,
                  const char **fault);

/* -- code.c ---------------------------------------------------------------- */

/* Bytes of machine instructions in an ELF object; 0 if it is none. */
uint64_t cpu_code_bytes(const void *object, uint64_t length);

/* -- listing.c -------------------------------------------------------------- */

/* Reports what a disassembler shows of the object in the folder: code_loads,
 * code_packed and so on; nothing without such a program. */
void cpu_listing_facts(struct ww_call *call, const struct cpu *cpu,
                       const char *folder, const char *object,
                       struct ww_build_sink *sink);

/* -- device.c, bench.c, run.c ---------------------------------------------- */

extern const struct ww_device_ops cpu_device_ops;

struct device {
	const struct cpu *cpu;
	struct machine machine;
	unsigned loads; /* how many objects were opened so far */
	void *flush;    /* memory that is written to empty the caches */
	size_t flush_bytes;
};

/* One argument in memory: guard, elements, guard. */
struct buffer {
	const struct ww_argument *argument;
	unsigned char *block;
	size_t block_bytes;
	size_t offset;        /* of the elements in the block */
	size_t bytes;         /* of the elements */
	void *elements;
	void *initial;        /* content at the start; null for outputs */
	void *expected;       /* outputs: what the reference wrote, or null */
};

struct bench {
	struct device *device;
	struct buffer *buffers;
	void **addresses;     /* of the elements, in the kernel's order */
	size_t n;
};

ww_status cpu_stage(struct ww_call *call, void *device,
                    const struct ww_stage *stage, void **bench);
void cpu_unstage(void *bench);
/* Puts initial content into inputs and inouts, poison into outputs and fresh
 * patterns into all guards. */
void cpu_bench_reset(struct bench *bench);
/* Fails with WW_E_WRONG_RESULT if a guard or an input was written to. */
ww_status cpu_bench_intact(struct ww_call *call, const struct bench *bench);

/* An opened artifact. */
struct loaded {
	struct bench *bench;
	void *library;
	void (*entry)(void *const *addresses);
};

ww_status cpu_load(struct ww_call *call, void *bench,
                   const struct ww_load *load, struct ww_build_sink *facts,
                   void **loaded);
void cpu_unload(void *loaded);
ww_status cpu_verify(struct ww_call *call, void *loaded,
                     struct ww_verdict *verdict);
ww_status cpu_warm(struct ww_call *call, void *loaded, uint32_t launches);
ww_status cpu_time(struct ww_call *call, void *loaded,
                   const struct ww_timing *timing,
                   struct ww_sample_sink *sink);

/* -- flush.c ---------------------------------------------------------------- */

/* Puts the arguments out of every cache. */
void cpu_flush(struct bench *bench);

#endif
