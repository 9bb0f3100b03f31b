/* SPDX-License-Identifier: MIT
 *
 * The driver calls behind plugins/common/gpu.h.
 */
#include <stdlib.h>
#include <string.h>

#include "device.h"

static struct hip_device *
of(struct gpu_device *device)
{
	return (struct hip_device *)device;
}

/* Passes a result on; a sticky error marks the device, because every later call
 * would fail with it. */
static ww_status
check(struct ww_call *call, struct gpu_device *device, hipError_t result,
      const char *what)
{
	ww_status status;

	if (result == hipSuccess)
		return WW_OK;
	status = hip_fail(call, of(device)->hip, result, what);
	if (status == WW_E_CRASH)
		device->health = WW_HEALTH_RESTART;
	return status;
}

static uint64_t
cache_bytes(struct gpu_device *device)
{
	return of(device)->l2_bytes;
}

static ww_status
allocate(struct ww_call *call, struct gpu_device *device, uint64_t bytes,
         gpu_buffer *buffer)
{
	hipError_t result = of(device)->hip->hipMalloc(buffer, bytes);

	return check(call, device, result, "hipMalloc");
}

static void
release(struct gpu_device *device, gpu_buffer buffer)
{
	of(device)->hip->hipFree(buffer);
}

static ww_status
view(struct ww_call *call, struct gpu_device *device, gpu_buffer whole,
     uint64_t offset, uint64_t bytes, gpu_buffer *part)
{
	(void)call;
	(void)device;
	(void)bytes;
	*part = (char *)whole + offset;
	return WW_OK;
}

static void
end_view(struct gpu_device *device, gpu_buffer part)
{
	(void)device;
	(void)part;
}

static ww_status
wait(struct ww_call *call, struct gpu_device *device)
{
	return check(call, device,
	             of(device)->hip->hipStreamSynchronize(of(device)->stream),
	             "the kernel failed");
}

static ww_status
write(struct ww_call *call, struct gpu_device *device, gpu_buffer to,
      const void *from, uint64_t bytes)
{
	ww_status status = wait(call, device);

	if (status != WW_OK)
		return status;
	return check(call, device,
	             of(device)->hip->hipMemcpyHtoD(to, from, bytes),
	             "hipMemcpyHtoD");
}

static ww_status
read(struct ww_call *call, struct gpu_device *device, void *to, gpu_buffer from,
     uint64_t offset, uint64_t bytes)
{
	ww_status status = wait(call, device);

	if (status != WW_OK)
		return status;
	return check(call, device,
	             of(device)->hip->hipMemcpyDtoH(
			     to, (char *)from + offset, bytes),
	             "hipMemcpyDtoH");
}

static ww_status
copy(struct ww_call *call, struct gpu_device *device, gpu_buffer to,
     gpu_buffer from, uint64_t bytes)
{
	return check(call, device,
	             of(device)->hip->hipMemcpyDtoDAsync(
			     to, from, bytes,
			     of(device)->stream),
	             "hipMemcpyDtoDAsync");
}

static ww_status
fill(struct ww_call *call, struct gpu_device *device, gpu_buffer buffer,
     uint32_t word, uint64_t bytes)
{
	return check(call, device,
	             of(device)->hip->hipMemsetD32Async(
			     buffer, (int)word, bytes / 4,
			     of(device)->stream),
	             "hipMemsetD32Async");
}

static ww_status
load(struct ww_call *call, struct gpu_device *device, const void *image,
     uint64_t length, gpu_module *module)
{
	hipModule_t loaded = NULL;
	hipError_t result = of(device)->hip->hipModuleLoadData(&loaded, image);

	(void)length;
	*module = loaded;
	return check(call, device, result, "hipModuleLoadData");
}

static void
unload(struct gpu_device *device, gpu_module module)
{
	of(device)->hip->hipModuleUnload(module);
}

/* See the same function of backend-cuda. */
static ww_status
check_block(struct ww_call *call, struct gpu_device *device,
            hipFunction_t function, const struct ww_launch *launch)
{
	uint64_t threads = (uint64_t)launch->block[0] * launch->block[1] *
	                   launch->block[2];
	int limit = 0;

	if (of(device)->hip->hipFuncGetAttribute(
		    &limit, HIP_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK,
		    function) != hipSuccess ||
	    limit <= 0 || threads <= (uint64_t)limit)
		return WW_OK;
	return ww_fail(call, WW_E_RESOURCES,
	               "a block of %llu threads is larger than the %d that "
	               "this kernel can have here",
	               (unsigned long long)threads, limit);
}

/* Above this a runtime may want to be asked. */
#define DEFAULT_SHARED_BYTES (48u * 1024)

/* Room for dynamic shared memory. AMD's runtimes give the whole LDS to whoever
 * launches with it, and some refuse to be asked for a kernel of a module; others
 * must be asked, as CUDA's. The device's limit holds for all. */
static ww_status
prepare(struct ww_call *call, struct gpu_device *device, hipFunction_t function,
        const struct ww_launch *launch)
{
	const struct hip_driver *hip = of(device)->hip;
	uint64_t limit = of(device)->shared_per_block;

	if (limit > 0 && launch->shared_bytes > limit)
		return ww_fail(call, WW_E_RESOURCES,
		               "%llu bytes of dynamic shared memory are more "
		               "than the %llu that this device gives one block",
		               (unsigned long long)launch->shared_bytes,
		               (unsigned long long)limit);
	if (launch->shared_bytes > DEFAULT_SHARED_BYTES &&
	    hip->hipFuncSetAttribute != NULL)
		hip->hipFuncSetAttribute(
			function, hipFuncAttributeMaxDynamicSharedMemorySize,
			(int)launch->shared_bytes);
	return WW_OK;
}

static ww_status
function_new(struct ww_call *call, struct gpu_device *device, gpu_module module,
             const char *name, const struct ww_launch *launch,
             gpu_function *function)
{
	hipFunction_t found = NULL;
	hipError_t result;

	if (launch->cluster[0] * launch->cluster[1] * launch->cluster[2] > 1)
		return ww_fail(call, WW_E_INVALID,
		               "HIP devices have no clusters of blocks");
	result = of(device)->hip->hipModuleGetFunction(&found, module, name);
	*function = found;
	if (result == hipErrorNotFound)
		return ww_fail(call, WW_E_INVALID,
		               "the compiled code has no kernel '%s'; declare "
		               "it extern \"C\" __global__",
		               name);
	if (result != hipSuccess)
		return check(call, device, result, "hipModuleGetFunction");
	if (check_block(call, device, found, launch) != WW_OK)
		return WW_E_RESOURCES;
	return prepare(call, device, found, launch);
}

static void
drop(struct gpu_device *device, gpu_function function)
{
	(void)device;
	(void)function;
}

static void
facts(struct gpu_device *device, gpu_function self,
      const struct ww_launch *launch, struct ww_build_sink *sink)
{
	static const struct {
		const char *name;
		int attribute;
	} rows[] = {
		{ "registers", HIP_FUNC_ATTRIBUTE_NUM_REGS },
		{ "local_bytes", HIP_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES },
		{ "shared_bytes", HIP_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES },
		{ "constant_bytes", HIP_FUNC_ATTRIBUTE_CONST_SIZE_BYTES },
	};
	const struct hip_driver *hip = of(device)->hip;
	hipFunction_t function = self;
	uint32_t threads = launch->block[0] * launch->block[1] *
	                   launch->block[2];
	int blocks = 0;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int value = 0;

		if (hip->hipFuncGetAttribute(&value, rows[i].attribute,
		                             function) == hipSuccess)
			sink->fact(sink, rows[i].name, value);
	}
	sink->fact(sink, "dynamic_shared_bytes", (double)launch->shared_bytes);
	if (hip->hipModuleOccupancyMaxActiveBlocksPerMultiprocessor(
		    &blocks, function, (int)threads,
		    launch->shared_bytes) == hipSuccess) {
		uint32_t warp = of(device)->warp_width;
		uint32_t resident = (uint32_t)blocks * ((threads + warp - 1) /
		                                        warp * warp);

		sink->fact(sink, "blocks_per_multiprocessor", blocks);
		sink->fact(sink, "occupancy",
		           (double)resident /
		                   of(device)->threads_per_multiprocessor);
	}
}

static ww_status
constant(struct ww_call *call, struct gpu_device *device, gpu_module module,
         const char *name, const void *bytes, uint64_t length)
{
	hipDeviceptr_t pointer = NULL;
	size_t room = 0;
	hipError_t result = of(device)->hip->hipModuleGetGlobal(&pointer, &room,
	                                                      module, name);

	/* A configuration may compile the symbol away. */
	if (result == hipErrorNotFound)
		return WW_OK;
	if (result == hipSuccess && room < length)
		return ww_fail(call, WW_E_INVALID,
		               "constant symbol '%s' holds %zu bytes, the "
		               "argument has %llu",
		               name, room, (unsigned long long)length);
	if (result == hipSuccess)
		result = of(device)->hip->hipMemcpyHtoD(pointer, bytes, length);
	return check(call, device, result, name);
}

#define MOST_ARGUMENTS 64

static ww_status
launch_kernel(struct ww_call *call, struct gpu_device *device,
              gpu_function self, const struct ww_launch *launch,
              const struct gpu_argument *arguments, uint64_t n)
{
	hipDeviceptr_t buffers[MOST_ARGUMENTS];
	void *pointers[MOST_ARGUMENTS];
	uint64_t i;

	if (n > MOST_ARGUMENTS)
		return ww_fail(call, WW_E_UNSUPPORTED,
		               "a kernel takes at most %d arguments here",
		               MOST_ARGUMENTS);
	for (i = 0; i < n; i++) {
		buffers[i] = arguments[i].buffer;
		if (arguments[i].buffer != NULL)
			pointers[i] = &buffers[i];
		else
			memcpy(&pointers[i], &arguments[i].scalar,
			       sizeof pointers[i]);
	}
	return check(call, device,
	             of(device)->hip->hipModuleLaunchKernel(
			     self, launch->grid[0], launch->grid[1],
			     launch->grid[2], launch->block[0],
			     launch->block[1], launch->block[2],
			     (unsigned int)launch->shared_bytes,
			     of(device)->stream, pointers, NULL),
	             "hipModuleLaunchKernel");
}

static ww_status
event_new(struct ww_call *call, struct gpu_device *device, gpu_event *event)
{
	hipEvent_t created = NULL;
	hipError_t result = of(device)->hip->hipEventCreateWithFlags(&created,
	                                                  hipEventDefault);

	*event = created;
	return check(call, device, result, "hipEventCreateWithFlags");
}

static void
event_free(struct gpu_device *device, gpu_event event)
{
	of(device)->hip->hipEventDestroy(event);
}

static ww_status
event_record(struct ww_call *call, struct gpu_device *device, gpu_event event)
{
	return check(call, device,
	             of(device)->hip->hipEventRecord(event, of(device)->stream),
	             "hipEventRecord");
}

static ww_status
elapsed(struct ww_call *call, struct gpu_device *device, gpu_event from,
        gpu_event to, double *ns)
{
	float ms = 0.0f;
	hipError_t result = of(device)->hip->hipEventElapsedTime(&ms, from, to);

	*ns = (double)ms * 1e6;
	return check(call, device, result, "hipEventElapsedTime");
}

const struct gpu_driver hip_gpu_driver = {
	.cache_bytes = cache_bytes,
	.allocate = allocate,
	.release = release,
	.view = view,
	.end_view = end_view,
	.write = write,
	.read = read,
	.copy = copy,
	.fill = fill,
	.load = load,
	.unload = unload,
	.function = function_new,
	.drop = drop,
	.facts = facts,
	.constant = constant,
	.launch = launch_kernel,
	.event_new = event_new,
	.event_free = event_free,
	.event_record = event_record,
	.elapsed = elapsed,
	.wait = wait,
	.build = hip_helper_build,
	.dialect = gpu_dialect_cuda,
};
