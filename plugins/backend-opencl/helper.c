/* SPDX-License-Identifier: MIT
 *
 * The backend's own kernels, compiled in the device worker.
 */
#include <stdlib.h>
#include <string.h>

#include "device.h"

static ww_status
take_code(struct ww_call *call, const struct opencl_driver *cl,
          cl_program program, void **image, uint64_t *length)
{
	size_t size = 0;
	unsigned char *code;

	cl->clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES, sizeof size,
	                     &size, NULL);
	if (size == 0)
		return ww_fail(call, WW_E_UNAVAILABLE, "no binary");
	code = malloc(size);
	if (code == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	if (cl->clGetProgramInfo(program, CL_PROGRAM_BINARIES, sizeof code,
	                         &code, NULL) == CL_SUCCESS) {
		*image = code;
		*length = size;
		return WW_OK;
	}
	free(code);
	return ww_fail(call, WW_E_UNAVAILABLE, "no binary");
}

ww_status
opencl_helper_build(struct ww_call *call, struct gpu_device *self,
                    const char *source, void **image, uint64_t *length)
{
	const struct opencl_device *device = (struct opencl_device *)self;
	const struct opencl_driver *cl = device->cl;
	size_t source_length = strlen(source);
	int32_t result = CL_SUCCESS;
	cl_program program = cl->clCreateProgramWithSource(
		device->context, 1, &source, &source_length, &result);
	ww_status status;

	if (result != CL_SUCCESS)
		return opencl_fail(call, result, "clCreateProgramWithSource");
	result = cl->clBuildProgram(program, 1, &device->id, "", NULL, NULL);
	if (result == CL_SUCCESS)
		status = take_code(call, cl, program, image, length);
	else
		status = opencl_fail(call, result, "clBuildProgram");
	cl->clReleaseProgram(program);
	return status;
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
