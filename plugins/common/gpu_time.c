/* SPDX-License-Identifier: MIT
 *
 * Timing on a GPU: a pair of events around each sample, several samples in
 * flight so that the host never stands between two of them.
 */
#include "plugins/common/gpu_bench.h"

#include <string.h>

/* An event's time is good to about half a microsecond, so a sample of this
 * length has an error below one percent. */
#define SHORTEST_SAMPLE_NS 50e3
#define MOST_REPEATS 1000u

static ww_status
flush_cache(struct ww_call *call, struct gpu_bench *bench)
{
	struct gpu_device *device = bench->device;

	/* A changing word keeps a clever cache from dropping the write. */
	return device->driver->fill(call, device, bench->flush,
	                            ++bench->flush_word, bench->flush_bytes);
}

static ww_status
enqueue_sample(struct ww_call *call, struct gpu_loaded *loaded, uint32_t cold,
               uint32_t repeats, unsigned at)
{
	struct gpu_bench *bench = loaded->bench;
	struct gpu_device *device = bench->device;
	const struct gpu_driver *driver = device->driver;
	ww_status status = cold ? flush_cache(call, bench) : WW_OK;
	uint32_t i;

	if (status == WW_OK)
		status = driver->event_record(call, device, bench->from[at]);
	for (i = 0; status == WW_OK && i < repeats; i++)
		status = gpu_launch(call, loaded);
	if (status == WW_OK)
		status = driver->event_record(call, device, bench->to[at]);
	return status;
}

/* Runs `n` samples (at most GPU_IN_FLIGHT) and writes nanoseconds a launch. */
static ww_status
run_samples(struct ww_call *call, struct gpu_loaded *loaded, uint32_t cold,
            uint32_t repeats, unsigned n, double *ns)
{
	struct gpu_bench *bench = loaded->bench;
	struct gpu_device *device = bench->device;
	ww_status status = WW_OK;
	unsigned i;

	for (i = 0; status == WW_OK && i < n; i++)
		status = enqueue_sample(call, loaded, cold, repeats, i);
	if (status == WW_OK)
		status = device->driver->wait(call, device);
	for (i = 0; status == WW_OK && i < n; i++) {
		status = device->driver->elapsed(call, device, bench->from[i],
		                                 bench->to[i], &ns[i]);
		ns[i] /= repeats;
	}
	return status;
}

/* Times one launch. Where that is long enough for a sample it is the first one,
 * so that a slow kernel is not launched only to be looked at. */
static ww_status
choose_repeats(struct ww_call *call, struct gpu_loaded *loaded, uint32_t cold,
               struct ww_sample_sink *sink, uint32_t *repeats)
{
	double ns = 0.0;
	ww_status status = run_samples(call, loaded, cold, 1, 1, &ns);

	if (status != WW_OK)
		return status;
	loaded->recent_ns = ns;
	*repeats = ns >= SHORTEST_SAMPLE_NS ? 1
	           : ns <= SHORTEST_SAMPLE_NS / MOST_REPEATS
	                   ? MOST_REPEATS
	                   : (uint32_t)(SHORTEST_SAMPLE_NS / ns) + 1;
	return *repeats == 1 ? sink->sample(sink, ns, 1) : WW_OK;
}

ww_status
gpu_time(struct ww_call *call, void *self, const struct ww_timing *timing,
         struct ww_sample_sink *sink)
{
	struct gpu_loaded *loaded = self;
	const struct ww_clock *clock = loaded->bench->device->host->clock;
	int64_t started = clock->now_ns(clock);
	uint32_t repeats = timing->repeats;
	uint32_t done = 0;
	double ns[GPU_IN_FLIGHT] = { 0.0 };
	ww_status status = WW_OK;

	if (repeats == 0) {
		status = choose_repeats(call, loaded, timing->cold, sink,
		                        &repeats);
		done = repeats == 1;
	}
	while (status == WW_OK && done < timing->samples &&
	       !ww_cancelled(call)) {
		/* One first if nothing is known: a slow kernel must not
		 * overrun its budget by a whole batch. */
		unsigned n = loaded->recent_ns > 0 ? GPU_IN_FLIGHT : 1;
		unsigned i;

		if (n > timing->samples - done)
			n = timing->samples - done;
		if (loaded->recent_ns * repeats * n >
		    (double)timing->budget_ns / 4)
			n = 1;
		status = run_samples(call, loaded, timing->cold, repeats, n,
		                     ns);
		for (i = 0; status == WW_OK && i < n; i++)
			status = sink->sample(sink, ns[i], repeats);
		loaded->recent_ns = ns[0];
		done += n;
		if (clock->now_ns(clock) - started > timing->budget_ns)
			break;
	}
	return status == WW_STOPPED ? WW_OK : status;
}

ww_status
gpu_warm(struct ww_call *call, void *self, uint32_t launches)
{
	struct gpu_loaded *loaded = self;
	struct gpu_device *device = loaded->bench->device;
	ww_status status = WW_OK;
	uint32_t i;

	for (i = 0; status == WW_OK && i < launches; i++)
		status = gpu_launch(call, loaded);
	return status == WW_OK ? device->driver->wait(call, device) : status;
}
