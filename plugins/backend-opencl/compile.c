/* SPDX-License-Identifier: MIT
 *
 * The compile half. OpenCL has no compiler apart from a device: a program is
 * built in a context of its own, which allocates nothing and launches nothing,
 * and leaves as the device's binary. A driver that does not take its own binary
 * back (PoCL 5.0 answers CL_INVALID_BINARY) gets the source instead, which the
 * device worker then builds again. The target is the device's id.
 */
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "driver.h"
#include "image.h"
#include "plugins/common/gpu.h"
#include "plugins/common/gpu_options.h"
#include "plugins/common/ptx.h"

struct unit {
	const struct opencl_driver *cl;
	const struct ww_kernel *kernel;
	const struct opencl_backend *backend;
	cl_context context; /* opened for the first build's target */
	cl_device_id device;
	int tried_binary;   /* whether the next one is known */
	int refuses_binary; /* the driver does not take its own binary back */
};

struct listing {
	const struct opencl_driver *driver;
	struct ww_text_sink *sink;
};

static ww_status
write_target(void *context, cl_platform_id platform, cl_device_id device,
             int number)
{
	struct listing *listing = context;
	char id[256];
	ww_status status;

	opencl_device_id(listing->driver, platform, device, number, id);
	status = listing->sink->write(listing->sink, id, strlen(id));
	if (status == WW_OK)
		status = listing->sink->write(listing->sink, "\n", 1);
	return status;
}

static ww_status
targets(struct ww_call *call, void *self, struct ww_text_sink *sink)
{
	const struct opencl_backend *backend = self;
	struct listing listing = { NULL, sink };
	ww_status status = opencl_driver_open(call, backend->driver,
	                                      &listing.driver);

	if (status == WW_OK)
		status = opencl_each(listing.driver, write_target, &listing);
	return status == WW_STOPPED ? WW_OK : status;
}

struct identity {
	const struct opencl_driver *driver;
	struct ww_text_sink *sink;
};

static ww_status
write_version(void *context, cl_platform_id platform, cl_device_id device,
              int number)
{
	struct identity *identity = context;
	char text[256] = "";
	ww_status status;

	(void)platform;
	(void)number;
	identity->driver->clGetDeviceInfo(device, CL_DEVICE_VERSION,
	                                  sizeof text - 1, text, NULL);
	status = identity->sink->write(identity->sink, text, strlen(text));
	if (status != WW_OK)
		return status;
	text[0] = ' ';
	text[1] = '\0';
	identity->driver->clGetDeviceInfo(device, CL_DRIVER_VERSION,
	                                  sizeof text - 2, text + 1, NULL);
	return identity->sink->write(identity->sink, text, strlen(text));
}

/* The drivers of all devices, because any of them may be the target. */
static ww_status
identity(struct ww_call *call, void *self, struct ww_text_sink *sink)
{
	const struct opencl_backend *backend = self;
	struct identity identity = { NULL, sink };
	ww_status status = opencl_driver_open(call, backend->driver,
	                                      &identity.driver);

	if (status == WW_OK)
		status = opencl_each(identity.driver, write_version, &identity);
	return status == WW_STOPPED ? WW_OK : status;
}

static ww_status
prepare(struct ww_call *call, void *self, const struct ww_kernel *kernel,
        void **unit_out)
{
	struct opencl_backend *backend = self;
	struct unit *unit = calloc(1, sizeof *unit);
	ww_status status;

	if (unit == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	status = opencl_driver_open(call, backend->driver, &unit->cl);
	if (status != WW_OK) {
		free(unit);
		return status;
	}
	unit->kernel = kernel;
	unit->backend = backend;
	*unit_out = unit;
	return WW_OK;
}

static void
drop(void *self)
{
	struct unit *unit = self;

	if (unit->context != NULL)
		unit->cl->clReleaseContext(unit->context);
	free(unit);
}

static ww_status
open_context(struct ww_call *call, struct unit *unit, const char *target)
{
	int32_t result = CL_SUCCESS;
	ww_status status;

	if (unit->context != NULL)
		return WW_OK;
	status = opencl_find(call, unit->cl,
	                     target != NULL ? target : unit->backend->device,
	                     &unit->device);
	if (status != WW_OK)
		return status;
	unit->context = unit->cl->clCreateContext(NULL, 1, &unit->device, NULL,
	                                          NULL, &result);
	return result == CL_SUCCESS
	               ? WW_OK
	               : opencl_fail(call, result, "clCreateContext");
}

static char *
join(const struct gpu_options *options)
{
	size_t length = 1;
	char *text;
	int i;

	for (i = 0; i < options->n; i++)
		length += strlen(options->list[i]) + 1;
	text = calloc(1, length);
	for (i = 0; text != NULL && i < options->n; i++) {
		strcat(text, options->list[i]);
		strcat(text, " ");
	}
	return text;
}

static char *
build_log(const struct unit *unit, cl_program program)
{
	size_t length = 0;
	char *log;

	unit->cl->clGetProgramBuildInfo(program, unit->device,
	                                CL_PROGRAM_BUILD_LOG, 0, NULL, &length);
	log = calloc(1, length + 1);
	if (log != NULL && length > 0)
		unit->cl->clGetProgramBuildInfo(program, unit->device,
		                                CL_PROGRAM_BUILD_LOG, length,
		                                log, NULL);
	return log;
}

/* Whether the driver takes back what it gave; asked once. */
static int
takes_binary(struct unit *unit, const unsigned char *code, size_t length)
{
	int32_t result = CL_SUCCESS;
	cl_program program;

	if (unit->tried_binary)
		return !unit->refuses_binary;
	unit->tried_binary = 1;
	program = unit->cl->clCreateProgramWithBinary(
		unit->context, 1, &unit->device, &length, &code, NULL, &result);
	if (result == CL_SUCCESS) {
		result = unit->cl->clBuildProgram(program, 1, &unit->device, "",
		                                  NULL, NULL);
		unit->cl->clReleaseProgram(program);
	}
	unit->refuses_binary = result != CL_SUCCESS;
	if (unit->refuses_binary)
		ww_log_message(unit->backend->host->log, WW_LOG_INFO,
		       "the OpenCL driver refuses its own binaries; kernels "
		       "are built again where they are measured");
	return !unit->refuses_binary;
}

static ww_status
emit_source(struct ww_call *call, const struct unit *unit, const char *options,
            const char *entry, struct ww_build_sink *sink)
{
	void *image = NULL;
	uint64_t length = 0;
	ww_status status = opencl_image_write(
		call, options, unit->kernel->source,
		unit->kernel->source_length, &image, &length);

	if (status == WW_OK)
		status = gpu_artifact_write(call, sink, entry, image, length);
	free(image);
	return status;
}

static ww_status
emit(struct ww_call *call, struct unit *unit, cl_program program,
     const char *options, const char *entry, struct ww_build_sink *sink)
{
	size_t length = 0;
	unsigned char *code;
	ww_status status;

	unit->cl->clGetProgramInfo(program, CL_PROGRAM_BINARY_SIZES,
	                           sizeof length, &length, NULL);
	code = malloc(length + 1);
	if (code == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	if (length == 0 ||
	    unit->cl->clGetProgramInfo(program, CL_PROGRAM_BINARIES,
	                               sizeof code, &code,
	                               NULL) != CL_SUCCESS) {
		free(code);
		return ww_fail(call, WW_E_COMPILE,
		               "the OpenCL driver gave no binary");
	}
	sink->fact(sink, "code_bytes", (double)length);
	/* NVIDIA's binary is PTX; in all others there is no such entry. */
	code[length] = '\0';
	ptx_facts(sink, (const char *)code, entry);
	status = takes_binary(unit, code, length)
	                 ? gpu_artifact_write(call, sink, entry, code, length)
	                 : emit_source(call, unit, options, entry, sink);
	free(code);
	return status;
}

static ww_status
compile(struct ww_call *call, struct unit *unit, cl_program program,
        const char *options, const char *entry, struct ww_build_sink *sink)
{
	int32_t result = unit->cl->clBuildProgram(program, 1, &unit->device,
	                                          options, NULL, NULL);
	char *log = build_log(unit, program);
	ww_status status;

	if (log != NULL)
		sink->diagnosis(sink, log, strlen(log));
	if (result == CL_SUCCESS)
		status = emit(call, unit, program, options, entry, sink);
	else if (log != NULL && log[0] != '\0')
		status = ww_fail(call, WW_E_COMPILE, "%.900s", log);
	else
		status = opencl_fail(call, result, "clBuildProgram");
	free(log);
	return status;
}

static ww_status
build(struct ww_call *call, void *self, const struct ww_build *build,
      struct ww_build_sink *sink)
{
	struct unit *unit = self;
	const char *entry = build->entry != NULL ? build->entry
	                                         : unit->kernel->entry;
	const char *source = unit->kernel->source;
	size_t length = unit->kernel->source_length;
	struct gpu_options options = { 0 };
	int32_t result = CL_SUCCESS;
	cl_program program;
	char *text;
	ww_status status = open_context(call, unit, build->target);

	if (status != WW_OK)
		return status;
	gpu_options_standard(&options, unit->kernel, build);
	text = join(&options);
	gpu_options_free(&options);
	if (text == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	program = unit->cl->clCreateProgramWithSource(unit->context, 1, &source,
	                                              &length, &result);
	if (result == CL_SUCCESS) {
		status = compile(call, unit, program, text, entry, sink);
		unit->cl->clReleaseProgram(program);
	} else {
		status = opencl_fail(call, result, "clCreateProgramWithSource");
	}
	free(text);
	return status;
}

const struct ww_compile_ops opencl_compile_ops = {
	.size = sizeof opencl_compile_ops,
	.targets = targets,
	.identity = identity,
	.prepare = prepare,
	.drop = drop,
	.build = build,
};
