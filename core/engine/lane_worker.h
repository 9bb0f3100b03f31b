/* SPDX-License-Identifier: MIT
 *
 * One lane that is a worker process: how far it has come up, what it works on,
 * and what its death means for that. Private to the process lanes.
 */
#ifndef WW_CORE_LANE_WORKER_H
#define WW_CORE_LANE_WORKER_H

#include "core/engine/child.h"
#include "core/engine/lane_process.h"
#include "core/engine/launch.h"

#define WW_PHASE_DOWN 0u    /* not running, or about to end; started again by
                             * its timer */
#define WW_PHASE_OPENING 1u
#define WW_PHASE_WAITING 2u /* a device before the reference is built */
#define WW_PHASE_STAGING 3u
#define WW_PHASE_IDLE 4u
#define WW_PHASE_BUSY 5u
#define WW_PHASE_GONE 6u    /* given up, or not needed any more */

#define WW_JOB_NONE 0u
#define WW_JOB_BUILD 1u
#define WW_JOB_REFERENCE 2u
#define WW_JOB_MEASURE 3u
#define WW_JOB_INTERLEAVE 4u
#define WW_JOB_CALIBRATE 5u

#define WW_REFERENCE_READY 0u /* built, or the task has none to build */
#define WW_REFERENCE_WANTED 1u
#define WW_REFERENCE_BUILDING 2u

struct ww_process_lanes;

struct ww_lane {
	struct ww_process_lanes *owner;
	struct ww_child *child;
	uv_timer_t *retry;
	const char *device; /* id; null: a compile lane */
	char label[24];
	unsigned phase;
	uint32_t failures;  /* starts in a row that led to nothing */
	bool ever_idle;

	unsigned kind;      /* WW_JOB_… */
	void *job;
	struct json_object *order; /* kept, to be sent again */
	int64_t limit_ns;
	int64_t sent_ns;
	bool expired;       /* killed because its time was over */
	bool again;         /* the order was sent a second time already */
	bool dropped;       /* nobody wants the job's result */

	struct ww_calibration calibration; /* of one device among several */
	int64_t due_ns;     /* when it is measured again */
	uint32_t missed;    /* attempts that came to nothing, in a row */

	char why[1500];     /* what the worker said before it ended, or "" */
	ww_status status;   /* with `why` */
};

struct ww_process_lanes {
	struct ww_lanes lanes; /* first member */
	struct ww_process_setup setup;
	uv_loop_t loop;
	uv_async_t async;
	uv_timer_t tick;
	struct ww_launch_line compile_line, device_line;
	struct ww_launch_environment environment;

	struct ww_lane *compile; /* n_compilers of them */
	uint32_t n_compilers;    /* 0 in mode `none` */
	struct ww_lane *devices; /* lanes.n_devices of them */
	const char *mode;        /* "spawn", "fork", "none" */
	char *target;            /* of the first device, or null */
	struct json_object *device; /* the first device's own words */

	unsigned reference;      /* WW_REFERENCE_… */
	char reference_hash[40];
	bool shares_cpu;
	bool unchecked;     /* it was said that nothing is compared */
	bool paused;
	bool held;
	bool closing;
	uint64_t n_orders;
	int64_t compile_limit_ns;
	int64_t run_limit_ns;
	int64_t first_ns; /* first measurement; 0: none yet */
	int64_t busy_ns;  /* of finished measurements, all devices */

	struct ww_shared shared;
	uint32_t *shared_indices; /* owned */
	struct ww_lane *base;     /* null: not known yet */

	struct ww_error failed; /* status WW_OK: going on */
	struct json_object *interleaved;
	char interleave_why[512]; /* why that came to nothing, or "" */
};

void ww_lane_init(struct ww_lane *lane, struct ww_process_lanes *owner,
                  const char *device, uint32_t number);
/* Starts the process. */
void ww_lane_start(struct ww_lane *lane);
/* An idle lane gets an order (adopted). */
void ww_lane_give(struct ww_lane *lane, unsigned kind, void *job,
                  struct json_object *order, int64_t limit_ns);
/* Builds the reference if that is still to be done and the lane is free for it. */
void ww_lane_offer_reference(struct ww_lane *lane);
/* What it works on is not wanted any more: the process is replaced, or ended
 * for good. */
void ww_lane_drop(struct ww_lane *lane, bool for_good);
void ww_lane_free(struct ww_lane *lane);

/* Frames that the owner makes (lane_frames.c); the lane's caller puts them. */
struct json_object *ww_frame_open(struct ww_process_lanes *owner,
                                  const char *device,
                                  struct ww_error *error);
struct json_object *ww_frame_build(struct ww_process_lanes *owner,
                                   const uint32_t *indices);
struct json_object *ww_frame_measure(struct ww_process_lanes *owner,
                                     const uint32_t *indices,
                                     const char *artifact,
                                     const struct ww_measure_plan *plan);
struct json_object *ww_frame_stage(const struct ww_process_lanes *owner);
struct json_object *
ww_frame_interleave(const struct ww_interleave *interleave);

/* Turns a reply, or a death (frame null), into the scheduler's event. */
void ww_lane_report_built(struct ww_lane *lane, struct json_object *frame,
                          uint32_t outcome, const char *text);
void ww_lane_report_measured(struct ww_lane *lane, struct json_object *frame,
                             uint32_t outcome, const char *text);

/* Several devices (lane_calibrate.c). */
/* A device that may measure now, or null; how many there are. */
struct ww_lane *ww_calibrate_free(const struct ww_process_lanes *owner);
uint32_t ww_calibrate_room(const struct ww_process_lanes *owner);
/* The device whose values count as they are, or will. */
struct ww_lane *ww_calibrate_base(const struct ww_process_lanes *owner);
double ww_calibrate_factor(const struct ww_lane *lane);
/* An idle device measures the shared configuration if it is time for that. */
void ww_calibrate_offer(struct ww_lane *lane);
/* It has; or could not: false, with `why` and `status` of the lane, if it is to
 * be given up. */
void ww_calibrate_take(struct ww_lane *lane, struct json_object *frame);
bool ww_calibrate_missed(struct ww_lane *lane, const char *why);
void ww_lanes_share(struct ww_lanes *lanes, const struct ww_shared *shared,
                    const char *device, double median, double low,
                    double high);
uint32_t ww_lanes_factors(const struct ww_lanes *lanes,
                          struct ww_device_factor *factors);

/* The finalists (lane_finalists.c). */
ww_status ww_lanes_interleave(struct ww_lanes *lanes,
                              const struct ww_interleave *interleave,
                              struct ww_error *error);

/* The owner's reactions (lane_process.c). */
/* Compilers stand still while something is timed on the same processor. */
void ww_process_pause(struct ww_process_lanes *owner);
void ww_process_fail(struct ww_process_lanes *owner, ww_status status,
                     const char *format, ...) WW_PRINTF(3, 4);
void ww_process_device_ready(struct ww_process_lanes *owner,
                             struct json_object *frame);
void ww_process_reference_built(struct ww_process_lanes *owner,
                                const char *hash);
/* A result counts although it was compared with nothing. */
void ww_process_unchecked(struct ww_process_lanes *owner);
/* The lane is given up; the session ends if it was the last of its kind. */
void ww_process_lost(struct ww_process_lanes *owner, struct ww_lane *lane);

#endif
