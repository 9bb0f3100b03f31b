/* SPDX-License-Identifier: MIT
 *
 * Devices of all platforms: listing with a sheet of facts, attaching (a context
 * and one profiling queue).
 */
#include "device.h"

#include <stdlib.h>
#include <string.h>

#include "backend.h"

#define LARGEST_CACHE ((uint64_t)128 << 20)

static uint64_t
info(const struct opencl_driver *driver, cl_device_id device, uint32_t which)
{
	unsigned char bytes[8] = { 0 };
	uint64_t value = 0;

	/* 4 or 8 bytes by parameter; both read right as little-endian. */
	driver->clGetDeviceInfo(device, which, sizeof bytes, bytes, NULL);
	memcpy(&value, bytes, sizeof value);
	return value;
}

static const struct {
	const char *name;
	uint32_t which;
} sheet[] = {
	{ "multiprocessors", CL_DEVICE_MAX_COMPUTE_UNITS },
	{ "clock_mhz", CL_DEVICE_MAX_CLOCK_FREQUENCY },
	{ "memory_bytes", CL_DEVICE_GLOBAL_MEM_SIZE },
	{ "shared_per_block", CL_DEVICE_LOCAL_MEM_SIZE },
	{ "threads_per_block", CL_DEVICE_MAX_WORK_GROUP_SIZE },
};

/* What the platform of a GPU calls its cache is often the first level: 4.1 MiB on
 * an H100, whose second has 50 MiB. Such a number helps nobody. */
static int
tells_its_cache(const struct opencl_driver *driver, cl_device_id device)
{
	return (info(driver, device, CL_DEVICE_TYPE) & CL_DEVICE_TYPE_GPU) == 0;
}

/* Of a GPU as much as the largest ones have, if its memory is large. */
static uint64_t
cache_to_flush(const struct opencl_driver *driver, cl_device_id device)
{
	uint64_t told = info(driver, device, CL_DEVICE_GLOBAL_MEM_CACHE_SIZE);
	uint64_t most = info(driver, device, CL_DEVICE_GLOBAL_MEM_SIZE) / 64;

	if (tells_its_cache(driver, device))
		return told;
	most = most < LARGEST_CACHE ? most : LARGEST_CACHE;
	return told > most ? told : most;
}

struct listing {
	const struct opencl_driver *driver;
	struct ww_device_sink *sink;
};

static ww_status
write_device(void *context, cl_platform_id platform, cl_device_id device,
             int number)
{
	struct listing *listing = context;
	const struct opencl_driver *driver = listing->driver;
	struct ww_device_sink *sink = listing->sink;
	char id[256];
	char text[256] = "";
	ww_status status;
	size_t i;

	opencl_device_id(driver, platform, device, number, id);
	driver->clGetDeviceInfo(device, CL_DEVICE_NAME, sizeof text - 1, text,
	                        NULL);
	status = sink->device(sink, id, text);
	if (status != WW_OK)
		return status;
	for (i = 0; i < sizeof sheet / sizeof sheet[0]; i++)
		sink->fact(sink, sheet[i].name,
		           (double)info(driver, device, sheet[i].which));
	if (tells_its_cache(driver, device))
		sink->fact(sink, "l2_bytes",
		           (double)info(driver, device,
		                        CL_DEVICE_GLOBAL_MEM_CACHE_SIZE));
	text[0] = '\0';
	driver->clGetPlatformInfo(platform, CL_PLATFORM_NAME, sizeof text - 1,
	                          text, NULL);
	sink->text(sink, "platform", text);
	driver->clGetDeviceInfo(device, CL_DEVICE_VERSION, sizeof text - 1,
	                        text, NULL);
	sink->text(sink, "architecture", text);
	driver->clGetDeviceInfo(device, CL_DRIVER_VERSION, sizeof text - 1,
	                        text, NULL);
	sink->text(sink, "driver", text);
	return WW_OK;
}

static ww_status
list(struct ww_call *call, void *self, struct ww_device_sink *sink)
{
	const struct opencl_backend *backend = self;
	struct listing listing = { NULL, sink };
	ww_status status = opencl_driver_open(call, backend->driver,
	                                      &listing.driver);

	if (status == WW_OK)
		status = opencl_each(listing.driver, write_device, &listing);
	return status == WW_STOPPED ? WW_OK : status;
}

static ww_status
start(struct ww_call *call, struct opencl_device *device)
{
	int32_t result = CL_SUCCESS;

	device->context = device->cl->clCreateContext(NULL, 1, &device->id,
	                                              NULL, NULL, &result);
	if (result != CL_SUCCESS)
		return opencl_fail(call, result, "clCreateContext");
	device->queue = device->cl->clCreateCommandQueue(
		device->context, device->id, CL_QUEUE_PROFILING_ENABLE, &result);
	if (result == CL_SUCCESS)
		return WW_OK;
	device->cl->clReleaseContext(device->context);
	return opencl_fail(call, result, "clCreateCommandQueue");
}

static ww_status
attach(struct ww_call *call, void *self, const char *id, void **device_out)
{
	const struct opencl_backend *backend = self;
	struct opencl_device *device = calloc(1, sizeof *device);
	ww_status status;

	if (device == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	device->base.driver = &opencl_gpu_driver;
	device->base.host = backend->host;
	status = opencl_driver_open(call, backend->driver, &device->cl);
	if (status == WW_OK)
		status = opencl_find(call, device->cl, id, &device->id);
	if (status == WW_OK)
		status = start(call, device);
	if (status != WW_OK) {
		free(device);
		return status;
	}
	device->cache_bytes = cache_to_flush(device->cl, device->id);
	*device_out = device;
	return WW_OK;
}

static void
detach(void *self)
{
	struct opencl_device *device = self;

	device->cl->clReleaseCommandQueue(device->queue);
	device->cl->clReleaseContext(device->context);
	free(device);
}

struct naming {
	const struct opencl_device *device;
	char *id;
};

static ww_status
name_device(void *context, cl_platform_id platform, cl_device_id device,
            int number)
{
	struct naming *naming = context;

	if (device != naming->device->id)
		return WW_OK;
	opencl_device_id(naming->device->cl, platform, device, number,
	                 naming->id);
	return WW_STOPPED;
}

static ww_status
target(struct ww_call *call, void *self, struct ww_text_sink *sink)
{
	struct opencl_device *device = self;
	char id[256] = "";
	struct naming naming = { device, id };

	(void)call;
	opencl_each(device->cl, name_device, &naming);
	return sink->write(sink, id, strlen(id));
}

const struct ww_device_ops opencl_device_ops = {
	.size = sizeof opencl_device_ops,
	.list = list,
	.attach = attach,
	.detach = detach,
	.target = target,
	.stage = gpu_stage,
	.unstage = gpu_unstage,
	.load = gpu_load,
	.unload = gpu_unload,
	.verify = gpu_verify,
	.warm = gpu_warm,
	.time = gpu_time,
	.health = gpu_health,
};
