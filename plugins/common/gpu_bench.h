/* SPDX-License-Identifier: MIT
 *
 * What gpu_bench.c and gpu_time.c share: the staged arguments of a session and
 * one loaded configuration.
 */
#ifndef WW_PLUGINS_GPU_BENCH_H
#define WW_PLUGINS_GPU_BENCH_H

#include "plugins/common/gpu.h"

#define GPU_IN_FLIGHT 16 /* samples that are timed without waiting */

/* One argument of the kernel on the device. */
struct gpu_slot {
	const struct ww_argument *argument;
	gpu_buffer buffer;      /* whole allocation: guard, data, guard */
	gpu_buffer data;        /* where the kernel's pointer points */
	gpu_buffer initial;     /* contents before a verified launch, or null */
	void *expected;         /* host copy of the reference's output, or null */
	uint64_t bytes;
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
	gpu_event from[GPU_IN_FLIGHT];
	gpu_event to[GPU_IN_FLIGHT];
};

struct gpu_loaded {
	struct gpu_bench *bench;
	gpu_module module;
	gpu_function function;
	struct ww_launch launch;
};

/* One launch with the staged arguments, in stream order. */
ww_status gpu_launch(struct ww_call *call, struct gpu_loaded *loaded);

#endif
