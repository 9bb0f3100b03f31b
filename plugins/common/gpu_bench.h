/* SPDX-License-Identifier: MIT
 *
 * What gpu_bench.c and gpu_time.c share: the staged arguments of a session and
 * one loaded configuration.
 */
#ifndef WW_PLUGINS_GPU_BENCH_H
#define WW_PLUGINS_GPU_BENCH_H

#include "plugins/common/gpu.h"

#define GPU_TYPES (WW_TYPE_FLOAT64 + 1)
#define GPU_IN_FLIGHT 16 /* samples that are timed without waiting */

/* The kernel that compares outputs of one element type. */
struct gpu_checker {
	gpu_module module;
	gpu_function function;
	int tried;
	ww_status status; /* of making it */
};

/* One argument of the kernel on the device. */
struct gpu_slot {
	const struct ww_argument *argument;
	gpu_buffer buffer;      /* whole allocation: guard, data, guard */
	gpu_buffer data;        /* where the kernel's pointer points */
	gpu_buffer initial;     /* contents before a verified launch, or null */
	void *expected;         /* on the host: constant, or what to get */
	gpu_buffer wanted;      /* on the device: what to get, or null */
	struct gpu_checker *checker; /* compares `data` with `wanted` */
	uint64_t bytes;
	uint64_t sum;           /* of an input's words, as staged */
	unsigned char scalar[8];
};

struct gpu_bench {
	struct gpu_device *device;
	const struct ww_stage *stage;
	struct gpu_slot *slots; /* stage->n_arguments of them */
	struct gpu_argument *passed; /* arguments of a launch, in order */
	uint64_t n_passed;
	gpu_buffer flush;
	uint64_t flush_bytes;
	uint32_t flush_word;
	uint32_t reserved;
	struct gpu_checker checkers[GPU_TYPES];
	gpu_buffer found; /* what the checkers leave */
	struct gpu_checker adder; /* sums up inputs */
	gpu_buffer sums;  /* what it leaves */
	gpu_event from[GPU_IN_FLIGHT];
	gpu_event to[GPU_IN_FLIGHT];
};

struct gpu_loaded {
	struct gpu_bench *bench;
	gpu_module module;
	gpu_function function;
	struct ww_launch launch;
	double recent_ns; /* a launch, when last timed; 0: never */
	int unchecked;    /* launched since the inputs were looked at */
};

/* One launch with the staged arguments, in stream order. */
ww_status gpu_launch(struct ww_call *call, struct gpu_loaded *loaded);

#endif
