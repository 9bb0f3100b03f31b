/* SPDX-License-Identifier: MIT
 *
 * The scheduler and the search together on simulated lanes: the same code that
 * tunes kernels, with strategies of a few lines and a made-up recording.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/engine/lane_simulated.h"
#include "core/engine/search_impl.h"
#include "core/engine/session.h"
#include "tests/unit/search_walkers.h"
#include "tests/unit/unit.h"

#define WIDE WW_WALK_WIDE
#define HIGH WW_WALK_HIGH

/* ------------------------------------------------------- a space of 40 x 25 */

static double
space_count(const struct ww_space *self, int32_t *exact)
{
	(void)self;
	if (exact != NULL)
		*exact = 1;
	return WIDE * HIGH;
}

static int32_t
space_valid(const struct ww_space *self, const uint32_t *indices)
{
	(void)self;
	return indices[0] < WIDE && indices[1] < HIGH;
}

static const struct ww_slot slots[] = {
	{ .name = "column", .n_values = WIDE },
	{ .name = "row", .n_values = HIGH },
};

static const struct ww_space space = {
	.size = sizeof space,
	.n_slots = 2,
	.slots = slots,
	.count = space_count,
	.valid = space_valid,
};

/* ----------------------------------------------------------- the recording */

/* The place where the recording is broken. */
#define BROKEN_COLUMN 38u

/* Fails for every fifth column while compiling, for every seventh while
 * running; the optimum is at (31, 11). */
static ww_status
replay(struct ww_call *call, void *self, const struct ww_space *of,
       const uint32_t *indices, struct ww_recorded *recorded)
{
	double x = (double)indices[0] - 31, y = (double)indices[1] - 11;
	int *lookups = self;

	(void)call;
	(void)of;
	(*lookups)++;
	recorded->compile_ns = 1000000 * (1 + indices[0] % 3);
	if (indices[0] % 5 == 4) {
		recorded->outcome = WW_TRIAL_COMPILE_ERROR;
		recorded->text = "no";
		return WW_OK;
	}
	recorded->measure_ns = 2000000;
	if (indices[0] % 7 == 6) {
		recorded->outcome = WW_TRIAL_WRONG_RESULT;
		return WW_OK;
	}
	if (indices[0] == BROKEN_COLUMN)
		recorded->outcome = indices[1] % 2 == 0 ? WW_TRIAL_OK : 4711;
	else
		recorded->objective = 1 + x * x + y * y;
	return WW_OK;
}

static const struct ww_replay_ops replay_ops = {
	.size = sizeof replay_ops,
	.lookup = replay,
};

/* ---------------------------------------------------------------- a session */

struct world {
	struct ww_lanes *lanes;
	struct ww_archive *archive;
	struct ww_inbox *inbox;
	struct ww_scheduler *scheduler;
	struct ww_search *search;
	struct ww_record *fresh[64];
	size_t n_fresh;
	int lookups;
	char rounds[512]; /* "round:trials " */
	char warning[1024];
	bool threaded;
};

static void
on_finished(void *context, struct ww_record *record)
{
	struct world *world = context;

	ck_assert_uint_lt(world->n_fresh, 64);
	world->fresh[world->n_fresh++] = record;
}

static void
on_wake(void *context)
{
	(void)context;
}

static ww_status
open_strategy(void *context, const char *name, unsigned role, uint64_t n_told,
              struct ww_strategist **strategist, struct ww_error *error)
{
	struct world *world = context;
	struct ww_strategist_setup setup = {
		.space = &space,
		.inbox = world->inbox,
		.clock = ww_lanes_simulated_clock(world->lanes),
		.seed = 1 + n_told,
		.threaded = world->threaded,
	};
	size_t i;

	(void)role;
	for (i = 0; i < WW_WALKERS; i++)
		if (strcmp(ww_walkers[i]->name, name) == 0)
			setup.plugin = ww_walkers[i];
	ck_assert_ptr_nonnull(setup.plugin);
	return ww_strategist_new(&setup, strategist, error);
}

static const char *
stand_in(void *context, const char *name)
{
	(void)context;
	return name;
}

static void
on_warning(void *context, const char *text)
{
	struct world *world = context;

	snprintf(world->warning, sizeof world->warning, "%s", text);
}

static void
on_round(void *context, uint32_t round, const char *strategy, uint64_t trials,
         double best_ms)
{
	struct world *world = context;
	size_t used = strlen(world->rounds);

	(void)strategy;
	(void)best_ms;
	if (used + 24 < sizeof world->rounds)
		snprintf(world->rounds + used, sizeof world->rounds - used,
		         "%u:%llu ", round, (unsigned long long)trials);
}

static void
on_call(void *context, const struct ww_model_call *call)
{
	(void)context;
	(void)call;
}

static void
world_open(struct world *world, const struct ww_stop_limits *limits,
           const char *strategy, const char *fallback)
{
	struct ww_scheduler_setup scheduling = { .space = &space,
		                                 .context = world,
		                                 .finished = on_finished };
	struct ww_search_setup searching = {
		.space = &space,
		.limits = *limits,
		.initial = 25,
		.refinement = 15,
		.limit_is_hard = true,
		.fallback = fallback,
		.context = world,
		.open = open_strategy,
		.stand_in = stand_in,
		.warning = on_warning,
		.round = on_round,
		.model_call = on_call,
	};
	struct ww_error error = { 0 };

	world->lanes = ww_lanes_simulated(&replay_ops, &world->lookups, &space,
	                                  3, 2);
	world->archive = ww_archive_new(2);
	world->inbox = ww_inbox_new(&space, on_wake, world);
	scheduling.lanes = searching.lanes = world->lanes;
	ww_measure_plan_default(&scheduling.plan);
	world->scheduler = ww_scheduler_new(&scheduling);
	searching.archive = world->archive;
	searching.scheduler = world->scheduler;
	searching.inbox = world->inbox;
	world->search = ww_search_new(&searching);
	if (limits->max_evaluations != UINT64_MAX)
		ww_inbox_limit(world->inbox, limits->max_evaluations);
	ck_assert_msg(ww_search_open(world->search, strategy, &error) == WW_OK,
	              "%s", error.text);
}

static void
publish(struct world *world)
{
	size_t i;

	for (i = 0; i < world->n_fresh; i++)
		ww_search_finished(world->search, world->fresh[i]);
	world->n_fresh = 0;
}

/* The session's loop, without a store and with as many steps as it takes. */
static unsigned
world_run(struct world *world)
{
	struct ww_error error = { 0 };
	long steps = 0;

	while (ww_search_stopped(world->search) == WW_STOP_NONE) {
		bool asked;

		ck_assert_int_lt(steps++, 100000000);
		ww_search_read(world->search);
		ww_scheduler_pump(world->scheduler);
		publish(world);
		asked = ww_search_decide(world->search);
		if (!asked &&
		    ww_search_stopped(world->search) == WW_STOP_NONE) {
			world->lanes->ops->step(world->lanes, &error);
			publish(world);
		}
	}
	return ww_search_stopped(world->search);
}

static void
world_close(struct world *world)
{
	ww_search_free(world->search);
	ww_scheduler_free(world->scheduler);
	ww_inbox_free(world->inbox);
	ww_archive_free(world->archive);
	world->lanes->ops->free(world->lanes);
}

static struct ww_stop_limits
limits_of(uint64_t evaluations, uint32_t max_rounds)
{
	struct ww_stop_limits limits;

	ww_stop_limits_none(&limits);
	limits.max_evaluations = evaluations;
	limits.max_rounds = max_rounds;
	return limits;
}

/* Everything that happened, as text. */
static char *
story(const struct world *world)
{
	size_t n, i, used = 0;
	struct ww_record *const *records = ww_search_records(world->search, &n);
	char *text = ww_alloc(n * 64 + 1);

	for (i = 0; i < n; i++)
		used += (size_t)snprintf(
			text + used, 64, "%llu:%u,%u:%u:%.6g:%u\n",
			(unsigned long long)records[i]->trial.id,
			records[i]->indices[0], records[i]->indices[1],
			records[i]->trial.outcome, records[i]->trial.objective,
			records[i]->trial.round);
	return text;
}

/* ------------------------------------------------------------------- tests */

START_TEST(a_budget_is_kept_to_the_trial)
{
	static const uint64_t budgets[] = { 1, 2, 7, 25, 26, 100, 999 };
	static const char *const names[] = { "steady", "rounds" };
	struct world world = { 0 };
	struct ww_stop_limits limits = limits_of(budgets[_i / 2], 0);

	world_open(&world, &limits, names[_i % 2], "error");
	ck_assert_uint_eq(world_run(&world), WW_STOP_EVALUATIONS);
	ck_assert_uint_eq(ww_search_evaluations(world.search),
	                  budgets[_i / 2]);
	ck_assert_uint_eq(ww_archive_count(world.archive), budgets[_i / 2]);
	ck_assert_uint_eq(ww_scheduler_counts(world.scheduler)->live, 0);
	world_close(&world);
}
END_TEST

START_TEST(a_space_is_exhausted_once)
{
	static const char *const names[] = { "steady", "rounds" };
	struct world world = { 0 };
	struct ww_stop_limits limits = limits_of(UINT64_MAX, 0);
	size_t n, i, failed = 0;
	struct ww_record *const *records;

	world_open(&world, &limits, names[_i], "error");
	ck_assert_uint_eq(world_run(&world), WW_STOP_EXHAUSTED);
	records = ww_search_records(world.search, &n);
	ck_assert_uint_eq(n, WIDE * HIGH);
	for (i = 0; i < n; i++) {
		unsigned column = records[i]->indices[0];
		unsigned want = column % 5 == 4   ? WW_TRIAL_COMPILE_ERROR
		                : column % 7 == 6 ? WW_TRIAL_WRONG_RESULT
		                : column == BROKEN_COLUMN
		                        ? WW_TRIAL_INTERNAL
		                        : WW_TRIAL_OK;

		ck_assert_uint_eq(records[i]->trial.outcome, want);
		failed += want != WW_TRIAL_OK;
	}
	ck_assert_uint_gt(failed, 0);
	ck_assert_double_eq(ww_search_usage(world.search)->best_ms, 1);
	world_close(&world);
}
END_TEST

START_TEST(rounds_have_their_sizes)
{
	static const char *const names[] = { "steady", "rounds" };
	struct world world = { 0 };
	struct ww_stop_limits limits = limits_of(UINT64_MAX, 4);

	world_open(&world, &limits, names[_i], "error");
	ck_assert_uint_eq(world_run(&world), WW_STOP_ROUNDS);
	ck_assert_str_eq(world.rounds, "1:25 2:15 3:15 4:15 ");
	world_close(&world);
}
END_TEST

START_TEST(the_last_round_of_a_budget_is_told)
{
	static const char *const names[] = { "steady", "rounds" };
	struct world world = { 0 };
	struct ww_stop_limits limits = limits_of(47, 0);

	world_open(&world, &limits, names[_i], "error");
	ck_assert_uint_eq(world_run(&world), WW_STOP_EVALUATIONS);
	ck_assert_str_eq(world.rounds, "1:25 2:15 3:7 ");
	world_close(&world);
}
END_TEST

START_TEST(a_target_ends_the_search)
{
	struct world world = { 0 };
	struct ww_stop_limits limits = limits_of(UINT64_MAX, 0);

	limits.target = 200;
	world_open(&world, &limits, "steady", "error");
	ck_assert_uint_eq(world_run(&world), WW_STOP_TARGET);
	ck_assert_double_le(ww_search_usage(world.search)->best_ms, 200);
	ck_assert_uint_lt(ww_search_evaluations(world.search), WIDE * HIGH);
	world_close(&world);
}
END_TEST

START_TEST(the_simulated_clock_ends_the_search)
{
	struct world world = { 0 };
	struct ww_stop_limits limits = limits_of(UINT64_MAX, 0);

	limits.max_ns = 100000000;
	world_open(&world, &limits, "steady", "error");
	ck_assert_uint_eq(world_run(&world), WW_STOP_SECONDS);
	/* Two devices at 2 ms a trial; some fail before they get there. */
	ck_assert_uint_ge(ww_search_evaluations(world.search), 80);
	ck_assert_uint_le(ww_search_evaluations(world.search), 200);
	world_close(&world);
}
END_TEST

START_TEST(a_failure_leads_to_the_fallback)
{
	static const char *const names[] = { "steady", "rounds" };
	struct world world = { 0 };
	struct ww_stop_limits limits = limits_of(120, 0);
	char note[64];

	world_open(&world, &limits, "failing", names[_i]);
	ck_assert_uint_eq(world_run(&world), WW_STOP_EVALUATIONS);
	ck_assert_uint_eq(ww_search_evaluations(world.search), 120);
	ck_assert_str_eq(ww_search_fallback_reason(world.search),
	                 "failing: the model is on fire");
	ck_assert_str_eq(ww_strategist_name(ww_search_main(world.search)),
	                 names[_i]);
	ck_assert_ptr_nonnull(strstr(world.warning, "on fire"));
	ck_assert_msg(strncmp(world.rounds, "1:25 2:15 3:15 4:15 ", 20) == 0,
	              "%s", world.rounds);
	ck_assert(ww_strategist_stop(ww_search_main(world.search)));
	ww_strategist_note(ww_search_main(world.search), note, sizeof note);
	/* All but what came in after its last ask. */
	ck_assert_int_ge(atoi(strstr(note, "told ") + 5), 90);
	world_close(&world);
}
END_TEST

START_TEST(without_a_fallback_the_error_ends_it)
{
	struct world world = { 0 };
	struct ww_stop_limits limits = limits_of(120, 0);

	world_open(&world, &limits, "failing", "error");
	ck_assert_uint_eq(world_run(&world), WW_STOP_ERROR);
	ck_assert_int_eq(ww_search_error(world.search)->status, WW_E_SERVER);
	ck_assert_ptr_nonnull(strstr(ww_search_error(world.search)->text,
	                             "the model is on fire"));
	world_close(&world);
}
END_TEST

/* "Cancelled", though nobody did: asking again and again would lead nowhere. */
START_TEST(a_strategy_that_cancels_itself_has_failed)
{
	struct world world = { 0 };
	struct ww_stop_limits limits = limits_of(30, 0);

	world_open(&world, &limits, "moody", "steady");
	ck_assert_uint_eq(world_run(&world), WW_STOP_EVALUATIONS);
	ck_assert_str_eq(ww_search_fallback_reason(world.search),
	                 "moody: not in the mood");
	world_close(&world);
}
END_TEST

/* The filler's proposals may arrive behind the failure that ends its service. */
START_TEST(what_a_filler_pushed_is_not_lost_to_the_budget)
{
	struct world world = { 0 };
	struct ww_stop_limits limits = limits_of(60, 0);
	struct ww_strategist *filler;
	struct ww_error error = { 0 };
	long steps = 0;
	uint32_t last[] = { WIDE - 1, HIGH - 1 };

	world_open(&world, &limits, "failing", "steady");
	ck_assert_int_eq(open_strategy(&world, "steady", WW_ROLE_FILLER, 0,
	                               &filler, &error),
	                 WW_OK);
	world.search->filler.strategist = filler;
	while (ww_search_stopped(world.search) == WW_STOP_NONE) {
		ck_assert_int_lt(steps++, 100000);
		ww_search_read(world.search);
		ww_scheduler_pump(world.scheduler);
		publish(&world);
		if (!ww_search_decide(world.search)) {
			world.lanes->ops->step(world.lanes, &error);
			publish(&world);
		} else if (ww_search_fallback_reason(world.search)[0] == '\0') {
			ck_assert_int_eq(ww_inbox_push(world.inbox, filler,
			                               last, NULL, false),
			                 WW_OK);
			last[1]--;
		}
	}
	ck_assert_uint_eq(ww_search_stopped(world.search), WW_STOP_EVALUATIONS);
	ck_assert_uint_eq(ww_search_evaluations(world.search), 60);
	world_close(&world);
}
END_TEST

START_TEST(a_strategy_without_news_is_at_its_end)
{
	struct world world = { 0 };
	struct ww_stop_limits limits = limits_of(120, 0);
	uint32_t known[] = { 0, 0 };

	world_open(&world, &limits, "stubborn", "error");
	ck_assert(ww_inbox_know(world.inbox, known));
	ck_assert_uint_eq(world_run(&world), WW_STOP_EXHAUSTED);
	ck_assert_uint_eq(ww_search_evaluations(world.search), 0);
	world_close(&world);
}
END_TEST

START_TEST(the_same_session_twice_is_the_same)
{
	struct world first = { 0 }, second = { 0 };
	struct ww_stop_limits limits = limits_of(300, 0);
	char *a, *b;

	world_open(&first, &limits, "failing", "steady");
	world_open(&second, &limits, "failing", "steady");
	world_run(&first);
	world_run(&second);
	a = story(&first);
	b = story(&second);
	ck_assert_str_eq(a, b);
	ck_assert_uint_gt(strlen(a), 1000);
	free(a);
	free(b);
	world_close(&first);
	world_close(&second);
}
END_TEST

START_TEST(a_thread_of_its_own_proposes_the_same)
{
	struct world inline_world = { 0 };
	struct world threads = { .threaded = true };
	struct ww_stop_limits limits = limits_of(200, 0);
	size_t n, i;
	struct ww_record *const *records;

	world_open(&inline_world, &limits, "rounds", "error");
	world_open(&threads, &limits, "rounds", "error");
	world_run(&inline_world);
	world_run(&threads);
	records = ww_search_records(threads.search, &n);
	ck_assert_uint_eq(n, 200);
	for (i = 0; i < n; i++)
		ck_assert_ptr_nonnull(ww_archive_find(inline_world.archive,
		                                      records[i]->indices));
	world_close(&inline_world);
	world_close(&threads);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("search");
	TCase *tests = tcase_create("search");

	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, a_budget_is_kept_to_the_trial, 0, 14);
	tcase_add_loop_test(tests, a_space_is_exhausted_once, 0, 2);
	tcase_add_loop_test(tests, rounds_have_their_sizes, 0, 2);
	tcase_add_loop_test(tests, the_last_round_of_a_budget_is_told, 0, 2);
	tcase_add_test(tests, a_target_ends_the_search);
	tcase_add_test(tests, the_simulated_clock_ends_the_search);
	tcase_add_loop_test(tests, a_failure_leads_to_the_fallback, 0, 2);
	tcase_add_test(tests, without_a_fallback_the_error_ends_it);
	tcase_add_test(tests, a_strategy_that_cancels_itself_has_failed);
	tcase_add_test(tests, what_a_filler_pushed_is_not_lost_to_the_budget);
	tcase_add_test(tests, a_strategy_without_news_is_at_its_end);
	tcase_add_test(tests, the_same_session_twice_is_the_same);
	tcase_add_test(tests, a_thread_of_its_own_proposes_the_same);
	suite_add_tcase(suite, tests);
	return ww_unit_run(suite);
}
