/* SPDX-License-Identifier: MIT
 *
 * The process service: one poll loop feeds stdin and empties stdout and stderr
 * together, so that neither side can wait for the other.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/plugin/child.h"
#include "core/plugin/host.h"

#define DEFAULT_LIMIT ((uint64_t)32 << 20)
#define PIECE 65536
/* How often cancellation is looked for, and how long a program may take to end
 * after SIGTERM. */
#define TICK_NS INT64_C(50000000)
#define GRACE_NS INT64_C(2000000000)

struct service {
	struct ww_process face; /* first member */
	int joined;
};

struct run {
	struct ww_program child;
	struct ww_call *call;
	const struct ww_process_request *request;
	struct ww_text_sink *sink;
	uint64_t sent;
	uint64_t received;
	int64_t started;
	int64_t deadline;
	int64_t kill_at;  /* when SIGKILL follows; INT64_MAX: not ending */
	ww_status status; /* what the run will return */
	char *tail;       /* the last bytes of stderr */
	size_t n_tail;
	size_t room;
};

static void
end_run(struct run *run, ww_status status)
{
	if (run->kill_at != INT64_MAX)
		return;
	run->status = status;
	ww_program_signal(&run->child, SIGTERM);
	run->kill_at = ww_now_ns() + GRACE_NS;
	ww_program_close(&run->child.input);
}

/* --------------------------------------------------------------- the pipes */

static void
feed(struct run *run)
{
	uint64_t left = run->request->input_length - run->sent;
	ssize_t wrote;

	if (left > 0) {
		wrote = write(run->child.input, run->request->input + run->sent,
		              left < PIECE ? (size_t)left : PIECE);
		if (wrote > 0)
			run->sent += (uint64_t)wrote;
		else if (wrote < 0 && errno != EAGAIN && errno != EINTR)
			/* EPIPE: it reads no more, which is its right. */
			run->sent = run->request->input_length;
	}
	if (run->sent == run->request->input_length)
		ww_program_close(&run->child.input);
}

static void
deliver(struct run *run, const char *bytes, size_t length)
{
	uint64_t limit = run->request->output_limit != 0
	                         ? run->request->output_limit
	                         : DEFAULT_LIMIT;
	uint64_t left = limit - run->received;
	ww_status status = WW_OK;

	if (run->kill_at != INT64_MAX)
		return; /* emptied only so that it can end */
	run->received += length < left ? length : left;
	if (run->sink != NULL && left > 0)
		status = run->sink->write(run->sink, bytes,
		                          length < left ? length : left);
	if (status != WW_OK)
		end_run(run, status);
	else if (length > left)
		end_run(run, ww_fail(run->call, WW_E_TRUNCATED,
		                     "%s wrote more than %llu bytes and was "
		                     "ended",
		                     run->request->argv[0],
		                     (unsigned long long)limit));
}

static void
keep_tail(struct run *run, const char *bytes, size_t length)
{
	size_t over;

	if (length > run->room) {
		bytes += length - run->room;
		length = run->room;
	}
	over = run->n_tail + length > run->room
	               ? run->n_tail + length - run->room
	               : 0;
	memmove(run->tail, run->tail + over, run->n_tail - over);
	run->n_tail -= over;
	memcpy(run->tail + run->n_tail, bytes, length);
	run->n_tail += length;
}

/* Reads once; closes at the end. Returns 1 if there may be more at once. */
static int
empty(struct run *run, int *fd)
{
	char piece[PIECE];
	ssize_t got = read(*fd, piece, sizeof piece);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return errno == EINTR;
	if (got <= 0) {
		ww_program_close(fd);
		return 0;
	}
	if (fd == &run->child.output)
		deliver(run, piece, (size_t)got);
	else
		keep_tail(run, piece, (size_t)got);
	return 1;
}

/* ---------------------------------------------------------------- the loop */

static void
check_limits(struct run *run)
{
	int64_t now = ww_now_ns();

	if (now >= run->kill_at)
		ww_program_signal(&run->child, SIGKILL);
	else if (run->kill_at != INT64_MAX)
		return;
	else if (ww_cancelled(run->call))
		end_run(run, ww_fail(run->call, WW_E_CANCELLED,
		                     "%s was ended: cancelled",
		                     run->request->argv[0]));
	else if (now >= run->deadline)
		end_run(run, ww_fail(run->call, WW_E_TIMEOUT,
		                     "%s ran longer than %.3g s and was ended",
		                     run->request->argv[0],
		                     (double)(run->deadline - run->started) /
		                             1e9));
}

/* The next moment at which something must be looked at without an event. */
static int
wait_ms(const struct run *run)
{
	int64_t now = ww_now_ns();
	int64_t until = now + TICK_NS;

	if (run->kill_at == INT64_MAX && run->deadline < until)
		until = run->deadline;
	if (run->kill_at < until)
		until = run->kill_at;
	return until <= now ? 1 : (int)((until - now) / 1000000) + 1;
}

static void
turn(struct run *run)
{
	struct pollfd fds[4] = {
		{ .fd = run->child.input, .events = POLLOUT },
		{ .fd = run->child.output, .events = POLLIN },
		{ .fd = run->child.errors, .events = POLLIN },
		{ .fd = run->child.handle, .events = POLLIN },
	};

	if (poll(fds, 4, wait_ms(run)) <= 0)
		return;
	if (fds[0].revents != 0 && run->child.input >= 0)
		feed(run);
	if (fds[1].revents != 0)
		empty(run, &run->child.output);
	if (fds[2].revents != 0)
		empty(run, &run->child.errors);
}

/* What the program wrote before it ended is in the pipes. Only that much is
 * read: a process that left the group may hold them open and write for ever. */
static void
drain(struct run *run)
{
	int64_t until = ww_now_ns() + GRACE_NS;

	while (run->child.output >= 0 && ww_now_ns() < until &&
	       empty(run, &run->child.output))
		continue;
	while (run->child.errors >= 0 && ww_now_ns() < until &&
	       empty(run, &run->child.errors))
		continue;
}

/* Writing to a program that has closed its stdin raises SIGPIPE, in this thread
 * alone: held back here, and taken off before the thread gets its own mask. */
static void
loop(struct run *run)
{
	const struct timespec now = { 0, 0 };
	sigset_t pipe_signal, before, pending;
	int had_one;

	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	sigpending(&pending);
	had_one = sigismember(&pending, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
	while (!ww_program_has_ended(&run->child)) {
		check_limits(run);
		turn(run);
	}
	drain(run);
	while (!had_one && sigtimedwait(&pipe_signal, NULL, &now) > 0)
		continue;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* ------------------------------------------------------------- the service */

static void
finish(struct run *run, struct ww_process_result *result)
{
	int32_t exit_code, number;
	size_t skipped = 0;

	ww_program_reap(&run->child, &exit_code, &number);
	if (result == NULL)
		return;
	result->exit_code = exit_code;
	result->signal = number;
	/* The cut may have gone through a character. */
	while (run->n_tail == run->room && skipped < 3 &&
	       ((unsigned char)run->tail[skipped] & 0xc0) == 0x80)
		skipped++;
	memmove(result->error_output, run->tail + skipped,
	        run->n_tail - skipped);
	result->error_output[run->n_tail - skipped] = '\0';
	ww_redact(result->error_output);
}

static int64_t
earliest(const struct run *run)
{
	int64_t deadline = run->call->deadline_ns(run->call);
	int64_t timeout = run->request->timeout_ns;

	if (timeout > 0 && timeout < INT64_MAX - run->started &&
	    run->started + timeout < deadline)
		deadline = run->started + timeout;
	return deadline;
}

static ww_status
process_run(const struct ww_process *self, struct ww_call *call,
            const struct ww_process_request *request,
            struct ww_text_sink *output, struct ww_process_result *result)
{
	struct run run = { .call = call, .request = request, .sink = output,
		           .kill_at = INT64_MAX };
	char tail[sizeof ((struct ww_process_result *)NULL)->error_output];
	ww_status status;

	if (request->argv == NULL || request->argv[0] == NULL ||
	    request->argv[0][0] == '\0')
		return ww_fail(call, WW_E_INVALID,
		               "a command without a program was to be run");
	if (ww_cancelled(call))
		return ww_fail(call, WW_E_CANCELLED,
		               "%s was not started: cancelled",
		               request->argv[0]);
	status = ww_program_start(&run.child, call, request,
	                        ((const struct service *)self)->joined);
	if (status != WW_OK)
		return status;
	run.tail = tail;
	run.room = sizeof tail - 1;
	run.started = ww_now_ns();
	run.deadline = earliest(&run);
	loop(&run);
	finish(&run, result);
	return run.status;
}

const struct ww_process *
ww_process_service(void)
{
	static const struct service service = {
		.face = { .size = sizeof service.face, .run = process_run },
	};

	return &service.face;
}

const struct ww_process *
ww_process_service_joined(void)
{
	static const struct service service = {
		.face = { .size = sizeof service.face, .run = process_run },
		.joined = 1,
	};

	return &service.face;
}
