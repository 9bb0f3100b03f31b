/* SPDX-License-Identifier: MIT
 *
 * The host side of an opened plugin: its services and its calls.
 */
#ifndef WW_CORE_HOST_H
#define WW_CORE_HOST_H

#include "core/base/cancel.h"
#include "core/base/error.h"
#include "warpwright/plugin.h"

/* -- one call ------------------------------------------------------------ */

struct ww_call_frame {
	struct ww_call call; /* first member: what the plugin sees */
	uint64_t magic;
	const struct ww_cancel *cancel;
	int64_t deadline_ns;
	struct ww_error error; /* status WW_OK until fail() */
};

/* `cancel` may be null; deadline INT64_MAX: none. */
void ww_call_start(struct ww_call_frame *frame, const struct ww_cancel *cancel,
                   int64_t deadline_ns);
/* Takes the message out: fills `error` with `status` and the recorded text, or
 * with the status' name if the plugin said nothing. Returns status. */
ww_status ww_call_finish(struct ww_call_frame *frame, ww_status status,
                         struct ww_error *error);

/* -- an instance --------------------------------------------------------- */

/* Services that only some kinds get; each may be null. Borrowed. */
struct ww_services {
	const struct ww_http *http;
	const struct ww_process *process;
	const struct ww_model *model;
	const struct ww_strategies *strategies;
	const struct ww_clock *clock; /* null: the real one */
};

struct ww_host_box; /* owns a ww_host, its log, options, memory, random */

/* `options` is adopted and freed with the box (see core/config/options.h). */
struct ww_host_box *ww_host_new(const struct ww_plugin *plugin,
                                struct ww_options *options, uint64_t seed,
                                const struct ww_services *services);
const struct ww_host *ww_host_of(const struct ww_host_box *box);
void ww_host_free(struct ww_host_box *box);

/* The process service (host.h); stateless, shared by all. */
const struct ww_process *ww_process_service(void);
/* The same for worker processes: programs stay in the worker's process group,
 * which the orchestrator stops, continues and ends as a whole. */
const struct ww_process *ww_process_service_joined(void);
/* A seeded stream: xoshiro256** started by splitmix64. */
struct ww_random_stream {
	struct ww_random random; /* first member */
	uint64_t state[4];
};
void ww_random_start(struct ww_random_stream *stream, uint64_t seed);

#endif
