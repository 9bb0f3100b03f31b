/* SPDX-License-Identifier: MIT
 *
 * Energy of a launch. A device's counter moves in steps of some 20 to 100 ms, so
 * the kernel runs without a pause, in batches, and a sample reaches from one step
 * of the counter to another: what lies between them is exactly counted. The cache
 * is warm, because flushing it would cost energy of its own.
 */
#include "plugins/common/gpu_bench.h"

#define BATCH_NS 10e6
#define MOST_LAUNCHES 4096u
/* Steps are not even: from samples of 100 ms an H200, limited to 700 W, was once
 * computed to draw 892 W. */
#define LEAST_SAMPLE_NS INT64_C(250000000)
/* Power follows the load with a delay. */
#define SETTLE_NS INT64_C(100000000)
/* A counter that stands still for so long is none. */
#define PATIENCE_NS INT64_C(2000000000)

struct phase {
	struct gpu_loaded *loaded;
	uint32_t batch;     /* launches */
	uint64_t launches;  /* since the last step that was taken */
	double ns;          /* of them, by the device's clock */
};

static int64_t
now(const struct phase *phase)
{
	const struct ww_clock *clock = phase->loaded->bench->device->host->clock;

	return clock->now_ns(clock);
}

static ww_status
run_batch(struct ww_call *call, struct phase *phase)
{
	struct gpu_bench *bench = phase->loaded->bench;
	struct gpu_device *device = bench->device;
	const struct gpu_driver *driver = device->driver;
	double ns = 0.0;
	uint32_t i;
	ww_status status = driver->event_record(call, device, bench->from[0]);

	for (i = 0; status == WW_OK && i < phase->batch; i++)
		status = gpu_launch(call, phase->loaded);
	if (status == WW_OK)
		status = driver->event_record(call, device, bench->to[0]);
	if (status == WW_OK)
		status = driver->wait(call, device);
	if (status == WW_OK)
		status = driver->elapsed(call, device, bench->from[0],
		                         bench->to[0], &ns);
	phase->launches += phase->batch;
	phase->ns += ns;
	return status;
}

/* Runs for at least `least_ns` and on to the next step of the counter. */
static ww_status
run_to_step(struct ww_call *call, struct phase *phase, int64_t least_ns,
            uint64_t *millijoules)
{
	struct gpu_device *device = phase->loaded->bench->device;
	int64_t started = now(phase);
	uint64_t before = 0;
	ww_status status;

	do {
		status = run_batch(call, phase);
		if (status == WW_OK)
			status = device->driver->energy(call, device, &before);
	} while (status == WW_OK && now(phase) - started < least_ns &&
	         !ww_cancelled(call));
	*millijoules = before;
	while (status == WW_OK && *millijoules == before &&
	       !ww_cancelled(call)) {
		if (now(phase) - started > least_ns + PATIENCE_NS)
			return ww_fail(call, WW_E_UNAVAILABLE,
			               "the device's energy counter stands "
			               "still");
		status = run_batch(call, phase);
		if (status == WW_OK)
			status = device->driver->energy(call, device,
			                                millijoules);
	}
	return status;
}

static ww_status
choose_batch(struct ww_call *call, struct phase *phase)
{
	double ns;
	ww_status status;

	phase->batch = 4;
	status = run_batch(call, phase);
	ns = phase->ns / phase->batch;
	if (status != WW_OK)
		return status;
	phase->batch = ns >= BATCH_NS                   ? 1
	               : ns <= BATCH_NS / MOST_LAUNCHES ? MOST_LAUNCHES
	                                                : (uint32_t)(BATCH_NS /
	                                                             ns);
	return WW_OK;
}

ww_status
gpu_energy(struct ww_call *call, void *self, const struct ww_timing *timing,
           struct ww_energy_sink *sink)
{
	struct phase phase = { .loaded = self };
	uint32_t n = timing->samples > 0 ? timing->samples : 1;
	int64_t least_ns = timing->budget_ns / n;
	uint64_t from = 0;
	uint64_t to = 0;
	uint32_t i;
	ww_status status = choose_batch(call, &phase);

	if (least_ns < LEAST_SAMPLE_NS)
		least_ns = LEAST_SAMPLE_NS;
	if (status == WW_OK)
		status = run_to_step(call, &phase, SETTLE_NS, &from);
	for (i = 0; status == WW_OK && i < n; i++) {
		phase.launches = 0;
		phase.ns = 0;
		status = run_to_step(call, &phase, least_ns, &to);
		if (status == WW_OK)
			status = sink->sample(
				sink,
				(double)(to - from) / (double)phase.launches,
				phase.ns / (double)phase.launches,
				phase.launches);
		from = to;
	}
	return status == WW_STOPPED ? WW_OK : status;
}
