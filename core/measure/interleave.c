/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "core/base/text.h"
#include "core/measure/energy.h"
#include "core/measure/measure.h"
#include "core/measure/objective.h"
#include "core/measure/samples.h"
#include "core/measure/stats.h"
#include "core/plugin/host.h"

/* Intervals of fewer samples are ranges and say nothing about precision. */
#define FEWEST_ROUNDS 7
/* More samples of one configuration tell nothing new, and all of them must fit
 * into one frame. */
#define MOST_ROUNDS 1000
/* A phase of an energy: some steps of the counter. */
#define ENERGY_NS INT64_C(100000000)

static void
shuffle(uint32_t *order, uint32_t n, const struct ww_random *random)
{
	uint32_t i;

	for (i = n; i > 1; i--) {
		uint32_t k = (uint32_t)ww_random_below(random, i);
		uint32_t kept = order[i - 1];

		order[i - 1] = order[k];
		order[k] = kept;
	}
}

static bool
all_precise(const struct ww_samples *samples, uint32_t n, double precision)
{
	struct ww_summary summary;
	uint32_t i;

	for (i = 0; i < n; i++) {
		if (samples[i].n < FEWEST_ROUNDS)
			return false;
		ww_summarise(samples[i].ms, samples[i].n, &summary);
		if ((summary.high - summary.low) / 2 >
		    precision * summary.median)
			return false;
	}
	return true;
}

/* One sample of one configuration. A candidate whose timing fails keeps what it
 * has; a sample that cannot be is taken back and ends its part. */
static bool
take_one(const struct ww_contest *contest, void *loaded,
         struct ww_samples *samples)
{
	struct ww_call_frame frame;
	struct ww_error error;
	char text[160];
	size_t before = samples->n;
	ww_status status;

	ww_call_start(&frame, NULL, INT64_MAX);
	if (contest->objective == WW_OBJECTIVE_TIME)
		status = ww_samples_take(samples, contest->ops, &frame.call,
		                         loaded, 1, contest->cold,
		                         contest->budget_ns);
	else
		status = ww_energy_take(contest->ops, &frame.call, loaded,
		                        contest->objective, ENERGY_NS, samples);
	if (ww_call_finish(&frame, status, &error) == WW_OK &&
	    ww_samples_sane(samples, text, sizeof text))
		return true;
	samples->n = before;
	return false;
}

/* All configurations once, in a fresh random order, so that a drift of the clock
 * rate or of a neighbour's load hits all of them alike. */
static void
one_round(const struct ww_contest *contest, struct ww_samples *samples,
          const uint32_t *order, bool *broken)
{
	uint32_t i;

	for (i = 0; i < contest->n; i++) {
		uint32_t k = order[i];

		if (!broken[k])
			broken[k] = !take_one(contest, contest->loaded[k],
			                      &samples[k]);
	}
}

/* Looking costs more the more there is to look at, so it is done after ever
 * longer stretches: the time belongs to the measuring. */
static uint32_t
next_look(uint32_t rounds)
{
	return rounds < FEWEST_ROUNDS ? FEWEST_ROUNDS : rounds + 1 + rounds / 8;
}

static bool
any_left(const bool *broken, uint32_t n)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (!broken[i])
			return true;
	return false;
}

/* Rounds until the intervals are narrow, the time is over, or nobody is left. */
static void
run_rounds(const struct ww_contest *contest, struct ww_samples *taken,
           uint32_t *order, bool *broken)
{
	int64_t end_ns = ww_now_ns() + contest->budget_ns;
	struct ww_random_stream stream;
	uint32_t look = FEWEST_ROUNDS;
	uint32_t i, rounds = 0;

	ww_random_start(&stream, contest->seed);
	/* The first round warms up and chooses the repeats; it is no sample. An
	 * energy's phase has its own warming up. */
	if (contest->objective == WW_OBJECTIVE_TIME)
		one_round(contest, taken, order, broken);
	for (i = 0; i < contest->n; i++)
		taken[i].n = 0;
	do {
		shuffle(order, contest->n, &stream.random);
		one_round(contest, taken, order, broken);
		if (++rounds < look)
			continue;
		look = next_look(rounds);
		if (all_precise(taken, contest->n, contest->precision))
			break;
	} while (any_left(broken, contest->n) && ww_now_ns() < end_ns &&
	         rounds < MOST_ROUNDS);
}

void
ww_measure_interleaved(const struct ww_contest *contest, double **values,
                       uint64_t *counts)
{
	struct ww_samples *taken = ww_alloc((contest->n + 1) * sizeof *taken);
	uint32_t *order = ww_alloc((contest->n + 1) * sizeof *order);
	bool *broken = ww_alloc((contest->n + 1) * sizeof *broken);
	uint32_t i;

	for (i = 0; i < contest->n; i++)
		order[i] = i;
	run_rounds(contest, taken, order, broken);
	for (i = 0; i < contest->n; i++) {
		values[i] = taken[i].ms;
		counts[i] = taken[i].n;
	}
	free(broken);
	free(order);
	free(taken);
}
