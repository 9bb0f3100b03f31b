/* SPDX-License-Identifier: MIT
 *
 * warpwright/host.h: what the host gives to a plugin. Every service is a table
 * that starts with its size and whose functions take the table itself as first
 * argument; what the host keeps behind it is hidden. A service that makes no
 * sense for a kind is null, so test with WW_HAS() or against null.
 *
 * Rules for all of it
 *   - Whoever allocates frees. Inputs are borrowed until the call returns.
 *     Results leave through sinks, which copy.
 *   - Every service may be called from any thread the host entered the plugin
 *     on, during that call.
 *   - Text is UTF-8. Lengths are in bytes. Times are nanoseconds unless the
 *     name says otherwise.
 *   - A plugin installs no signal handlers, changes neither locale nor
 *     environment, never forks and never calls exit().
 */
#ifndef WARPWRIGHT_HOST_H
#define WARPWRIGHT_HOST_H

#include <stdarg.h>
#include <stdio.h>

#include "warpwright/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* -------------------------------------------------------------------- call
 *
 * One fallible operation, first argument of every slot that can fail. It
 * carries the message of the first failure, the wish to cancel and a deadline.
 */
struct ww_call {
	uint32_t size;
	uint32_t reserved;
	/* Stores `text` (copied) as the cause and returns `status`. The first
	 * function that knows the cause calls it; a later call for the same
	 * operation is ignored, so callers may pass a status on unchanged. */
	ww_status (*fail)(struct ww_call *self, ww_status status,
	                  const char *text);
	/* 1 once the host wants the operation to end; poll it in long work. */
	int32_t (*cancelled)(struct ww_call *self);
	/* Monotonic time (ww_clock.now_ns) at which the host gives up;
	 * INT64_MAX: never. */
	int64_t (*deadline_ns)(struct ww_call *self);
};

/* Records why an operation failed, printf-style (formatted on the plugin's
 * side; at most 1023 bytes are kept), and returns `status`. */
static inline ww_status ww_fail(struct ww_call *call, ww_status status,
                                const char *format, ...) WW_PRINTF(3, 4);
static inline ww_status
ww_fail(struct ww_call *call, ww_status status, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return call->fail(call, status, text);
}

static inline int
ww_cancelled(struct ww_call *call)
{
	return call->cancelled(call) != 0;
}

/* ---------------------------------------------------------------- text sink
 *
 * Receives bytes and copies them. Returns WW_OK, WW_STOPPED (send no more) or
 * an error, which the sender passes on.
 */
struct ww_text_sink {
	uint32_t size;
	uint32_t reserved;
	ww_status (*write)(struct ww_text_sink *self, const char *bytes,
	                   uint64_t length);
};

/* --------------------------------------------------------------------- log */

#define WW_LOG_ERROR 0
#define WW_LOG_WARNING 1
#define WW_LOG_INFO 2
#define WW_LOG_DEBUG 3

struct ww_log {
	uint32_t size;
	uint32_t reserved;
	/* The host adds time and plugin name and masks known secrets. `text`
	 * is one line without a newline. */
	void (*write)(const struct ww_log *self, int32_t level,
	              const char *text);
	/* 1 if a message of this level would be seen. */
	int32_t (*enabled)(const struct ww_log *self, int32_t level);
};

static inline void ww_log_message(const struct ww_log *log, int32_t level,
                                  const char *format, ...) WW_PRINTF(3, 4);
static inline void
ww_log_message(const struct ww_log *log, int32_t level, const char *format,
               ...)
{
	char text[1024];
	va_list args;

	if (log == NULL || !log->enabled(log, level))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	log->write(log, level, text);
}

/* ----------------------------------------------------------------- options
 *
 * The instance's options, validated against the plugin's own table before
 * open() runs; a name that the table lacks reads as unset. Pointers stay valid
 * as long as the instance.
 */
struct ww_options {
	uint32_t size;
	uint32_t reserved;
	/* 1 if set by anyone or defaulted, 0 if unset. */
	int32_t (*has)(const struct ww_options *self, const char *name);
	/* 1 only if a user's layer set it, 0 for a default. */
	int32_t (*from_user)(const struct ww_options *self, const char *name);
	/* STRING, ENUM, PATH, SECRET (the variable's name), JSON (text);
	 * null if unset. */
	const char *(*string)(const struct ww_options *self, const char *name);
	int64_t (*integer)(const struct ww_options *self, const char *name);
	double (*number)(const struct ww_options *self, const char *name);
	int32_t (*boolean)(const struct ww_options *self, const char *name);
	/* LIST: null-terminated array, *count without the terminator; null if
	 * unset. `count` may be null. */
	const char *const *(*list)(const struct ww_options *self,
	                           const char *name, uint32_t *count);
	/* SECRET: 1 if the variable or file named by the option holds a
	 * non-empty value now. The value itself never reaches a plugin. */
	int32_t (*secret_present)(const struct ww_options *self,
	                          const char *name);
};

/* ------------------------------------------------------------------ memory
 *
 * Optional: counted for each instance and made to fail by the conformance
 * checker. Null on failure. resize(null) allocates, release(null) does nothing.
 */
struct ww_memory {
	uint32_t size;
	uint32_t reserved;
	void *(*allocate)(const struct ww_memory *self, uint64_t bytes);
	void *(*resize)(const struct ww_memory *self, void *block,
	                uint64_t bytes);
	void (*release)(const struct ww_memory *self, void *block);
};

/* --------------------------------------------------------- clock and random
 *
 * The only time and the only randomness a strategy may use: replaying a session
 * depends on it.
 */
struct ww_clock {
	uint32_t size;
	uint32_t reserved;
	int64_t (*now_ns)(const struct ww_clock *self); /* monotonic */
};

struct ww_random {
	uint32_t size;
	uint32_t reserved;
	/* Uniform 64 bits from the instance's own seeded stream. */
	uint64_t (*next)(const struct ww_random *self);
};

/* Uniform in [0, bound), bound > 0, without modulo bias. */
static inline uint64_t
ww_random_below(const struct ww_random *random, uint64_t bound)
{
	uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
	uint64_t value;

	do
		value = random->next(random);
	while (value >= limit);
	return value % bound;
}

/* Uniform in [0, 1) with 53 random bits. */
static inline double
ww_random_unit(const struct ww_random *random)
{
	return (double)(random->next(random) >> 11) / 9007199254740992.0;
}

/* -------------------------------------------------------------------- http
 *
 * One blocking exchange. The host owns TLS, proxies, time-outs, redirects
 * (none), secrets and recording. It does not retry: the host calls generate()
 * again when the class of the failure asks for it.
 */
struct ww_http_header {
	const char *name;
	/* Sent as is; with `secret_option`, sent before the secret ("Bearer "). */
	const char *value;
	/* Name of a SECRET option of the instance whose value the host appends,
	 * or null. If that secret is missing the exchange fails with WW_E_AUTH
	 * before anything is sent. */
	const char *secret_option;
};

#define WW_HTTP_STREAM 1u /* no total time-out, an idle time-out instead */
#define WW_HTTP_LOCAL 2u  /* server may load a model first: longer idle limit */

struct ww_http_request {
	uint32_t size;
	uint32_t flags;      /* WW_HTTP_… */
	const char *method;  /* "GET" or "POST" */
	const char *url;     /* http:// or https:// */
	const struct ww_http_header *headers;
	uint64_t n_headers;
	const char *body;    /* or null */
	uint64_t body_length;
	int64_t timeout_ns;  /* 0: the host's default for this kind of request */
};

struct ww_http_response {
	uint32_t size;
	int32_t http_status; /* 0 if no response line arrived */
	/* Value of the named response header (case does not matter) or null;
	 * valid during a sink call only. */
	const char *(*header)(const struct ww_http_response *self,
	                      const char *name);
};

struct ww_http_sink {
	uint32_t size;
	uint32_t reserved;
	/* Once, before any body byte. Return WW_OK or WW_STOPPED. */
	ww_status (*head)(struct ww_http_sink *self,
	                  const struct ww_http_response *response);
	/* Body bytes at arbitrary boundaries. Return WW_OK or WW_STOPPED. */
	ww_status (*body)(struct ww_http_sink *self, const char *bytes,
	                  uint64_t length);
};

struct ww_http {
	uint32_t size;
	uint32_t reserved;
	/* WW_OK when a complete response arrived, whatever its HTTP status;
	 * WW_STOPPED if the sink ended it; WW_E_TRANSPORT, WW_E_AUTH (secret
	 * missing or not sendable), WW_E_REQUEST, WW_E_CANCELLED, WW_E_TIMEOUT. */
	ww_status (*exchange)(const struct ww_http *self, struct ww_call *call,
	                      const struct ww_http_request *request,
	                      struct ww_http_sink *sink);
	/* Turns an error response (status and body, also a 200 whose body is an
	 * error, also one stream frame) into a class and a message that `call`
	 * then carries. Understands the body shapes of all known services;
	 * never returns WW_OK. `parameter` (may be null, else 128 bytes)
	 * receives the name of the refused field for WW_E_PARAMETER, or "". */
	ww_status (*classify)(const struct ww_http *self, struct ww_call *call,
	                      int32_t http_status, const char *body,
	                      uint64_t length, char *parameter);
};

/* ----------------------------------------------------------------- process
 *
 * Runs a program and waits. No shell. The child gets its own process group and
 * is ended with SIGTERM, then SIGKILL, at the deadline or on cancellation.
 */
struct ww_process_request {
	uint32_t size;
	uint32_t reserved;
	const char *const *argv;        /* null-terminated; argv[0] via PATH */
	const char *const *environment; /* names passed on; null: all of them */
	const char *directory;          /* working folder or null: an empty
	                                 * temporary one, removed afterwards */
	const char *input;              /* bytes for stdin, or null */
	uint64_t input_length;
	uint64_t output_limit;          /* bytes of stdout; 0: 32 MiB */
	int64_t timeout_ns;             /* 0: only the call's deadline */
};

struct ww_process_result {
	uint32_t size;
	int32_t exit_code;      /* -1 if it was ended by a signal */
	int32_t signal;         /* 0 if it exited by itself */
	uint32_t reserved;
	char error_output[4096]; /* the last bytes of stderr, NUL-terminated */
};

struct ww_process {
	uint32_t size;
	uint32_t reserved;
	/* WW_OK if the program ran to its end, whatever its exit code;
	 * WW_E_NOT_FOUND, WW_E_TIMEOUT, WW_E_CANCELLED, WW_E_IO, WW_STOPPED
	 * (the sink ended it), WW_E_TRUNCATED (output over the limit).
	 * `result` is filled whenever the program was started. */
	ww_status (*run)(const struct ww_process *self, struct ww_call *call,
	                 const struct ww_process_request *request,
	                 struct ww_text_sink *output,
	                 struct ww_process_result *result);
};

/* -------------------------------------------------------------------- host
 *
 * Given to open(); lives as long as the instance. `memory`, `process`, `model`
 * and `strategies` may be null even where they make sense; what does not make
 * sense for a kind is; the rest is there.
 */
struct ww_model;      /* strategies: model.h */
struct ww_strategies; /* strategies: strategy.h */

struct ww_host {
	uint32_t size;
	uint16_t abi_major;
	uint16_t abi_minor;
	uint64_t features;                /* WW_FEATURE_… */
	const struct ww_log *log;
	const struct ww_options *options;
	const struct ww_memory *memory;
	const struct ww_clock *clock;
	const struct ww_random *random;   /* strategies, backends */
	const struct ww_http *http;       /* providers */
	const struct ww_process *process; /* providers, backends */
	const struct ww_model *model;     /* strategies */
	const struct ww_strategies *strategies; /* strategies */
};

#ifdef __cplusplus
}
#endif
#endif
