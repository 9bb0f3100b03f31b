/* SPDX-License-Identifier: MIT
 *
 * An attached device: the shared head, then what only this vendor has.
 */
#ifndef WW_HIP_DEVICE_H
#define WW_HIP_DEVICE_H

#include "driver.h"
#include "plugins/common/gpu.h"

struct hip_device {
	struct gpu_device base; /* first member */
	const struct hip_driver *hip;
	hipStream_t stream;
	const char *hiprtc; /* option: compiler library, or null */
	char architecture[32]; /* "gfx90a" */
	uint64_t l2_bytes;
	hipDevice_t number;
	uint32_t warp_width;
	uint32_t threads_per_multiprocessor;
	uint32_t shared_per_block;
};

/* The table behind plugins/common/gpu.h. */
extern const struct gpu_driver hip_gpu_driver;

ww_status hip_helper_build(struct ww_call *call, struct gpu_device *device,
                           const char *source, void **image, uint64_t *length);

#endif
