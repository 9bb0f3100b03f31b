/* SPDX-License-Identifier: MIT
 *
 * The driver calls behind plugins/common/gpu.h.
 */
#include <stdlib.h>
#include <string.h>

#include "device.h"
#include "image.h"

/* An event is a marker in the queue; it exists once it has been recorded. */
struct event {
	cl_event marker;
};

static struct opencl_device *
of(struct gpu_device *device)
{
	return (struct opencl_device *)device;
}

static ww_status
check(struct ww_call *call, struct gpu_device *device, int32_t result,
      const char *what)
{
	ww_status status;

	if (result == CL_SUCCESS)
		return WW_OK;
	status = opencl_fail(call, result, what);
	if (status == WW_E_CRASH)
		device->health = WW_HEALTH_RESTART;
	return status;
}

static uint64_t
cache_bytes(struct gpu_device *device)
{
	return of(device)->cache_bytes;
}

static ww_status
allocate(struct ww_call *call, struct gpu_device *device, uint64_t bytes,
         gpu_buffer *buffer)
{
	int32_t result = CL_SUCCESS;

	*buffer = of(device)->cl->clCreateBuffer(of(device)->context,
	                                         CL_MEM_READ_WRITE, bytes, NULL,
	                                         &result);
	return check(call, device, result, "clCreateBuffer");
}

static void
release(struct gpu_device *device, gpu_buffer buffer)
{
	of(device)->cl->clReleaseMemObject(buffer);
}

static ww_status
view(struct ww_call *call, struct gpu_device *device, gpu_buffer whole,
     uint64_t offset, uint64_t bytes, gpu_buffer *part)
{
	cl_buffer_region region = { offset, bytes };
	int32_t result = CL_SUCCESS;

	*part = of(device)->cl->clCreateSubBuffer(whole, CL_MEM_READ_WRITE,
	                                          CL_BUFFER_CREATE_TYPE_REGION,
	                                          &region, &result);
	return check(call, device, result, "clCreateSubBuffer");
}

static void
end_view(struct gpu_device *device, gpu_buffer part)
{
	of(device)->cl->clReleaseMemObject(part);
}

static ww_status
wait(struct ww_call *call, struct gpu_device *device)
{
	return check(call, device, of(device)->cl->clFinish(of(device)->queue),
	             "the kernel");
}

static ww_status
write(struct ww_call *call, struct gpu_device *device, gpu_buffer to,
      const void *from, uint64_t bytes)
{
	return check(call, device,
	             of(device)->cl->clEnqueueWriteBuffer(
			     of(device)->queue, to, CL_TRUE, 0, bytes, from, 0,
			     NULL, NULL),
	             "clEnqueueWriteBuffer");
}

static ww_status
read(struct ww_call *call, struct gpu_device *device, void *to, gpu_buffer from,
     uint64_t offset, uint64_t bytes)
{
	return check(call, device,
	             of(device)->cl->clEnqueueReadBuffer(
			     of(device)->queue, from, CL_TRUE, offset, bytes,
			     to, 0, NULL, NULL),
	             "clEnqueueReadBuffer");
}

static ww_status
copy(struct ww_call *call, struct gpu_device *device, gpu_buffer to,
     gpu_buffer from, uint64_t bytes)
{
	return check(call, device,
	             of(device)->cl->clEnqueueCopyBuffer(of(device)->queue,
	                                                 from, to, 0, 0, bytes,
	                                                 0, NULL, NULL),
	             "clEnqueueCopyBuffer");
}

static ww_status
fill(struct ww_call *call, struct gpu_device *device, gpu_buffer buffer,
     uint32_t word, uint64_t bytes)
{
	return check(call, device,
	             of(device)->cl->clEnqueueFillBuffer(
			     of(device)->queue, buffer, &word, sizeof word, 0,
			     bytes / 4 * 4, 0, NULL, NULL),
	             "clEnqueueFillBuffer");
}

static ww_status
load(struct ww_call *call, struct gpu_device *device, const void *image,
     uint64_t length, gpu_module *module)
{
	const struct opencl_driver *cl = of(device)->cl;
	const unsigned char *code = image;
	const char *options = "";
	const char *source;
	size_t size = length;
	int32_t result = CL_SUCCESS;
	cl_program program;

	if (opencl_image_read(image, length, &options, &source, &size))
		program = cl->clCreateProgramWithSource(
			of(device)->context, 1, &source, &size, &result);
	else
		program = cl->clCreateProgramWithBinary(
			of(device)->context, 1, &of(device)->id, &size, &code,
			NULL, &result);
	if (result == CL_SUCCESS) {
		*module = program;
		result = cl->clBuildProgram(program, 1, &of(device)->id,
		                            options, NULL, NULL);
	}
	return check(call, device, result, "loading the program");
}

static void
unload(struct gpu_device *device, gpu_module module)
{
	of(device)->cl->clReleaseProgram(module);
}

static ww_status
function_new(struct ww_call *call, struct gpu_device *device, gpu_module module,
             const char *name, const struct ww_launch *launch,
             gpu_function *function)
{
	const struct opencl_driver *cl = of(device)->cl;
	uint64_t threads = (uint64_t)launch->block[0] * launch->block[1] *
	                   launch->block[2];
	size_t limit = 0;
	int32_t result = CL_SUCCESS;

	*function = cl->clCreateKernel(module, name, &result);
	if (result == CL_INVALID_KERNEL_NAME)
		return ww_fail(call, WW_E_INVALID,
		               "the compiled code has no kernel '%s'", name);
	if (result != CL_SUCCESS)
		return check(call, device, result, "clCreateKernel");
	cl->clGetKernelWorkGroupInfo(*function, of(device)->id,
	                             CL_KERNEL_WORK_GROUP_SIZE, sizeof limit,
	                             &limit, NULL);
	if (limit > 0 && threads > limit)
		return ww_fail(call, WW_E_RESOURCES,
		               "a work group of %llu is larger than the %zu "
		               "that this kernel can have here",
		               (unsigned long long)threads, limit);
	return WW_OK;
}

static void
drop(struct gpu_device *device, gpu_function function)
{
	of(device)->cl->clReleaseKernel(function);
}

static void
facts(struct gpu_device *device, gpu_function function,
      const struct ww_launch *launch, struct ww_build_sink *sink)
{
	static const struct {
		const char *name;
		uint32_t which;
	} rows[] = {
		{ "shared_bytes", CL_KERNEL_LOCAL_MEM_SIZE },
		{ "local_bytes", CL_KERNEL_PRIVATE_MEM_SIZE },
		{ "warp_width", CL_KERNEL_PREFERRED_WORK_GROUP_SIZE_MULTIPLE },
	};
	size_t i;

	(void)launch;
	for (i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint64_t value = 0;

		if (of(device)->cl->clGetKernelWorkGroupInfo(
			    function, of(device)->id, rows[i].which,
			    sizeof value, &value, NULL) == CL_SUCCESS)
			sink->fact(sink, rows[i].name, (double)value);
	}
}

static ww_status
constant(struct ww_call *call, struct gpu_device *device, gpu_module module,
         const char *name, const void *bytes, uint64_t length)
{
	(void)device;
	(void)module;
	(void)bytes;
	(void)length;
	return ww_fail(call, WW_E_UNSUPPORTED,
	               "argument '%s': OpenCL has no constant symbols that the "
	               "host can write; make it an input with the address space "
	               "__constant in the kernel",
	               name);
}

static ww_status
set_argument(struct ww_call *call, struct gpu_device *device,
             gpu_function function, uint32_t i,
             const struct gpu_argument *argument)
{
	int32_t result;

	if (argument->buffer != NULL)
		result = of(device)->cl->clSetKernelArg(
			function, i, sizeof argument->buffer,
			&argument->buffer);
	else
		result = of(device)->cl->clSetKernelArg(
			function, i, argument->bytes, argument->scalar);
	return check(call, device, result, "clSetKernelArg");
}

static ww_status
launch_kernel(struct ww_call *call, struct gpu_device *device,
              gpu_function function, const struct ww_launch *launch,
              const struct gpu_argument *arguments, uint64_t n)
{
	uint32_t dimensions = launch->dimensions > 0 ? launch->dimensions : 1;
	ww_status status = WW_OK;
	size_t global[3];
	size_t local[3];
	uint64_t i;

	for (i = 0; status == WW_OK && i < n; i++)
		status = set_argument(call, device, function, (uint32_t)i,
		                      &arguments[i]);
	if (status != WW_OK)
		return status;
	for (i = 0; i < 3; i++) {
		local[i] = launch->block[i];
		global[i] = (size_t)launch->grid[i] * launch->block[i];
		if (global[i] > 1 && dimensions <= i)
			dimensions = (uint32_t)i + 1;
	}
	return check(call, device,
	             of(device)->cl->clEnqueueNDRangeKernel(
			     of(device)->queue, function, dimensions, NULL,
			     global, local, 0, NULL, NULL),
	             "clEnqueueNDRangeKernel");
}

static ww_status
event_new(struct ww_call *call, struct gpu_device *device, gpu_event *event)
{
	(void)device;
	*event = calloc(1, sizeof(struct event));
	return *event != NULL ? WW_OK
	                      : ww_fail(call, WW_E_NO_MEMORY, "out of memory");
}

static void
event_free(struct gpu_device *device, gpu_event self)
{
	struct event *event = self;

	if (event->marker != NULL)
		of(device)->cl->clReleaseEvent(event->marker);
	free(event);
}

static ww_status
event_record(struct ww_call *call, struct gpu_device *device, gpu_event self)
{
	struct event *event = self;

	if (event->marker != NULL)
		of(device)->cl->clReleaseEvent(event->marker);
	event->marker = NULL;
	return check(call, device,
	             of(device)->cl->clEnqueueMarkerWithWaitList(
			     of(device)->queue, 0, NULL, &event->marker),
	             "clEnqueueMarkerWithWaitList");
}

static ww_status
elapsed(struct ww_call *call, struct gpu_device *device, gpu_event from,
        gpu_event to, double *ns)
{
	uint64_t started = 0;
	uint64_t ended = 0;
	int32_t result = of(device)->cl->clGetEventProfilingInfo(
		((struct event *)from)->marker, CL_PROFILING_COMMAND_END,
		sizeof started, &started, NULL);

	if (result == CL_SUCCESS)
		result = of(device)->cl->clGetEventProfilingInfo(
			((struct event *)to)->marker, CL_PROFILING_COMMAND_END,
			sizeof ended, &ended, NULL);
	*ns = (double)(ended - started);
	return check(call, device, result, "clGetEventProfilingInfo");
}

const struct gpu_driver opencl_gpu_driver = {
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
	.build = opencl_helper_build,
	.dialect = opencl_dialect,
};
