/* SPDX-License-Identifier: MIT
 *
 * How a configuration is measured, the same for every backend: verify, warm up
 * until stable, sample until the confidence interval of the median is narrow
 * enough, abandon what is surely slow. Runs in the device worker; knows no
 * process and no wire.
 */
#ifndef WW_CORE_MEASURE_H
#define WW_CORE_MEASURE_H

#include <stdbool.h>

#include "core/base/cancel.h"
#include "core/base/error.h"
#include "warpwright/backend.h"

/* What is wanted of one measurement; from the settings `measure.*`. */
struct ww_measure_plan {
	double precision;      /* relative half width of the interval, 0.01 */
	uint32_t min_samples;  /* 5 */
	uint32_t max_samples;  /* 100 */
	int64_t budget_ns;     /* for sampling, 1 s */
	double abandon_factor; /* give up once surely this much slower, 1.3;
	                        * 0: never */
	double incumbent_ms;   /* best so far; NaN */
	bool cold;
	bool verify;
	uint32_t objective;    /* WW_OBJECTIVE_… */
};

struct ww_measurement {
	uint32_t outcome;      /* WW_TRIAL_… */
	double median_ms, ci_low_ms, ci_high_ms; /* NaN unless OK */
	double *samples_ms;    /* owned */
	uint64_t n_samples;
	uint32_t repeats;      /* launches a sample */
	bool abandoned;
	/* With an objective other than time: the means of a launch. The median
	 * and interval above are the objective's then. */
	double energy_mj, power_w, time_ms; /* NaN */
	struct ww_verdict verdict;
	char text[512];        /* cause of a failure */
	ww_status status;      /* as the backend gave it */
};

/* Defaults as above. */
void ww_measure_plan_default(struct ww_measure_plan *plan);

/* `loaded` is a loaded configuration of `ops`. Never fails as a whole: what went
 * wrong is the outcome. */
void ww_measure(const struct ww_device_ops *ops, void *loaded,
                const struct ww_measure_plan *plan,
                const struct ww_cancel *cancel,
                struct ww_measurement *measurement);
/* The class of failure that a backend's status stands for while a kernel is
 * loaded, verified or timed. */
uint32_t ww_measure_outcome(ww_status status);
void ww_measurement_clear(struct ww_measurement *measurement);

/* Several loaded configurations that are compared with each other. */
struct ww_contest {
	const struct ww_device_ops *ops;
	void *const *loaded;
	uint32_t n;
	bool cold;
	uint32_t objective;    /* WW_OBJECTIVE_… */
	int64_t budget_ns;
	double precision;
	uint64_t seed;
};

/* Measures them interleaved, in random order, round by round, until the budget
 * is used up or every interval is narrower than `precision`. values[i] receives
 * owned arrays of counts[i] values of the objective. */
void ww_measure_interleaved(const struct ww_contest *contest, double **values,
                            uint64_t *counts);

#endif
