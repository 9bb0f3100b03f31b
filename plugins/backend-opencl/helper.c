/* SPDX-License-Identifier: MIT
 *
 * The backend's own kernels: source, which is built when it is loaded.
 */
#include <string.h>

#include "device.h"
#include "image.h"

ww_status
opencl_helper_build(struct ww_call *call, struct gpu_device *device,
                    const char *source, void **image, uint64_t *length)
{
	(void)device;
	return opencl_image_write(call, "", source, strlen(source), image,
	                          length);
}

const char opencl_dialect[] =
	"#pragma OPENCL EXTENSION cl_khr_fp64 : enable\n"
	"#pragma OPENCL FP_CONTRACT OFF\n"
	"#define KERNEL __kernel\n"
	"#define DEVICE\n"
	"#define GLOBAL __global\n"
	"#define I64 long\n"
	"#define U64 ulong\n"
	"#define THREAD get_global_id(0)\n"
	"#define THREADS get_global_size(0)\n"
	"#define FLOAT_BITS(x) ((double)as_float((uint)(x)))\n"
	"#define DOUBLE_BITS(x) as_double((ulong)(x))\n";
