/* SPDX-License-Identifier: MIT */
#include "core/measure/measure.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/measure/energy.h"
#include "core/measure/objective.h"
#include "core/measure/samples.h"
#include "core/measure/stats.h"
#include "core/plugin/host.h"

/* Warming up ends when two timings in a row differ by less than this, or after
 * so many, or when a quarter of the budget is used up. */
#define STEADY 0.03
#define WARM_LIMIT 10
/* Fewer samples prove nothing, */
#define FEWEST 3
/* unless what they say is far beyond any noise. */
#define FEWEST_FAR 2
/* What is surely slower than the incumbent will not be chosen: its number only
 * has to be good enough for a model to learn from. */
#define ROUGH 5.0
/* So far beyond the point of giving up, one timing needs no warming up. */
#define FAR 4.0

void
ww_measure_plan_default(struct ww_measure_plan *plan)
{
	*plan = (struct ww_measure_plan){
		.precision = 0.01,
		.min_samples = 5,
		.max_samples = 100,
		.budget_ns = INT64_C(1000000000),
		.abandon_factor = 1.3,
		.incumbent_ms = NAN,
		.cold = true,
		.verify = true,
	};
}

uint32_t
ww_measure_outcome(ww_status status)
{
	switch (status) {
	case WW_OK:
		return WW_TRIAL_OK;
	case WW_E_INVALID:
		return WW_TRIAL_CONSTRAINT;
	case WW_E_COMPILE:
		return WW_TRIAL_COMPILE_ERROR;
	case WW_E_RESOURCES:
		return WW_TRIAL_RESOURCES;
	case WW_E_LAUNCH:
		return WW_TRIAL_LAUNCH_FAILURE;
	case WW_E_WRONG_RESULT:
		return WW_TRIAL_WRONG_RESULT;
	case WW_E_TIMEOUT:
		return WW_TRIAL_RUN_TIMEOUT;
	case WW_E_CRASH:
	case WW_E_DEVICE_LOST:
		return WW_TRIAL_CRASH;
	default:
		return WW_TRIAL_INTERNAL;
	}
}

void
ww_measurement_clear(struct ww_measurement *measurement)
{
	free(measurement->samples_ms);
	*measurement = (struct ww_measurement){
		.median_ms = NAN, .ci_low_ms = NAN, .ci_high_ms = NAN,
		.energy_mj = NAN, .power_w = NAN, .time_ms = NAN,
		.verdict = { .size = sizeof measurement->verdict },
	};
}

/* Everything that one measurement needs at hand. */
struct work {
	const struct ww_device_ops *ops;
	void *loaded;
	const struct ww_measure_plan *plan;
	const struct ww_cancel *cancel;
	struct ww_measurement *measurement;
	struct ww_samples samples;
	int64_t start_ns;
};

static void
fail(struct work *work, ww_status status, const char *text)
{
	work->measurement->status = status;
	work->measurement->outcome = ww_measure_outcome(status);
	ww_text_clean(work->measurement->text, sizeof work->measurement->text,
	              text, strlen(text));
}

/* Ends a call of the backend; false if it failed. */
static bool
finish(struct work *work, struct ww_call_frame *frame, ww_status status)
{
	struct ww_error error;

	if (ww_call_finish(frame, status, &error) == WW_OK)
		return true;
	fail(work, status, error.text);
	return false;
}

static void
describe_wrong(const struct ww_verdict *verdict, char *text, size_t size)
{
	char got[40] = "nan";

	/* printf() writes the sign of a NaN, which means nothing. */
	if (!isnan(verdict->got))
		snprintf(got, sizeof got, "%.7g", verdict->got);
	snprintf(text, size,
	         "output %.63s[%" PRIu64 "] = %s, expected %.7g; %" PRIu64
	         " element%s beyond the tolerance",
	         verdict->argument, verdict->worst_index, got, verdict->want,
	         verdict->n_wrong, verdict->n_wrong == 1 ? " is" : "s are");
}

static bool
verify(struct work *work)
{
	struct ww_verdict *verdict = &work->measurement->verdict;
	struct ww_call_frame frame;
	char text[sizeof work->measurement->text];

	ww_call_start(&frame, work->cancel, INT64_MAX);
	if (!finish(work, &frame,
	            work->ops->verify(&frame.call, work->loaded, verdict)))
		return false;
	if (verdict->n_wrong == 0)
		return true;
	describe_wrong(verdict, text, sizeof text);
	fail(work, WW_E_WRONG_RESULT, text);
	return false;
}

/* The launches that were timed count on the first having been no exception: a
 * kernel that leaves a counter behind, or races with itself, may have been right
 * once. What is given up anyway needs no second look. */
static bool
verify_again(struct work *work)
{
	struct ww_measurement *measurement = work->measurement;
	struct ww_verdict first = measurement->verdict;
	char text[sizeof measurement->text];

	if (!work->plan->verify || measurement->abandoned || !first.compared)
		return true;
	measurement->verdict = (struct ww_verdict){ .size = sizeof first };
	if (verify(work))
		return true;
	if (measurement->outcome == WW_TRIAL_WRONG_RESULT) {
		snprintf(text, sizeof text,
		         "right at first, wrong after it ran many times: %.400s",
		         measurement->text);
		fail(work, WW_E_WRONG_RESULT, text);
	}
	return false;
}

static int64_t
budget_left(const struct work *work)
{
	return work->plan->budget_ns - (ww_now_ns() - work->start_ns);
}

/* Takes up to `n` more samples, at least one. */
static bool
take(struct work *work, uint32_t n)
{
	char text[160];
	size_t before = work->samples.n;
	ww_status status;
	struct ww_call_frame frame;

	ww_call_start(&frame, work->cancel, INT64_MAX);
	status = ww_samples_take(&work->samples, work->ops, &frame.call,
	                         work->loaded, n, work->plan->cold,
	                         budget_left(work));
	if (!finish(work, &frame, status))
		return false;
	if (work->samples.n == before)
		fail(work, WW_E_INTERNAL, "the backend gave no timing sample");
	else if (!ww_samples_sane(&work->samples, text, sizeof text))
		fail(work, WW_E_INTERNAL, text);
	else if (ww_cancel_requested(work->cancel))
		fail(work, WW_E_CANCELLED, "measuring was cancelled");
	else
		return true;
	return false;
}

/* So slow that even a cold first timing decides. */
static bool
far_off(const struct ww_measure_plan *plan, double ms)
{
	return plan->abandon_factor > 0 &&
	       ms > FAR * plan->abandon_factor * plan->incumbent_ms;
}

/* Runs until two timings in a row agree, or until it is clear that precision
 * will not matter. The last timing is the first sample, for it was taken in the
 * same state as those that follow; the ones before are thrown away. */
static bool
warm_up(struct work *work)
{
	const struct ww_measure_plan *plan = work->plan;
	double last = NAN;
	uint32_t i;

	for (i = 0; i < WARM_LIMIT; i++) {
		double now;

		if (!take(work, 1))
			return false;
		now = work->samples.ms[work->samples.n - 1];
		if (fabs(now - last) <= STEADY * now || far_off(plan, now) ||
		    budget_left(work) < plan->budget_ns / 4 * 3)
			break;
		last = now;
	}
	ww_samples_keep_last(&work->samples);
	return true;
}

/* Whether nothing that could still be measured would change the choice. */
static bool
hopeless(const struct work *work, const struct ww_summary *summary)
{
	const struct ww_measure_plan *plan = work->plan;
	size_t fewest = far_off(plan, summary->low) ? FEWEST_FAR : FEWEST;

	return plan->abandon_factor > 0 && work->samples.n >= fewest &&
	       summary->low > plan->abandon_factor * plan->incumbent_ms;
}

static bool
precise(const struct work *work, const struct ww_summary *summary)
{
	const struct ww_measure_plan *plan = work->plan;
	double wanted = plan->precision;

	if (work->samples.n < plan->min_samples)
		return false;
	/* Who does not want slow ones given up wants their full numbers. */
	if (plan->abandon_factor > 0 && summary->low > plan->incumbent_ms)
		wanted *= ROUGH;
	return (summary->high - summary->low) / 2 <= wanted * summary->median;
}

/* How many samples to take next, behind the one that warming up left: few at a
 * time, so that sampling ends soon after it may. */
static uint32_t
portion(const struct work *work)
{
	const struct ww_measure_plan *plan = work->plan;
	uint32_t n = (uint32_t)work->samples.n;
	uint32_t fewest = far_off(plan, work->samples.ms[0]) ? FEWEST_FAR
	                                                     : FEWEST;
	uint32_t wanted = n + 1 + n / 4;

	if (n >= plan->max_samples || budget_left(work) <= 0)
		return 0;
	if (n < fewest && n < plan->min_samples)
		wanted = fewest < plan->min_samples ? fewest
		                                    : plan->min_samples;
	return (wanted < plan->max_samples ? wanted : plan->max_samples) - n;
}

static bool
sample(struct work *work, struct ww_summary *summary)
{
	for (;;) {
		uint32_t n;

		ww_summarise(work->samples.ms, work->samples.n, summary);
		work->measurement->abandoned = hopeless(work, summary);
		if (work->measurement->abandoned || precise(work, summary))
			return true;
		n = portion(work);
		if (n == 0)
			return true;
		if (!take(work, n))
			return false;
	}
}

void
ww_measure(const struct ww_device_ops *ops, void *loaded,
           const struct ww_measure_plan *plan, const struct ww_cancel *cancel,
           struct ww_measurement *measurement)
{
	struct ww_measure_plan bounded = *plan;
	struct work work = { .ops = ops, .loaded = loaded, .plan = &bounded,
		             .cancel = cancel, .measurement = measurement };
	struct ww_summary summary;

	if (bounded.max_samples < 1)
		bounded.max_samples = 1;
	if (bounded.min_samples > bounded.max_samples)
		bounded.min_samples = bounded.max_samples;
	memset(measurement, 0, sizeof *measurement);
	ww_measurement_clear(measurement);
	if (plan->verify && !verify(&work))
		return;
	work.start_ns = ww_now_ns();
	if (warm_up(&work) && sample(&work, &summary) &&
	    (plan->objective == WW_OBJECTIVE_TIME || measurement->abandoned ||
	     ww_measure_energy(ops, loaded, plan, cancel, &summary,
	                       measurement)) &&
	    verify_again(&work)) {
		measurement->median_ms = summary.median;
		measurement->ci_low_ms = summary.low;
		measurement->ci_high_ms = summary.high;
		measurement->samples_ms = work.samples.ms;
		measurement->n_samples = work.samples.n;
		measurement->repeats = work.samples.repeats;
	} else {
		ww_samples_clear(&work.samples);
		measurement->abandoned = false;
	}
}
