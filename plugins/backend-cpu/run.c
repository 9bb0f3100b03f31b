/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include "plugins/backend-cpu/cpu.h"
#include "plugins/common/compare.h"

/* A sample lasts at least this long, so that reading the clock (some tens of
 * nanoseconds) stays far below 1 % of it. */
#define SHORTEST_SAMPLE_NS INT64_C(20000)
#define MOST_REPEATS 1000000u

static int64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_RAW, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

ww_status
cpu_verify(struct ww_call *call, void *handle, struct ww_verdict *verdict)
{
	struct loaded *loaded = handle;
	struct bench *bench = loaded->bench;
	ww_status status;
	size_t i;

	cpu_bench_reset(bench);
	loaded->entry(bench->addresses);
	status = cpu_bench_intact(call, bench);
	for (i = 0; i < bench->n && status == WW_OK; i++)
		if (bench->buffers[i].expected != NULL)
			ww_compare(bench->buffers[i].argument,
			           bench->buffers[i].elements,
			           bench->buffers[i].expected, verdict);
	/* What the kernel left must not reach the next one. */
	cpu_bench_reset(bench);
	return status;
}

ww_status
cpu_warm(struct ww_call *call, void *handle, uint32_t launches)
{
	struct loaded *loaded = handle;
	uint32_t i;

	for (i = 0; i < launches; i++) {
		if (ww_cancelled(call))
			return ww_fail(call, WW_E_CANCELLED, "cancelled");
		loaded->entry(loaded->bench->addresses);
	}
	return WW_OK;
}

/* Arguments that a kernel updates would wander off, perhaps into numbers that
 * are slower to compute with. */
static void
restore(struct bench *bench)
{
	size_t i;

	for (i = 0; i < bench->n; i++) {
		struct buffer *buffer = &bench->buffers[i];

		if (buffer->argument->kind == WW_ARGUMENT_INOUT ||
		    buffer->argument->kind == WW_ARGUMENT_SCRATCH)
			memcpy(buffer->elements, buffer->initial,
			       buffer->bytes);
	}
}

static int64_t
run(const struct loaded *loaded, uint32_t repeats)
{
	void *const *addresses = loaded->bench->addresses;
	void (*entry)(void *const *) = loaded->entry;
	int64_t start = now_ns();
	uint32_t i;

	for (i = 0; i < repeats; i++)
		entry(addresses);
	return now_ns() - start;
}

/* How many launches make a sample long enough. */
static uint32_t
choose_repeats(const struct loaded *loaded)
{
	uint32_t repeats = 1;

	for (;;) {
		int64_t took = run(loaded, repeats);

		if (took >= SHORTEST_SAMPLE_NS || repeats >= MOST_REPEATS)
			return repeats;
		if (took < SHORTEST_SAMPLE_NS / 16)
			repeats *= 16;
		else
			repeats = (uint32_t)((int64_t)repeats *
			                     SHORTEST_SAMPLE_NS / took) + 1;
	}
}

ww_status
cpu_time(struct ww_call *call, void *handle, const struct ww_timing *timing,
         struct ww_sample_sink *sink)
{
	struct loaded *loaded = handle;
	int64_t end = now_ns() + timing->budget_ns;
	uint32_t repeats = timing->repeats;
	uint32_t i;

	if (repeats == 0) {
		restore(loaded->bench);
		repeats = choose_repeats(loaded);
	}
	for (i = 0; i < timing->samples; i++) {
		ww_status status;
		int64_t took;

		if (ww_cancelled(call))
			return ww_fail(call, WW_E_CANCELLED, "cancelled");
		restore(loaded->bench);
		if (timing->cold)
			cpu_flush(loaded->bench);
		took = run(loaded, repeats);
		status = sink->sample(sink, (double)took / repeats, repeats);
		if (status != WW_OK)
			return status == WW_STOPPED ? WW_OK : status;
		if (now_ns() > end)
			break;
	}
	return WW_OK;
}
