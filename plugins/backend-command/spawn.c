/* SPDX-License-Identifier: MIT */
#include "plugins/backend-command/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

/* Of stdin, stdout and stderr: the program's end, ours. */
struct pipes {
	int ends[3][2];
};

static void
close_pipes(const struct pipes *pipes, int ours_too)
{
	int i;

	for (i = 0; i < 3; i++) {
		if (pipes->ends[i][0] >= 0)
			close(pipes->ends[i][0]);
		if (ours_too && pipes->ends[i][1] >= 0)
			close(pipes->ends[i][1]);
	}
}

/* Out of the way of 0, 1 and 2, which the program's ends are copied to. */
static int
raise_fd(int fd)
{
	int raised = fd;

	if (fd >= 0 && fd <= STDERR_FILENO) {
		raised = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		close(fd);
	}
	return raised;
}

static int
open_pipe(int ends[2], int program_reads)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) != 0)
		return -1;
	ends[0] = raise_fd(pair[program_reads ? 0 : 1]);
	ends[1] = raise_fd(pair[program_reads ? 1 : 0]);
	if (ends[0] < 0 || ends[1] < 0)
		return -1;
	return fcntl(ends[1], F_SETFL, O_NONBLOCK);
}

static int
set_actions(posix_spawn_file_actions_t *actions, const struct pipes *pipes)
{
	int fault = 0;
	int i;

	for (i = 0; i < 3; i++)
		fault |= posix_spawn_file_actions_adddup2(
			actions, pipes->ends[i][0], i);
#if defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 34)
	/* Whatever a library forgot to mark. */
	fault |= posix_spawn_file_actions_addclosefrom_np(actions,
	                                                  STDERR_FILENO + 1);
#endif
#endif
	return fault;
}

/* No signal blocked or ignored, whatever the worker does with its own. */
static int
set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK |
	                                                    POSIX_SPAWN_SETSIGDEF) |
	       posix_spawnattr_setsigmask(attributes, &none) |
	       posix_spawnattr_setsigdefault(attributes, &all);
}

static int
spawn(const char *const *argv, const struct pipes *pipes, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	char *const *words;
	int fault = ENOMEM;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return ENOMEM;
	if (posix_spawnattr_init(&attributes) != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return ENOMEM;
	}
	/* posix_spawn() promises to leave the strings alone. */
	memcpy(&words, &argv, sizeof words);
	if (set_attributes(&attributes) == 0 &&
	    set_actions(&actions, pipes) == 0)
		fault = posix_spawnp(pid, argv[0], &actions, &attributes,
		                     words, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return fault;
}

ww_status
spawn_program(struct ww_call *call, const char *const *argv, pid_t *pid,
              int *in, int *out, int *err)
{
	struct pipes pipes = { { { -1, -1 }, { -1, -1 }, { -1, -1 } } };
	int fault = 0;

	if (open_pipe(pipes.ends[0], 1) != 0 ||
	    open_pipe(pipes.ends[1], 0) != 0 ||
	    open_pipe(pipes.ends[2], 0) != 0)
		fault = errno;
	if (fault == 0)
		fault = spawn(argv, &pipes, pid);
	close_pipes(&pipes, fault != 0);
	if (fault != 0) {
		*pid = 0;
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "cannot start %s (backend.command.command): %s",
		               argv[0], strerror(fault));
	}
	*in = pipes.ends[0][1];
	*out = pipes.ends[1][1];
	*err = pipes.ends[2][1];
	return WW_OK;
}
