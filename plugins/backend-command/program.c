/* SPDX-License-Identifier: MIT */
#include "plugins/backend-command/program.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "plugins/backend-command/spawn.h"

#define PIECE 65536
/* How often cancellation and the limit are looked at. */
#define TICK_MS 50
/* A program that has closed its output is about to end. */
#define LAST_MS 1000

/* One exchange. */
struct ask {
	struct program *program;
	struct ww_call *call;
	const char *what;
	const char *bytes; /* left to be sent */
	size_t left;
	int64_t used_ns;
	int64_t limit_ns;
};

static int64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ------------------------------------------------------------------ stderr */

static void
end_words(struct program *program)
{
	size_t blank = strspn(program->words, " \t\r");

	program->words[program->n_words] = '\0';
	if (program->words[blank] != '\0') {
		memcpy(program->last, program->words, sizeof program->last);
		ww_log_message(program->log, WW_LOG_INFO, "%s", program->words);
	}
	program->n_words = 0;
	program->words[0] = '\0';
}

static void
take_words(struct program *program, const char *bytes, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++) {
		if (bytes[i] == '\n')
			end_words(program);
		else if (program->n_words + 1 < sizeof program->words)
			program->words[program->n_words++] = bytes[i];
	}
	program->words[program->n_words] = '\0';
}

/* Reads once; 1 if there may be more. */
static int
empty_errors(struct program *program)
{
	char piece[4096];
	ssize_t got = read(program->err, piece, sizeof piece);

	if (got > 0)
		take_words(program, piece, (size_t)got);
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		close_end(&program->err);
	return got > 0;
}

/* ------------------------------------------------------------------ stdout */

static int
make_room(struct program *program)
{
	size_t room = program->room > 0 ? 2 * program->room : 4 * PIECE;
	char *text;

	if (program->room - program->length > PIECE)
		return 1;
	text = realloc(program->text, room);
	if (text == NULL)
		return 0;
	program->text = text;
	program->room = room;
	return 1;
}

/* Reads once; WW_PENDING while the stream goes on, WW_OK at its end. */
static ww_status
empty_output(struct program *program, struct ww_call *call)
{
	ssize_t got;

	if (!make_room(program))
		return ww_fail(call, WW_E_NO_MEMORY, "no memory");
	got = read(program->out, program->text + program->length, PIECE);
	if (got > 0)
		program->length += (size_t)got;
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		return WW_OK;
	return WW_PENDING;
}

/* The first line that is there, to be freed, or null. */
static char *
take_line(struct program *program)
{
	char *end = NULL;
	char *line;
	size_t length;

	if (program->length > program->scanned)
		end = memchr(program->text + program->scanned, '\n',
		             program->length - program->scanned);
	if (end == NULL) {
		program->scanned = program->length;
		return NULL;
	}
	length = (size_t)(end - program->text);
	line = malloc(length + 1);
	if (line == NULL)
		return NULL;
	memcpy(line, program->text, length);
	line[length] = '\0';
	program->length -= length + 1;
	memmove(program->text, end + 1, program->length);
	program->scanned = 0;
	return line;
}

/* ------------------------------------------------------------------- ends */

/* Waits until it has ended; 1 and its wait status, or 0. */
static int
wait_for(struct program *program, int wait_ms, int *status)
{
	int spent;

	for (spent = 0;; spent += 10) {
		pid_t got = waitpid(program->pid, status, WNOHANG);

		if (got == program->pid)
			return 1;
		if ((got < 0 && errno != EINTR) || spent >= wait_ms)
			return 0;
		while (program->err >= 0 && empty_errors(program))
			continue;
		poll(NULL, 0, 10);
	}
}

static void
forget(struct program *program)
{
	close_end(&program->in);
	close_end(&program->out);
	close_end(&program->err);
	free(program->text);
	program->text = NULL;
	program->length = program->room = program->scanned = 0;
	program->n_words = 0;
	program->pid = 0;
}

void
program_stop(struct program *program, int grace_ms)
{
	int status;

	if (program->pid == 0)
		return;
	close_end(&program->in);
	/* In a forked copy of the process that started it, only the pipes are
	 * ours. */
	if (program->owner == getpid() &&
	    !wait_for(program, grace_ms, &status)) {
		kill(program->pid, SIGKILL);
		while (waitpid(program->pid, &status, 0) < 0 && errno == EINTR)
			continue;
	}
	forget(program);
}

/* It has closed its output: says how it ended. */
static ww_status
report_end(const struct ask *ask)
{
	struct program *program = ask->program;
	int status;
	int ended = wait_for(program, LAST_MS, &status);
	char how[96] = "closed its standard output";

	while (program->err >= 0 && empty_errors(program))
		continue;
	end_words(program);
	if (ended && WIFSIGNALED(status))
		snprintf(how, sizeof how, "was ended by signal %d (%s)",
		         WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (ended)
		snprintf(how, sizeof how, "ended with exit code %d",
		         WEXITSTATUS(status));
	ww_fail(ask->call, WW_E_CRASH, "the program %s instead of answering "
	        "'%s'%s%s", how, ask->what,
	        program->last[0] != '\0' ? ": " : "", program->last);
	if (ended)
		forget(program);
	else
		program_stop(program, 0);
	return WW_E_CRASH;
}

static ww_status
give_up(const struct ask *ask, ww_status status)
{
	program_stop(ask->program, 0);
	return status;
}

/* -------------------------------------------------------------- the exchange */

/* Writing to a program that reads no more raises SIGPIPE, in this thread alone:
 * held back here, and taken off before the thread gets its own mask. */
static ssize_t
write_quietly(int fd, const char *bytes, size_t length)
{
	const struct timespec at_once = { 0, 0 };
	sigset_t pipe_signal, before, pending;
	ssize_t wrote;
	int had_one, fault;

	sigemptyset(&pipe_signal);
	sigaddset(&pipe_signal, SIGPIPE);
	sigpending(&pending);
	had_one = sigismember(&pending, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
	wrote = write(fd, bytes, length);
	fault = errno;
	while (!had_one && sigtimedwait(&pipe_signal, NULL, &at_once) > 0)
		continue;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = fault;
	return wrote;
}

static void
send_more(struct ask *ask)
{
	ssize_t wrote = write_quietly(ask->program->in, ask->bytes,
	                              ask->left < PIECE ? ask->left : PIECE);

	if (wrote > 0) {
		ask->bytes += wrote;
		ask->left -= (size_t)wrote;
	} else if (wrote < 0 && errno != EAGAIN && errno != EINTR) {
		/* It reads no more; its end or its answer says why. */
		ask->left = 0;
	}
}

static ww_status
check_limits(const struct ask *ask)
{
	if (ww_cancelled(ask->call))
		return ww_fail(ask->call, WW_E_CANCELLED,
		               "cancelled while the program answered '%s'",
		               ask->what);
	if (ask->limit_ns > 0 && ask->used_ns >= ask->limit_ns)
		return ww_fail(ask->call, WW_E_TIMEOUT,
		               "the program did not answer '%s' within %.3g s",
		               ask->what, (double)ask->limit_ns / 1e9);
	if (ask->program->length > PROGRAM_LONGEST_LINE)
		return ww_fail(ask->call, WW_E_FORMAT,
		               "the program answered '%s' with a line of more "
		               "than %zu bytes",
		               ask->what, PROGRAM_LONGEST_LINE);
	return WW_OK;
}

/* Waits for something to happen and deals with it. WW_PENDING: not done. */
static ww_status
turn(struct ask *ask)
{
	struct program *program = ask->program;
	struct pollfd fds[3] = {
		{ .fd = program->out, .events = POLLIN },
		{ .fd = program->err, .events = POLLIN },
		{ .fd = ask->left > 0 ? program->in : -1, .events = POLLOUT },
	};
	int64_t before = now_ns();
	int64_t spent;
	ww_status status = WW_PENDING;

	if (poll(fds, 3, TICK_MS) > 0) {
		if (fds[2].revents != 0)
			send_more(ask);
		if (fds[1].revents != 0)
			empty_errors(program);
		if (fds[0].revents != 0)
			status = empty_output(program, ask->call);
	}
	/* While a kernel is timed this process may be stopped. */
	spent = now_ns() - before;
	ask->used_ns += spent < 2 * TICK_MS * INT64_C(1000000)
	                        ? spent
	                        : TICK_MS * INT64_C(1000000);
	return status;
}

ww_status
program_ask(struct program *program, struct ww_call *call, const char *what,
            const char *bytes, size_t length, int64_t limit_ns, char **line)
{
	struct ask ask = { .program = program, .call = call, .what = what,
		           .bytes = bytes, .left = length,
		           .limit_ns = limit_ns };
	ww_status status = empty_output(program, call);

	if (program->length > 0)
		return give_up(&ask, ww_fail(call, WW_E_FORMAT,
		                             "the program wrote something to "
		                             "its standard output before "
		                             "'%s' was asked: %.*s",
		                             what,
		                             (int)(program->length < 200
		                                           ? program->length
		                                           : 200),
		                             program->text));
	while (status == WW_PENDING) {
		ww_status limits = check_limits(&ask);

		if (limits != WW_OK)
			return give_up(&ask, limits);
		status = turn(&ask);
		*line = take_line(program);
		if (*line != NULL)
			return WW_OK;
	}
	return status == WW_OK ? report_end(&ask) : give_up(&ask, status);
}

ww_status
program_start(struct program *program, struct ww_call *call,
              const char *const *argv)
{
	ww_status status = spawn_program(call, argv, &program->pid,
	                                 &program->in, &program->out,
	                                 &program->err);

	program->owner = getpid();
	program->last[0] = '\0';
	program->n_words = 0;
	return status;
}
