/* SPDX-License-Identifier: MIT */
#include "core/plugin/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/base/text.h"

/* What posix_spawn() needs, put together first. */
struct plan {
	int pipes[3][2]; /* of stdin, stdout, stderr: the child's end, ours */
	char *program;
	char **environment; /* to be freed, or null: all of ours */
	const char *folder;
};

void
ww_program_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Out of the way of 0, 1 and 2, which the child's ends are copied to. */
static int
raise_fd(int fd)
{
	int raised;

	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	raised = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	close(fd);
	return raised;
}

static int
open_pipe(int ends[2], int child_reads)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) != 0)
		return -1;
	pair[0] = raise_fd(pair[0]);
	pair[1] = raise_fd(pair[1]);
	ends[0] = child_reads ? pair[0] : pair[1];
	ends[1] = child_reads ? pair[1] : pair[0];
	if (ends[0] < 0 || ends[1] < 0)
		return -1;
	return fcntl(ends[1], F_SETFL, O_NONBLOCK);
}

static void
close_plan(struct plan *plan)
{
	int i;

	for (i = 0; i < 3; i++) {
		ww_program_close(&plan->pipes[i][0]);
		ww_program_close(&plan->pipes[i][1]);
	}
	free(plan->program);
	free(plan->environment);
}

/* The variables on the list, as pointers into our own environment. */
static char **
pick_environment(const char *const *names)
{
	size_t n = 0;
	size_t used = 0;
	char **picked;
	size_t i, k;

	while (names[n] != NULL)
		n++;
	picked = ww_alloc((n + 1) * sizeof *picked);
	for (i = 0; environ[i] != NULL && used < n; i++)
		for (k = 0; k < n; k++) {
			size_t length = strlen(names[k]);

			if (strncmp(environ[i], names[k], length) == 0 &&
			    environ[i][length] == '=') {
				picked[used++] = environ[i];
				break;
			}
		}
	return picked;
}

static ww_status
make_folder(struct ww_program *child, struct ww_call *call)
{
	const char *base = getenv("TMPDIR");
	char *folder = ww_path_join(base != NULL && base[0] == '/' ? base
	                                                           : "/tmp",
	                            "warpwright-XXXXXX");
	ww_status status;

	if (mkdtemp(folder) != NULL) {
		child->folder = folder;
		return WW_OK;
	}
	status = ww_fail(call, WW_E_IO,
	                 "cannot create the temporary folder %s: %s", folder,
	                 strerror(errno));
	free(folder);
	return status;
}

static ww_status
choose_folder(struct ww_program *child, struct ww_call *call,
              const struct ww_process_request *request, struct plan *plan)
{
	struct stat info;
	ww_status status;

	if (request->directory == NULL) {
		status = make_folder(child, call);
		plan->folder = child->folder;
		return status;
	}
	plan->folder = request->directory;
	if (stat(plan->folder, &info) != 0)
		return ww_fail(call, WW_E_IO, "cannot work in folder %s: %s",
		               plan->folder, strerror(errno));
	if (!S_ISDIR(info.st_mode))
		return ww_fail(call, WW_E_IO,
		               "cannot work in %s: it is no folder",
		               plan->folder);
	return WW_OK;
}

static ww_status
make_plan(struct ww_program *child, struct ww_call *call,
          const struct ww_process_request *request, struct plan *plan)
{
	ww_status status = choose_folder(child, call, request, plan);

	if (status != WW_OK)
		return status;
	if ((request->input != NULL && open_pipe(plan->pipes[0], 1) != 0) ||
	    open_pipe(plan->pipes[1], 0) != 0 ||
	    open_pipe(plan->pipes[2], 0) != 0)
		return ww_fail(call, WW_E_IO, "cannot open a pipe to %s: %s",
		               request->argv[0], strerror(errno));
	/* The child starts in another folder: a relative path must not be
	 * looked for there. */
	plan->program = strchr(request->argv[0], '/') != NULL
	                        ? ww_path_absolute(request->argv[0])
	                        : ww_copy(request->argv[0]);
	if (request->environment != NULL)
		plan->environment = pick_environment(request->environment);
	return WW_OK;
}

/* Its own process group, no signal blocked or ignored. */
static int
set_attributes(posix_spawnattr_t *attributes, int joined)
{
	sigset_t none, all;
	int group = joined ? 0 : POSIX_SPAWN_SETPGROUP;

	sigemptyset(&none);
	sigfillset(&all);
	return posix_spawnattr_setflags(
		       attributes, (short)(group | POSIX_SPAWN_SETSIGMASK |
		                           POSIX_SPAWN_SETSIGDEF)) != 0 ||
	       posix_spawnattr_setpgroup(attributes, 0) != 0 ||
	       posix_spawnattr_setsigmask(attributes, &none) != 0 ||
	       posix_spawnattr_setsigdefault(attributes, &all) != 0;
}

static int
set_actions(posix_spawn_file_actions_t *actions, const struct plan *plan)
{
	int fault = 0;
	int i;

	if (plan->pipes[0][0] < 0)
		fault |= posix_spawn_file_actions_addopen(
			actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	for (i = 0; i < 3; i++)
		if (plan->pipes[i][0] >= 0)
			fault |= posix_spawn_file_actions_adddup2(
				actions, plan->pipes[i][0], i);
	fault |= posix_spawn_file_actions_addchdir_np(actions, plan->folder);
#if defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 34)
	/* Whatever a library of ours forgot to mark. */
	fault |= posix_spawn_file_actions_addclosefrom_np(actions,
	                                                  STDERR_FILENO + 1);
#endif
#endif
	return fault;
}

static int
spawn(const struct plan *plan, const struct ww_process_request *request,
      struct ww_program *child)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	char *const *argv;
	int fault = ENOMEM;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return ENOMEM;
	if (posix_spawnattr_init(&attributes) != 0) {
		posix_spawn_file_actions_destroy(&actions);
		return ENOMEM;
	}
	/* posix_spawn() promises to leave the strings alone. */
	memcpy(&argv, &request->argv, sizeof argv);
	if (set_attributes(&attributes, child->joined) == 0 &&
	    set_actions(&actions, plan) == 0)
		fault = posix_spawnp(&child->pid, plan->program, &actions, &attributes,
		                     argv,
		                     plan->environment != NULL
		                             ? plan->environment
		                             : environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return fault;
}

static void
adopt(struct ww_program *child, struct plan *plan)
{
	child->input = plan->pipes[0][1];
	child->output = plan->pipes[1][1];
	child->errors = plan->pipes[2][1];
	plan->pipes[0][1] = plan->pipes[1][1] = plan->pipes[2][1] = -1;
	child->handle = -1;
#ifdef SYS_pidfd_open
	child->handle = (int)syscall(SYS_pidfd_open, child->pid, 0);
#endif
}

static void
remove_folder(struct ww_program *child)
{
	if (child->folder != NULL)
		ww_path_remove(child->folder);
	free(child->folder);
	child->folder = NULL;
}

ww_status
ww_program_start(struct ww_program *child, struct ww_call *call,
                 const struct ww_process_request *request, int joined)
{
	struct plan plan = { .pipes = { { -1, -1 }, { -1, -1 }, { -1, -1 } } };
	ww_status status;
	int fault;

	memset(child, 0, sizeof *child);
	child->joined = joined;
	status = make_plan(child, call, request, &plan);
	if (status == WW_OK) {
		fault = spawn(&plan, request, child);
		if (fault == ENOENT)
			status = ww_fail(call, WW_E_NOT_FOUND,
			                 "program %s was not found",
			                 request->argv[0]);
		else if (fault != 0)
			status = ww_fail(call, WW_E_IO, "cannot start %s: %s",
			                 request->argv[0], strerror(fault));
	}
	if (status == WW_OK)
		adopt(child, &plan);
	else
		remove_folder(child);
	close_plan(&plan);
	return status;
}

int
ww_program_has_ended(const struct ww_program *child)
{
	siginfo_t info;

	memset(&info, 0, sizeof info);
	return waitid(P_PID, (id_t)child->pid, &info,
	              WEXITED | WNOHANG | WNOWAIT) != 0 ||
	       info.si_pid == child->pid;
}

void
ww_program_signal(const struct ww_program *child, int number)
{
	kill(child->joined ? child->pid : -child->pid, number);
}

void
ww_program_reap(struct ww_program *child, int32_t *exit_code, int32_t *number)
{
	int result = 0;
	pid_t got;

	ww_program_signal(child, SIGKILL);
	do
		got = waitpid(child->pid, &result, 0);
	while (got < 0 && errno == EINTR);
	*exit_code = got == child->pid && WIFEXITED(result)
	                     ? WEXITSTATUS(result)
	                     : -1;
	*number = got == child->pid && WIFSIGNALED(result) ? WTERMSIG(result)
	                                                   : 0;
	ww_program_close(&child->input);
	ww_program_close(&child->output);
	ww_program_close(&child->errors);
	ww_program_close(&child->handle);
	remove_folder(child);
}
