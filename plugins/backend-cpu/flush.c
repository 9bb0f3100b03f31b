/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <sys/mman.h>

#include "plugins/backend-cpu/cpu.h"

#if defined(__x86_64__)

/* One instruction a line takes it out of the caches of every core, which
 * writing a large buffer on one core does not do, and costs time only for what
 * the kernel really uses. */
void
cpu_flush(struct bench *bench)
{
	size_t i, line;

	for (i = 0; i < bench->n; i++) {
		const char *elements = bench->buffers[i].elements;

		for (line = 0; line < bench->buffers[i].bytes;
		     line += CACHE_LINE)
			__builtin_ia32_clflush(elements + line);
	}
	__builtin_ia32_mfence();
}

#else

#define SMALLEST_FLUSH ((size_t)64 << 20)

/* Writing twice what the last cache holds leaves nothing else in it. */
void
cpu_flush(struct bench *bench)
{
	struct device *device = bench->device;
	size_t bytes = (size_t)(2 * device->machine.l3_bytes);
	static unsigned char value;

	if (device->flush == NULL) {
		device->flush_bytes = bytes > SMALLEST_FLUSH ? bytes
		                                             : SMALLEST_FLUSH;
		device->flush = mmap(NULL, device->flush_bytes,
		                     PROT_READ | PROT_WRITE,
		                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (device->flush == MAP_FAILED)
			device->flush = NULL;
	}
	if (device->flush != NULL)
		memset(device->flush, ++value, device->flush_bytes);
}

#endif
