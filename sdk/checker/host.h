/* SPDX-License-Identifier: MIT
 *
 * The host that a plugin under test gets: every service is a table of the
 * checker's own, so that it can be cut, lengthened, taken away and made to
 * fail. What the plugin says goes to standard error, where the parent looks
 * for secrets.
 */
#ifndef WW_SDK_CHECK_HOST_H
#define WW_SDK_CHECK_HOST_H

#include "core/plugin/host.h"
#include "sdk/checker/check.h"

#define HOST_TAIL 64

/* One table with room behind it: zeros of a newer minor, or rubbish. */
#define HOST_TABLE(type, name)                 \
	struct {                               \
		struct type face;              \
		unsigned char tail[HOST_TAIL]; \
	} name

/* What a scripted server does in one exchange. */
struct host_answer {
	int http_status;
	const char *content_type; /* or null */
	const char *body;
	size_t length;
	size_t split;       /* bytes in the first piece; 0: all at once */
	int bytewise;       /* 1: one byte at a time */
	unsigned pause_us;  /* before each piece */
	ww_status end;      /* what exchange() returns after the body */
};

struct host {
	HOST_TABLE(ww_host, host);
	HOST_TABLE(ww_log, log);
	HOST_TABLE(ww_options, options);
	HOST_TABLE(ww_memory, memory);
	HOST_TABLE(ww_clock, clock);
	HOST_TABLE(ww_random, random);
	HOST_TABLE(ww_http, http);
	HOST_TABLE(ww_process, process);
	HOST_TABLE(ww_model, model);
	struct check *check;
	struct ww_options *values;
	struct ww_random_stream stream;
	struct ww_random_stream model_stream;
	struct ww_cancel cancel;
	/* memory */
	uint64_t bytes; /* of its own service, in use */
	/* http */
	struct host_answer answer;
	const char *get_body;  /* what a GET gets; null: 404 */
	unsigned exchanges;    /* POST requests that were made */
	int secret_missing;
	const char *hidden;    /* an option that reads as unset */
	char last_body[65536]; /* of the last POST, cut */
	/* model */
	int model_present;
	unsigned model_calls;
	int model_speaks;      /* its proposals are on their way to the sink */
	const struct ww_space *space;
	/* plugin */
	void *self;
	int is_open;
	struct ww_error error; /* of the last call */
};

/* Loads the plugin if needed; options are its defaults with --set on top. */
struct host *host_new(struct check *check, uint64_t seed);
/* Gives option number `i` what a person would have typed; 0 if the host itself
 * would refuse it. */
int host_try_option(struct host *host, uint32_t i, const char *text);
void host_free(struct host *host);

/* Every table says it is longer than it is today; the rest is zero. */
void host_lengthen(struct host *host);
/* Every table ends where the given minor ended; rubbish follows. */
void host_cut(struct host *host, unsigned minor);

/* Opens and closes by kind; `space` is for strategies. */
ww_status host_open(struct host *host, const struct ww_space *space);
void host_close(struct host *host);
/* host_open(), or the end of the test: an option or a library that is missing
 * here is a reason to skip. */
void host_must_open(struct host *host, const struct ww_space *space);

void host_call_start(struct host *host, struct ww_call_frame *frame);
/* Keeps the text in host->error and shows it; returns `status`. */
ww_status host_call_end(struct host *host, struct ww_call_frame *frame,
                        ww_status status);

/* Shows bytes that came out of the plugin to the parent. */
void host_show(const char *what, const char *bytes, size_t length);

/* host_http.c, host_model.c */
void host_fill_http(struct host *host);
void host_fill_model(struct host *host);

#define HOST_OF(self, member)                     \
	((struct host *)((uintptr_t)(self) -      \
	                 offsetof(struct host, member)))

#endif
