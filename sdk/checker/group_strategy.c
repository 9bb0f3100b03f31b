/* SPDX-License-Identifier: MIT
 *
 * Group strategy: what ask() and tell() promise, on spaces of every size.
 */
#include <string.h>

#include "core/base/text.h"
#include "sdk/checker/spaces.h"
#include "sdk/checker/strategy.h"

static const struct ww_strategy_ops *
table(struct check *check)
{
	if (check->plugin == NULL)
		check_load(check);
	return check->plugin->ops;
}

static void
begin(struct strategy_run *run, struct check *check,
      const struct ww_search_space *space, uint64_t seed)
{
	struct host *host = host_new(check, seed);

	host_must_open(host, &space->view);
	strategy_run_start(run, host);
}

static void
no_error(struct strategy_run *run, const char *what)
{
	check_that(run->host->check, run->status >= 0, "%s failed: %s", what,
	           run->host->error.text);
}

static void
in_space(struct check *check)
{
	struct strategy_run run;

	begin(&run, check, check_space_usual(check), 1);
	strategy_run_search(&run, 200);
	no_error(&run, "a search of 200 configurations");
	check_that(check, run.invalid == 0,
	           "%llu of its proposals break a constraint or lie outside "
	           "the space",
	           (unsigned long long)run.invalid);
	check_that(check, run.n >= 50,
	           "it proposed only %llu configurations in %u asks",
	           (unsigned long long)run.n - 1, run.round);
	host_close(run.host);
}

static void
repeats(struct check *check)
{
	struct strategy_run run;

	begin(&run, check, check_space_usual(check), 1);
	strategy_run_search(&run, 200);
	no_error(&run, "a search of 200 configurations");
	check_that(check, run.duplicates == 0,
	           "%llu of %llu proposals were known already",
	           (unsigned long long)run.duplicates,
	           (unsigned long long)(run.n + run.duplicates));
	host_close(run.host);
}

static void
budget(struct check *check)
{
	static const uint32_t wants[] = { 1, 2, 7, 25, 100 };
	struct strategy_run run;
	size_t i;

	begin(&run, check, check_space_usual(check), 1);
	strategy_run_tell(&run);
	for (i = 0; i < sizeof wants / sizeof wants[0]; i++) {
		strategy_run_ask(&run, wants[i]);
		no_error(&run, "ask()");
		strategy_run_tell(&run);
		no_error(&run, "tell()");
	}
	check_that(check, run.after_stop == 0,
	           "%u proposals were pushed after the sink had said "
	           "WW_STOPPED",
	           run.after_stop);
	host_close(run.host);
}

static void
deterministic(struct check *check)
{
	struct ww_search_space *space = check_space_usual(check);
	uint64_t first = 0, n = 0;
	int i;

	for (i = 0; i < 3; i++) {
		struct strategy_run run;

		begin(&run, check, space, 42);
		strategy_run_search(&run, 120);
		no_error(&run, "a search of 120 configurations");
		if (i == 0) {
			first = run.trace;
			n = run.n;
		}
		check_that(check, run.trace == first && run.n == n,
		           "the same seed, options and results gave other "
		           "proposals");
		host_close(run.host);
		host_free(run.host);
		strategy_run_clear(&run);
	}
}

static void
none(struct check *check)
{
	struct strategy_run run;

	begin(&run, check, check_space_usual(check), 1);
	strategy_run_ask(&run, 10); /* nothing was told, not even the default */
	no_error(&run, "ask() before any tell()");
	run.told = run.n;
	strategy_run_tell(&run); /* an empty tell */
	no_error(&run, "an empty tell()");
	strategy_run_ask(&run, 10);
	no_error(&run, "ask() while everything is outstanding");
	host_close(run.host);
}

static void
failures(struct check *check)
{
	struct strategy_run run;

	begin(&run, check, check_space_usual(check), 1);
	run.failing = 1;
	strategy_run_search(&run, 150);
	no_error(&run, "a search in which everything fails");
	check_that(check, run.invalid == 0,
	           "it proposed something outside the space");
	host_close(run.host);
}

/* A history from somebody else, as after a resumed session. */
static void
many(struct check *check)
{
	struct ww_search_space *space = check_space_large(check);
	struct ww_random_stream stream;
	struct strategy_run run;
	uint32_t row[64];
	int i;

	begin(&run, check, space, 1);
	ww_random_start(&stream, 7);
	strategy_run_tell(&run);
	run.want = 10000;
	for (i = 0; i < 10000; i++) {
		if (space->view.sample(&space->view, &stream.random, row) ==
		    WW_OK)
			run.sink.push(&run.sink, row, NULL);
	}
	strategy_run_tell(&run);
	no_error(&run, "tell() of 10,000 trials");
	strategy_run_ask(&run, 10);
	no_error(&run, "ask() after 10,000 trials");
	check_that(check, run.invalid == 0,
	           "it proposed something outside the space");
	host_close(run.host);
}

static void
one(struct check *check)
{
	struct strategy_run run;

	begin(&run, check, check_space_one(check), 1);
	strategy_run_search(&run, 10);
	/* A model that repeats itself is an error, which ends it just as well. */
	if (!(table(check)->flags & WW_STRATEGY_USES_MODEL))
		no_error(&run, "a search in a space of one configuration");
	check_that(check, run.n == 1, "it found more than there is");
	host_close(run.host);
}

static void
six(struct check *check)
{
	struct strategy_run run;

	begin(&run, check, check_space_six(check), 1);
	strategy_run_search(&run, 100);
	no_error(&run, "a search in a space of six configurations");
	check_that(check, run.n <= 6, "it found more than there is");
	check_that(check, run.n >= 3,
	           "it gave up after %llu of six configurations",
	           (unsigned long long)run.n);
	host_close(run.host);
}

static void
large(struct check *check)
{
	struct strategy_run run;

	begin(&run, check, check_space_large(check), 1);
	strategy_run_search(&run, 60);
	no_error(&run, "a search in a space of 10^12 configurations");
	check_that(check, run.n >= 30,
	           "it proposed only %llu configurations of 10^12",
	           (unsigned long long)run.n - 1);
	host_close(run.host);
}

static void
no_model(struct check *check)
{
	struct strategy_run run;

	if (!(table(check)->flags & WW_STRATEGY_USES_MODEL))
		check_skip(check, "it uses no model");
	begin(&run, check, check_space_usual(check), 1);
	run.host->model_present = 0;
	strategy_run_tell(&run);
	strategy_run_ask(&run, 10);
	check_that(check, run.status < 0,
	           "ask() without a model said it was all right; the host "
	           "could not go on to the fallback");
	check_that(check, run.host->error.text[0] != '\0' &&
	                          strstr(run.host->error.text,
	                                 "gave no reason") == NULL,
	           "ask() without a model failed without a reason");
	host_close(run.host);
}

static const struct check_test tests[] = {
	{ "strategy.in-space", "every proposal is valid", 60, in_space },
	{ "strategy.repeats", "nothing is proposed twice", 60, repeats },
	{ "strategy.budget", "stops when the sink has enough", 60, budget },
	{ "strategy.deterministic", "same seed and results, same proposals", 60,
	  deterministic },
	{ "strategy.none", "asks before anything is told", 30, none },
	{ "strategy.failures", "survives that every trial fails", 60, failures },
	{ "strategy.many", "takes a history of 10,000 trials", 120, many },
	{ "strategy.one", "a space of one configuration", 30, one },
	{ "strategy.six", "a space of six configurations", 30, six },
	{ "strategy.large", "a space of 10^12 configurations", 60, large },
	{ "strategy.no-model", "says so when there is no model", 30, no_model },
};

const struct check_group check_group_strategy = {
	.kind = "strategy",
	.tests = tests,
	.n = sizeof tests / sizeof tests[0],
};
