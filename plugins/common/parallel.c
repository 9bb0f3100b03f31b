/* SPDX-License-Identifier: MIT */
#include "plugins/common/parallel.h"

#include <pthread.h>
#include <sched.h>

struct part {
	void (*body)(void *context, unsigned part, uint64_t from, uint64_t to);
	void *context;
	uint64_t from;
	uint64_t to;
	unsigned number;
	int started;
	pthread_t thread;
};

static void *
run(void *self)
{
	struct part *part = self;

	part->body(part->context, part->number, part->from, part->to);
	return NULL;
}

static unsigned
parts_of(uint64_t n, uint64_t grain)
{
	cpu_set_t mine;
	uint64_t most = sched_getaffinity(0, sizeof mine, &mine) == 0
	                        ? (uint64_t)CPU_COUNT(&mine)
	                        : WW_PARALLEL_MOST;

	if (most > WW_PARALLEL_MOST)
		most = WW_PARALLEL_MOST;
	if (n / grain < most)
		most = n / grain;
	return most > 0 ? (unsigned)most : 1;
}

unsigned
ww_parallel(uint64_t n, uint64_t grain,
            void (*body)(void *context, unsigned part, uint64_t from,
                         uint64_t to),
            void *context)
{
	struct part parts[WW_PARALLEL_MOST];
	unsigned count = parts_of(n, grain);
	uint64_t each = n / count;
	unsigned i;

	for (i = 0; i < count; i++) {
		parts[i] = (struct part){
			.body = body,
			.context = context,
			.number = i,
			.from = i * each,
			.to = i + 1 < count ? (i + 1) * each : n,
		};
		if (i > 0)
			parts[i].started =
				pthread_create(&parts[i].thread, NULL, run,
			                       &parts[i]) == 0;
	}
	for (i = 0; i < count; i++)
		if (!parts[i].started)
			run(&parts[i]);
	for (i = 0; i < count; i++)
		if (parts[i].started)
			pthread_join(parts[i].thread, NULL);
	return count;
}
