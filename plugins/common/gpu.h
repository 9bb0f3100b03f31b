/* SPDX-License-Identifier: MIT
 *
 * The device half that GPU backends share. A vendor's plugin fills one table of
 * driver calls; staging arguments, poisoning, verifying and timing are written
 * once on top of it (gpu_bench.c), so numbers of different vendors mean the
 * same.
 *
 * Driver calls return a ww_status and have written the cause into `call` when
 * it is negative. WW_E_DEVICE_LOST is sticky: the context is poisoned and the
 * worker process must be replaced.
 */
#ifndef WW_PLUGINS_GPU_H
#define WW_PLUGINS_GPU_H

#include "warpwright/plugin.h"

struct gpu_device;   /* a vendor's device with its context and stream */
typedef void *gpu_buffer; /* device memory as the vendor names it */
typedef void *gpu_module;
typedef void *gpu_function;
typedef void *gpu_event;

/* One kernel argument: a buffer, or `bytes` of a scalar. */
struct gpu_argument {
	gpu_buffer buffer; /* null: scalar */
	const void *scalar;
	size_t bytes;
};

struct gpu_driver {
	/* Bytes of the last cache level, for flushing. */
	uint64_t (*cache_bytes)(struct gpu_device *device);
	ww_status (*allocate)(struct ww_call *call, struct gpu_device *device,
	                      uint64_t bytes, gpu_buffer *buffer);
	void (*release)(struct gpu_device *device, gpu_buffer buffer);
	/* A part of a buffer as a buffer of its own, and its end. */
	ww_status (*view)(struct ww_call *call, struct gpu_device *device,
	                  gpu_buffer whole, uint64_t offset, uint64_t bytes,
	                  gpu_buffer *part);
	void (*end_view)(struct gpu_device *device, gpu_buffer part);
	ww_status (*write)(struct ww_call *call, struct gpu_device *device,
	                   gpu_buffer to, const void *from, uint64_t bytes);
	ww_status (*read)(struct ww_call *call, struct gpu_device *device,
	                  void *to, gpu_buffer from, uint64_t offset,
	                  uint64_t bytes);
	ww_status (*copy)(struct ww_call *call, struct gpu_device *device,
	                  gpu_buffer to, gpu_buffer from, uint64_t bytes);
	/* Sets whole 32-bit words; in stream order, does not wait. */
	ww_status (*fill)(struct ww_call *call, struct gpu_device *device,
	                  gpu_buffer buffer, uint32_t word, uint64_t bytes);
	ww_status (*load)(struct ww_call *call, struct gpu_device *device,
	                  const void *image, uint64_t length,
	                  gpu_module *module);
	void (*unload)(struct gpu_device *device, gpu_module module);
	/* The kernel, prepared for this launch (dynamic shared memory beyond
	 * the default limit, clusters). */
	ww_status (*function)(struct ww_call *call, struct gpu_device *device,
	                      gpu_module module, const char *name,
	                      const struct ww_launch *launch,
	                      gpu_function *function);
	void (*drop)(struct gpu_device *device, gpu_function function);
	/* Facts of a loaded kernel: registers, occupancy, … */
	void (*facts)(struct gpu_device *device, gpu_function function,
	              const struct ww_launch *launch,
	              struct ww_build_sink *sink);
	/* Copies into a constant-memory symbol of a module. */
	ww_status (*constant)(struct ww_call *call, struct gpu_device *device,
	                      gpu_module module, const char *name,
	                      const void *bytes, uint64_t length);
	/* In stream order, does not wait. */
	ww_status (*launch)(struct ww_call *call, struct gpu_device *device,
	                    gpu_function function,
	                    const struct ww_launch *launch,
	                    const struct gpu_argument *arguments, uint64_t n);
	ww_status (*event_new)(struct ww_call *call, struct gpu_device *device,
	                       gpu_event *event);
	void (*event_free)(struct gpu_device *device, gpu_event event);
	ww_status (*event_record)(struct ww_call *call,
	                          struct gpu_device *device, gpu_event event);
	/* Nanoseconds between two events that have happened. */
	ww_status (*elapsed)(struct ww_call *call, struct gpu_device *device,
	                     gpu_event from, gpu_event to, double *ns);
	/* Waits for everything in the stream. */
	ww_status (*wait)(struct ww_call *call, struct gpu_device *device);
	/* The device's counter of millijoules; null: it has none. */
	ww_status (*energy)(struct ww_call *call, struct gpu_device *device,
	                    uint64_t *millijoules);
	/* Machine code for this very device from source that the backend's own
	 * kernels need; malloced. WW_E_UNAVAILABLE if no compiler is there;
	 * null: there never is. */
	ww_status (*build)(struct ww_call *call, struct gpu_device *device,
	                   const char *source, void **image, uint64_t *length);
	/* Text that goes before such source. It defines KERNEL, DEVICE, GLOBAL
	 * (the address space), I64 and U64, THREAD and THREADS (number of this
	 * thread and of all), FLOAT_BITS and DOUBLE_BITS (doubles from bits). */
	const char *dialect;
};

/* The words of CUDA, which HIP shares. */
extern const char gpu_dialect_cuda[];

/* Every vendor's struct starts with this. */
struct gpu_device {
	const struct gpu_driver *driver;
	const struct ww_host *host;
	uint32_t health; /* WW_HEALTH_… */
	uint32_t reserved;
};

/* The slots of ww_device_ops that are the same for every vendor. */
ww_status gpu_stage(struct ww_call *call, void *device,
                    const struct ww_stage *stage, void **bench);
void gpu_unstage(void *bench);
ww_status gpu_load(struct ww_call *call, void *bench,
                   const struct ww_load *load, struct ww_build_sink *facts,
                   void **loaded);
void gpu_unload(void *loaded);
ww_status gpu_verify(struct ww_call *call, void *loaded,
                     struct ww_verdict *verdict);
ww_status gpu_warm(struct ww_call *call, void *loaded, uint32_t launches);
ww_status gpu_time(struct ww_call *call, void *loaded,
                   const struct ww_timing *timing, struct ww_sample_sink *sink);
ww_status gpu_energy(struct ww_call *call, void *loaded,
                     const struct ww_timing *timing,
                     struct ww_energy_sink *sink);
uint32_t gpu_health(void *device);

/* An artifact of a GPU backend: the name of the kernel as the compiler mangled
 * it, then the code. */
ww_status gpu_artifact_write(struct ww_call *call, struct ww_build_sink *sink,
                             const char *name, const void *code,
                             uint64_t length);
/* Points into the artifact. WW_E_FORMAT if it is none. */
ww_status gpu_artifact_read(struct ww_call *call, const void *artifact,
                            uint64_t artifact_length, const char **name,
                            const void **code, uint64_t *length);

#endif
