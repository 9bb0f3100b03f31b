/* SPDX-License-Identifier: MIT
 *
 * Code that travels as source with its options, for drivers that do not take
 * their own binaries back and for the backend's own kernels.
 */
#ifndef WW_OPENCL_IMAGE_H
#define WW_OPENCL_IMAGE_H

#include "warpwright/plugin.h"

/* *image is malloced. */
ww_status opencl_image_write(struct ww_call *call, const char *options,
                             const char *source, uint64_t source_length,
                             void **image, uint64_t *length);
/* Points into the image; 0: it is a binary. */
int opencl_image_read(const void *image, uint64_t length, const char **options,
                      const char **source, size_t *source_length);

#endif
