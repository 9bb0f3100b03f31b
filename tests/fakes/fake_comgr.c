/* SPDX-License-Identifier: MIT
 *
 * A code object manager for which every four bytes are an instruction that does
 * nothing. FAKE_COMGR in the environment makes it worse: "crash", "abort", "hang",
 * "still" (it never gets on), "unknown" (the third instruction is one that it does
 * not know), "refuse" (it knows no architecture), "prints".
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugins/backend-hip/comgr.h"
#include "tests/fakes/fake.h"

#define WIDTH 4

static uint64_t (*read_memory)(uint64_t, char *, uint64_t, void *);
static void (*print_instruction)(const char *, void *);

static int
is(const char *word)
{
	const char *asked = getenv("FAKE_COMGR");

	return asked != NULL && strcmp(asked, word) == 0;
}

FAKE amd_comgr_status_t amd_comgr_create_disassembly_info(
	const char *isa, uint64_t (*reads)(uint64_t, char *, uint64_t, void *),
	void (*prints)(const char *, void *), void (*notes)(uint64_t, void *),
	amd_comgr_disassembly_info_t *info);
FAKE amd_comgr_status_t
amd_comgr_create_disassembly_info(
	const char *isa, uint64_t (*reads)(uint64_t, char *, uint64_t, void *),
	void (*prints)(const char *, void *), void (*notes)(uint64_t, void *),
	amd_comgr_disassembly_info_t *info)
{
	if (is("refuse") || notes == NULL ||
	    strncmp(isa, "amdgcn-amd-amdhsa--gfx", 22) != 0)
		return AMD_COMGR_STATUS_ERROR_INVALID_ARGUMENT;
	read_memory = reads;
	print_instruction = prints;
	info->handle = 1;
	return AMD_COMGR_STATUS_SUCCESS;
}

FAKE amd_comgr_status_t
amd_comgr_destroy_disassembly_info(amd_comgr_disassembly_info_t info);
FAKE amd_comgr_status_t
amd_comgr_destroy_disassembly_info(amd_comgr_disassembly_info_t info)
{
	(void)info;
	return AMD_COMGR_STATUS_SUCCESS;
}

FAKE amd_comgr_status_t
amd_comgr_disassemble_instruction(amd_comgr_disassembly_info_t info,
                                  uint64_t address, void *context,
                                  uint64_t *size);
FAKE amd_comgr_status_t
amd_comgr_disassemble_instruction(amd_comgr_disassembly_info_t info,
                                  uint64_t address, void *context,
                                  uint64_t *size)
{
	char bytes[WIDTH];

	(void)info;
	if (is("crash"))
		raise(SIGSEGV);
	if (is("abort"))
		abort();
	while (is("hang"))
		pause();
	if (is("unknown") && address == 2 * WIDTH)
		return AMD_COMGR_STATUS_ERROR;
	if (read_memory(address, bytes, WIDTH, context) != WIDTH)
		return AMD_COMGR_STATUS_ERROR;
	if (is("prints")) {
		printf("this would be read as a frame\n");
		fflush(stdout);
	}
	print_instruction("\ts_nop 0", context);
	*size = is("still") ? 0 : WIDTH;
	return AMD_COMGR_STATUS_SUCCESS;
}
