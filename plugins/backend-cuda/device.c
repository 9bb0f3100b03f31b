/* SPDX-License-Identifier: MIT
 *
 * Devices: listing with a sheet of hardware facts, attaching (the primary
 * context and one stream).
 */
#include "device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "plugins/common/gpu_quiet.h"

static const struct {
	const char *name;
	int attribute;
} sheet[] = {
	{ "multiprocessors", CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT },
	{ "l2_bytes", CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE },
	{ "shared_per_block",
	  CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN },
	{ "shared_per_multiprocessor",
	  CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR },
	{ "registers_per_block", CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK },
	{ "registers_per_multiprocessor",
	  CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR },
	{ "threads_per_block", CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK },
	{ "threads_per_multiprocessor",
	  CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR },
	{ "blocks_per_multiprocessor",
	  CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR },
	{ "warp_width", CU_DEVICE_ATTRIBUTE_WARP_SIZE },
};

static int
attribute(const struct cuda_driver *driver, CUdevice device, int which)
{
	int value = 0;

	driver->cuDeviceGetAttribute(&value, which, device);
	return value;
}

/* Single-precision units a multiprocessor, by compute capability: NVIDIA's
 * programming guide, table of arithmetic throughput. */
static int
float_units(int major, int minor)
{
	switch (major) {
	case 7:
		return 64;
	case 8:
		return minor == 0 ? 64 : 128;
	case 6:
		return minor == 0 ? 64 : 128;
	default:
		return 128;
	}
}

static void
uuid_text(const struct cuda_driver *driver, CUdevice device, char text[64])
{
	CUuuid uuid;
	const unsigned char *b = (const unsigned char *)uuid.bytes;

	memset(&uuid, 0, sizeof uuid);
	driver->cuDeviceGetUuid(&uuid, device);
	snprintf(text, 64,
	         "GPU-%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
	         "%02x%02x%02x%02x%02x%02x",
	         b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9],
	         b[10], b[11], b[12], b[13], b[14], b[15]);
}

static void
write_rates(const struct cuda_driver *driver, CUdevice device,
            struct ww_device_sink *sink)
{
	int major = attribute(driver, device,
	                      CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
	int minor = attribute(driver, device,
	                      CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
	double clock = attribute(driver, device, CU_DEVICE_ATTRIBUTE_CLOCK_RATE);
	double memory = attribute(driver, device,
	                          CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE);
	double width = attribute(driver, device,
	                         CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH);
	double units = attribute(driver, device,
	                         CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT) *
	               float_units(major, minor);
	char text[32];

	sink->fact(sink, "clock_mhz", clock / 1e3);
	/* Two transfers a clock over the bus; kHz and bits. */
	if (memory > 0 && width > 0)
		sink->fact(sink, "bandwidth_gbs",
		           2.0 * memory * 1e3 * width / 8.0 / 1e9);
	/* A fused multiply-add is two operations. */
	sink->fact(sink, "peak_gflops_f32", 2.0 * units * clock * 1e3 / 1e9);
	snprintf(text, sizeof text, "sm_%d%d", major, minor);
	sink->text(sink, "architecture", text);
}

static ww_status
write_device(const struct cuda_driver *driver, CUdevice device,
             struct ww_device_sink *sink)
{
	char id[64];
	char name[256] = "";
	char version[32];
	size_t memory = 0;
	ww_status status;
	size_t i;

	uuid_text(driver, device, id);
	driver->cuDeviceGetName(name, sizeof name, device);
	status = sink->device(sink, id, name);
	if (status != WW_OK)
		return status;
	for (i = 0; i < sizeof sheet / sizeof sheet[0]; i++)
		sink->fact(sink, sheet[i].name,
		           attribute(driver, device, sheet[i].attribute));
	driver->cuDeviceTotalMem(&memory, device);
	sink->fact(sink, "memory_bytes", (double)memory);
	write_rates(driver, device, sink);
	snprintf(version, sizeof version, "CUDA %d.%d", driver->version / 1000,
	         driver->version % 1000 / 10);
	sink->text(sink, "driver", version);
	return WW_OK;
}

static ww_status
list(struct ww_call *call, void *self, struct ww_device_sink *sink)
{
	const struct cuda_backend *backend = self;
	const struct cuda_driver *driver;
	ww_status status = cuda_driver_open(call, backend->driver, &driver);
	int n = 0;
	int i;

	if (status == WW_E_NO_DEVICE)
		return WW_OK;
	if (status != WW_OK)
		return status;
	driver->cuDeviceGetCount(&n);
	for (i = 0; i < n && status == WW_OK; i++) {
		CUdevice device;

		if (driver->cuDeviceGet(&device, i) == CUDA_SUCCESS)
			status = write_device(driver, device, sink);
	}
	return status == WW_STOPPED ? WW_OK : status;
}

/* The device of this UUID, or of this number. */
static ww_status
find_device(struct ww_call *call, const struct cuda_driver *driver,
            const char *id, CUdevice *found)
{
	char text[64];
	char number[16];
	int n = 0;
	int i;

	driver->cuDeviceGetCount(&n);
	for (i = 0; i < n; i++) {
		if (driver->cuDeviceGet(found, i) != CUDA_SUCCESS)
			continue;
		uuid_text(driver, *found, text);
		snprintf(number, sizeof number, "%d", i);
		if (id == NULL || strcmp(id, text) == 0 ||
		    strcmp(id, number) == 0)
			return WW_OK;
	}
	return ww_fail(call, WW_E_NO_DEVICE,
	               "no CUDA device '%s' among %d; 'warpwright devices' "
	               "lists them",
	               id != NULL ? id : "", n);
}

static ww_status
start(struct ww_call *call, struct cuda_device *device)
{
	const struct cuda_driver *driver = device->cuda;
	CUresult result = driver->cuDevicePrimaryCtxRetain(&device->context,
	                                                   device->number);

	if (result != CUDA_SUCCESS)
		return cuda_fail(call, driver, result,
		                 "cuDevicePrimaryCtxRetain");
	result = driver->cuCtxSetCurrent(device->context);
	if (result == CUDA_SUCCESS)
		result = driver->cuStreamCreate(&device->stream,
		                                CU_STREAM_NON_BLOCKING);
	if (result != CUDA_SUCCESS) {
		driver->cuDevicePrimaryCtxRelease(device->number);
		return cuda_fail(call, driver, result, "cuStreamCreate");
	}
	return WW_OK;
}

static ww_status
attach(struct ww_call *call, void *self, const char *id, void **device_out)
{
	const struct cuda_backend *backend = self;
	struct cuda_device *device = calloc(1, sizeof *device);
	ww_status status;

	if (device == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	device->base.driver = &cuda_gpu_driver;
	device->base.host = backend->host;
	status = cuda_driver_open(call, backend->driver, &device->cuda);
	if (status == WW_OK)
		status = find_device(call, device->cuda, id, &device->number);
	if (status == WW_OK)
		status = start(call, device);
	if (status != WW_OK) {
		free(device);
		return status;
	}
	device->nvrtc = backend->nvrtc;
	device->nvml_library = backend->nvml;
	uuid_text(device->cuda, device->number, device->uuid);
	snprintf(device->architecture, sizeof device->architecture,
	         "-arch=sm_%d%d",
	         attribute(device->cuda, device->number,
	                   CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR) % 100,
	         attribute(device->cuda, device->number,
	                   CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR) % 100);
	device->l2_bytes = (uint64_t)attribute(
		device->cuda, device->number, CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
	device->warp_width = (uint32_t)attribute(
		device->cuda, device->number, CU_DEVICE_ATTRIBUTE_WARP_SIZE);
	device->threads_per_multiprocessor = (uint32_t)attribute(
		device->cuda, device->number,
		CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR);
	*device_out = device;
	return WW_OK;
}

static void
detach(void *self)
{
	struct cuda_device *device = self;

	device->cuda->cuStreamDestroy(device->stream);
	device->cuda->cuDevicePrimaryCtxRelease(device->number);
	free(device);
}

static ww_status
target(struct ww_call *call, void *self, struct ww_text_sink *sink)
{
	struct cuda_device *device = self;
	int major = attribute(device->cuda, device->number,
	                      CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
	int minor = attribute(device->cuda, device->number,
	                      CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
	char text[32];
	int length;

	(void)call;
	/* The code runs on this device only, so it may use what only such a
	 * device has. */
	length = snprintf(text, sizeof text, "sm_%d%d%s", major, minor,
	                  major >= 9 ? "a" : "");
	return sink->write(sink, text, (uint64_t)length);
}

static void
observe(void *self, struct ww_build_sink *facts)
{
	struct cuda_device *device = self;

	if (!device->nvml.tried)
		cuda_nvml_open(&gpu_quiet, &device->nvml, device->nvml_library,
		               device->uuid);
	cuda_nvml_observe(&device->nvml, facts);
}

const struct ww_device_ops cuda_device_ops = {
	.size = sizeof cuda_device_ops,
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
	.energy = gpu_energy,
	.observe = observe,
};
