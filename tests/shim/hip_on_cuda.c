/* SPDX-License-Identifier: MIT
 *
 * The HIP calls that backend-hip uses, on top of the CUDA driver and NVRTC, so
 * that the whole hip path runs on an NVIDIA GPU: point backend.hip.driver and
 * backend.hip.hiprtc at this library. It stands in for the vendor's libraries in
 * tests only; it says nothing about how fast AMD hardware is. HIP_SHIM_DRIVER and
 * HIP_SHIM_NVRTC name other libraries to stand on, such as tests/fakes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/backend-cuda/compiler.h"
#include "plugins/backend-cuda/driver.h"

/* The architecture that the device claims; the compiler's side turns it into
 * the real one. */
#define CLAIMED "gfx90a"

#define SHIM WW_EXPORT

static const struct cuda_driver *cuda;
static const struct nvrtc *nvrtc;

static ww_status
call_fail(struct ww_call *self, ww_status status, const char *text)
{
	(void)self;
	fprintf(stderr, "hip shim: %s\n", text);
	return status;
}

static int32_t
call_cancelled(struct ww_call *self)
{
	(void)self;
	return 0;
}

static int64_t
call_deadline(struct ww_call *self)
{
	(void)self;
	return INT64_MAX;
}

static struct ww_call call = {
	.size = sizeof call,
	.fail = call_fail,
	.cancelled = call_cancelled,
	.deadline_ns = call_deadline,
};

/* ---------------------------------------------------------------- runtime */

SHIM int hipInit(unsigned int flags);
SHIM int
hipInit(unsigned int flags)
{
	const char *library = getenv("HIP_SHIM_DRIVER");
	ww_status status = cuda_driver_open(
		&call, library != NULL ? library : "libcuda.so.1", &cuda);

	(void)flags;
	return status == WW_OK ? 0 : 100;
}

SHIM int hipDriverGetVersion(int *version);
SHIM int
hipDriverGetVersion(int *version)
{
	*version = 60000000;
	return 0;
}

SHIM const char *hipGetErrorName(int result);
SHIM const char *
hipGetErrorName(int result)
{
	const char *text = NULL;

	if (cuda != NULL)
		cuda->cuGetErrorName(result, &text);
	return text;
}

SHIM const char *hipGetErrorString(int result);
SHIM const char *
hipGetErrorString(int result)
{
	const char *text = NULL;

	if (cuda != NULL)
		cuda->cuGetErrorString(result, &text);
	return text;
}

SHIM int hipGetDeviceCount(int *n);
SHIM int
hipGetDeviceCount(int *n)
{
	return cuda->cuDeviceGetCount(n);
}

SHIM int hipDeviceGet(int *device, int i);
SHIM int
hipDeviceGet(int *device, int i)
{
	return cuda->cuDeviceGet(device, i);
}

SHIM int hipDeviceGetName(char *name, int length, int device);
SHIM int
hipDeviceGetName(char *name, int length, int device)
{
	return cuda->cuDeviceGetName(name, length, device);
}

SHIM int hipDeviceGetUuid(void *uuid, int device);
SHIM int
hipDeviceGetUuid(void *uuid, int device)
{
	return cuda->cuDeviceGetUuid(uuid, device);
}

SHIM int hipDeviceTotalMem(size_t *bytes, int device);
SHIM int
hipDeviceTotalMem(size_t *bytes, int device)
{
	return cuda->cuDeviceTotalMem(bytes, device);
}

/* HIP's numbers of attributes and the driver's. */
static const int attributes[][2] = {
	{ 5, CU_DEVICE_ATTRIBUTE_CLOCK_RATE },
	{ 19, CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE },
	{ 25, CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR },
	{ 56, CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK },
	{ 57, CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR },
	{ 59, CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH },
	{ 60, CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE },
	{ 63, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT },
	{ 71, CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK },
	{ 72, CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR },
	{ 74, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN },
	{ 87, CU_DEVICE_ATTRIBUTE_WARP_SIZE },
	{ 10002, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR },
};

SHIM int hipDeviceGetAttribute(int *value, int attribute, int device);
SHIM int
hipDeviceGetAttribute(int *value, int attribute, int device)
{
	size_t i;

	for (i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
		if (attributes[i][0] == attribute)
			return cuda->cuDeviceGetAttribute(
				value, attributes[i][1], device);
	return CUDA_ERROR_INVALID_VALUE;
}

SHIM int hipGetDeviceProperties(char *properties, int device);
SHIM int
hipGetDeviceProperties(char *properties, int device)
{
	(void)device;
	/* Where ROCm 5 keeps gcnArchName. */
	strcpy(properties + 396, CLAIMED ":sramecc+:xnack-");
	return 0;
}

SHIM int hipSetDevice(int device);
SHIM int
hipSetDevice(int device)
{
	CUcontext context;
	int result = cuda->cuDevicePrimaryCtxRetain(&context, device);

	return result != 0 ? result : cuda->cuCtxSetCurrent(context);
}

SHIM int hipStreamCreateWithFlags(CUstream *stream, unsigned int flags);
SHIM int
hipStreamCreateWithFlags(CUstream *stream, unsigned int flags)
{
	return cuda->cuStreamCreate(stream, flags);
}

SHIM int hipStreamDestroy(CUstream stream);
SHIM int
hipStreamDestroy(CUstream stream)
{
	return cuda->cuStreamDestroy(stream);
}

SHIM int hipStreamSynchronize(CUstream stream);
SHIM int
hipStreamSynchronize(CUstream stream)
{
	return cuda->cuStreamSynchronize(stream);
}

SHIM int hipMalloc(void **pointer, size_t bytes);
SHIM int
hipMalloc(void **pointer, size_t bytes)
{
	CUdeviceptr address = 0;
	int result = cuda->cuMemAlloc(&address, bytes);

	*pointer = (void *)(uintptr_t)address;
	return result;
}

static CUdeviceptr
address_of(const void *pointer)
{
	return (CUdeviceptr)(uintptr_t)pointer;
}

SHIM int hipFree(void *pointer);
SHIM int
hipFree(void *pointer)
{
	return cuda->cuMemFree(address_of(pointer));
}

SHIM int hipMemcpyHtoD(void *to, const void *from, size_t bytes);
SHIM int
hipMemcpyHtoD(void *to, const void *from, size_t bytes)
{
	return cuda->cuMemcpyHtoD(address_of(to), from, bytes);
}

SHIM int hipMemcpyDtoH(void *to, void *from, size_t bytes);
SHIM int
hipMemcpyDtoH(void *to, void *from, size_t bytes)
{
	return cuda->cuMemcpyDtoH(to, address_of(from), bytes);
}

SHIM int hipMemcpyDtoDAsync(void *to, void *from, size_t bytes, CUstream stream);
SHIM int
hipMemcpyDtoDAsync(void *to, void *from, size_t bytes, CUstream stream)
{
	return cuda->cuMemcpyDtoDAsync(address_of(to), address_of(from), bytes,
	                               stream);
}

SHIM int hipMemsetD32Async(void *to, int word, size_t n, CUstream stream);
SHIM int
hipMemsetD32Async(void *to, int word, size_t n, CUstream stream)
{
	return cuda->cuMemsetD32Async(address_of(to), (unsigned int)word, n,
	                              stream);
}

SHIM int hipModuleLoadData(CUmodule *module, const void *image);
SHIM int
hipModuleLoadData(CUmodule *module, const void *image)
{
	return cuda->cuModuleLoadData(module, image);
}

SHIM int hipModuleUnload(CUmodule module);
SHIM int
hipModuleUnload(CUmodule module)
{
	return cuda->cuModuleUnload(module);
}

SHIM int hipModuleGetFunction(CUfunction *function, CUmodule module,
                              const char *name);
SHIM int
hipModuleGetFunction(CUfunction *function, CUmodule module, const char *name)
{
	return cuda->cuModuleGetFunction(function, module, name);
}

SHIM int hipModuleGetGlobal(void **pointer, size_t *bytes, CUmodule module,
                            const char *name);
SHIM int
hipModuleGetGlobal(void **pointer, size_t *bytes, CUmodule module,
                   const char *name)
{
	CUdeviceptr address = 0;
	int result = cuda->cuModuleGetGlobal(&address, bytes, module, name);

	*pointer = (void *)(uintptr_t)address;
	return result;
}

SHIM int hipFuncGetAttribute(int *value, int attribute, CUfunction function);
SHIM int
hipFuncGetAttribute(int *value, int attribute, CUfunction function)
{
	/* The numbers used here are the same on both sides. */
	return cuda->cuFuncGetAttribute(value, attribute, function);
}

SHIM int hipFuncSetAttribute(const void *function, int attribute, int value);
SHIM int
hipFuncSetAttribute(const void *function, int attribute, int value)
{
	/* The attribute has the same number on both sides. */
	return cuda->cuFuncSetAttribute((CUfunction)(uintptr_t)function,
	                                attribute, value);
}

SHIM int hipModuleOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks,
                                                            CUfunction function,
                                                            int threads,
                                                            size_t shared);
SHIM int
hipModuleOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks,
                                                   CUfunction function,
                                                   int threads, size_t shared)
{
	return cuda->cuOccupancyMaxActiveBlocksPerMultiprocessor(
		blocks, function, threads, shared);
}

SHIM int hipModuleLaunchKernel(CUfunction function, unsigned int grid_x,
                               unsigned int grid_y, unsigned int grid_z,
                               unsigned int block_x, unsigned int block_y,
                               unsigned int block_z, unsigned int shared,
                               CUstream stream, void **arguments,
                               void **extra);
SHIM int
hipModuleLaunchKernel(CUfunction function, unsigned int grid_x,
                      unsigned int grid_y, unsigned int grid_z,
                      unsigned int block_x, unsigned int block_y,
                      unsigned int block_z, unsigned int shared,
                      CUstream stream, void **arguments, void **extra)
{
	return cuda->cuLaunchKernel(function, grid_x, grid_y, grid_z, block_x,
	                            block_y, block_z, shared, stream, arguments,
	                            extra);
}

SHIM int hipEventCreateWithFlags(CUevent *event, unsigned int flags);
SHIM int
hipEventCreateWithFlags(CUevent *event, unsigned int flags)
{
	return cuda->cuEventCreate(event, flags);
}

SHIM int hipEventDestroy(CUevent event);
SHIM int
hipEventDestroy(CUevent event)
{
	return cuda->cuEventDestroy(event);
}

SHIM int hipEventRecord(CUevent event, CUstream stream);
SHIM int
hipEventRecord(CUevent event, CUstream stream)
{
	return cuda->cuEventRecord(event, stream);
}

SHIM int hipEventElapsedTime(float *ms, CUevent from, CUevent to);
SHIM int
hipEventElapsedTime(float *ms, CUevent from, CUevent to)
{
	return cuda->cuEventElapsedTime(ms, from, to);
}

/* --------------------------------------------------------------- compiler */

SHIM int hiprtcVersion(int *major, int *minor);
SHIM int
hiprtcVersion(int *major, int *minor)
{
	if (nvrtc_open(&call, getenv("HIP_SHIM_NVRTC"), &nvrtc) != WW_OK)
		return 11;
	return nvrtc->nvrtcVersion(major, minor);
}

SHIM int hiprtcCreateProgram(nvrtcProgram *program, const char *source,
                             const char *name, int n, const char *const *headers,
                             const char *const *names);
SHIM int
hiprtcCreateProgram(nvrtcProgram *program, const char *source, const char *name,
                    int n, const char *const *headers, const char *const *names)
{
	return nvrtc->nvrtcCreateProgram(program, source, name, n, headers,
	                                 names);
}

SHIM int hiprtcDestroyProgram(nvrtcProgram *program);
SHIM int
hiprtcDestroyProgram(nvrtcProgram *program)
{
	return nvrtc->nvrtcDestroyProgram(program);
}

SHIM int hiprtcAddNameExpression(nvrtcProgram program, const char *expression);
SHIM int
hiprtcAddNameExpression(nvrtcProgram program, const char *expression)
{
	return nvrtc->nvrtcAddNameExpression(program, expression);
}

#define MOST_OPTIONS 256

/* The newest architecture that the compiler knows up to the device's own; the
 * compile half has no device, so an environment variable names it. */
static const char *
real_architecture(void)
{
	const char *set = getenv("HIP_SHIM_ARCH");

	return set != NULL ? set : "-arch=sm_90";
}

SHIM int hiprtcCompileProgram(nvrtcProgram program, int n,
                              const char *const *options);
SHIM int
hiprtcCompileProgram(nvrtcProgram program, int n, const char *const *options)
{
	const char *translated[MOST_OPTIONS];
	int used = 0;
	int i;

	for (i = 0; i < n && used < MOST_OPTIONS - 1; i++) {
		if (strncmp(options[i], "--offload-arch=", 15) == 0)
			translated[used++] = real_architecture();
		else if (strncmp(options[i], "-O", 2) != 0)
			translated[used++] = options[i];
	}
	translated[used++] = "-default-device";
	return nvrtc->nvrtcCompileProgram(program, used, translated);
}

SHIM int hiprtcGetLoweredName(nvrtcProgram program, const char *expression,
                              const char **name);
SHIM int
hiprtcGetLoweredName(nvrtcProgram program, const char *expression,
                     const char **name)
{
	return nvrtc->nvrtcGetLoweredName(program, expression, name);
}

SHIM int hiprtcGetProgramLogSize(nvrtcProgram program, size_t *n);
SHIM int
hiprtcGetProgramLogSize(nvrtcProgram program, size_t *n)
{
	return nvrtc->nvrtcGetProgramLogSize(program, n);
}

SHIM int hiprtcGetProgramLog(nvrtcProgram program, char *log);
SHIM int
hiprtcGetProgramLog(nvrtcProgram program, char *log)
{
	return nvrtc->nvrtcGetProgramLog(program, log);
}

SHIM int hiprtcGetCodeSize(nvrtcProgram program, size_t *n);
SHIM int
hiprtcGetCodeSize(nvrtcProgram program, size_t *n)
{
	return nvrtc->nvrtcGetCUBINSize(program, n);
}

SHIM int hiprtcGetCode(nvrtcProgram program, char *code);
SHIM int
hiprtcGetCode(nvrtcProgram program, char *code)
{
	return nvrtc->nvrtcGetCUBIN(program, code);
}

SHIM const char *hiprtcGetErrorString(int result);
SHIM const char *
hiprtcGetErrorString(int result)
{
	return nvrtc->nvrtcGetErrorString(result);
}
