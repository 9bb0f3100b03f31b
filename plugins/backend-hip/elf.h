/* SPDX-License-Identifier: MIT
 *
 * Where the machine code of a kernel stands in an AMD code object.
 */
#ifndef WW_HIP_ELF_H
#define WW_HIP_ELF_H

#include <stdint.h>

struct hip_kernel {
	const unsigned char *bytes; /* points into the code object */
	uint64_t length;
	uint32_t scratch_bytes; /* of a thread, as its descriptor says */
};

/* The code object may be wrapped in a bundle. 0 if it has no such kernel or is
 * none at all; no header of it leads outside of it. */
int hip_kernel_find(const void *code, uint64_t length, const char *name,
                    struct hip_kernel *kernel);

#endif
