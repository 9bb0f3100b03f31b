/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/base/cancel.h"
#include "core/measure/measure.h"
#include "core/measure/objective.h"
#include "tests/unit/unit.h"

/* A device that answers from a script: no clock is involved, except where a
 * test is about the budget. */
struct script {
	double base_ms;          /* every sample, times … */
	const double *factors;   /* … these in a circle */
	size_t n_factors;
	ww_status verify_status;
	uint64_t n_wrong;
	unsigned wrong_from;     /* number of the first call that is wrong */
	double odd_ms;           /* instead of sample number odd_at (from 1) */
	unsigned odd_at;
	int64_t busy_ns;         /* really spent for each sample */
	int silent;              /* emits no sample at all */
	unsigned verified, timed, n; /* calls, calls, samples */
	unsigned order[4096];    /* which script was timed when (shared) */
	uint32_t repeats_asked;
	int saw_cold;
	struct script *log;
	unsigned id;
};

static ww_status
verify(struct ww_call *call, void *loaded, struct ww_verdict *verdict)
{
	struct script *script = loaded;

	script->verified++;
	if (script->verify_status != WW_OK)
		return ww_fail(call, script->verify_status, "it broke");
	verdict->compared = 1;
	verdict->n_wrong = script->verified >= script->wrong_from
	                           ? script->n_wrong
	                           : 0;
	verdict->worst_index = 17;
	verdict->got = 3.1;
	verdict->want = 2.9;
	strcpy(verdict->argument, "c");
	return WW_OK;
}

static void
spend(int64_t ns)
{
	struct timespec pause = { .tv_nsec = (long)ns };

	if (ns > 0)
		nanosleep(&pause, NULL);
}

static ww_status
time_script(struct ww_call *call, void *loaded,
            const struct ww_timing *timing, struct ww_sample_sink *sink)
{
	struct script *script = loaded;
	uint32_t i;

	(void)call;
	script->timed++;
	script->repeats_asked = timing->repeats;
	script->saw_cold = timing->cold != 0;
	for (i = 0; i < timing->samples && !script->silent; i++) {
		double ms = script->base_ms;
		ww_status status;

		spend(script->busy_ns);
		if (script->n_factors > 0)
			ms *= script->factors[script->n % script->n_factors];
		if (++script->n == script->odd_at)
			ms = script->odd_ms;
		if (script->log != NULL && script->log->timed < 4096)
			script->log->order[script->log->timed++] = script->id;
		status = sink->sample(sink, ms * 1e6, 4);
		if (status != WW_OK)
			return status;
	}
	return WW_OK;
}

static const struct ww_device_ops ops = {
	.size = sizeof ops,
	.verify = verify,
	.time = time_script,
};

static void
measure(struct script *script, const struct ww_measure_plan *plan,
        struct ww_measurement *measurement)
{
	ww_measure(&ops, script, plan, NULL, measurement);
}

static const double noise[] = { 1.00, 1.04, 0.97, 1.02, 0.96, 1.05, 0.99 };
#define NOISE .factors = noise, .n_factors = sizeof noise / sizeof noise[0]

START_TEST(stops_as_soon_as_it_is_precise)
{
	struct script steady = { .base_ms = 2 };
	struct script noisy = { .base_ms = 2, NOISE };
	struct ww_measurement first, second;
	struct ww_measure_plan plan;

	ww_measure_plan_default(&plan);
	measure(&steady, &plan, &first);
	ck_assert_uint_eq(first.outcome, WW_TRIAL_OK);
	ck_assert_double_eq_tol(first.median_ms, 2, 1e-9);
	ck_assert_uint_ge(first.n_samples, plan.min_samples);
	ck_assert_uint_le(first.n_samples, plan.min_samples + 2);
	ck_assert_uint_eq(first.repeats, 4);
	ck_assert_uint_eq(steady.repeats_asked, 4); /* kept from the first */
	ck_assert_uint_eq(steady.verified, 2);
	ck_assert(steady.saw_cold);
	measure(&noisy, &plan, &second);
	ck_assert_uint_eq(second.outcome, WW_TRIAL_OK);
	ck_assert_uint_gt(second.n_samples, first.n_samples);
	ck_assert_double_le(second.ci_low_ms, second.median_ms);
	ck_assert_double_ge(second.ci_high_ms, second.median_ms);
	ww_measurement_clear(&first);
	ww_measurement_clear(&second);
}
END_TEST

START_TEST(never_takes_more_samples_than_allowed)
{
	struct script script = { .base_ms = 2, NOISE };
	struct ww_measurement measurement;
	struct ww_measure_plan plan;

	ww_measure_plan_default(&plan);
	plan.precision = 1e-9;
	plan.max_samples = 23;
	measure(&script, &plan, &measurement);
	ck_assert_uint_eq(measurement.outcome, WW_TRIAL_OK);
	ck_assert_uint_eq(measurement.n_samples, 23);
	ck_assert(!measurement.abandoned);
	ww_measurement_clear(&measurement);
}
END_TEST

START_TEST(abandons_what_is_surely_slow)
{
	struct script slow = { .base_ms = 4, NOISE };
	struct script close = { .base_ms = 2.3, NOISE };
	struct ww_measurement measurement;
	struct ww_measure_plan plan;

	ww_measure_plan_default(&plan);
	plan.incumbent_ms = 2;
	plan.precision = 1e-9;
	measure(&slow, &plan, &measurement);
	ck_assert_uint_eq(measurement.outcome, WW_TRIAL_OK);
	ck_assert(measurement.abandoned);
	ck_assert_uint_eq(measurement.n_samples, 3);
	ww_measurement_clear(&measurement);
	measure(&close, &plan, &measurement);
	ck_assert(!measurement.abandoned);
	ck_assert_uint_eq(measurement.n_samples, plan.max_samples);
	ww_measurement_clear(&measurement);
	plan.abandon_factor = 0;
	measure(&slow, &plan, &measurement);
	ck_assert(!measurement.abandoned);
	ww_measurement_clear(&measurement);
}
END_TEST

/* What is far off is launched twice, and once more only where the first timing
 * was an accident. */
START_TEST(launches_what_is_far_off_only_twice)
{
	struct script slow = { .base_ms = 40, NOISE };
	struct script unlucky = { .base_ms = 2, .odd_at = 1, .odd_ms = 40 };
	struct ww_measurement measurement;
	struct ww_measure_plan plan;

	ww_measure_plan_default(&plan);
	plan.incumbent_ms = 2;
	measure(&slow, &plan, &measurement);
	ck_assert(measurement.abandoned);
	ck_assert_uint_eq(measurement.n_samples, 2);
	ck_assert_uint_eq(slow.n, 2);
	ww_measurement_clear(&measurement);
	measure(&unlucky, &plan, &measurement);
	ck_assert(!measurement.abandoned);
	ck_assert_double_eq_tol(measurement.median_ms, 2, 1e-9);
	ww_measurement_clear(&measurement);
}
END_TEST

/* `bench` gives nothing up: there every configuration is warmed up, whatever
 * was measured before it. */
START_TEST(warms_up_where_nothing_is_given_up)
{
	struct script script = { .base_ms = 2, .odd_at = 1, .odd_ms = 9 };
	struct ww_measurement measurement;
	struct ww_measure_plan plan;

	ww_measure_plan_default(&plan);
	plan.abandon_factor = 0;
	plan.incumbent_ms = 1;
	measure(&script, &plan, &measurement);
	ck_assert_uint_eq(measurement.outcome, WW_TRIAL_OK);
	/* 9 and 2 disagree, 2 and 2 do not, and the last 2 is a sample. */
	ck_assert_uint_eq(script.n - measurement.n_samples, 2);
	ck_assert_double_eq_tol(measurement.samples_ms[0], 2, 1e-9);
	ww_measurement_clear(&measurement);
}
END_TEST

START_TEST(respects_the_budget_of_a_very_slow_kernel)
{
	struct script script = { .base_ms = 20, .busy_ns = 20000000 };
	struct ww_measurement measurement;
	struct ww_measure_plan plan;

	ww_measure_plan_default(&plan);
	plan.budget_ns = 10000000;
	measure(&script, &plan, &measurement);
	ck_assert_uint_eq(measurement.outcome, WW_TRIAL_OK);
	ck_assert_uint_eq(measurement.n_samples, 1);
	ck_assert_uint_eq(script.n, 1);
	ww_measurement_clear(&measurement);
}
END_TEST

START_TEST(says_what_is_wrong_with_a_result)
{
	struct script script = { .base_ms = 2, .n_wrong = 3 };
	struct ww_measurement measurement;
	struct ww_measure_plan plan;

	ww_measure_plan_default(&plan);
	measure(&script, &plan, &measurement);
	ck_assert_uint_eq(measurement.outcome, WW_TRIAL_WRONG_RESULT);
	ck_assert_ptr_nonnull(strstr(measurement.text,
	                             "output c[17] = 3.1, expected 2.9"));
	ck_assert_ptr_nonnull(strstr(measurement.text, "3 elements"));
	ck_assert_uint_eq(script.timed, 0);
	ck_assert_double_nan(measurement.median_ms);
	ww_measurement_clear(&measurement);
	plan.verify = false;
	measure(&script, &plan, &measurement);
	ck_assert_uint_eq(measurement.outcome, WW_TRIAL_OK);
	ww_measurement_clear(&measurement);
}
END_TEST

START_TEST(looks_again_after_timing)
{
	struct script script = { .base_ms = 2, .n_wrong = 3, .wrong_from = 2 };
	struct ww_measurement measurement;
	struct ww_measure_plan plan;

	ww_measure_plan_default(&plan);
	measure(&script, &plan, &measurement);
	ck_assert_uint_eq(measurement.outcome, WW_TRIAL_WRONG_RESULT);
	ck_assert_ptr_nonnull(strstr(measurement.text, "right at first"));
	ck_assert_uint_eq(measurement.verdict.n_wrong, 3);
	ck_assert_uint_gt(script.timed, 0);
	ck_assert_uint_eq(measurement.n_samples, 0);
	ww_measurement_clear(&measurement);
	/* What is given up gets no second look. */
	script.verified = 0;
	plan.incumbent_ms = 0.1;
	measure(&script, &plan, &measurement);
	ck_assert_uint_eq(measurement.outcome, WW_TRIAL_OK);
	ck_assert(measurement.abandoned);
	ck_assert_uint_eq(script.verified, 1);
	ww_measurement_clear(&measurement);
}
END_TEST

static const struct {
	ww_status status;
	uint32_t outcome;
} classes[] = {
	{ WW_E_INVALID, WW_TRIAL_CONSTRAINT },
	{ WW_E_RESOURCES, WW_TRIAL_RESOURCES },
	{ WW_E_LAUNCH, WW_TRIAL_LAUNCH_FAILURE },
	{ WW_E_WRONG_RESULT, WW_TRIAL_WRONG_RESULT },
	{ WW_E_TIMEOUT, WW_TRIAL_RUN_TIMEOUT },
	{ WW_E_DEVICE_LOST, WW_TRIAL_CRASH },
	{ WW_E_NO_MEMORY, WW_TRIAL_INTERNAL },
};

START_TEST(classifies_a_failure)
{
	struct script script = { .base_ms = 2,
		                 .verify_status = classes[_i].status };
	struct ww_measurement measurement;
	struct ww_measure_plan plan;

	ww_measure_plan_default(&plan);
	measure(&script, &plan, &measurement);
	ck_assert_uint_eq(measurement.outcome, classes[_i].outcome);
	ck_assert_int_eq(measurement.status, classes[_i].status);
	ck_assert_str_eq(measurement.text, "it broke");
	ww_measurement_clear(&measurement);
}
END_TEST

static const double absurd[] = { 0, -1, INFINITY, NAN };

START_TEST(refuses_times_that_cannot_be)
{
	/* In the middle of sampling, behind the warm-up. */
	struct script script = { .base_ms = 2, .odd_at = 4,
		                 .odd_ms = absurd[_i] };
	struct ww_measurement measurement;
	struct ww_measure_plan plan;

	ww_measure_plan_default(&plan);
	measure(&script, &plan, &measurement);
	ck_assert_uint_eq(measurement.outcome, WW_TRIAL_INTERNAL);
	ck_assert_double_nan(measurement.median_ms);
	ck_assert_uint_eq(measurement.n_samples, 0);
	ww_measurement_clear(&measurement);
}
END_TEST

START_TEST(does_not_wait_for_a_silent_backend)
{
	struct script script = { .silent = 1 };
	struct ww_measurement measurement;
	struct ww_measure_plan plan;

	ww_measure_plan_default(&plan);
	measure(&script, &plan, &measurement);
	ck_assert_uint_eq(measurement.outcome, WW_TRIAL_INTERNAL);
	ww_measurement_clear(&measurement);
}
END_TEST

START_TEST(ends_when_cancelled)
{
	struct script script = { .base_ms = 2, NOISE };
	struct ww_measurement measurement;
	struct ww_measure_plan plan;
	struct ww_cancel cancel = { 0 };

	ww_measure_plan_default(&plan);
	ww_cancel_request(&cancel);
	ww_measure(&ops, &script, &plan, &cancel, &measurement);
	ck_assert_uint_eq(measurement.outcome, WW_TRIAL_INTERNAL);
	ck_assert_uint_le(script.n, 1);
	ww_measurement_clear(&measurement);
}
END_TEST

/* Every round times each candidate once, and rounds differ in their order. */
START_TEST(interleaves_in_random_order)
{
	static struct script log;
	struct script scripts[3];
	void *loaded[3];
	double *samples[3];
	uint64_t counts[3];
	const struct ww_contest contest = {
		.ops = &ops, .loaded = loaded, .n = 3, .cold = true,
		.budget_ns = INT64_C(1) << 40, .precision = 0.045, .seed = 5,
	};
	unsigned i, round, changed = 0;

	memset(&log, 0, sizeof log);
	for (i = 0; i < 3; i++) {
		scripts[i] = (struct script){ .base_ms = i + 1.0, NOISE,
			                      .log = &log, .id = i };
		loaded[i] = &scripts[i];
	}
	ww_measure_interleaved(&contest, samples, counts);
	ck_assert_uint_eq(counts[0], counts[1]);
	ck_assert_uint_eq(counts[1], counts[2]);
	ck_assert_uint_ge(counts[0], 7);
	ck_assert_uint_eq(log.timed, 3 * (counts[0] + 1));
	for (round = 0; round < counts[0]; round++) {
		const unsigned *order = &log.order[3 * round];

		ck_assert_uint_eq(1u << order[0] | 1u << order[1] |
		                          1u << order[2],
		                  7);
		changed += round > 0 && order[0] != order[-3];
	}
	ck_assert_uint_gt(changed, 0);
	for (i = 0; i < 3; i++) {
		ck_assert_double_eq_tol(samples[i][0], i + 1.0,
		                        (i + 1.0) * 0.06);
		free(samples[i]);
	}
}
END_TEST

START_TEST(interleaving_ends_where_more_tells_nothing)
{
	struct script script = { .base_ms = 1, NOISE };
	void *loaded[1] = { &script };
	double *samples[1];
	uint64_t counts[1];
	const struct ww_contest contest = {
		.ops = &ops, .loaded = loaded, .n = 1,
		.budget_ns = INT64_C(1) << 40, .precision = -1, .seed = 1,
	};

	ww_measure_interleaved(&contest, samples, counts);
	ck_assert_uint_eq(counts[0], 1000);
	free(samples[0]);
}
END_TEST

START_TEST(interleaving_ends_with_its_budget)
{
	struct script good = { .base_ms = 1, .busy_ns = 1000000, NOISE };
	struct script bad = { .base_ms = 1, .odd_at = 3, .odd_ms = NAN };
	void *loaded[2] = { &good, &bad };
	double *samples[2];
	uint64_t counts[2];
	const struct ww_contest contest = {
		.ops = &ops, .loaded = loaded, .n = 2,
		.budget_ns = 20000000, .seed = 1,
	};

	ww_measure_interleaved(&contest, samples, counts);
	ck_assert_uint_ge(counts[0], 1);
	ck_assert_uint_le(counts[0], 20);
	/* The sample that cannot be is taken back and nothing follows it. */
	ck_assert_uint_le(counts[1], 1);
	ck_assert_uint_le(bad.n, 3);
	free(samples[0]);
	free(samples[1]);
}
END_TEST

/* A quick one at high power beside a slow one at low power. */
static ww_status
count_energy(struct ww_call *call, void *loaded, const struct ww_timing *timing,
             struct ww_energy_sink *sink)
{
	struct script *script = loaded;
	double watts = script->odd_ms;
	ww_status status = WW_OK;
	uint32_t i;

	(void)call;
	for (i = 0; i < timing->samples && status == WW_OK; i++) {
		double ms = script->base_ms *
		            script->factors[script->n++ % script->n_factors];

		status = sink->sample(sink, watts * ms, ms * 1e6, 10);
	}
	return status;
}

START_TEST(interleaves_by_the_objective)
{
	static const struct {
		uint32_t objective;
		double first, second;
	} rows[] = {
		{ WW_OBJECTIVE_TIME, 1, 2 },
		{ WW_OBJECTIVE_ENERGY, 300, 120 },
		{ WW_OBJECTIVE_EDP, 300, 240 },
	};
	const struct ww_device_ops counting = {
		.size = sizeof counting,
		.verify = verify,
		.time = time_script,
		.energy = count_energy,
	};
	struct script hot = { .base_ms = 1, .odd_ms = 300, NOISE };
	struct script cool = { .base_ms = 2, .odd_ms = 60, NOISE };
	void *loaded[2] = { &hot, &cool };
	double *values[2];
	uint64_t counts[2];
	const struct ww_contest contest = {
		.ops = &counting, .loaded = loaded, .n = 2,
		.objective = rows[_i].objective,
		.budget_ns = INT64_C(1) << 40, .precision = 0.1, .seed = 1,
	};

	ww_measure_interleaved(&contest, values, counts);
	ck_assert_uint_ge(counts[0], 7);
	ck_assert_uint_eq(counts[0], counts[1]);
	/* The noise is squared in the product. */
	ck_assert_double_eq_tol(values[0][0], rows[_i].first,
	                        0.11 * rows[_i].first);
	ck_assert_double_eq_tol(values[1][0], rows[_i].second,
	                        0.11 * rows[_i].second);
	free(values[0]);
	free(values[1]);
}
END_TEST

START_TEST(energy_of_a_device_that_counts_none_is_no_sample)
{
	struct script script = { .base_ms = 1, NOISE };
	void *loaded[1] = { &script };
	double *values[1];
	uint64_t counts[1];
	const struct ww_contest contest = {
		.ops = &ops, .loaded = loaded, .n = 1,
		.objective = WW_OBJECTIVE_ENERGY,
		.budget_ns = INT64_C(1) << 40, .precision = 0.1, .seed = 1,
	};

	ww_measure_interleaved(&contest, values, counts);
	ck_assert_uint_eq(counts[0], 0);
	free(values[0]);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("measure");
	TCase *tests = tcase_create("measure");

	tcase_add_test(tests, stops_as_soon_as_it_is_precise);
	tcase_add_test(tests, never_takes_more_samples_than_allowed);
	tcase_add_test(tests, abandons_what_is_surely_slow);
	tcase_add_test(tests, launches_what_is_far_off_only_twice);
	tcase_add_test(tests, warms_up_where_nothing_is_given_up);
	tcase_add_test(tests, respects_the_budget_of_a_very_slow_kernel);
	tcase_add_test(tests, says_what_is_wrong_with_a_result);
	tcase_add_test(tests, looks_again_after_timing);
	tcase_add_loop_test(tests, classifies_a_failure, 0,
	                    sizeof classes / sizeof classes[0]);
	tcase_add_loop_test(tests, refuses_times_that_cannot_be, 0,
	                    sizeof absurd / sizeof absurd[0]);
	tcase_add_test(tests, does_not_wait_for_a_silent_backend);
	tcase_add_test(tests, ends_when_cancelled);
	tcase_add_test(tests, interleaves_in_random_order);
	tcase_add_test(tests, interleaving_ends_where_more_tells_nothing);
	tcase_add_test(tests, interleaving_ends_with_its_budget);
	tcase_add_loop_test(tests, interleaves_by_the_objective, 0, 3);
	tcase_add_test(tests, energy_of_a_device_that_counts_none_is_no_sample);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
