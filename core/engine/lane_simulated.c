/* SPDX-License-Identifier: MIT */
#include "core/engine/lane_simulated.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/measure/stats.h"
#include "core/plugin/host.h"

/* One compile worker or device and the job it is on. */
struct lane {
	bool busy;
	void *job;
	uint32_t *indices;
	int64_t end_ns;
};

struct simulated {
	struct ww_lanes lanes; /* first member */
	struct ww_clock clock;
	const struct ww_replay_ops *ops;
	void *self;
	const struct ww_space *space;
	struct lane *compile;
	struct lane *device;
	int64_t now_ns;
	int64_t busy_ns;  /* of all devices */
	int64_t first_ns; /* when the first measurement began; -1 */
	bool held;
	struct ww_error missing; /* of the first lookup that failed */
	struct ww_error odd;     /* of the last answer of no use */
};

static struct simulated *
simulated_of(struct ww_lanes *lanes)
{
	return (struct simulated *)lanes;
}

static const struct simulated *
simulated_view(const struct ww_lanes *lanes)
{
	return (const struct simulated *)lanes;
}

static uint32_t
count_free(const struct lane *lanes, uint32_t n)
{
	uint32_t room = 0;
	uint32_t i;

	for (i = 0; i < n; i++)
		room += !lanes[i].busy;
	return room;
}

static uint32_t
compile_room(const struct ww_lanes *lanes)
{
	return count_free(simulated_view(lanes)->compile, lanes->n_compile);
}

static uint32_t
device_room(const struct ww_lanes *lanes)
{
	const struct simulated *sim = simulated_view(lanes);

	return sim->held ? 0 : count_free(sim->device, lanes->n_devices);
}

static uint32_t
measuring(const struct ww_lanes *lanes)
{
	return lanes->n_devices -
	       count_free(simulated_view(lanes)->device, lanes->n_devices);
}

static bool
is_sane(const struct ww_recorded *recorded)
{
	return recorded->outcome < WW_TRIAL_N_CLASSES &&
	       (recorded->outcome != WW_TRIAL_OK ||
	        isfinite(recorded->objective));
}

/* What the recording says of a configuration. Nothing can be said of one that it
 * lacks: the next step() ends the session with its name. */
static void
look_up(struct simulated *sim, const uint32_t *indices,
        struct ww_recorded *recorded)
{
	struct ww_call_frame frame;
	ww_status status;

	memset(recorded, 0, sizeof *recorded);
	recorded->size = sizeof *recorded;
	recorded->objective = NAN;
	recorded->text = "";
	ww_call_start(&frame, NULL, INT64_MAX);
	status = sim->ops->lookup(&frame.call, sim->self, sim->space, indices,
	                          recorded);
	ww_call_finish(&frame, status, &sim->odd);
	if (status == WW_OK && is_sane(recorded))
		return;
	if (status == WW_OK)
		ww_error_set(&sim->odd, WW_E_INTERNAL,
		             "the recording gave outcome %u with %g ms, which "
		             "cannot be",
		             recorded->outcome, recorded->objective);
	else if (sim->missing.status == WW_OK)
		sim->missing = sim->odd;
	recorded->outcome = WW_TRIAL_INTERNAL;
	recorded->text = sim->odd.text;
	recorded->objective = NAN;
	recorded->compile_ns = 0;
	recorded->measure_ns = 0;
}

static bool
fails_while_building(const struct ww_recorded *recorded)
{
	switch (recorded->outcome) {
	case WW_TRIAL_CONSTRAINT:
	case WW_TRIAL_COMPILE_ERROR:
	case WW_TRIAL_COMPILER_CRASH:
	case WW_TRIAL_COMPILE_TIMEOUT:
		return true;
	case WW_TRIAL_RESOURCES:
	case WW_TRIAL_INTERNAL:
		return recorded->measure_ns == 0;
	default:
		return false;
	}
}

static struct lane *
start_job(struct simulated *sim, struct lane *lanes, void *job,
          const uint32_t *indices, int64_t takes_ns)
{
	struct lane *lane = lanes;

	while (lane->busy)
		lane++;
	lane->busy = true;
	lane->job = job;
	memcpy(lane->indices, indices,
	       sim->space->n_slots * sizeof *indices);
	lane->end_ns = sim->now_ns + (takes_ns > 0 ? takes_ns : 0);
	return lane;
}

static void
build(struct ww_lanes *lanes, void *job, const uint32_t *indices)
{
	struct simulated *sim = simulated_of(lanes);
	struct ww_recorded recorded;

	look_up(sim, indices, &recorded);
	start_job(sim, sim->compile, job, indices, recorded.compile_ns);
}

static void
measure(struct ww_lanes *lanes, void *job, const uint32_t *indices,
        const char *artifact, const struct ww_measure_plan *plan)
{
	struct simulated *sim = simulated_of(lanes);
	struct ww_recorded recorded;
	struct lane *lane;

	(void)artifact;
	(void)plan; /* a recording knows only whole measurements */
	look_up(sim, indices, &recorded);
	if (sim->first_ns < 0)
		sim->first_ns = sim->now_ns;
	lane = start_job(sim, sim->device, job, indices, recorded.measure_ns);
	sim->busy_ns += lane->end_ns - sim->now_ns;
}

static void
hold(struct ww_lanes *lanes, bool held)
{
	simulated_of(lanes)->held = held;
}

/* The busy lane that ends first; among equals the first one. */
static struct lane *
earliest(struct simulated *sim, bool *builds)
{
	struct lane *best = NULL;
	uint32_t i;

	for (i = 0; i < sim->lanes.n_devices; i++)
		if (sim->device[i].busy &&
		    (best == NULL || sim->device[i].end_ns < best->end_ns))
			best = &sim->device[i];
	*builds = false;
	for (i = 0; i < sim->lanes.n_compile; i++)
		if (sim->compile[i].busy &&
		    (best == NULL || sim->compile[i].end_ns < best->end_ns)) {
			best = &sim->compile[i];
			*builds = true;
		}
	return best;
}

static void
report_built(struct simulated *sim, const struct lane *lane)
{
	struct ww_recorded recorded;
	struct ww_built built = { .job = lane->job, .artifact = "",
		                  .text = "", .log = "" };

	look_up(sim, lane->indices, &recorded);
	built.compile_ns = recorded.compile_ns;
	if (fails_while_building(&recorded)) {
		built.outcome = recorded.outcome;
		built.text = recorded.text != NULL ? recorded.text : "";
	}
	sim->lanes.events.built(sim->lanes.events.context, &built);
}

static bool
nearly_equal(double a, double b)
{
	return fabs(a - b) <= 1e-6 * fabs(b);
}

/* 95 % interval of what the recording's time is: the mean of its samples in most
 * recordings, the median in ours. Of anything else there is none. */
static void
find_interval(const struct ww_recorded *recorded, struct ww_measured *measured)
{
	struct ww_summary summary;
	double reach;

	if (recorded->n_samples < 2)
		return;
	ww_summarise(recorded->samples_ms, recorded->n_samples, &summary);
	reach = ww_t_quantile(recorded->n_samples - 1) * summary.deviation /
	        sqrt((double)recorded->n_samples);
	if (nearly_equal(summary.mean, recorded->objective)) {
		measured->low_ms = fmax(0.0, summary.mean - reach);
		measured->high_ms = summary.mean + reach;
	} else if (nearly_equal(summary.median, recorded->objective)) {
		measured->low_ms = summary.low;
		measured->high_ms = summary.high;
	}
}

static void
report_measured(struct simulated *sim, const struct lane *lane)
{
	struct ww_recorded recorded;
	struct ww_measured measured = { .job = lane->job, .low_ms = NAN,
		                        .high_ms = NAN, .device = "recorded" };

	look_up(sim, lane->indices, &recorded);
	measured.outcome = recorded.outcome;
	measured.median_ms = recorded.objective;
	measured.samples_ms = recorded.samples_ms;
	measured.n_samples = recorded.n_samples;
	measured.text = recorded.text != NULL ? recorded.text : "";
	measured.measure_ns = recorded.measure_ns;
	if (recorded.outcome == WW_TRIAL_OK)
		find_interval(&recorded, &measured);
	sim->lanes.events.measured(sim->lanes.events.context, &measured);
}

static ww_status
step(struct ww_lanes *lanes, struct ww_error *error)
{
	struct simulated *sim = simulated_of(lanes);
	bool builds;
	struct lane *lane = earliest(sim, &builds);

	if (sim->missing.status != WW_OK) {
		*error = sim->missing;
		return error->status;
	}
	if (lane == NULL)
		return WW_OK;
	sim->now_ns = lane->end_ns;
	lane->busy = false;
	if (builds)
		report_built(sim, lane);
	else
		report_measured(sim, lane);
	return WW_OK;
}

static void
wake(struct ww_lanes *lanes)
{
	(void)lanes; /* nobody sleeps */
}

static int64_t
now_ns(const struct ww_lanes *lanes)
{
	return simulated_view(lanes)->now_ns;
}

static void
abandon(struct ww_lanes *lanes, bool all)
{
	struct simulated *sim = simulated_of(lanes);
	uint32_t i;

	for (i = 0; i < lanes->n_compile; i++)
		sim->compile[i].busy = false;
	for (i = 0; all && i < lanes->n_devices; i++)
		sim->device[i].busy = false;
}

static double
idle_fraction(const struct ww_lanes *lanes)
{
	const struct simulated *sim = simulated_view(lanes);
	double span = (double)(sim->now_ns - sim->first_ns) *
	              lanes->n_devices;

	if (sim->first_ns < 0 || span <= 0)
		return 0;
	return fmax(0, 1 - (double)sim->busy_ns / span);
}

static struct lane *
lanes_new(uint32_t n, uint32_t n_slots)
{
	struct lane *lanes = ww_alloc(n * sizeof *lanes);
	uint32_t i;

	for (i = 0; i < n; i++)
		lanes[i].indices = ww_alloc((n_slots + 1) *
		                            sizeof *lanes[i].indices);
	return lanes;
}

static void
lanes_free(struct lane *lanes, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		free(lanes[i].indices);
	free(lanes);
}

static void
free_lanes(struct ww_lanes *lanes)
{
	struct simulated *sim = simulated_of(lanes);

	lanes_free(sim->compile, lanes->n_compile);
	lanes_free(sim->device, lanes->n_devices);
	free(sim);
}

static const struct ww_lanes_ops simulated_ops = {
	.compile_room = compile_room,
	.device_room = device_room,
	.build = build,
	.measure = measure,
	.hold = hold,
	.step = step,
	.wake = wake,
	.now_ns = now_ns,
	.measuring = measuring,
	.abandon = abandon,
	.interleave = NULL,
	.idle_fraction = idle_fraction,
	.free = free_lanes,
};

static int64_t
clock_now(const struct ww_clock *clock)
{
	const char *start = (const char *)clock;

	return ((const struct simulated *)(const void *)(
			start - offsetof(struct simulated, clock)))->now_ns;
}

struct ww_lanes *
ww_lanes_simulated(const struct ww_replay_ops *ops, void *self,
                   const struct ww_space *space, uint32_t n_compile,
                   uint32_t n_devices)
{
	struct simulated *sim = ww_alloc(sizeof *sim);

	sim->lanes.ops = &simulated_ops;
	sim->lanes.n_compile = n_compile;
	sim->lanes.n_devices = n_devices;
	sim->lanes.simulated = true;
	sim->clock.size = sizeof sim->clock;
	sim->clock.now_ns = clock_now;
	sim->ops = ops;
	sim->self = self;
	sim->space = space;
	sim->first_ns = -1;
	sim->compile = lanes_new(n_compile, space->n_slots);
	sim->device = lanes_new(n_devices, space->n_slots);
	return &sim->lanes;
}

const struct ww_clock *
ww_lanes_simulated_clock(struct ww_lanes *lanes)
{
	return &simulated_of(lanes)->clock;
}
