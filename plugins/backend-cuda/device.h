/* SPDX-License-Identifier: MIT
 *
 * An attached device: the shared head, then what only this vendor has.
 */
#ifndef WW_CUDA_DEVICE_H
#define WW_CUDA_DEVICE_H

#include "driver.h"
#include "nvml.h"
#include "plugins/common/gpu.h"

struct cuda_device {
	struct gpu_device base; /* first member */
	const struct cuda_driver *cuda;
	CUcontext context;
	CUstream stream;
	const char *nvrtc; /* option: compiler library, or null */
	const char *nvml_library; /* option */
	struct cuda_nvml nvml;
	char uuid[64];
	char architecture[24]; /* "-arch=sm_90" */
	uint64_t l2_bytes;
	CUdevice number;
	uint32_t warp_width;
	uint32_t threads_per_multiprocessor;
	uint32_t reserved;
};

/* The table behind plugins/common/gpu.h. */
extern const struct gpu_driver cuda_gpu_driver;

ww_status cuda_helper_build(struct ww_call *call, struct gpu_device *device,
                            const char *source, void **image,
                            uint64_t *length);

#endif
