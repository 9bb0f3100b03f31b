/* SPDX-License-Identifier: MIT */
#include "core/measure/samples.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/text.h"

struct sink {
	struct ww_sample_sink face; /* first member */
	struct ww_samples *samples;
	uint32_t wanted;
};

void
ww_samples_add(struct ww_samples *samples, double value)
{
	if (samples->n == samples->space) {
		samples->space = samples->space > 0 ? 2 * samples->space : 16;
		samples->ms = ww_grow(samples->ms,
		                      samples->space * sizeof *samples->ms);
	}
	samples->ms[samples->n++] = value;
}

static ww_status
receive(struct ww_sample_sink *self, double nanoseconds, uint32_t repeats)
{
	struct sink *sink = (struct sink *)self;
	struct ww_samples *samples = sink->samples;

	if (sink->wanted == 0)
		return WW_STOPPED;
	ww_samples_add(samples, nanoseconds / 1e6);
	if (samples->repeats == 0)
		samples->repeats = repeats;
	sink->wanted--;
	return sink->wanted == 0 ? WW_STOPPED : WW_OK;
}

ww_status
ww_samples_take(struct ww_samples *samples, const struct ww_device_ops *ops,
                struct ww_call *call, void *loaded, uint32_t n, bool cold,
                int64_t budget_ns)
{
	struct sink sink = {
		.face = { .size = sizeof sink.face, .sample = receive },
		.samples = samples,
		.wanted = n,
	};
	const struct ww_timing timing = {
		.size = sizeof timing,
		.samples = n,
		.repeats = samples->repeats,
		.cold = cold,
		.budget_ns = budget_ns > 1 ? budget_ns : 1,
	};
	ww_status status = ops->time(call, loaded, &timing, &sink.face);

	return status == WW_STOPPED ? WW_OK : status;
}

void
ww_samples_keep_last(struct ww_samples *samples)
{
	if (samples->n > 1)
		samples->ms[0] = samples->ms[samples->n - 1];
	samples->n = samples->n > 0 ? 1 : 0;
}

bool
ww_samples_sane(const struct ww_samples *samples, char *text, size_t size)
{
	size_t i;

	for (i = 0; i < samples->n; i++)
		if (!isfinite(samples->ms[i]) || samples->ms[i] <= 0) {
			snprintf(text, size,
			         "the backend gave %g ms as the duration of a "
			         "launch, which cannot be",
			         samples->ms[i]);
			return false;
		}
	return true;
}

void
ww_samples_clear(struct ww_samples *samples)
{
	free(samples->ms);
	*samples = (struct ww_samples){ 0 };
}
