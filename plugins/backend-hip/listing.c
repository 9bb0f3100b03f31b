/* SPDX-License-Identifier: MIT */
#include "listing.h"

#include <stdio.h>
#include <string.h>

#include "comgr.h"
#include "elf.h"
#include "instructions.h"
#include "plugins/common/code_counts.h"
#include "plugins/common/guarded.h"

/* An instruction takes some ten microseconds, so this is for a disassembler that
 * does not return. */
#define LIMIT_MS 2000

struct listing {
	const struct comgr *comgr;
	struct hip_kernel kernel;
	int in_buffers; /* where the kernel has scratch memory */
	char isa[96];
};

struct reading {
	const struct listing *listing;
	struct code_counts *counts;
};

/* Addresses are offsets in the kernel. */
static uint64_t
read_code(uint64_t from, char *to, uint64_t size, void *context)
{
	const struct reading *reading = context;
	const struct hip_kernel *kernel = &reading->listing->kernel;
	uint64_t left = from < kernel->length ? kernel->length - from : 0;

	if (size > left)
		size = left;
	if (size > 0)
		memcpy(to, kernel->bytes + from, size);
	return size;
}

static void
read_instruction(const char *text, void *context)
{
	const struct reading *reading = context;

	hip_instruction_count(reading->counts, text,
	                      reading->listing->in_buffers);
}

static void
ignore_address(uint64_t address, void *context)
{
	(void)address;
	(void)context;
}

/* Half a kernel's counts would mislead, so it is all or nothing. */
static void
disassemble(const void *context, void *result)
{
	const struct listing *listing = context;
	const struct comgr *comgr = listing->comgr;
	struct code_counts counts = { { 0 } };
	struct reading reading = { listing, &counts };
	amd_comgr_disassembly_info_t info = { 0 };
	uint64_t at = 0;

	if (comgr->amd_comgr_create_disassembly_info(
		    listing->isa, read_code, read_instruction, ignore_address,
		    &info) != AMD_COMGR_STATUS_SUCCESS)
		return;
	while (at < listing->kernel.length) {
		uint64_t size = 0;

		if (comgr->amd_comgr_disassemble_instruction(
			    info, at, &reading, &size) !=
		            AMD_COMGR_STATUS_SUCCESS ||
		    size == 0)
			return;
		at += size;
	}
	memcpy(result, &counts, sizeof counts);
}

/* Instructions of their own reach scratch memory since gfx940 and gfx11. */
static int
has_scratch_in_buffers(const struct hip_kernel *kernel, const char *target)
{
	return kernel->scratch_bytes > 0 &&
	       (strncmp(target, "gfx10", 5) == 0 ||
	        (strncmp(target, "gfx9", 4) == 0 &&
	         strncmp(target, "gfx94", 5) != 0 &&
	         strncmp(target, "gfx95", 5) != 0));
}

void
hip_listing_facts(struct ww_build_sink *sink, const char *library,
                  const char *target, const void *code, uint64_t length,
                  const char *name)
{
	struct code_counts counts = { { 0 } };
	struct listing listing;

	if (!hip_kernel_find(code, length, name, &listing.kernel))
		return;
	listing.comgr = comgr_open(library);
	if (listing.comgr == NULL)
		return;
	listing.in_buffers = has_scratch_in_buffers(&listing.kernel, target);
	/* Features such as ":xnack-" change no encoding. */
	snprintf(listing.isa, sizeof listing.isa, "amdgcn-amd-amdhsa--%.*s",
	         (int)strcspn(target, ":"), target);
	if (guarded_run(disassemble, &listing, &counts, sizeof counts,
	                LIMIT_MS) &&
	    counts.n[CODE_INSTRUCTIONS] > 0)
		code_counts_report(sink, &counts, 0);
}
