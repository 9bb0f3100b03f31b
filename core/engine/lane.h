/* SPDX-License-Identifier: MIT
 *
 * Lanes: what compiles and what measures, as the scheduler sees it. A lane does
 * one job at a time. Whether it is a process or a simulated clock is hidden
 * here; results come back through events, always on the main loop's thread and
 * never from inside build() or measure().
 */
#ifndef WW_CORE_LANE_H
#define WW_CORE_LANE_H

#include <stdbool.h>

#include "core/base/error.h"
#include "core/engine/calibration.h"
#include "core/measure/measure.h"
#include "warpwright/trial.h"

/* `job` is the scheduler's own mark, handed back as it was. Strings and arrays
 * are borrowed for the event. */
struct ww_built {
	void *job;
	uint32_t outcome;     /* WW_TRIAL_OK: `artifact` can be measured */
	const char *artifact; /* hash, or "" (nothing to share) */
	const struct ww_fact *facts;
	uint64_t n_facts;
	const char *text;     /* first line of the cause, or "" */
	const char *log;
	int64_t compile_ns;
	bool from_cache;
};

struct ww_measured {
	void *job;
	uint32_t outcome;
	/* NaN unless OK; those of the base where there are several devices. */
	double median_ms, low_ms, high_ms;
	const double *samples_ms;
	uint64_t n_samples;
	const struct ww_fact *facts;
	uint64_t n_facts;
	const char *text;
	const char *device; /* id */
	int64_t measure_ns;
	bool abandoned;
};

struct ww_lane_events {
	void *context;
	void (*built)(void *context, const struct ww_built *built);
	void (*measured)(void *context, const struct ww_measured *measured);
	void (*warning)(void *context, const char *text);
};

struct ww_lanes;

/* Finalists to be measured again, interleaved. samples[i] receives owned arrays
 * of values of the objective. */
struct ww_interleave {
	const uint32_t *const *rows;
	const char *const *artifacts;
	uint32_t n;
	uint32_t n_slots;
	int64_t budget_ns;
	double precision;
	bool cold;
	uint32_t objective; /* WW_OBJECTIVE_… */
	uint64_t seed;
	double **samples;
	uint64_t *counts;
};

/* The configuration that several devices are calibrated by. */
struct ww_shared {
	const uint32_t *indices;
	char artifact[40]; /* "": not chosen yet */
	struct ww_measure_plan plan;
};

/* What the values of one device of several are divided by. */
struct ww_device_factor {
	const char *device; /* id; borrowed */
	struct ww_calibration calibration;
	double factor;
	bool base; /* its values count as they are */
};

struct ww_lanes_ops {
	/* Free lanes of each kind now. */
	uint32_t (*compile_room)(const struct ww_lanes *lanes);
	uint32_t (*device_room)(const struct ww_lanes *lanes);
	/* Only when there is room. Arguments are copied. */
	void (*build)(struct ww_lanes *lanes, void *job,
	              const uint32_t *indices);
	void (*measure)(struct ww_lanes *lanes, void *job,
	                const uint32_t *indices, const char *artifact,
	                const struct ww_measure_plan *plan);
	/* While held nothing new is timed: device_room() is 0. */
	void (*hold)(struct ww_lanes *lanes, bool held);
	/* Waits until something happened (a job ended, wake() was called, a
	 * tenth of a second went by) and delivers events. An error: the lanes
	 * cannot go on. */
	ww_status (*step)(struct ww_lanes *lanes, struct ww_error *error);
	/* Ends a step() early; from any thread. */
	void (*wake)(struct ww_lanes *lanes);
	int64_t (*now_ns)(const struct ww_lanes *lanes);
	/* Jobs that are being measured. */
	uint32_t (*measuring)(const struct ww_lanes *lanes);
	/* Gives up running builds (and measurements too, if `all`): no event
	 * comes for them any more. */
	void (*abandon)(struct ww_lanes *lanes, bool all);
	/* Null if the lanes cannot. */
	ww_status (*interleave)(struct ww_lanes *lanes,
	                        const struct ww_interleave *interleave,
	                        struct ww_error *error);
	/* Several devices: from now on they are calibrated by this configuration.
	 * `device` has just measured it, with this result; null: none has. Until
	 * then only one device measures. Null: nothing to calibrate. */
	void (*share)(struct ww_lanes *lanes, const struct ww_shared *shared,
	              const char *device, double median, double low,
	              double high);
	/* Fills one for each device; 0: there is only one. */
	uint32_t (*factors)(const struct ww_lanes *lanes,
	                    struct ww_device_factor *factors);
	/* Share of time that the devices did nothing since the first job. */
	double (*idle_fraction)(const struct ww_lanes *lanes);
	/* Before a step(): whether a strategy is thinking, so that more may
	 * come without a result. Null: of no interest to the lanes. */
	void (*expect)(struct ww_lanes *lanes, bool more);
	void (*free)(struct ww_lanes *lanes);
};

struct ww_lanes {
	const struct ww_lanes_ops *ops;
	struct ww_lane_events events;
	uint32_t n_compile; /* lanes of each kind, at least 1 */
	uint32_t n_devices;
	bool simulated;     /* strategies run inline, on a simulated clock */
	/* Lanes come and go with what somebody else wants; nobody is asked for
	 * configurations before, and a model on this machine is in nobody's
	 * way. */
	bool on_demand;
};

#endif
