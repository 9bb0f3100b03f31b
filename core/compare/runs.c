/* SPDX-License-Identifier: MIT */
#include "core/compare/runs.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/processors.h"
#include "core/base/text.h"
#include "core/engine/session.h"

#define MOST_PROCESSES 256
#define POLL_US 50000

/* Shared between this process and those that do the work. */
struct board {
	atomic_size_t next;
	atomic_size_t done;
};

struct ww_runs {
	struct board *board;
	size_t bytes;      /* of the whole mapping */
	size_t run_bytes;
	size_t n_strategies;
	uint32_t n_seeds;
	size_t n_runs;
};

static struct ww_run *
run_number(const struct ww_runs *runs, size_t i)
{
	char *first = (char *)runs->board + sizeof(double) * 8;

	return (struct ww_run *)(void *)(first + i * runs->run_bytes);
}

const struct ww_run *
ww_runs_at(const struct ww_runs *runs, size_t task, size_t strategy,
           uint32_t seed)
{
	return run_number(runs, (task * runs->n_strategies + strategy) *
	                                        runs->n_seeds +
	                                seed);
}

/* ----------------------------------------------------------------- one run */

struct course {
	struct ww_run *run;
	uint32_t most;
	double best_ms;
	int64_t start_ns;
};

static void
note_trial(void *context, const struct ww_record *record)
{
	struct course *course = context;
	struct ww_run_point *point;

	if (course->run->n_points == course->most)
		return;
	if (record->trial.outcome == WW_TRIAL_OK &&
	    record->trial.objective < course->best_ms)
		course->best_ms = record->trial.objective;
	point = &course->run->points[course->run->n_points++];
	point->seconds = (double)record->finished_ns / 1e9;
	point->best_ms = course->best_ms;
}

static void
put_number(struct ww_settings *settings, const char *key, uint64_t value,
           struct ww_error *error)
{
	char text[32];

	snprintf(text, sizeof text, "%llu", (unsigned long long)value);
	if (error->status == WW_OK)
		ww_settings_put(settings, key, text, "compare", error);
}

static void
put_text(struct ww_settings *settings, const char *key, const char *value,
         struct ww_error *error)
{
	if (error->status == WW_OK)
		ww_settings_put(settings, key, value, "compare", error);
}

/* A simulated machine has as many devices as are named. */
static void
put_devices(struct ww_settings *settings, uint32_t n, struct ww_error *error)
{
	struct json_object *names = json_object_new_array();
	uint32_t i;

	for (i = 0; i < n; i++)
		json_object_array_add(names,
		                      json_object_new_string("simulated"));
	put_text(settings, "parallel.devices", ww_json_text(names), error);
	json_object_put(names);
}

/* Only the number of evaluations ends a run: rules that stop a search when it
 * seems done would make courses of different lengths. */
static ww_status
apply_plan(const struct ww_runs_plan *plan, const char *strategy,
           uint64_t seed, struct ww_error *error)
{
	struct ww_settings *settings = plan->settings;
	bool serial = plan->workers == 1 && plan->devices == 1;

	error->status = WW_OK;
	put_text(settings, "search.strategy", strategy, error);
	put_number(settings, "search.seed", seed, error);
	put_number(settings, "search.max_evaluations", plan->max_evaluations,
	           error);
	put_number(settings, "search.max_rounds", 1000000, error);
	put_number(settings, "search.patience", 0, error);
	put_number(settings, "search.min_improvement", 0, error);
	put_number(settings, "search.floor_margin", 0, error);
	put_text(settings, "search.warm_start",
	         plan->portfolios != NULL ? "true" : "false", error);
	put_number(settings, "measure.finalists", 0, error);
	put_number(settings, "parallel.compile_workers", plan->workers, error);
	put_text(settings, "parallel.use_parallel_benchmark",
	         serial ? "false" : "true", error);
	put_devices(settings, plan->devices, error);
	return error->status;
}

static void
run_session(const struct ww_runs_plan *plan, size_t task,
            struct course *course, struct ww_error *error)
{
	struct ww_observer observer = { .context = course,
		                        .trial = note_trial };
	struct ww_session_request request = {
		.task = plan->tasks[task],
		.settings = plan->settings,
		.registry = plan->registry,
		.backend = plan->tasks[task]->backend,
		.observer = &observer,
		.cancel = plan->cancel,
		.portfolio = plan->portfolios != NULL
		                     ? plan->portfolios[task]
		                     : NULL,
	};
	struct ww_session_result result;
	struct ww_session *session = NULL;

	memset(&result, 0, sizeof result);
	course->run->status = ww_session_run(&request, &session, &result,
	                                     error);
	if (course->run->status == WW_OK) {
		course->run->model_calls = result.model_calls;
		course->run->tokens = result.tokens.input +
		                      result.tokens.output;
		course->run->tokens_estimated = result.tokens.estimated;
		ww_text_clean(course->run->fallback,
		              sizeof course->run->fallback, result.fallback,
		              strlen(result.fallback));
	}
	ww_session_free(session);
}

static void
do_run(const struct ww_runs *runs, const struct ww_runs_plan *plan, size_t i)
{
	size_t seed = i % plan->n_seeds;
	size_t strategy = i / plan->n_seeds % plan->n_strategies;
	size_t task = i / plan->n_seeds / plan->n_strategies;
	struct ww_error error = { 0 };
	struct course course = { .run = run_number(runs, i),
		                 .most = plan->max_evaluations,
		                 .best_ms = INFINITY };

	course.run->status = apply_plan(plan, plan->strategies[strategy],
	                                plan->first_seed + seed, &error);
	if (course.run->status == WW_OK)
		run_session(plan, task, &course, &error);
	if (course.run->status != WW_OK)
		ww_text_clean(course.run->error, sizeof course.run->error,
		              error.text, strlen(error.text));
}

/* ------------------------------------------------------------- all of them */

static void
work(const struct ww_runs *runs, const struct ww_runs_plan *plan)
{
	for (;;) {
		size_t i = atomic_fetch_add(&runs->board->next, 1);

		if (i >= runs->n_runs || ww_cancel_requested(plan->cancel))
			return;
		do_run(runs, plan, i);
		atomic_fetch_add(&runs->board->done, 1);
	}
}

static void
report(const struct ww_runs *runs, const struct ww_runs_plan *plan)
{
	if (plan->progress != NULL)
		plan->progress(plan->context, atomic_load(&runs->board->done),
		               runs->n_runs);
}

/* Waits for the processes; returns whether all ended well. */
static bool
wait_for(const struct ww_runs *runs, const struct ww_runs_plan *plan,
         const pid_t *children, uint32_t n)
{
	bool good = true;
	uint32_t i = 0;

	while (i < n) {
		int state = 0;
		pid_t ended = waitpid(children[i], &state, WNOHANG);

		if (ended == 0) {
			/* The signal may have come to this process alone: the
			 * others end with the runs that they are at. */
			if (ww_cancel_requested(plan->cancel))
				atomic_store(&runs->board->next, runs->n_runs);
			report(runs, plan);
			usleep(POLL_US);
		} else if (ended > 0 || errno != EINTR) {
			good = good && ended > 0 && WIFEXITED(state) &&
			       WEXITSTATUS(state) == 0;
			i++;
		}
	}
	report(runs, plan);
	return good;
}

static uint32_t
count_processes(const struct ww_runs_plan *plan, size_t n_runs)
{
	long n = plan->processes > 0 ? (long)plan->processes
	                             : ww_processors();

	if (n > MOST_PROCESSES)
		n = MOST_PROCESSES;
	return (size_t)n < n_runs ? (uint32_t)n : (uint32_t)n_runs;
}

static ww_status
run_all(struct ww_runs *runs, const struct ww_runs_plan *plan,
        struct ww_error *error)
{
	pid_t children[MOST_PROCESSES];
	uint32_t wanted = count_processes(plan, runs->n_runs);
	uint32_t n = 0;
	bool good;

	fflush(NULL);
	while (n < wanted) {
		children[n] = fork();
		if (children[n] == 0) {
			prctl(PR_SET_PDEATHSIG, SIGTERM);
			work(runs, plan);
			_exit(0);
		}
		if (children[n] < 0)
			break;
		n++;
	}
	if (n == 0)
		return ww_error_set(error, WW_E_INTERNAL,
		                    "no process can be started: %s",
		                    strerror(errno));
	good = wait_for(runs, plan, children, n);
	if (ww_cancel_requested(plan->cancel))
		return ww_error_set(error, WW_E_CANCELLED,
		                    "interrupted before all runs were done");
	if (!good)
		return ww_error_set(error, WW_E_INTERNAL,
		                    "a process of the comparison crashed; run "
		                    "it again with one strategy to see which");
	return WW_OK;
}

ww_status
ww_runs_new(const struct ww_runs_plan *plan, struct ww_runs **runs,
            struct ww_error *error)
{
	struct ww_runs *made = ww_alloc(sizeof *made);
	ww_status status;

	made->n_strategies = plan->n_strategies;
	made->n_seeds = plan->n_seeds;
	made->n_runs = plan->n_tasks * plan->n_strategies * plan->n_seeds;
	made->run_bytes = sizeof(struct ww_run) +
	                  plan->max_evaluations * sizeof(struct ww_run_point);
	made->run_bytes = (made->run_bytes + 63) / 64 * 64;
	made->bytes = sizeof(double) * 8 + made->n_runs * made->run_bytes;
	made->board = mmap(NULL, made->bytes, PROT_READ | PROT_WRITE,
	                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (made->board == MAP_FAILED) {
		status = ww_error_set(error, WW_E_NO_MEMORY,
		                      "%zu MiB for the runs cannot be had; ask "
		                      "for fewer seeds or evaluations",
		                      made->bytes >> 20);
		free(made);
		return status;
	}
	status = run_all(made, plan, error);
	if (status == WW_OK)
		*runs = made;
	else
		ww_runs_free(made);
	return status;
}

void
ww_runs_free(struct ww_runs *runs)
{
	if (runs == NULL)
		return;
	munmap(runs->board, runs->bytes);
	free(runs);
}
