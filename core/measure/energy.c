/* SPDX-License-Identifier: MIT */
#include "core/measure/energy.h"

#include <math.h>

#include "core/base/text.h"
#include "core/measure/objective.h"
#include "core/plugin/host.h"

/* Each is a mean over a long phase; a few show how far they scatter. */
#define SAMPLES 3u

struct sink {
	struct ww_energy_sink face; /* first member */
	double energy_mj[SAMPLES];
	double time_ms[SAMPLES];
	uint32_t n;
};

static ww_status
receive(struct ww_energy_sink *self, double millijoules, double nanoseconds,
        uint64_t launches)
{
	struct sink *sink = (struct sink *)self;

	(void)launches;
	if (sink->n == SAMPLES)
		return WW_STOPPED;
	sink->energy_mj[sink->n] = millijoules;
	sink->time_ms[sink->n++] = nanoseconds / 1e6;
	return sink->n == SAMPLES ? WW_STOPPED : WW_OK;
}

static bool
sane(const struct sink *sink)
{
	uint32_t i;

	for (i = 0; i < sink->n; i++)
		if (!isfinite(sink->energy_mj[i]) || sink->energy_mj[i] <= 0 ||
		    !isfinite(sink->time_ms[i]) || sink->time_ms[i] <= 0)
			return false;
	return sink->n > 0;
}

static bool
fail(struct ww_measurement *measurement, ww_status status, const char *text)
{
	measurement->status = status;
	measurement->outcome = ww_measure_outcome(status);
	ww_text_first_line(measurement->text, sizeof measurement->text, text);
	return false;
}

static double
value_of(const struct sink *sink, uint32_t i, uint32_t objective)
{
	return objective == WW_OBJECTIVE_EDP
	               ? sink->energy_mj[i] * sink->time_ms[i]
	               : sink->energy_mj[i];
}

ww_status
ww_energy_take(const struct ww_device_ops *ops, struct ww_call *call,
               void *loaded, uint32_t objective, int64_t budget_ns,
               struct ww_samples *samples)
{
	struct sink sink = {
		.face = { .size = sizeof sink.face, .sample = receive },
	};
	const struct ww_timing timing = {
		.size = sizeof timing,
		.samples = 1,
		.budget_ns = budget_ns > 1 ? budget_ns : 1,
	};
	ww_status status;

	if (!WW_HAS(struct ww_device_ops, ops, energy))
		return WW_E_UNSUPPORTED;
	status = ops->energy(call, loaded, &timing, &sink.face);
	if (status != WW_OK && status != WW_STOPPED)
		return status;
	if (!sane(&sink))
		return WW_E_INTERNAL;
	ww_samples_add(samples, value_of(&sink, 0, objective));
	return WW_OK;
}

bool
ww_measure_energy(const struct ww_device_ops *ops, void *loaded,
                  const struct ww_measure_plan *plan,
                  const struct ww_cancel *cancel, struct ww_summary *summary,
                  struct ww_measurement *measurement)
{
	struct sink sink = {
		.face = { .size = sizeof sink.face, .sample = receive },
	};
	const struct ww_timing timing = {
		.size = sizeof timing,
		.samples = SAMPLES,
		.budget_ns = plan->budget_ns > 1 ? plan->budget_ns : 1,
	};
	double values[SAMPLES];
	struct ww_call_frame frame;
	struct ww_error error;
	ww_status status;
	uint32_t i;

	if (!WW_HAS(struct ww_device_ops, ops, energy))
		return fail(measurement, WW_E_UNSUPPORTED,
		            "this backend cannot measure energy");
	ww_call_start(&frame, cancel, INT64_MAX);
	status = ops->energy(&frame.call, loaded, &timing, &sink.face);
	if (status == WW_STOPPED)
		status = WW_OK;
	if (ww_call_finish(&frame, status, &error) != WW_OK)
		return fail(measurement, status, error.text);
	if (!sane(&sink))
		return fail(measurement, WW_E_INTERNAL,
		            "the backend gave an energy that cannot be");
	for (i = 0; i < sink.n; i++)
		values[i] = value_of(&sink, i, plan->objective);
	ww_summarise(values, sink.n, summary);
	measurement->energy_mj = ww_median(sink.energy_mj, sink.n);
	measurement->time_ms = ww_median(sink.time_ms, sink.n);
	measurement->power_w = measurement->energy_mj / measurement->time_ms;
	return true;
}
