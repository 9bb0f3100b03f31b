/* SPDX-License-Identifier: MIT */
#include "driver.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugins/common/library.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct opencl_driver the_driver;
static int opened;

static const struct ww_symbol functions[] = {
#define OPENCL_ROW(name, result, arguments) \
	{ #name, offsetof(struct opencl_driver, name), 0 },
	OPENCL_FUNCTIONS(OPENCL_ROW)
#undef OPENCL_ROW
};

/* Several processes that share PoCL's kernel cache crash it now and then
 * (version 3.1: a program that one still writes is read by another), so each
 * worker gets a cache of its own among its temporary files, which the session's
 * end removes. Nothing is lost: the host keeps what was built. PoCL reads this
 * when its devices are asked for; a user's own settings stand. The loader is
 * opened in worker processes only, before they have a second thread. */
static void
separate_caches(void)
{
	const char *temporary = getenv("TMPDIR");
	char folder[4096];

	if (temporary == NULL || getenv("POCL_KERNEL_CACHE") != NULL)
		return;
	if ((size_t)snprintf(folder, sizeof folder, "%s/pocl-%ld", temporary,
	                     (long)getpid()) < sizeof folder)
		setenv("POCL_CACHE_DIR", folder, 0);
}

static ww_status
open_locked(struct ww_call *call, const char *name)
{
	const char *const names[] = { name, NULL };
	void *library = NULL;
	ww_status status;

	separate_caches();
	status = ww_library_open(call, names, &library);
	if (status == WW_OK)
		status = ww_library_symbols(
			call, library, name, functions,
			sizeof functions / sizeof functions[0], &the_driver);
	opened = status == WW_OK;
	return status;
}

ww_status
opencl_driver_open(struct ww_call *call, const char *library,
                   const struct opencl_driver **driver)
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
status_of(int32_t result)
{
	switch (result) {
	case CL_MEM_OBJECT_ALLOCATION_FAILURE:
	case CL_OUT_OF_RESOURCES:
	case CL_OUT_OF_HOST_MEMORY:
	case CL_INVALID_WORK_GROUP_SIZE:
	case CL_INVALID_WORK_ITEM_SIZE:
	case CL_INVALID_BUFFER_SIZE:
		return WW_E_RESOURCES;
	case CL_DEVICE_NOT_FOUND:
	case CL_PLATFORM_NOT_FOUND_KHR:
		return WW_E_NO_DEVICE;
	case CL_BUILD_PROGRAM_FAILURE:
	case CL_INVALID_BUILD_OPTIONS:
		return WW_E_COMPILE;
	case CL_INVALID_KERNEL_NAME:
		return WW_E_INVALID;
	/* NVIDIA's queue dies with the kernel that faulted in it. */
	case CL_INVALID_COMMAND_QUEUE:
		return WW_E_CRASH;
	default:
		return WW_E_LAUNCH;
	}
}

ww_status
opencl_fail(struct ww_call *call, int32_t result, const char *what)
{
	return ww_fail(call, status_of(result), "%s failed with OpenCL error %d",
	               what, (int)result);
}

#define MOST_PLATFORMS 16
#define MOST_DEVICES 64

/* Devices of these types, numbered on from *number. */
static ww_status
each_of_type(const struct opencl_driver *driver, uint64_t type, int *number,
             ww_status (*visit)(void *context, cl_platform_id platform,
                                cl_device_id device, int number),
             void *context)
{
	cl_platform_id platforms[MOST_PLATFORMS];
	cl_device_id devices[MOST_DEVICES];
	uint32_t n_platforms = 0;
	ww_status status = WW_OK;
	uint32_t p, d;

	if (driver->clGetPlatformIDs(MOST_PLATFORMS, platforms, &n_platforms) !=
	    CL_SUCCESS)
		return WW_OK;
	if (n_platforms > MOST_PLATFORMS)
		n_platforms = MOST_PLATFORMS;
	for (p = 0; p < n_platforms; p++) {
		uint32_t n = 0;

		if (driver->clGetDeviceIDs(platforms[p], type, MOST_DEVICES,
		                           devices, &n) != CL_SUCCESS)
			continue;
		for (d = 0; d < n && d < MOST_DEVICES && status == WW_OK; d++)
			status = visit(context, platforms[p], devices[d],
			       (*number)++);
	}
	return status;
}

ww_status
opencl_each(const struct opencl_driver *driver,
            ww_status (*visit)(void *context, cl_platform_id platform,
                               cl_device_id device, int number),
            void *context)
{
	int number = 0;
	ww_status status = each_of_type(driver, CL_DEVICE_TYPE_GPU, &number,
	                                visit, context);

	/* Processors last: on a machine that has a GPU, that is meant. */
	if (status == WW_OK)
		status = each_of_type(driver, ~(uint64_t)CL_DEVICE_TYPE_GPU &
		                                      CL_DEVICE_TYPE_ALL,
		                      &number, visit, context);
	return status;
}

void
opencl_device_id(const struct opencl_driver *driver, cl_platform_id platform,
                 cl_device_id device, int number, char id[256])
{
	char platform_name[96] = "";
	char device_name[96] = "";

	driver->clGetPlatformInfo(platform, CL_PLATFORM_NAME,
	                          sizeof platform_name - 1, platform_name,
	                          NULL);
	driver->clGetDeviceInfo(device, CL_DEVICE_NAME, sizeof device_name - 1,
	                        device_name, NULL);
	snprintf(id, 256, "%s/%s#%d", platform_name, device_name, number);
}

struct search {
	const struct opencl_driver *driver;
	const char *id;
	cl_device_id *device;
};

static ww_status
match(void *context, cl_platform_id platform, cl_device_id device, int number)
{
	const struct search *search = context;
	char id[256];
	char text[16];

	opencl_device_id(search->driver, platform, device, number, id);
	snprintf(text, sizeof text, "%d", number);
	if (search->id != NULL && strcmp(search->id, id) != 0 &&
	    strcmp(search->id, text) != 0)
		return WW_OK;
	*search->device = device;
	return WW_STOPPED;
}

ww_status
opencl_find(struct ww_call *call, const struct opencl_driver *driver,
            const char *id, cl_device_id *device)
{
	struct search search = { driver, id, device };

	if (opencl_each(driver, match, &search) == WW_STOPPED)
		return WW_OK;
	return ww_fail(call, WW_E_NO_DEVICE,
	               id != NULL ? "no OpenCL device '%s'; 'warpwright "
	                            "devices' lists them"
	                          : "no OpenCL device%s",
	               id != NULL ? id : "");
}
