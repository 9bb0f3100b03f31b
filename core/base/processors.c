/* SPDX-License-Identifier: MIT */
#include "core/base/processors.h"

#include <sched.h>
#include <unistd.h>

int
ww_processors(void)
{
	cpu_set_t mine;
	long n;

	if (sched_getaffinity(0, sizeof mine, &mine) == 0)
		return CPU_COUNT(&mine);
	/* More than the set has room for. */
	n = sysconf(_SC_NPROCESSORS_ONLN);
	return n > 0 ? (int)n : 1;
}
