/* SPDX-License-Identifier: MIT
 *
 * Group threads: instances on several threads at once, and one instance on
 * several where the plugin says that it may be. Races that do no harm here are
 * found where the checker is built with ThreadSanitizer.
 */
#include <pthread.h>
#include <unistd.h>

#include "sdk/checker/host.h"
#include "sdk/checker/use.h"

#define THREADS 4
#define TURNS 25

struct turn {
	struct host *host;          /* what it uses: another's instance */
	struct host *opens;         /* or opens and closes itself */
	const struct ww_space *space;
	pthread_barrier_t *start;
};

#if defined(__SANITIZE_THREAD__)
static int verdict = -1;

/* The sanitizer calls it for every report. */
void __tsan_on_report(void *report);
void
__tsan_on_report(void *report)
{
	static const char text[] = "FThreadSanitizer found a race; its report "
				   "comes with --verbose";

	(void)report;
	if (verdict >= 0 && write(verdict, text, sizeof text - 1) < 0)
		_exit(1);
	if (verdict >= 0)
		_exit(0);
}
#endif

static void
watch_races(const struct check *check)
{
#if defined(__SANITIZE_THREAD__)
	verdict = check->verdict;
#else
	(void)check;
#endif
}

static void *
take_turns(void *context)
{
	struct turn *turn = context;
	int i;

	pthread_barrier_wait(turn->start);
	for (i = 0; i < TURNS; i++) {
		if (turn->opens != NULL)
			host_must_open(turn->opens, turn->space);
		use_plugin(turn->opens != NULL ? turn->opens : turn->host);
		if (turn->opens != NULL)
			host_close(turn->opens);
	}
	return NULL;
}

static void
run_threads(struct check *check, struct turn *turns)
{
	pthread_barrier_t start;
	pthread_t threads[THREADS];
	int i;

	watch_races(check);
	pthread_barrier_init(&start, NULL, THREADS);
	for (i = 0; i < THREADS; i++) {
		turns[i].start = &start;
		if (pthread_create(&threads[i], NULL, take_turns, &turns[i]) !=
		    0)
			check_fail(check, "cannot start a thread");
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	pthread_barrier_destroy(&start);
}

/* As the host has them: a strategy and the one that fills its pauses, say. */
static void
instances(struct check *check)
{
	const struct ww_space *space = use_space(check);
	struct turn turns[THREADS] = { { .space = space } };
	struct host *first = host_new(check, 1);
	int i;

	host_must_open(first, space);
	use_plugin(first);
	host_close(first);
	for (i = 0; i < THREADS; i++)
		turns[i] = (struct turn){ .opens = host_new(check,
			                                    (uint64_t)i + 1),
			                  .space = space };
	run_threads(check, turns);
}

static void
free_threaded(struct check *check)
{
	const struct ww_space *space = use_space(check);
	struct turn turns[THREADS];
	struct host *host = host_new(check, 1);
	int i;

	if (check->plugin->threads != WW_THREADS_FREE)
		check_skip(check, "it wants one caller at a time");
	if (check->plugin->kind == WW_KIND_STRATEGY)
		check_skip(check, "a strategy has one caller in any case");
	host_must_open(host, space);
	for (i = 0; i < THREADS; i++) {
		turns[i] = (struct turn){ .host = host_new(check, 1),
			                  .space = space };
		turns[i].host->self = host->self;
	}
	run_threads(check, turns);
	host_close(host);
}

static const struct check_test tests[] = {
	{ "threads.instances", "instances on several threads at once", 60,
	  instances },
	{ "threads.free", "one instance on several threads, if it says so", 60,
	  free_threaded },
};

const struct check_group check_group_threads = {
	.kind = "",
	.tests = tests,
	.n = sizeof tests / sizeof tests[0],
};
