/* SPDX-License-Identifier: MIT */
#include "driver.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* The oldest driver that has cuGetProcAddress: CUDA 11.3. */
typedef CUresult (*find_function)(const char *name, void **function,
                                  int version, uint64_t flags);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct cuda_driver the_driver;
static int opened;

static const struct {
	const char *name;
	int version;
	int optional;
	size_t offset;
} functions[] = {
#define CUDA_ROW(name, version, optional, arguments) \
	{ #name, version, optional, offsetof(struct cuda_driver, name) },
	CUDA_FUNCTIONS(CUDA_ROW)
#undef CUDA_ROW
};

/* Fills the table; every missing function is named in one message. */
static ww_status
resolve(struct ww_call *call, find_function find, const char *library)
{
	char missing[512] = "";
	size_t i;

	for (i = 0; i < sizeof functions / sizeof functions[0]; i++) {
		void *function = NULL;
		size_t used = strlen(missing);

		if (find(functions[i].name, &function, functions[i].version,
		         0) != CUDA_SUCCESS)
			function = NULL;
		if (function == NULL && !functions[i].optional)
			snprintf(missing + used, sizeof missing - used, " %s",
			         functions[i].name);
		/* The address of a function travels as bytes, because ISO C
		 * has no cast from an object pointer. */
		memcpy((char *)&the_driver + functions[i].offset, &function,
		       sizeof function);
	}
	if (missing[0] != '\0')
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "%s is too old, it lacks:%s", library, missing);
	return WW_OK;
}

static ww_status
open_locked(struct ww_call *call, const char *library)
{
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	find_function find = NULL;
	void *symbol;
	CUresult result;
	ww_status status;

	if (handle == NULL)
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "no CUDA driver: %s", dlerror());
	symbol = dlsym(handle, "cuGetProcAddress");
	if (symbol == NULL)
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "%s is too old: it has no cuGetProcAddress; "
		               "a driver for CUDA 11.3 or newer is needed",
		               library);
	memcpy(&find, &symbol, sizeof find);
	status = resolve(call, find, library);
	if (status != WW_OK)
		return status;
	result = the_driver.cuInit(0);
	if (result == CUDA_ERROR_NO_DEVICE) {
		the_driver.version = 0;
		return ww_fail(call, WW_E_NO_DEVICE,
		               "the CUDA driver sees no device");
	}
	if (result == CUDA_SUCCESS)
		result = the_driver.cuDriverGetVersion(&the_driver.version);
	if (result != CUDA_SUCCESS)
		return cuda_fail(call, &the_driver, result, "cuInit");
	opened = 1;
	return WW_OK;
}

ww_status
cuda_driver_open(struct ww_call *call, const char *library,
                 const struct cuda_driver **driver)
{
	ww_status status = WW_OK;

	pthread_mutex_lock(&lock);
	if (!opened)
		status = open_locked(call, library);
	pthread_mutex_unlock(&lock);
	if (status == WW_OK)
		*driver = &the_driver;
	return status;
}

static ww_status
status_of(CUresult result)
{
	switch (result) {
	case CUDA_ERROR_OUT_OF_MEMORY:
	case CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES:
		return WW_E_RESOURCES;
	case CUDA_ERROR_NO_DEVICE:
		return WW_E_NO_DEVICE;
	case CUDA_ERROR_INVALID_IMAGE:
	case CUDA_ERROR_NO_BINARY_FOR_GPU:
	case CUDA_ERROR_INVALID_PTX:
		return WW_E_INVALID;
	case CUDA_ERROR_NOT_FOUND:
		return WW_E_NOT_FOUND;
	/* These poison the context for good. */
	case CUDA_ERROR_ILLEGAL_ADDRESS:
	case CUDA_ERROR_LAUNCH_TIMEOUT:
	case CUDA_ERROR_ECC_UNCORRECTABLE:
	case CUDA_ERROR_NVLINK_UNCORRECTABLE:
	case CUDA_ERROR_CONTEXT_IS_DESTROYED:
	case CUDA_ERROR_ASSERT:
	case CUDA_ERROR_HARDWARE_STACK_ERROR:
	case CUDA_ERROR_ILLEGAL_INSTRUCTION:
	case CUDA_ERROR_MISALIGNED_ADDRESS:
	case CUDA_ERROR_INVALID_ADDRESS_SPACE:
	case CUDA_ERROR_INVALID_PC:
	case CUDA_ERROR_LAUNCH_FAILED:
	case CUDA_ERROR_UNKNOWN:
		return WW_E_CRASH;
	default:
		return WW_E_LAUNCH;
	}
}

ww_status
cuda_fail(struct ww_call *call, const struct cuda_driver *driver,
          CUresult result, const char *what)
{
	const char *name = NULL;
	const char *words = NULL;

	driver->cuGetErrorName(result, &name);
	driver->cuGetErrorString(result, &words);
	return ww_fail(call, status_of(result), "%s: %s (%s)", what,
	               words != NULL ? words : "unknown error",
	               name != NULL ? name : "?");
}
