/* SPDX-License-Identifier: MIT */
#include "plugins/common/guarded.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TICK_MS 50

/* What a crash would bring with it in this process: reports on standard error, a
 * core file, handlers of a sanitizer. */
static void
go_quiet(void)
{
	static const int deaths[] = { SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV,
		                      SIGTRAP };
	const struct rlimit none = { 0, 0 };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	size_t i;

	for (i = 0; i < sizeof deaths / sizeof deaths[0]; i++)
		signal(deaths[i], SIG_DFL);
	setrlimit(RLIMIT_CORE, &none);
	if (null < 0)
		_exit(1);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
}

static void
child_main(guarded_work work, const void *context, size_t bytes, int out,
           pid_t parent)
{
	char result[GUARDED_MOST_BYTES] = { 0 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	go_quiet();
	work(context, result);
	_exit(write(out, result, bytes) == (ssize_t)bytes ? 0 : 1);
}

static int
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int)((now.tv_sec % 1000000) * 1000 + now.tv_nsec / 1000000);
}

/* Whether the child has written or ended in time. Compile workers are stopped
 * while a kernel is timed, so a tick never counts for more than it is. */
static int
await(int pipe, int limit_ms)
{
	int used_ms = 0;

	while (used_ms < limit_ms) {
		struct pollfd wanted = { .fd = pipe, .events = POLLIN };
		int before_ms = now_ms();
		int spent_ms;

		if (poll(&wanted, 1, TICK_MS) > 0)
			return 1;
		spent_ms = now_ms() - before_ms;
		used_ms += spent_ms >= 0 && spent_ms < TICK_MS ? spent_ms
		                                               : TICK_MS;
	}
	return 0;
}

static int
collect(pid_t child, int pipe, void *result, size_t bytes, int limit_ms)
{
	char answer[GUARDED_MOST_BYTES];
	int whole = await(pipe, limit_ms) &&
	            read(pipe, answer, bytes) == (ssize_t)bytes;

	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	if (whole)
		memcpy(result, answer, bytes);
	return whole;
}

int
guarded_run(guarded_work work, const void *context, void *result, size_t bytes,
            int limit_ms)
{
	pid_t parent = getpid();
	pid_t child;
	int ends[2];
	int done = 0;

	if (bytes > GUARDED_MOST_BYTES || pipe2(ends, O_CLOEXEC) != 0)
		return 0;
	child = fork();
	if (child == 0)
		child_main(work, context, bytes, ends[1], parent);
	close(ends[1]);
	if (child > 0)
		done = collect(child, ends[0], result, bytes, limit_ms);
	close(ends[0]);
	return done;
}
