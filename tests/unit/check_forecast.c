/* SPDX-License-Identifier: MIT
 *
 * What builds take, and the order that the scheduler makes of it.
 */
#include <math.h>
#include <stdlib.h>

#include "core/engine/forecast.h"
#include "core/engine/scheduler.h"
#include "tests/unit/unit.h"

#define SIZES 10
#define SECOND INT64_C(1000000000)

static const struct ww_slot slots[100] = {
	{ .name = "size", .n_values = SIZES },
	{ .name = "unroll", .n_values = 5 },
	{ .name = "other", .n_values = 3 },
};
static const struct ww_space space = {
	.size = sizeof space, .n_slots = 3, .slots = slots,
};

/* Seconds of a build: more with the size, far more with the unrolling. */
static double
seconds(const uint32_t *row)
{
	return 0.2 * exp(0.1 * row[0] + 0.6 * row[1]);
}

START_TEST(nothing_is_known_at_first)
{
	struct ww_forecast *forecast = ww_forecast_new(&space);
	const uint32_t small[] = { 0, 0, 0 }, large[] = { 9, 4, 2 };

	ck_assert_double_eq(ww_forecast_of(forecast, small),
	                    ww_forecast_of(forecast, large));
	ww_forecast_free(forecast);
}
END_TEST

START_TEST(learns_what_makes_builds_long)
{
	struct ww_forecast *forecast = ww_forecast_new(&space);
	const uint32_t unseen[][3] = {
		{ 1, 4, 1 }, { 3, 3, 0 }, { 2, 2, 2 }, { 9, 0, 1 }, { 0, 0, 2 },
	};
	uint32_t i;

	for (i = 0; i < 30; i++) {
		const uint32_t row[] = { i * 7 % 10, i * 3 % 5, i % 3 };

		ww_forecast_learn(forecast, row,
		                  (int64_t)(seconds(row) * 1e9));
	}
	for (i = 0; i + 1 < 5; i++)
		ck_assert_double_gt(ww_forecast_of(forecast, unseen[i]),
		                    ww_forecast_of(forecast, unseen[i + 1]));
	ck_assert_double_eq_tol(ww_forecast_of(forecast, unseen[2]),
	                        log(seconds(unseen[2]) * 1e9), 0.2);
	ww_forecast_free(forecast);
}
END_TEST

START_TEST(very_many_slots_are_not_learnt_from)
{
	const struct ww_space wide = { .n_slots = 100, .slots = slots };
	struct ww_forecast *forecast = ww_forecast_new(&wide);
	const uint32_t row[100] = { 9, 4 };

	ww_forecast_learn(forecast, row, 100 * SECOND);
	ck_assert_double_eq(ww_forecast_of(forecast, row), 0);
	ww_forecast_free(forecast);
}
END_TEST

/* Lanes that note what they are given. */
struct lanes {
	struct ww_lanes face; /* first member */
	void *jobs[16];
	uint32_t sizes[16];
	uint32_t n, done;
};

static uint32_t
compile_room(const struct ww_lanes *self)
{
	const struct lanes *lanes = (const struct lanes *)self;

	return self->n_compile - (lanes->n - lanes->done);
}

static uint32_t
no_room(const struct ww_lanes *self)
{
	(void)self;
	return 0;
}

static void
build(struct ww_lanes *self, void *job, const uint32_t *indices)
{
	struct lanes *lanes = (struct lanes *)self;

	lanes->jobs[lanes->n] = job;
	lanes->sizes[lanes->n++] = indices[0];
}

static const struct ww_lanes_ops ops = {
	.compile_room = compile_room,
	.device_room = no_room,
	.build = build,
};

static void
ignore(void *context, struct ww_record *record)
{
	(void)context;
	(void)record;
}

/* The oldest build that goes on ends, as one of its size does. */
static void
end_one(struct lanes *lanes)
{
	const uint32_t row[] = { lanes->sizes[lanes->done], 2, 1 };
	const struct ww_built built = {
		.job = lanes->jobs[lanes->done],
		.outcome = WW_TRIAL_COMPILE_ERROR,
		.artifact = "", .text = "", .log = "",
		.compile_ns = (int64_t)(seconds(row) * 1e9),
	};

	lanes->done++;
	lanes->face.events.built(lanes->face.events.context, &built);
}

/* The order in which builds of sizes 0 to 9, proposed so, are started. */
static void
started(uint32_t n_compile, bool serial, uint32_t order[SIZES])
{
	struct lanes lanes = {
		.face = { .ops = &ops, .n_compile = n_compile, .n_devices = 1 },
	};
	const struct ww_scheduler_setup setup = {
		.space = &space, .lanes = &lanes.face, .serial = serial,
		.finished = ignore,
	};
	struct ww_scheduler *scheduler = ww_scheduler_new(&setup);
	struct ww_record *records[SIZES];
	uint32_t i;

	for (i = 0; i < SIZES; i++) {
		records[i] = ww_record_new(3);
		records[i]->indices[0] = i;
		records[i]->indices[1] = 2;
		records[i]->indices[2] = 1;
		ww_scheduler_propose(scheduler, records[i]);
	}
	for (i = 0; i < SIZES; i++) {
		ww_scheduler_pump(scheduler);
		end_one(&lanes);
	}
	for (i = 0; i < SIZES; i++) {
		order[i] = lanes.sizes[i];
		ww_record_free(records[i]);
	}
	ck_assert_uint_eq(lanes.n, SIZES);
	ck_assert_uint_eq(ww_scheduler_counts(scheduler)->live, 0);
	ww_scheduler_free(scheduler);
}

START_TEST(the_longest_build_goes_first)
{
	static const uint32_t wanted[] = { 0, 1, 2, 9, 8, 7, 6, 5, 4, 3 };
	uint32_t order[SIZES], i;

	/* Two go on while the first is learnt from: the third is the last that
	 * nothing is known of. */
	started(2, false, order);
	for (i = 3; i < SIZES; i++)
		ck_assert_uint_eq(order[i], wanted[i]);
	started(1, false, order);
	for (i = 0; i < SIZES; i++)
		ck_assert_uint_eq(order[i], i);
	started(4, true, order);
	for (i = 0; i < SIZES; i++)
		ck_assert_uint_eq(order[i], i);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("forecast");
	TCase *tests = tcase_create("forecast");

	tcase_add_test(tests, nothing_is_known_at_first);
	tcase_add_test(tests, learns_what_makes_builds_long);
	tcase_add_test(tests, very_many_slots_are_not_learnt_from);
	tcase_add_test(tests, the_longest_build_goes_first);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
