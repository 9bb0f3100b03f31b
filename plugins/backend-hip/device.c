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

static const struct {
	const char *name;
	int attribute;
} sheet[] = {
	{ "multiprocessors", hipDeviceAttributeMultiprocessorCount },
	{ "l2_bytes", hipDeviceAttributeL2CacheSize },
	{ "shared_per_block", hipDeviceAttributeMaxSharedMemoryPerBlock },
	{ "shared_per_multiprocessor",
	  hipDeviceAttributeMaxSharedMemoryPerMultiprocessor },
	{ "registers_per_block", hipDeviceAttributeMaxRegistersPerBlock },
	{ "registers_per_multiprocessor",
	  hipDeviceAttributeMaxRegistersPerMultiprocessor },
	{ "threads_per_block", hipDeviceAttributeMaxThreadsPerBlock },
	{ "threads_per_multiprocessor",
	  hipDeviceAttributeMaxThreadsPerMultiProcessor },
	{ "blocks_per_multiprocessor",
	  hipDeviceAttributeMaxBlocksPerMultiProcessor },
	{ "warp_width", hipDeviceAttributeWarpSize },
};

static int
attribute(const struct hip_driver *driver, hipDevice_t device, int which)
{
	int value = 0;

	driver->hipDeviceGetAttribute(&value, which, device);
	return value;
}

/* Single-precision lanes a compute unit. CDNA and GCN have four units of sixteen
 * lanes, RDNA (gfx10 and later) two of thirty-two: 64 either way. */
#define FLOAT_LANES 64

/* The architecture's name is only in a struct whose layout changed between
 * versions of the runtime, so it is looked for as text: "gfx" and what follows,
 * up to the features ("gfx90a:sramecc+:xnack-"). */
static void
architecture(const struct hip_driver *driver, hipDevice_t device, char text[32])
{
	static const char mark[] = "gfx";
	char properties[8192];
	size_t i;

	memset(properties, 0, sizeof properties);
	if (driver->hipGetDevicePropertiesR0600 != NULL)
		driver->hipGetDevicePropertiesR0600(properties, device);
	else
		driver->hipGetDeviceProperties(properties, device);
	text[0] = '\0';
	for (i = 0; i + 32 < sizeof properties; i++)
		if (memcmp(properties + i, mark, strlen(mark)) == 0) {
			snprintf(text, 32, "%.31s", properties + i);
			text[strcspn(text, ":")] = '\0';
			return;
		}
}

static void
uuid_text(const struct hip_driver *driver, hipDevice_t device, char text[64])
{
	hipUUID uuid;
	const unsigned char *b = (const unsigned char *)uuid.bytes;

	memset(&uuid, 0, sizeof uuid);
	if (driver->hipDeviceGetUuid != NULL)
		driver->hipDeviceGetUuid(&uuid, device);
	snprintf(text, 64,
	         "GPU-%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
	         "%02x%02x%02x%02x%02x%02x",
	         b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9],
	         b[10], b[11], b[12], b[13], b[14], b[15]);
}

static void
write_rates(const struct hip_driver *driver, hipDevice_t device,
            struct ww_device_sink *sink)
{
	double clock = attribute(driver, device, hipDeviceAttributeClockRate);
	double memory = attribute(driver, device,
	                          hipDeviceAttributeMemoryClockRate);
	double width = attribute(driver, device,
	                         hipDeviceAttributeMemoryBusWidth);
	double units = attribute(driver, device,
	                         hipDeviceAttributeMultiprocessorCount) *
	               FLOAT_LANES;
	char text[32];

	sink->fact(sink, "clock_mhz", clock / 1e3);
	/* Two transfers a clock over the bus; kHz and bits. */
	if (memory > 0 && width > 0)
		sink->fact(sink, "bandwidth_gbs",
		           2.0 * memory * 1e3 * width / 8.0 / 1e9);
	/* A fused multiply-add is two operations. */
	sink->fact(sink, "peak_gflops_f32", 2.0 * units * clock * 1e3 / 1e9);
	architecture(driver, device, text);
	sink->text(sink, "architecture", text);
}

static ww_status
write_device(const struct hip_driver *driver, hipDevice_t device,
             struct ww_device_sink *sink)
{
	char id[64];
	char name[256] = "";
	char version[32];
	size_t memory = 0;
	ww_status status;
	size_t i;

	uuid_text(driver, device, id);
	driver->hipDeviceGetName(name, sizeof name, device);
	status = sink->device(sink, id, name);
	if (status != WW_OK)
		return status;
	for (i = 0; i < sizeof sheet / sizeof sheet[0]; i++)
		sink->fact(sink, sheet[i].name,
		           attribute(driver, device, sheet[i].attribute));
	driver->hipDeviceTotalMem(&memory, device);
	sink->fact(sink, "memory_bytes", (double)memory);
	write_rates(driver, device, sink);
	snprintf(version, sizeof version, "HIP %d.%d", driver->version / 10000000,
	         driver->version / 100000 % 100);
	sink->text(sink, "driver", version);
	return WW_OK;
}

static ww_status
list(struct ww_call *call, void *self, struct ww_device_sink *sink)
{
	const struct hip_backend *backend = self;
	const struct hip_driver *driver;
	ww_status status = hip_driver_open(call, backend->driver, &driver);
	int n = 0;
	int i;

	if (status == WW_E_NO_DEVICE)
		return WW_OK;
	if (status != WW_OK)
		return status;
	driver->hipGetDeviceCount(&n);
	for (i = 0; i < n && status == WW_OK; i++) {
		hipDevice_t device;

		if (driver->hipDeviceGet(&device, i) == hipSuccess)
			status = write_device(driver, device, sink);
	}
	return status == WW_STOPPED ? WW_OK : status;
}

/* The device of this UUID, or of this number. */
static ww_status
find_device(struct ww_call *call, const struct hip_driver *driver,
            const char *id, hipDevice_t *found)
{
	char text[64];
	char number[16];
	int n = 0;
	int i;

	driver->hipGetDeviceCount(&n);
	for (i = 0; i < n; i++) {
		if (driver->hipDeviceGet(found, i) != hipSuccess)
			continue;
		uuid_text(driver, *found, text);
		snprintf(number, sizeof number, "%d", i);
		if (id == NULL || strcmp(id, text) == 0 ||
		    strcmp(id, number) == 0)
			return WW_OK;
	}
	return ww_fail(call, WW_E_NO_DEVICE,
	               "no HIP device '%s' among %d; 'warpwright devices' "
	               "lists them",
	               id != NULL ? id : "", n);
}

static ww_status
start(struct ww_call *call, struct hip_device *device)
{
	const struct hip_driver *driver = device->hip;
	hipError_t result = driver->hipSetDevice(device->number);

	if (result == hipSuccess)
		result = driver->hipStreamCreateWithFlags(&device->stream,
		                                          hipStreamNonBlocking);
	if (result != hipSuccess)
		return hip_fail(call, driver, result, "hipSetDevice");
	return WW_OK;
}

static ww_status
attach(struct ww_call *call, void *self, const char *id, void **device_out)
{
	const struct hip_backend *backend = self;
	struct hip_device *device = calloc(1, sizeof *device);
	ww_status status;

	if (device == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	device->base.driver = &hip_gpu_driver;
	device->base.host = backend->host;
	status = hip_driver_open(call, backend->driver, &device->hip);
	if (status == WW_OK)
		status = find_device(call, device->hip, id, &device->number);
	if (status == WW_OK)
		status = start(call, device);
	if (status != WW_OK) {
		free(device);
		return status;
	}
	device->hiprtc = backend->hiprtc;
	architecture(device->hip, device->number, device->architecture);
	device->l2_bytes = (uint64_t)attribute(
		device->hip, device->number, hipDeviceAttributeL2CacheSize);
	device->warp_width = (uint32_t)attribute(
		device->hip, device->number, hipDeviceAttributeWarpSize);
	device->threads_per_multiprocessor = (uint32_t)attribute(
		device->hip, device->number,
		hipDeviceAttributeMaxThreadsPerMultiProcessor);
	device->shared_per_block = (uint32_t)attribute(
		device->hip, device->number,
		hipDeviceAttributeMaxSharedMemoryPerBlock);
	*device_out = device;
	return WW_OK;
}

static void
detach(void *self)
{
	struct hip_device *device = self;

	device->hip->hipStreamDestroy(device->stream);
	free(device);
}

static ww_status
target(struct ww_call *call, void *self, struct ww_text_sink *sink)
{
	struct hip_device *device = self;

	(void)call;
	return sink->write(sink, device->architecture,
	                   strlen(device->architecture));
}

const struct ww_device_ops hip_device_ops = {
	.size = sizeof hip_device_ops,
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
