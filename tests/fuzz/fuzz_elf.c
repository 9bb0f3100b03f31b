/* SPDX-License-Identifier: MIT
 *
 * Files that claim to be plugins: the headers of none of them lead the check
 * outside of the file.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/plugin/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct ww_error error = { 0 };
	int constructors = 0;
	int fd = memfd_create("plugin", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes, length) != (ssize_t)length)
		abort();
	if (ww_elf_check(fd, length, &constructors, &error) != WW_OK &&
	    error.text[0] == '\0')
		abort(); /* a refusal always has a reason */
	close(fd);
	return 0;
}
