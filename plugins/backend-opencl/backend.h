/* SPDX-License-Identifier: MIT
 *
 * An instance of the backend and the tables of its two halves.
 */
#ifndef WW_OPENCL_BACKEND_H
#define WW_OPENCL_BACKEND_H

#include "warpwright/plugin.h"

struct opencl_backend {
	const struct ww_host *host;
	const char *driver; /* library to open */
	const char *device; /* device to compile for, or null: the first */
};

extern const struct ww_compile_ops opencl_compile_ops;
extern const struct ww_device_ops opencl_device_ops;

#endif
