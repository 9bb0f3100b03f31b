/* SPDX-License-Identifier: MIT */
#include "driver.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct hip_driver the_driver;
static int opened;

/* Newest first. */
static const char *const names[] = { "libamdhip64.so.7", "libamdhip64.so.6",
	                             "libamdhip64.so.5" };

static const struct {
	const char *name;
	int optional;
	size_t offset;
} functions[] = {
#define HIP_ROW(name, result, optional, arguments) \
	{ #name, optional, offsetof(struct hip_driver, name) },
	HIP_FUNCTIONS(HIP_ROW)
#undef HIP_ROW
};

static void *
find_library(const char *library, const char **found)
{
	void *handle = NULL;
	size_t i;

	*found = library;
	if (library != NULL)
		return dlopen(library, RTLD_NOW | RTLD_LOCAL);
	for (i = 0; handle == NULL && i < sizeof names / sizeof names[0]; i++) {
		*found = names[i];
		handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	}
	return handle;
}

/* Fills the table; every missing function is named in one message. */
static ww_status
resolve(struct ww_call *call, void *handle, const char *library)
{
	char missing[512] = "";
	size_t i;

	for (i = 0; i < sizeof functions / sizeof functions[0]; i++) {
		void *function = dlsym(handle, functions[i].name);
		size_t used = strlen(missing);

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
	const char *found;
	void *handle = find_library(library, &found);
	hipError_t result;
	ww_status status;

	if (handle == NULL)
		return ww_fail(call, WW_E_UNAVAILABLE, "no HIP runtime: %s",
		               dlerror());
	status = resolve(call, handle, found);
	if (status != WW_OK)
		return status;
	result = the_driver.hipInit(0);
	/* Without a device the runtime answers with either of these. */
	if (result == hipErrorNoDevice || result == hipErrorInvalidDevice)
		return ww_fail(call, WW_E_NO_DEVICE,
		               "the HIP runtime sees no device");
	if (result == hipSuccess)
		result = the_driver.hipDriverGetVersion(&the_driver.version);
	if (result != hipSuccess)
		return hip_fail(call, &the_driver, result, "hipInit");
	opened = 1;
	return WW_OK;
}

ww_status
hip_driver_open(struct ww_call *call, const char *library,
                const struct hip_driver **driver)
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
status_of(hipError_t result)
{
	switch (result) {
	case hipErrorOutOfMemory:
	case hipErrorLaunchOutOfResources:
		return WW_E_RESOURCES;
	case hipErrorNoDevice:
	case hipErrorInvalidDevice:
		return WW_E_NO_DEVICE;
	case hipErrorInvalidImage:
	case hipErrorNoBinaryForGpu:
		return WW_E_INVALID;
	case hipErrorNotFound:
		return WW_E_NOT_FOUND;
	/* These poison the context for good. */
	case hipErrorIllegalAddress:
	case hipErrorLaunchTimeOut:
	case hipErrorECCNotCorrectable:
	case hipErrorContextIsDestroyed:
	case hipErrorAssert:
	case hipErrorLaunchFailure:
	/* The CUDA driver's instruction, alignment and address faults, which
	 * HIP names on NVIDIA hardware alone. */
	case 715:
	case 716:
	case 717:
	case 718:
	case hipErrorUnknown:
		return WW_E_CRASH;
	default:
		return WW_E_LAUNCH;
	}
}

ww_status
hip_fail(struct ww_call *call, const struct hip_driver *driver,
         hipError_t result, const char *what)
{
	const char *name = driver->hipGetErrorName(result);
	const char *words = driver->hipGetErrorString(result);

	return ww_fail(call, status_of(result), "%s: %s (%s)", what,
	               words != NULL ? words : "unknown error",
	               name != NULL ? name : "?");
}
