/* SPDX-License-Identifier: MIT */
#include "core/engine/child.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/engine/wire.h"

#define WORDS 2048
/* A loop that was held up this long has not read yet what may have come in time;
 * it gets as long again to do so. */
#define LATE_NS (INT64_C(100) * 1000000)
/* Somebody who inherited the pipes may outlive the worker: not waited for. */
#define DRAIN_MS 500

/* One process with its pipes; outlives its worker until all is closed. */
struct run {
	struct ww_child *child; /* null: nobody listens any more */
	uv_process_t process;
	uv_pipe_t input, output, errors;
	uv_timer_t drain;
	int open_handles;
	bool exited;
	bool output_ended;
	bool errors_ended;
	bool closing;
	int exit_code;
	int signal;
	struct ww_frame_reader *reader;
	char buffer[16384];
	char error_buffer[2048];
	char words[WORDS];
	size_t n_words;
};

struct ww_child {
	uv_loop_t *loop;
	const char *const *argv;
	const char *const *environment;
	char *label;
	struct ww_child_events events;
	struct run *run; /* null: not running */
	uv_timer_t *limit;
	int64_t limit_end_ns;  /* 0: none */
	int64_t limit_left_ns; /* while paused */
	bool paused;
};

/* ------------------------------------------------------------ a run's end */

static void
on_closed(uv_handle_t *handle)
{
	struct run *run = handle->data;

	if (--run->open_handles > 0)
		return;
	ww_frame_reader_free(run->reader);
	free(run);
}

static void
close_run(struct run *run)
{
	uv_handle_t *handles[] = {
		(uv_handle_t *)&run->process, (uv_handle_t *)&run->input,
		(uv_handle_t *)&run->output, (uv_handle_t *)&run->errors,
		(uv_handle_t *)&run->drain,
	};
	size_t i;

	if (run->closing)
		return;
	run->closing = true;
	for (i = 0; i < sizeof handles / sizeof handles[0]; i++)
		if (!uv_is_closing(handles[i]))
			uv_close(handles[i], on_closed);
}

static void
stop_limit(struct ww_child *child)
{
	child->limit_end_ns = 0;
	uv_timer_stop(child->limit);
}

/* Tells of the death once everything the process said has been read. */
static void
settle(struct run *run)
{
	struct ww_child *child = run->child;

	if (!run->exited || run->closing)
		return;
	if (!(run->output_ended && run->errors_ended) &&
	    uv_is_active((uv_handle_t *)&run->drain))
		return;
	close_run(run);
	if (child == NULL)
		return;
	child->run = NULL;
	stop_limit(child);
	child->paused = false;
	child->events.died(child->events.context, run->signal,
	                    run->exit_code, run->words);
}

static void
on_drained(uv_timer_t *timer)
{
	settle(timer->data);
}

static void
on_ended(uv_process_t *process, int64_t exit_code, int signal)
{
	struct run *run = process->data;

	run->exited = true;
	run->exit_code = (int)exit_code;
	run->signal = signal;
	/* Whatever it started in its group goes with it. */
	kill(-process->pid, SIGKILL);
	if (run->closing)
		return;
	uv_timer_start(&run->drain, on_drained, DRAIN_MS, 0);
	settle(run);
}

/* ---------------------------------------------------------------- reading */

static void
give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
	struct run *run = handle->data;

	(void)suggested;
	if (handle == (uv_handle_t *)&run->output)
		*buffer = uv_buf_init(run->buffer, sizeof run->buffer);
	else
		*buffer = uv_buf_init(run->error_buffer,
		                      sizeof run->error_buffer);
}

static void
deliver(void *context, struct json_object *frame)
{
	struct run *run = context;

	if (run->child != NULL && run->child->run == run)
		run->child->events.frame(run->child->events.context, frame);
}

static void
on_output(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	struct run *run = stream->data;
	struct ww_error error = { 0 };

	if (n == 0)
		return;
	if (n > 0 && ww_frame_reader_feed(run->reader, buffer->base, (size_t)n,
	                                  deliver, run, &error) == WW_OK)
		return;
	uv_read_stop(stream);
	run->output_ended = true;
	if (n > 0) {
		ww_logf(WW_LOG_WARNING, "engine", "%s", error.text);
		kill(-run->process.pid, SIGKILL);
	}
	settle(run);
}

/* Keeps the last bytes. */
static void
keep_words(struct run *run, const char *bytes, size_t n)
{
	size_t over;

	if (n > WORDS - 1) {
		bytes += n - (WORDS - 1);
		n = WORDS - 1;
	}
	over = run->n_words + n > WORDS - 1 ? run->n_words + n - (WORDS - 1)
	                                    : 0;
	memmove(run->words, run->words + over, run->n_words - over);
	run->n_words -= over;
	memcpy(run->words + run->n_words, bytes, n);
	run->n_words += n;
	run->words[run->n_words] = '\0';
}

static void
on_errors(uv_stream_t *stream, ssize_t n, const uv_buf_t *buffer)
{
	struct run *run = stream->data;
	char line[1024];

	if (n < 0) {
		uv_read_stop(stream);
		run->errors_ended = true;
		settle(run);
		return;
	}
	if (n == 0)
		return;
	keep_words(run, buffer->base, (size_t)n);
	ww_text_clean(line, sizeof line, buffer->base, (size_t)n);
	if (run->child != NULL)
		ww_logf(WW_LOG_INFO, run->child->label, "%s", line);
}

/* --------------------------------------------------------------- starting */

static struct run *
run_new(struct ww_child *child)
{
	struct run *run = ww_alloc(sizeof *run);

	run->child = child;
	run->reader = ww_frame_reader_new();
	uv_pipe_init(child->loop, &run->input, 0);
	uv_pipe_init(child->loop, &run->output, 0);
	uv_pipe_init(child->loop, &run->errors, 0);
	uv_timer_init(child->loop, &run->drain);
	run->process.data = run->input.data = run->output.data = run;
	run->errors.data = run->drain.data = run;
	run->open_handles = 5;
	return run;
}

static void
fill_options(const struct ww_child *child, struct run *run,
             uv_stdio_container_t stdio[3], uv_process_options_t *options)
{
	stdio[0].flags = UV_CREATE_PIPE | UV_READABLE_PIPE;
	stdio[0].data.stream = (uv_stream_t *)&run->input;
	stdio[1].flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE;
	stdio[1].data.stream = (uv_stream_t *)&run->output;
	stdio[2].flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE;
	stdio[2].data.stream = (uv_stream_t *)&run->errors;
	memset(options, 0, sizeof *options);
	options->exit_cb = on_ended;
	options->file = child->argv[0];
	options->args = (char **)(uintptr_t)child->argv;
	options->env = (char **)(uintptr_t)child->environment;
	options->flags = UV_PROCESS_DETACHED; /* own session and group */
	options->stdio_count = 3;
	options->stdio = stdio;
}

ww_status
ww_child_start(struct ww_child *child, struct ww_error *error)
{
	struct run *run = run_new(child);
	uv_stdio_container_t stdio[3];
	uv_process_options_t options;
	int code;

	fill_options(child, run, stdio, &options);
	code = uv_spawn(child->loop, &run->process, &options);
	if (code != 0) {
		run->child = NULL;
		close_run(run);
		return ww_error_set(error, WW_E_UNAVAILABLE,
		                    "%s: cannot start %s: %s", child->label,
		                    child->argv[0], uv_strerror(code));
	}
	child->run = run;
	child->paused = false;
	uv_read_start((uv_stream_t *)&run->output, give_buffer, on_output);
	uv_read_start((uv_stream_t *)&run->errors, give_buffer, on_errors);
	return WW_OK;
}

bool
ww_child_running(const struct ww_child *child)
{
	return child->run != NULL;
}

/* ---------------------------------------------------------------- writing */

struct send {
	uv_write_t request;
	char *bytes;
};

static void
on_sent(uv_write_t *request, int status)
{
	struct send *send = request->data;

	(void)status; /* a broken pipe shows as the worker's death */
	free(send->bytes);
	free(send);
}

void
ww_child_send(struct ww_child *child, struct json_object *frame)
{
	struct send *send;
	size_t length;
	uv_buf_t buffer;

	if (child->run != NULL) {
		send = ww_alloc(sizeof *send);
		send->bytes = ww_frame_bytes(frame, &length);
		send->request.data = send;
		buffer = uv_buf_init(send->bytes, (unsigned)length);
		if (uv_write(&send->request,
		             (uv_stream_t *)&child->run->input, &buffer, 1,
		             on_sent) != 0)
			on_sent(&send->request, 0);
	}
	json_object_put(frame);
}

void
ww_child_finish(struct ww_child *child)
{
	uv_handle_t *input;

	if (child->run == NULL)
		return;
	ww_child_pause(child, false);
	input = (uv_handle_t *)&child->run->input;
	if (!uv_is_closing(input))
		uv_close(input, on_closed);
}

/* ------------------------------------------------------- time and signals */

static void start_limit(struct ww_child *child, int64_t ns);

static void
on_limit(uv_timer_t *timer)
{
	struct ww_child *child = timer->data;

	/* Timers come before pipes in a turn of the loop. */
	if (ww_now_ns() - child->limit_end_ns > LATE_NS) {
		start_limit(child, LATE_NS);
		return;
	}
	child->limit_end_ns = 0;
	child->events.expired(child->events.context);
	ww_child_kill(child);
}

static void
start_limit(struct ww_child *child, int64_t ns)
{
	child->limit_end_ns = ww_now_ns() + ns;
	uv_update_time(child->loop);
	uv_timer_start(child->limit, on_limit,
	               (uint64_t)(ns > 0 ? ns / 1000000 + 1 : 1), 0);
}

void
ww_child_limit(struct ww_child *child, int64_t ns)
{
	stop_limit(child);
	child->limit_left_ns = 0;
	if (ns > 0 && child->paused)
		child->limit_left_ns = ns;
	else if (ns > 0)
		start_limit(child, ns);
}

void
ww_child_pause(struct ww_child *child, bool paused)
{
	if (child->run == NULL || child->run->exited ||
	    child->paused == paused)
		return;
	child->paused = paused;
	kill(-child->run->process.pid, paused ? SIGSTOP : SIGCONT);
	if (paused && child->limit_end_ns != 0) {
		int64_t left = child->limit_end_ns - ww_now_ns();

		stop_limit(child);
		child->limit_left_ns = left > 0 ? left : 1;
	} else if (!paused && child->limit_left_ns > 0) {
		start_limit(child, child->limit_left_ns);
		child->limit_left_ns = 0;
	}
}

void
ww_child_kill(struct ww_child *child)
{
	if (child->run != NULL && !child->run->exited)
		kill(-child->run->process.pid, SIGKILL);
}

/* ------------------------------------------------------------------- life */

struct ww_child *
ww_child_new(uv_loop_t *loop, const char *const *argv,
              const char *const *environment, const char *label,
              const struct ww_child_events *events)
{
	struct ww_child *child = ww_alloc(sizeof *child);

	child->loop = loop;
	child->argv = argv;
	child->environment = environment;
	child->label = ww_copy(label);
	child->events = *events;
	child->limit = ww_alloc(sizeof *child->limit);
	child->limit->data = child;
	uv_timer_init(loop, child->limit);
	child->limit->data = child;
	return child;
}

static void
free_handle(uv_handle_t *handle)
{
	free(handle);
}

void
ww_child_free(struct ww_child *child)
{
	if (child == NULL)
		return;
	if (child->run != NULL) {
		ww_child_kill(child);
		child->run->child = NULL;
		/* The exit callback reaps the child before all is closed. */
		if (child->run->exited)
			close_run(child->run);
	}
	uv_close((uv_handle_t *)child->limit, free_handle);
	free(child->label);
	free(child);
}
