/* SPDX-License-Identifier: MIT */
#include "tests/fakes/fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHARED_LIMIT 232448

int fake_device;
int fake_sticky;

/* As some drivers do at every start. */
static void
litter(void)
{
	const char *folder = getenv("TMPDIR");
	char path[4096];

	snprintf(path, sizeof path, "%s/fake-%d",
	         folder != NULL ? folder : "/tmp", (int)getpid());
	mkdir(path, 0700);
}

static CUresult
init(unsigned int flags)
{
	(void)flags;
	if (fake_driver_is("litters"))
		litter();
	while (fake_driver_is("init_hangs"))
		pause();
	if (fake_driver_is("init_fails"))
		return CUDA_ERROR_UNKNOWN;
	return fake_driver_is("no_device") ? CUDA_ERROR_NO_DEVICE : CUDA_SUCCESS;
}

static CUresult
version(int *number)
{
	*number = 13000;
	return CUDA_SUCCESS;
}

static CUresult
error_name(CUresult result, const char **name)
{
	static char text[32];

	snprintf(text, sizeof text, "FAKE_ERROR_%d", result);
	*name = text;
	return CUDA_SUCCESS;
}

static CUresult
error_string(CUresult result, const char **words)
{
	*words = result == CUDA_ERROR_OUT_OF_MEMORY ? "out of memory"
	                                            : "scripted";
	return CUDA_SUCCESS;
}

static CUresult
device_count(int *n)
{
	*n = (int)fake_driver_number("devices", 1);
	return CUDA_SUCCESS;
}

static CUresult
device_get(CUdevice *device, int i)
{
	*device = i;
	return CUDA_SUCCESS;
}

static CUresult
device_name(char *name, int length, CUdevice device)
{
	(void)device;
	snprintf(name, (size_t)length, "Scripted GPU");
	return CUDA_SUCCESS;
}

static CUresult
device_uuid(CUuuid *uuid, CUdevice device)
{
	memset(uuid, 0x11 + device, sizeof *uuid);
	return CUDA_SUCCESS;
}

static CUresult
device_memory(size_t *bytes, CUdevice device)
{
	(void)device;
	*bytes = (size_t)1 << 30;
	return CUDA_SUCCESS;
}

static CUresult
device_attribute(int *value, int attribute, CUdevice device)
{
	(void)device;
	*value = attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR ? 9
	         : attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR
	                 ? 0
	         : attribute == CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE ? 1 << 16
	         : attribute == CU_DEVICE_ATTRIBUTE_WARP_SIZE     ? 32
	         : attribute ==
	                         CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN
	                 ? SHARED_LIMIT
	                                                          : 1024;
	return CUDA_SUCCESS;
}

static CUresult
retain(CUcontext *context, CUdevice device)
{
	if (fake_is_lost(device))
		return CUDA_ERROR_ECC_UNCORRECTABLE;
	fake_device = device;
	*context = NULL;
	return CUDA_SUCCESS;
}

static CUresult
release(CUdevice device)
{
	(void)device;
	return CUDA_SUCCESS;
}

static CUresult
set_current(CUcontext context)
{
	(void)context;
	return CUDA_SUCCESS;
}

static CUresult
stream_create(CUstream *stream, unsigned int flags)
{
	(void)flags;
	*stream = NULL;
	return CUDA_SUCCESS;
}

static CUresult
stream_end(CUstream stream)
{
	(void)stream;
	return CUDA_SUCCESS;
}

static CUresult
synchronize(CUstream stream)
{
	(void)stream;
	return fake_sticky;
}

static CUresult
memory_alloc(CUdeviceptr *pointer, size_t bytes)
{
	void *memory;

	if (fake_sticky != 0)
		return fake_sticky;
	if (fake_driver_is("oom") && bytes > 65536)
		return CUDA_ERROR_OUT_OF_MEMORY;
	memory = malloc(bytes);
	*pointer = (CUdeviceptr)(uintptr_t)memory;
	return memory != NULL ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

static void *
memory_at(CUdeviceptr pointer)
{
	return (void *)(uintptr_t)pointer;
}

static CUresult
memory_free(CUdeviceptr pointer)
{
	free(memory_at(pointer));
	return fake_sticky;
}

static CUresult
to_device(CUdeviceptr to, const void *from, size_t bytes)
{
	if (fake_sticky == 0)
		memcpy(memory_at(to), from, bytes);
	return fake_sticky;
}

static CUresult
to_host(void *to, CUdeviceptr from, size_t bytes)
{
	if (fake_sticky == 0)
		memcpy(to, memory_at(from), bytes);
	return fake_sticky;
}

static CUresult
on_device(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream)
{
	(void)stream;
	if (fake_sticky == 0)
		memcpy(memory_at(to), memory_at(from), bytes);
	return fake_sticky;
}

static CUresult
set_words(CUdeviceptr to, unsigned int word, size_t n, CUstream stream)
{
	unsigned int *at = memory_at(to);

	(void)stream;
	while (fake_sticky == 0 && n-- > 0)
		*at++ = word;
	return fake_sticky;
}

static CUresult
module_load(CUmodule *module, const void *image)
{
	if (fake_has(image, "no_room_for_code"))
		return CUDA_ERROR_OUT_OF_MEMORY;
	if (fake_has(image, "broken_code"))
		return CUDA_ERROR_INVALID_IMAGE;
	*module = calloc(1, sizeof **module);
	(*module)->shared_limit = 48 * 1024;
	snprintf((*module)->words, sizeof (*module)->words, "%s",
	         (const char *)image);
	return fake_sticky;
}

static CUresult
module_unload(CUmodule module)
{
	free(module);
	return fake_sticky;
}

static CUresult
module_function(CUfunction *function, CUmodule module, const char *name)
{
	if (fake_has(module->words, "no_such_kernel") && name[0] == 's')
		return CUDA_ERROR_NOT_FOUND;
	*function = (CUfunction)module;
	return fake_sticky;
}

static CUresult
module_global(CUdeviceptr *pointer, size_t *bytes, CUmodule module,
              const char *name)
{
	(void)pointer;
	(void)bytes;
	(void)module;
	(void)name;
	return CUDA_ERROR_NOT_FOUND;
}

static CUresult
function_attribute(int *value, int attribute, CUfunction function)
{
	(void)function;
	*value = attribute == CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK ? 1024
	                                                              : 32;
	return CUDA_SUCCESS;
}

static CUresult
function_set(CUfunction function, int attribute, int value)
{
	struct CUmod_st *module = (struct CUmod_st *)function;

	if (attribute != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES)
		return CUDA_SUCCESS;
	if (value > SHARED_LIMIT)
		return CUDA_ERROR_INVALID_VALUE;
	module->shared_limit = (unsigned)value;
	return CUDA_SUCCESS;
}

static CUresult
occupancy(int *blocks, CUfunction function, int threads, size_t shared)
{
	(void)function;
	(void)shared;
	*blocks = 2048 / threads;
	return CUDA_SUCCESS;
}

typedef void (*any_function)(void);

static const struct {
	const char *name;
	any_function function;
} functions[] = {
#define ROW(name, function) { #name, (any_function)(function) }
	ROW(cuInit, init),
	ROW(cuDriverGetVersion, version),
	ROW(cuGetErrorName, error_name),
	ROW(cuGetErrorString, error_string),
	ROW(cuDeviceGetCount, device_count),
	ROW(cuDeviceGet, device_get),
	ROW(cuDeviceGetName, device_name),
	ROW(cuDeviceGetUuid, device_uuid),
	ROW(cuDeviceTotalMem, device_memory),
	ROW(cuDeviceGetAttribute, device_attribute),
	ROW(cuDevicePrimaryCtxRetain, retain),
	ROW(cuDevicePrimaryCtxRelease, release),
	ROW(cuCtxSetCurrent, set_current),
	ROW(cuStreamCreate, stream_create),
	ROW(cuStreamDestroy, stream_end),
	ROW(cuStreamSynchronize, synchronize),
	ROW(cuMemAlloc, memory_alloc),
	ROW(cuMemFree, memory_free),
	ROW(cuMemcpyHtoD, to_device),
	ROW(cuMemcpyDtoH, to_host),
	ROW(cuMemcpyDtoDAsync, on_device),
	ROW(cuMemsetD32Async, set_words),
	ROW(cuModuleLoadData, module_load),
	ROW(cuModuleUnload, module_unload),
	ROW(cuModuleGetFunction, module_function),
	ROW(cuModuleGetGlobal, module_global),
	ROW(cuFuncGetAttribute, function_attribute),
	ROW(cuFuncSetAttribute, function_set),
	ROW(cuOccupancyMaxActiveBlocksPerMultiprocessor, occupancy),
	ROW(cuLaunchKernel, fake_launch),
	ROW(cuLaunchKernelEx, fake_launch_ex),
	ROW(cuEventCreate, fake_event_create),
	ROW(cuEventDestroy, fake_event_destroy),
	ROW(cuEventRecord, fake_event_record),
	ROW(cuEventSynchronize, fake_event_wait),
	ROW(cuEventElapsedTime, fake_elapsed),
#undef ROW
};

FAKE CUresult cuGetProcAddress(const char *name, void **function, int wanted,
                               uint64_t flags);
FAKE CUresult
cuGetProcAddress(const char *name, void **function, int wanted, uint64_t flags)
{
	size_t i;

	(void)flags;
	*function = NULL;
	if (fake_driver_is("old") && wanted >= 6050)
		return CUDA_ERROR_NOT_FOUND;
	for (i = 0; i < sizeof functions / sizeof functions[0]; i++)
		if (strcmp(functions[i].name, name) == 0)
			memcpy(function, &functions[i].function,
			       sizeof *function);
	return *function != NULL ? CUDA_SUCCESS : CUDA_ERROR_NOT_FOUND;
}
