/* SPDX-License-Identifier: MIT
 *
 * An instance of the backend and the tables of its two halves.
 */
#ifndef WW_CUDA_BACKEND_H
#define WW_CUDA_BACKEND_H

#include "warpwright/plugin.h"

struct cuda_backend {
	const struct ww_host *host;
	const char *nvrtc;  /* library to open, or null: search */
	const char *driver; /* library to open */
	const char *nvml;   /* library to open, or "" */
};

extern const struct ww_compile_ops cuda_compile_ops;
extern const struct ww_device_ops cuda_device_ops;

#endif
