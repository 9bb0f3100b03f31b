/* SPDX-License-Identifier: MIT
 *
 * An attached device: the shared head, then what only OpenCL has.
 */
#ifndef WW_OPENCL_DEVICE_H
#define WW_OPENCL_DEVICE_H

#include "driver.h"
#include "plugins/common/gpu.h"

struct opencl_device {
	struct gpu_device base; /* first member */
	const struct opencl_driver *cl;
	cl_device_id id;
	cl_context context;
	cl_command_queue queue;
	uint64_t cache_bytes;
};

/* The table behind plugins/common/gpu.h. */
extern const struct gpu_driver opencl_gpu_driver;

ww_status opencl_helper_build(struct ww_call *call, struct gpu_device *device,
                              const char *source, void **image,
                              uint64_t *length);
extern const char opencl_dialect[];

#endif
