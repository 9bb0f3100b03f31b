/* SPDX-License-Identifier: MIT
 *
 * warpwright/trial.h: one configuration with what happened to it.
 */
#ifndef WARPWRIGHT_TRIAL_H
#define WARPWRIGHT_TRIAL_H

#include "warpwright/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a trial ended. Numbers are stored and never reused. */
#define WW_TRIAL_OK 0u
#define WW_TRIAL_CONSTRAINT 1u       /* the backend's own rule forbids it */
#define WW_TRIAL_COMPILE_ERROR 2u
#define WW_TRIAL_COMPILER_CRASH 3u
#define WW_TRIAL_COMPILE_TIMEOUT 4u
#define WW_TRIAL_RESOURCES 5u        /* out of registers, memory, threads … */
#define WW_TRIAL_LAUNCH_FAILURE 6u
#define WW_TRIAL_CRASH 7u            /* the kernel took its process down */
#define WW_TRIAL_RUN_TIMEOUT 8u
#define WW_TRIAL_WRONG_RESULT 9u
#define WW_TRIAL_INTERNAL 10u        /* not the configuration's fault */
#define WW_TRIAL_N_CLASSES 11u

/* A named number about a trial: "registers", "spill_bytes", "shared_bytes",
 * "code_bytes", "occupancy" (0…1), … */
struct ww_fact {
	const char *name;
	double value;
};

struct ww_trial {
	uint32_t size;
	uint32_t outcome;        /* WW_TRIAL_… */
	uint64_t id;             /* 1, 2, … in order of proposal */
	const uint32_t *indices; /* one a slot */
	double objective;        /* what is minimised; NaN unless OK */
	double ci_low;           /* 95 % interval of the objective; NaN */
	double ci_high;
	const double *samples_ms; /* raw samples, milliseconds a launch */
	uint64_t n_samples;
	const struct ww_fact *facts;
	uint64_t n_facts;
	const char *text;        /* first line of the cause, or "" */
	const char *source;      /* strategy that proposed it, or "default" */
	const char *family;      /* as pushed, or "" */
	const char *reason;      /* as pushed, or "" */
	uint32_t round;
	uint32_t abandoned;      /* 1: sampling ended early, surely slow */
	int64_t compile_ns;      /* 0 if it came from a cache */
	int64_t measure_ns;
};

#ifdef __cplusplus
}
#endif
#endif
