/* SPDX-License-Identifier: MIT
 *
 * warpwright/backend.h: a backend compiles a configuration and measures it. Its
 * two halves live in different processes: the compile half in compile workers,
 * where it must not touch a device; the device half in one worker a device,
 * strictly serial. A third, optional half answers from a recording.
 *
 * Statistics belong to the host: a backend emits raw samples and nothing else,
 * so the numbers of all backends follow one method. Time limits belong to the
 * host too: it kills the worker.
 */
#ifndef WARPWRIGHT_BACKEND_H
#define WARPWRIGHT_BACKEND_H

#include "warpwright/space.h"
#include "warpwright/trial.h"

#ifdef __cplusplus
extern "C" {
#endif

/* -------------------------------------------------------------- the kernel */

struct ww_argument; /* below */

struct ww_kernel {
	uint32_t size;
	uint32_t n_options;
	const char *language;     /* as in the task: "c", "c++", … */
	const char *path;         /* absolute path of the source file */
	const char *directory;    /* folder for relative includes, absolute */
	const char *source;       /* its text */
	uint64_t source_length;
	const char *entry;        /* name of the kernel function, may hold
	                           * template arguments */
	const char *const *options; /* extra compiler options of the task */
	/* What the kernel is called with, in order: types and kinds, for a
	 * backend that generates the call. Shared by the reference kernel. */
	const struct ww_argument *arguments;
	uint64_t n_arguments;
};

/* Launch geometry of one configuration, evaluated by the host. */
struct ww_launch {
	uint32_t size;
	uint32_t dimensions;   /* 0: the backend has no geometry */
	uint32_t grid[3];      /* blocks; 1 where unused */
	uint32_t block[3];     /* threads a block; 1 where unused */
	uint32_t cluster[3];   /* blocks a cluster; 1 where unused */
	uint32_t reserved;
	uint64_t shared_bytes; /* dynamic shared memory */
};

/* One thing to build: problem constants and parameters as values (each becomes
 * a preprocessor definition of its name, with '.' written as '_'). */
struct ww_build {
	uint32_t size;
	uint32_t reserved;
	const struct ww_value *values;
	uint64_t n_values;
	const struct ww_launch *launch;
	const char *target;     /* one of targets(), or null: the default */
	const char *entry;      /* overrides the kernel's, or null */
	const char *scratch;    /* an empty folder that the host removes */
};

/* Receives the result of build(). */
struct ww_build_sink {
	uint32_t size;
	uint32_t reserved;
	/* The artifact's bytes; exactly one call on success. Equal inputs give
	 * equal bytes, so that equal builds are measured once. */
	ww_status (*artifact)(struct ww_build_sink *self, const void *bytes,
	                      uint64_t length);
	void (*fact)(struct ww_build_sink *self, const char *name, double value);
	/* The compiler's own words, as much as there is (the host keeps the
	 * first line for people and 16 KiB for the store). */
	void (*diagnosis)(struct ww_build_sink *self, const char *text,
	                  uint64_t length);
};

/* Compile half. Each worker process works on one configuration at a time. */
struct ww_compile_ops {
	uint32_t size;
	uint32_t reserved;
	/* Writes the names it can compile for, one a line, the default first,
	 * without touching a device. */
	ww_status (*targets)(struct ww_call *call, void *self,
	                     struct ww_text_sink *sink);
	/* Identity of the compiler as text ("gcc 12.2.0 x86_64"): part of the
	 * key under which artifacts are cached across sessions. */
	ww_status (*identity)(struct ww_call *call, void *self,
	                      struct ww_text_sink *sink);
	/* Once a kernel source and worker. `kernel` lives as long as *unit. */
	ww_status (*prepare)(struct ww_call *call, void *self,
	                     const struct ww_kernel *kernel, void **unit);
	void (*drop)(void *unit);
	/* WW_OK; WW_E_COMPILE, WW_E_RESOURCES, WW_E_INVALID (the configuration
	 * cannot work on this target), or an error of a larger group. */
	ww_status (*build)(struct ww_call *call, void *unit,
	                   const struct ww_build *build,
	                   struct ww_build_sink *sink);
};

/* --------------------------------------------------------------- the device */

/* Receives devices; fact() and text() belong to the device() before them. */
struct ww_device_sink {
	uint32_t size;
	uint32_t reserved;
	/* `id` is stable across runs and machines (a UUID), `name` for people. */
	ww_status (*device)(struct ww_device_sink *self, const char *id,
	                    const char *name);
	/* Hardware facts. Known names: multiprocessors, cores, threads,
	 * clock_mhz, memory_bytes, bandwidth_gbs, l1_bytes, l2_bytes, l3_bytes,
	 * shared_per_block, shared_per_multiprocessor, registers_per_block,
	 * registers_per_multiprocessor, threads_per_block,
	 * threads_per_multiprocessor, blocks_per_multiprocessor, warp_width,
	 * vector_bytes, peak_gflops_f32, peak_gflops_f16. shares_cpu, 0 or 1,
	 * overrides WW_BACKEND_SHARES_CPU. */
	void (*fact)(struct ww_device_sink *self, const char *name,
	             double value);
	void (*text)(struct ww_device_sink *self, const char *name,
	             const char *value); /* architecture, driver, … */
};

/* Element types of arguments. */
#define WW_TYPE_INT8 1u
#define WW_TYPE_UINT8 2u
#define WW_TYPE_INT16 3u
#define WW_TYPE_UINT16 4u
#define WW_TYPE_INT32 5u
#define WW_TYPE_UINT32 6u
#define WW_TYPE_INT64 7u
#define WW_TYPE_UINT64 8u
#define WW_TYPE_FLOAT16 9u
#define WW_TYPE_BFLOAT16 10u
#define WW_TYPE_FLOAT32 11u
#define WW_TYPE_FLOAT64 12u

#define WW_ARGUMENT_SCALAR 1u   /* passed by value */
#define WW_ARGUMENT_INPUT 2u    /* buffer, read only */
#define WW_ARGUMENT_OUTPUT 3u   /* buffer, poisoned before verification */
#define WW_ARGUMENT_INOUT 4u    /* buffer, restored before every launch that
                                 * is verified */
#define WW_ARGUMENT_CONSTANT 5u /* copied to a constant-memory symbol `name`,
                                 * not passed */
#define WW_ARGUMENT_SCRATCH 6u  /* since 1.1: buffer to work in, filled before
                                 * every launch that is verified, never
                                 * compared */

#define WW_FILL_ZERO 0u
#define WW_FILL_CONSTANT 1u /* a everywhere */
#define WW_FILL_UNIFORM 2u  /* uniform in [a, b) */
#define WW_FILL_NORMAL 3u   /* mean a, deviation b */
#define WW_FILL_INDEX 4u    /* a + b * i */
#define WW_FILL_FILE 5u     /* .npy or raw bytes at `path` */

struct ww_argument {
	uint32_t size;
	uint32_t type;      /* WW_TYPE_… */
	uint32_t kind;      /* WW_ARGUMENT_… */
	uint32_t fill;      /* WW_FILL_… */
	const char *name;
	uint64_t n_elements; /* 1 for scalars */
	uint64_t seed;
	double a;
	double b;
	const char *path;    /* FILL_FILE: absolute, else null */
	const char *expected_path; /* .npy or raw file that this output must
	                            * equal, or null */
	/* |got - want| <= absolute + relative * |want| for every element. */
	double absolute_tolerance;
	double relative_tolerance;
};

/* What reference outputs are taken from. */
#define WW_REFERENCE_NONE 0u     /* nothing to compare with */
#define WW_REFERENCE_ARTIFACT 1u /* run `artifact` once */
#define WW_REFERENCE_FILES 2u    /* every output has an expected_path */

/* Arguments and reference of a session. */
struct ww_stage {
	uint32_t size;
	uint32_t reference;  /* WW_REFERENCE_… */
	const struct ww_argument *arguments; /* in the kernel's order */
	uint64_t n_arguments;
	const void *artifact; /* of the reference, or null */
	uint64_t artifact_length;
	const struct ww_launch *launch; /* of the reference */
	const char *entry;    /* of the reference */
	uint64_t seed;
};

/* What load() gets. */
struct ww_load {
	uint32_t size;
	uint32_t reserved;
	const void *artifact;
	uint64_t artifact_length;
	const char *entry;
	const struct ww_launch *launch;
};

/* Filled by verify(). */
struct ww_verdict {
	uint32_t size;
	uint32_t compared;        /* 0: there was nothing to compare with */
	uint64_t n_wrong;         /* elements outside the tolerance */
	uint64_t worst_index;
	double worst_difference;  /* largest |got - want| */
	double got;
	double want;
	char argument[64];        /* the output that holds the worst element */
};

/* One portion of timing. */
struct ww_timing {
	uint32_t size;
	uint32_t samples;   /* how many samples to emit at most */
	uint32_t repeats;   /* launches a sample; 0: the backend chooses so that
	                     * the timer's resolution is below 1 % of it */
	uint32_t cold;      /* 1: flush caches before every sample */
	int64_t budget_ns;  /* stop after the sample that passes it */
};

struct ww_sample_sink {
	uint32_t size;
	uint32_t reserved;
	/* Duration of ONE launch in nanoseconds and how many launches were
	 * averaged in it. WW_STOPPED: enough. */
	ww_status (*sample)(struct ww_sample_sink *self, double nanoseconds,
	                    uint32_t repeats);
};

/* Since 1.1. */
struct ww_energy_sink {
	uint32_t size;
	uint32_t reserved;
	/* What one launch used and how long it took, each the mean over so many
	 * launches that followed each other without a pause. WW_STOPPED:
	 * enough. */
	ww_status (*sample)(struct ww_energy_sink *self, double millijoules,
	                    double nanoseconds, uint64_t launches);
};

#define WW_HEALTH_GOOD 0u
#define WW_HEALTH_RESTART 1u /* replace the worker process */
#define WW_HEALTH_GONE 2u    /* the device itself is lost */

/* Device half: one thread of one process a device. */
struct ww_device_ops {
	uint32_t size;
	uint32_t reserved;
	/* Every device this backend could use; none is WW_OK and no call of the
	 * sink. WW_E_UNAVAILABLE with the library tried. */
	ww_status (*list)(struct ww_call *call, void *self,
	                  struct ww_device_sink *sink);
	ww_status (*attach)(struct ww_call *call, void *self, const char *id,
	                    void **device);
	void (*detach)(void *device);
	/* Compile target of the device ("sm_90", "native"). */
	ww_status (*target)(struct ww_call *call, void *device,
	                    struct ww_text_sink *sink);
	/* Allocates and fills arguments, computes the reference: once a session
	 * and worker. `stage` lives as long as *bench. */
	ww_status (*stage)(struct ww_call *call, void *device,
	                   const struct ww_stage *stage, void **bench);
	void (*unstage)(void *bench);
	/* WW_OK, WW_E_RESOURCES, WW_E_LAUNCH, WW_E_INVALID. Facts known only
	 * after loading ("registers", "occupancy") go to `facts`, which may be
	 * null; only its fact() is used. */
	ww_status (*load)(struct ww_call *call, void *bench,
	                  const struct ww_load *load,
	                  struct ww_build_sink *facts, void **loaded);
	void (*unload)(void *loaded);
	/* Poisons the outputs, launches once, compares. WW_OK and a verdict (a
	 * wrong result is WW_OK with n_wrong > 0), WW_E_LAUNCH, WW_E_RESOURCES,
	 * WW_E_DEVICE_LOST. */
	ww_status (*verify)(struct ww_call *call, void *loaded,
	                    struct ww_verdict *verdict);
	/* Launches without timing, to warm up. */
	ww_status (*warm)(struct ww_call *call, void *loaded, uint32_t launches);
	/* Emits samples. `timing->repeats` once chosen is kept by the caller. */
	ww_status (*time)(struct ww_call *call, void *loaded,
	                  const struct ww_timing *timing,
	                  struct ww_sample_sink *sink);
	/* After a measurement, whether it failed or not, when what was loaded
	 * is unloaded: what must be replaced, WW_HEALTH_… */
	uint32_t (*health)(void *device);
	/* Since 1.1, optional. Runs the configuration without a pause, long
	 * enough for the device's counter, and emits up to timing->samples
	 * samples within timing->budget_ns, at least one. WW_E_UNAVAILABLE with
	 * the reason if this device counts no energy. */
	ww_status (*energy)(struct ww_call *call, void *loaded,
	                    const struct ww_timing *timing,
	                    struct ww_energy_sink *sink);
	/* Since 1.1, optional. Facts of the device at this moment, asked for
	 * right after the last sample: clock_mhz, memory_clock_mhz,
	 * temperature_c, power_w, power_capped and throttled (1: it ran slower
	 * than it could, because of its power limit; because of heat or a
	 * fault, which makes the samples doubtful). Only fact() is used. */
	void (*observe)(void *device, struct ww_build_sink *facts);
};

/* -------------------------------------------------------------- recordings */

/* One recorded trial. Pointers live until the next lookup. */
struct ww_recorded {
	uint32_t size;
	uint32_t outcome;         /* WW_TRIAL_… */
	double objective;         /* NaN unless OK */
	const double *samples_ms;
	uint64_t n_samples;
	int64_t compile_ns;
	int64_t measure_ns;
	const char *text;         /* cause of a failure, or "" */
};

struct ww_replay_ops {
	uint32_t size;
	uint32_t reserved;
	/* WW_OK or WW_E_NOT_FOUND (not in the recording). */
	ww_status (*lookup)(struct ww_call *call, void *self,
	                    const struct ww_space *space,
	                    const uint32_t *indices,
	                    struct ww_recorded *recorded);
};

/* ------------------------------------------------------------- the backend */

/* Compile workers are paused while a device worker measures, because both use
 * the same processor. */
#define WW_BACKEND_SHARES_CPU 1u

struct ww_backend_ops {
	uint32_t size;
	uint32_t flags;          /* WW_BACKEND_… */
	const char *languages;   /* comma-separated task languages it takes */
	/* Reads options; opens no device and no compiler. */
	ww_status (*open)(struct ww_call *call, const struct ww_host *host,
	                  void **self);
	void (*close)(void *self);
	const struct ww_compile_ops *compile; /* null with replay only */
	const struct ww_device_ops *device;   /* null with replay only */
	const struct ww_replay_ops *replay;   /* or null */
	/* How good this backend is for automatic choice on this machine among
	 * those that take a language: lower first; negative: never. */
	int32_t rank;
	uint32_t reserved;
};

#ifdef __cplusplus
}
#endif
#endif
