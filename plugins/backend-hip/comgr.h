/* SPDX-License-Identifier: MIT
 *
 * The part of AMD's code object manager that this backend uses: its disassembler.
 * hipRTC cannot compile without this library either; where it is not found, or
 * too old, instructions are not counted.
 */
#ifndef WW_HIP_COMGR_H
#define WW_HIP_COMGR_H

#include <stdint.h>

typedef int amd_comgr_status_t;
typedef struct {
	uint64_t handle;
} amd_comgr_disassembly_info_t;

#define AMD_COMGR_STATUS_SUCCESS 0x0
#define AMD_COMGR_STATUS_ERROR 0x1
#define AMD_COMGR_STATUS_ERROR_INVALID_ARGUMENT 0x2

/* X(name, arguments) */
#define COMGR_FUNCTIONS(X)                                                     \
	X(amd_comgr_create_disassembly_info,                                   \
	  (const char *, uint64_t (*)(uint64_t, char *, uint64_t, void *),     \
	   void (*)(const char *, void *), void (*)(uint64_t, void *),         \
	   amd_comgr_disassembly_info_t *))                                    \
	X(amd_comgr_destroy_disassembly_info, (amd_comgr_disassembly_info_t))  \
	X(amd_comgr_disassemble_instruction,                                   \
	  (amd_comgr_disassembly_info_t, uint64_t, void *, uint64_t *))

struct comgr {
#define COMGR_MEMBER(name, arguments) amd_comgr_status_t(*name) arguments;
	COMGR_FUNCTIONS(COMGR_MEMBER)
#undef COMGR_MEMBER
};

/* Opens the library once a process: the one of the option, if that is not null,
 * else the one that the compiler has opened, else from ROCM_PATH or the system's
 * folders. Null: there is none. */
const struct comgr *comgr_open(const char *library);

#endif
