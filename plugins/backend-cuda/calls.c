/* SPDX-License-Identifier: MIT
 *
 * The driver calls behind plugins/common/gpu.h.
 */
#include <stdlib.h>
#include <string.h>

#include "device.h"

/* A kernel fixed to one launch geometry. */
struct function {
	CUfunction handle;
	int cluster; /* launch through cuLaunchKernelEx */
};

static struct cuda_device *
of(struct gpu_device *device)
{
	return (struct cuda_device *)device;
}

/* Passes a result on; a sticky error marks the device, because every later call
 * would fail with it. */
static ww_status
check(struct ww_call *call, struct gpu_device *device, CUresult result,
      const char *what)
{
	ww_status status;

	if (result == CUDA_SUCCESS)
		return WW_OK;
	status = cuda_fail(call, of(device)->cuda, result, what);
	if (status == WW_E_CRASH)
		device->health = WW_HEALTH_RESTART;
	return status;
}

static CUdeviceptr
address(gpu_buffer buffer)
{
	return (CUdeviceptr)(uintptr_t)buffer;
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
	CUdeviceptr pointer = 0;
	CUresult result = of(device)->cuda->cuMemAlloc(&pointer, bytes);

	*buffer = (gpu_buffer)(uintptr_t)pointer;
	return check(call, device, result, "cuMemAlloc");
}

static void
release(struct gpu_device *device, gpu_buffer buffer)
{
	of(device)->cuda->cuMemFree(address(buffer));
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
	             of(device)->cuda->cuStreamSynchronize(of(device)->stream),
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
	             of(device)->cuda->cuMemcpyHtoD(address(to), from, bytes),
	             "cuMemcpyHtoD");
}

static ww_status
read(struct ww_call *call, struct gpu_device *device, void *to, gpu_buffer from,
     uint64_t offset, uint64_t bytes)
{
	ww_status status = wait(call, device);

	if (status != WW_OK)
		return status;
	return check(call, device,
	             of(device)->cuda->cuMemcpyDtoH(
			     to, address(from) + offset, bytes),
	             "cuMemcpyDtoH");
}

static ww_status
copy(struct ww_call *call, struct gpu_device *device, gpu_buffer to,
     gpu_buffer from, uint64_t bytes)
{
	return check(call, device,
	             of(device)->cuda->cuMemcpyDtoDAsync(
			     address(to), address(from), bytes,
			     of(device)->stream),
	             "cuMemcpyDtoDAsync");
}

static ww_status
fill(struct ww_call *call, struct gpu_device *device, gpu_buffer buffer,
     uint32_t word, uint64_t bytes)
{
	return check(call, device,
	             of(device)->cuda->cuMemsetD32Async(
			     address(buffer), word, bytes / 4,
			     of(device)->stream),
	             "cuMemsetD32Async");
}

static ww_status
load(struct ww_call *call, struct gpu_device *device, const void *image,
     uint64_t length, gpu_module *module)
{
	CUmodule loaded = NULL;
	CUresult result = of(device)->cuda->cuModuleLoadData(&loaded, image);

	(void)length;
	*module = loaded;
	return check(call, device, result, "cuModuleLoadData");
}

static void
unload(struct gpu_device *device, gpu_module module)
{
	of(device)->cuda->cuModuleUnload(module);
}

static int
uses_cluster(const struct ww_launch *launch)
{
	return launch->cluster[0] > 1 || launch->cluster[1] > 1 ||
	       launch->cluster[2] > 1;
}

/* A block that this kernel cannot have is refused with its reason: the driver's
 * own words at the launch would be "invalid argument". */
static ww_status
check_block(struct ww_call *call, struct gpu_device *device,
            const struct function *function, const struct ww_launch *launch)
{
	const struct cuda_driver *cuda = of(device)->cuda;
	uint64_t threads = (uint64_t)launch->block[0] * launch->block[1] *
	                   launch->block[2];
	int limit = 0;
	int registers = 0;

	if (cuda->cuFuncGetAttribute(&limit,
	                             CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK,
	                             function->handle) != CUDA_SUCCESS ||
	    limit <= 0 || threads <= (uint64_t)limit)
		return WW_OK;
	cuda->cuFuncGetAttribute(&registers, CU_FUNC_ATTRIBUTE_NUM_REGS,
	                         function->handle);
	return ww_fail(call, WW_E_RESOURCES,
	               "a block of %llu threads is larger than the %d that "
	               "this kernel can have here with its %d registers",
	               (unsigned long long)threads, limit, registers);
}

/* Raises the limits that a kernel has to ask for. */
static ww_status
prepare(struct ww_call *call, struct gpu_device *device,
        struct function *function, const struct ww_launch *launch)
{
	const struct cuda_driver *cuda = of(device)->cuda;
	CUresult result = CUDA_SUCCESS;

	if (launch->shared_bytes > 48 * 1024)
		result = cuda->cuFuncSetAttribute(
			function->handle,
			CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
			(int)launch->shared_bytes);
	if (result != CUDA_SUCCESS)
		return ww_fail(call, WW_E_RESOURCES,
		               "%llu bytes of dynamic shared memory are more "
		               "than this device gives one block",
		               (unsigned long long)launch->shared_bytes);
	function->cluster = uses_cluster(launch);
	if (function->cluster && cuda->cuLaunchKernelEx == NULL)
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "clusters need a driver for CUDA 11.6 or newer");
	if (launch->cluster[0] * launch->cluster[1] * launch->cluster[2] > 8)
		result = cuda->cuFuncSetAttribute(
			function->handle,
			CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED, 1);
	return check(call, device, result, "cuFuncSetAttribute");
}

static ww_status
function_new(struct ww_call *call, struct gpu_device *device, gpu_module module,
             const char *name, const struct ww_launch *launch,
             gpu_function *function_out)
{
	struct function *function = calloc(1, sizeof *function);
	CUresult result;
	ww_status status;

	if (function == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	result = of(device)->cuda->cuModuleGetFunction(&function->handle,
	                                               module, name);
	if (result == CUDA_ERROR_NOT_FOUND)
		status = ww_fail(call, WW_E_INVALID,
		                 "the compiled code has no kernel '%s'; declare "
		                 "it extern \"C\" __global__",
		                 name);
	else
		status = check(call, device, result, "cuModuleGetFunction");
	if (status == WW_OK)
		status = check_block(call, device, function, launch);
	if (status == WW_OK)
		status = prepare(call, device, function, launch);
	if (status != WW_OK) {
		free(function);
		return status;
	}
	*function_out = function;
	return WW_OK;
}

static void
drop(struct gpu_device *device, gpu_function function)
{
	(void)device;
	free(function);
}

static void
facts(struct gpu_device *device, gpu_function self,
      const struct ww_launch *launch, struct ww_build_sink *sink)
{
	static const struct {
		const char *name;
		int attribute;
	} rows[] = {
		{ "registers", CU_FUNC_ATTRIBUTE_NUM_REGS },
		{ "local_bytes", CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES },
		{ "shared_bytes", CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES },
		{ "constant_bytes", CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES },
	};
	const struct cuda_driver *cuda = of(device)->cuda;
	struct function *function = self;
	uint32_t threads = launch->block[0] * launch->block[1] *
	                   launch->block[2];
	int blocks = 0;
	size_t i;

	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		int value = 0;

		if (cuda->cuFuncGetAttribute(&value, rows[i].attribute,
		                             function->handle) == CUDA_SUCCESS)
			sink->fact(sink, rows[i].name, value);
	}
	sink->fact(sink, "dynamic_shared_bytes", (double)launch->shared_bytes);
	if (cuda->cuOccupancyMaxActiveBlocksPerMultiprocessor(
		    &blocks, function->handle, (int)threads,
		    launch->shared_bytes) == CUDA_SUCCESS) {
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
	CUdeviceptr pointer = 0;
	size_t room = 0;
	CUresult result = of(device)->cuda->cuModuleGetGlobal(&pointer, &room,
	                                                      module, name);

	/* A configuration may compile the symbol away. */
	if (result == CUDA_ERROR_NOT_FOUND)
		return WW_OK;
	if (result == CUDA_SUCCESS && room < length)
		return ww_fail(call, WW_E_INVALID,
		               "constant symbol '%s' holds %zu bytes, the "
		               "argument has %llu",
		               name, room, (unsigned long long)length);
	if (result == CUDA_SUCCESS)
		result = of(device)->cuda->cuMemcpyHtoD(pointer, bytes, length);
	return check(call, device, result, name);
}

#define MOST_ARGUMENTS 64

static ww_status
launch_cluster(struct ww_call *call, struct gpu_device *device,
               const struct function *function, const struct ww_launch *launch,
               void **pointers)
{
	CUlaunchAttribute cluster;
	CUlaunchConfig config;

	memset(&cluster, 0, sizeof cluster);
	memset(&config, 0, sizeof config);
	cluster.id = CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION;
	cluster.value.clusterDim.x = launch->cluster[0];
	cluster.value.clusterDim.y = launch->cluster[1];
	cluster.value.clusterDim.z = launch->cluster[2];
	config.gridDimX = launch->grid[0];
	config.gridDimY = launch->grid[1];
	config.gridDimZ = launch->grid[2];
	config.blockDimX = launch->block[0];
	config.blockDimY = launch->block[1];
	config.blockDimZ = launch->block[2];
	config.sharedMemBytes = (unsigned int)launch->shared_bytes;
	config.hStream = of(device)->stream;
	config.attrs = &cluster;
	config.numAttrs = 1;
	return check(call, device,
	             of(device)->cuda->cuLaunchKernelEx(
			     &config, function->handle, pointers, NULL),
	             "cuLaunchKernelEx");
}

static ww_status
launch_kernel(struct ww_call *call, struct gpu_device *device,
              gpu_function self, const struct ww_launch *launch,
              const struct gpu_argument *arguments, uint64_t n)
{
	const struct function *function = self;
	CUdeviceptr buffers[MOST_ARGUMENTS];
	void *pointers[MOST_ARGUMENTS];
	uint64_t i;

	if (n > MOST_ARGUMENTS)
		return ww_fail(call, WW_E_UNSUPPORTED,
		               "a kernel takes at most %d arguments here",
		               MOST_ARGUMENTS);
	for (i = 0; i < n; i++) {
		buffers[i] = address(arguments[i].buffer);
		if (arguments[i].buffer != NULL)
			pointers[i] = &buffers[i];
		else
			memcpy(&pointers[i], &arguments[i].scalar,
			       sizeof pointers[i]);
	}
	if (function->cluster)
		return launch_cluster(call, device, function, launch, pointers);
	return check(call, device,
	             of(device)->cuda->cuLaunchKernel(
			     function->handle, launch->grid[0], launch->grid[1],
			     launch->grid[2], launch->block[0],
			     launch->block[1], launch->block[2],
			     (unsigned int)launch->shared_bytes,
			     of(device)->stream, pointers, NULL),
	             "cuLaunchKernel");
}

static ww_status
event_new(struct ww_call *call, struct gpu_device *device, gpu_event *event)
{
	CUevent created = NULL;
	CUresult result = of(device)->cuda->cuEventCreate(&created,
	                                                  CU_EVENT_DEFAULT);

	*event = created;
	return check(call, device, result, "cuEventCreate");
}

static void
event_free(struct gpu_device *device, gpu_event event)
{
	of(device)->cuda->cuEventDestroy(event);
}

static ww_status
event_record(struct ww_call *call, struct gpu_device *device, gpu_event event)
{
	return check(call, device,
	             of(device)->cuda->cuEventRecord(event, of(device)->stream),
	             "cuEventRecord");
}

static ww_status
elapsed(struct ww_call *call, struct gpu_device *device, gpu_event from,
        gpu_event to, double *ns)
{
	float ms = 0.0f;
	CUresult result = of(device)->cuda->cuEventElapsedTime(&ms, from, to);

	*ns = (double)ms * 1e6;
	return check(call, device, result, "cuEventElapsedTime");
}

static ww_status
energy(struct ww_call *call, struct gpu_device *device, uint64_t *millijoules)
{
	struct cuda_device *cuda = of(device);
	ww_status status = cuda_nvml_open(call, &cuda->nvml, cuda->nvml_library,
	                                  cuda->uuid);

	return status == WW_OK
	               ? cuda_nvml_energy(call, &cuda->nvml, millijoules)
	               : status;
}

const struct gpu_driver cuda_gpu_driver = {
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
	.energy = energy,
	.build = cuda_helper_build,
	.dialect = gpu_dialect_cuda,
};
