/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/engine/wire.h"
#include "core/engine/worker.h"

/* Measuring and the user's own work come first. */
#define NICENESS 5
/* Under memory pressure a compiler goes before the orchestrator. */
#define OOM_SCORE "500"
#define TICK_MS 50
/* A child that has handed its answer over needs no longer than this to end. */
#define LAST_TICKS 40

static void
step_back(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0) {
		/* Raising one's own score is always allowed. */
		if (write(fd, OOM_SCORE, strlen(OOM_SCORE)) < 0)
			errno = 0;
		close(fd);
	}
	/* Relative: who starts the whole program with another priority means
	 * all of it. */
	errno = 0;
	if (nice(NICENESS) == -1 && errno != 0)
		errno = 0;
}

/* --------------------------------------------------------- mode `fork` */

/* One short-lived child and what it has written so far. */
struct child {
	pid_t pid;
	int pipe;
	char *bytes;
	size_t length;
	bool oversized;
};

static void
child_main(struct ww_worker *worker, struct json_object *frame, int out)
{
	struct json_object *answer;
	struct ww_error error;
	ww_status status;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	close(worker->in);
	answer = ww_worker_build(worker, frame, INT64_MAX);
	status = ww_frame_write(out, answer, &error);
	/* Nothing of the zygote's may be flushed or torn down here. */
	_exit(status == WW_OK ? 0 : 9);
}

/* Takes in what the child has written; false at the end of it. */
static bool
drain(struct child *child)
{
	char bytes[16384];
	ssize_t n = read(child->pipe, bytes, sizeof bytes);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	if (n == 0)
		return false;
	if (child->length + (size_t)n > WW_FRAME_LIMIT + 4) {
		child->oversized = true;
		return false;
	}
	child->bytes = ww_grow(child->bytes, child->length + (size_t)n);
	memcpy(child->bytes + child->length, bytes, (size_t)n);
	child->length += (size_t)n;
	return true;
}

/* Ends whatever the child has started and left behind. Orphans come to this process, which
 * is their subreaper, so a few rounds find all of them. */
static void
end_family(void)
{
	char path[64];
	int round;

	snprintf(path, sizeof path, "/proc/self/task/%d/children",
	         (int)getpid());
	for (round = 0; round < 100; round++) {
		FILE *list = fopen(path, "re");
		int other;

		while (list != NULL && fscanf(list, "%d", &other) == 1)
			kill((pid_t)other, SIGKILL);
		if (list != NULL)
			fclose(list);
		if (waitpid(-1, NULL, WNOHANG) < 0)
			return;
		poll(NULL, 0, 5);
	}
}

/* Waits for the child's whole answer. Time is counted in ticks, so that while
 * this process is stopped, because a kernel is being timed, the child's time
 * limit stands still with it. False: the limit is over. */
static bool
collect(struct child *child, int64_t timeout_ms)
{
	int64_t used_ms = 0;

	while (timeout_ms <= 0 || used_ms < timeout_ms) {
		struct pollfd wanted = { .fd = child->pipe, .events = POLLIN };
		int64_t before_ns = ww_now_ns();
		int64_t spent_ms;

		if (poll(&wanted, 1, TICK_MS) > 0 && !drain(child))
			return true;
		spent_ms = (ww_now_ns() - before_ns) / 1000000;
		used_ms += spent_ms < TICK_MS ? spent_ms : TICK_MS;
	}
	return false;
}

/* The child's exit status once it has closed its pipe, -1 if it does not end. */
static int
reap(pid_t pid)
{
	int status, tick;

	for (tick = 0; tick < LAST_TICKS; tick++) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		poll(NULL, 0, tick < 20 ? 1 : TICK_MS);
	}
	return -1;
}

static struct json_object *
crashed(struct json_object *frame, int status, int64_t compile_ns)
{
	char text[160];
	int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	const char *name = sigabbrev_np(number);

	if (number != 0)
		snprintf(text, sizeof text,
		         "the compiler crashed with SIG%s (%s)",
		         name != NULL ? name : "?", strsignal(number));
	else
		snprintf(text, sizeof text,
		         "the compiler ended its process with code %d",
		         WEXITSTATUS(status));
	return ww_build_failed(frame, WW_TRIAL_COMPILER_CRASH, text, NULL,
	                       compile_ns);
}

/* The answer that a finished child has left, or null. */
static struct json_object *
answer_of(const struct child *child)
{
	struct json_object *answer = NULL;

	if (!child->oversized && child->length > 4)
		ww_json_parse(child->bytes + 4, child->length - 4, "answer", 0,
		              &answer, NULL);
	return answer;
}

static struct json_object *
watch(struct child *child, struct json_object *frame)
{
	int64_t timeout_ms = ww_json_int(frame, "timeout_ms", 0);
	int64_t start_ns = ww_now_ns();
	struct json_object *answer;
	char text[96];
	int status;

	if (!collect(child, timeout_ms)) {
		kill(child->pid, SIGKILL);
		end_family();
		snprintf(text, sizeof text,
		         "compiling took longer than %g s and was ended",
		         (double)timeout_ms / 1000);
		return ww_build_failed(frame, WW_TRIAL_COMPILE_TIMEOUT, text,
		                       NULL, ww_now_ns() - start_ns);
	}
	status = reap(child->pid);
	answer = status == 0 ? answer_of(child) : NULL;
	end_family();
	if (answer != NULL)
		return answer;
	if (status == -1 || status == 0)
		return ww_build_failed(frame, WW_TRIAL_INTERNAL,
		                       "the compile process left no usable "
		                       "answer",
		                       NULL, ww_now_ns() - start_ns);
	return crashed(frame, status, ww_now_ns() - start_ns);
}

static struct json_object *
build_forked(struct ww_worker *worker, struct json_object *frame)
{
	struct child child = { 0 };
	struct json_object *answer;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return ww_build_failed(frame, WW_TRIAL_INTERNAL,
		                       "cannot create a pipe", NULL, 0);
	child.pid = fork();
	if (child.pid == 0) {
		close(ends[0]);
		child_main(worker, frame, ends[1]);
	}
	close(ends[1]);
	child.pipe = ends[0];
	if (child.pid < 0)
		answer = ww_build_failed(frame, WW_TRIAL_INTERNAL,
		                         "cannot fork a compile process", NULL,
		                         0);
	else
		answer = watch(&child, frame);
	close(child.pipe);
	free(child.bytes);
	return answer;
}

/* ---------------------------------------------------------------- the role */

static ww_status
write_ready(struct ww_worker *worker, struct ww_error *error)
{
	struct json_object *ready = ww_frame_new("ready");
	struct json_object *targets;
	ww_status status = ww_worker_targets(worker, &targets, error);

	if (status != WW_OK) {
		json_object_put(ready);
		return status;
	}
	ww_json_put_string(ready, "identity", worker->identity);
	json_object_object_add(ready, "targets", targets);
	ww_worker_write(worker, ready);
	return WW_OK;
}

static void
serve(struct ww_worker *worker)
{
	bool forking = strcmp(ww_json_string(worker->order, "mode", "spawn"),
	                      "fork") == 0;
	struct json_object *frame;

	if (forking)
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	while ((frame = ww_worker_read(worker)) != NULL) {
		const char *type = ww_json_string(frame, "type", "");
		struct ww_error error;

		if (strcmp(type, "build") == 0) {
			ww_worker_write(worker,
			                forking ? build_forked(worker, frame)
			                        : ww_worker_build(worker, frame,
			                                          INT64_MAX));
		} else {
			ww_error_set(&error, WW_E_STATE,
			             "a compile worker takes no '%s' frame",
			             type);
			ww_worker_write_failed(worker, &error);
		}
		json_object_put(frame);
	}
}

int
ww_worker_compile(void)
{
	struct ww_worker worker = { 0 };
	struct ww_error error = { 0 };
	ww_status status;

	ww_worker_detach(&worker);
	step_back();
	status = ww_worker_open(&worker, &error);
	if (status == WW_OK)
		status = ww_worker_prepare(&worker, &error);
	if (status == WW_OK)
		status = write_ready(&worker, &error);
	if (status == WW_OK)
		serve(&worker);
	else if (status != WW_STOPPED)
		ww_worker_write_failed(&worker, &error);
	ww_worker_close(&worker);
	return status < 0 ? 1 : 0;
}
