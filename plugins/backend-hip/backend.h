/* SPDX-License-Identifier: MIT
 *
 * An instance of the backend and the tables of its two halves.
 */
#ifndef WW_HIP_BACKEND_H
#define WW_HIP_BACKEND_H

#include "warpwright/plugin.h"

struct hip_backend {
	const struct ww_host *host;
	const char *hiprtc;  /* library to open, or null: search */
	const char *driver; /* library to open */
	const char *comgr;  /* the same, or null: search */
};

extern const struct ww_compile_ops hip_compile_ops;
extern const struct ww_device_ops hip_device_ops;

#endif
