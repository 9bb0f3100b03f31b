/* SPDX-License-Identifier: MIT
 *
 * The compile half: hipRTC from source to machine code for one architecture. No
 * device and no driver is touched.
 */
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "code.h"
#include "compiler.h"
#include "listing.h"
#include "plugins/common/gpu.h"
#include "plugins/common/gpu_options.h"

struct unit {
	const struct hiprtc *hiprtc;
	const struct ww_kernel *kernel;
	const struct hip_backend *backend;
};

/* The compiler has no list to ask; these are the architectures of the GPUs that
 * ROCm names as supported, newest data-centre parts first. */
static const char names[] = "gfx942\ngfx90a\ngfx908\ngfx1100\ngfx1030\n";

static ww_status
targets(struct ww_call *call, void *self, struct ww_text_sink *sink)
{
	ww_status status;

	(void)call;
	(void)self;
	status = sink->write(sink, names, strlen(names));
	return status == WW_STOPPED ? WW_OK : status;
}

static ww_status
identity(struct ww_call *call, void *self, struct ww_text_sink *sink)
{
	const struct hip_backend *backend = self;
	const struct hiprtc *hiprtc;
	ww_status status = hiprtc_open(call, backend->hiprtc, &hiprtc);
	char text[64];
	int length;

	if (status != WW_OK)
		return status;
	length = snprintf(text, sizeof text, "hiprtc %d.%d", hiprtc->major,
	                  hiprtc->minor);
	return sink->write(sink, text, (uint64_t)length);
}

static ww_status
prepare(struct ww_call *call, void *self, const struct ww_kernel *kernel,
        void **unit_out)
{
	struct hip_backend *backend = self;
	struct unit *unit = calloc(1, sizeof *unit);
	ww_status status;

	if (unit == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	status = hiprtc_open(call, backend->hiprtc, &unit->hiprtc);
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
drop(void *unit)
{
	free(unit);
}

static const char *
target_of(const struct ww_build *build)
{
	return build->target != NULL ? build->target : "gfx90a";
}

static const char *
entry_of(const struct unit *unit, const struct ww_build *build)
{
	return build->entry != NULL ? build->entry : unit->kernel->entry;
}

static void
assemble(struct gpu_options *options, const struct unit *unit,
         const struct ww_build *build)
{
	gpu_option_add(options, "--offload-arch=%s", target_of(build));
	gpu_option_add(options, "-std=c++17");
	gpu_option_add(options, "-O3");
	gpu_options_standard(options, unit->kernel, build);
}

static char *
program_log(const struct hiprtc *hiprtc, hiprtcProgram program)
{
	size_t length = 0;
	char *log;

	hiprtc->hiprtcGetProgramLogSize(program, &length);
	log = calloc(1, length + 1);
	if (log != NULL && length > 0)
		hiprtc->hiprtcGetProgramLog(program, log);
	return log;
}

static ww_status
emit(struct ww_call *call, const struct unit *unit, hiprtcProgram program,
     const struct ww_build *build, struct ww_build_sink *sink)
{
	const struct hiprtc *hiprtc = unit->hiprtc;
	const char *entry = entry_of(unit, build);
	const char *name = entry;
	size_t length = 0;
	char *code;
	ww_status status;

	if (gpu_entry_is_expression(entry) &&
	    hiprtc->hiprtcGetLoweredName(program, entry, &name) != HIPRTC_SUCCESS)
		return ww_fail(call, WW_E_COMPILE,
		               "the source has no kernel '%s'", entry);
	hiprtc->hiprtcGetCodeSize(program, &length);
	code = malloc(length + 1);
	if (code == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	if (length == 0 ||
	    hiprtc->hiprtcGetCode(program, code) != HIPRTC_SUCCESS) {
		free(code);
		return ww_fail(call, WW_E_COMPILE,
		               "%s gave no machine code; the target must name "
		               "an architecture such as gfx90a",
		               hiprtc->library);
	}
	hip_code_facts(sink, code, length, name);
	sink->fact(sink, "code_bytes", (double)length);
	hip_listing_facts(sink, unit->backend->comgr, target_of(build), code,
	                  length, name);
	status = gpu_artifact_write(call, sink, name, code, length);
	free(code);
	return status;
}

/* What the compiler means by its words. */
static ww_status
classify(struct ww_call *call, const struct hiprtc *hiprtc, hiprtcResult result,
         const char *log)
{
	if (log != NULL && strstr(log, "exceeds limit") != NULL &&
	    strstr(log, "local memory") != NULL)
		return ww_fail(call, WW_E_RESOURCES, "%.900s", log);
	return ww_fail(call, WW_E_COMPILE, "%.900s",
	               log != NULL && log[0] != '\0'
	                       ? log
	                       : hiprtc->hiprtcGetErrorString(result));
}

static ww_status
run(struct ww_call *call, const struct unit *unit, hiprtcProgram program,
    const struct gpu_options *options, const struct ww_build *build,
    struct ww_build_sink *sink)
{
	const struct hiprtc *hiprtc = unit->hiprtc;
	const char *entry = entry_of(unit, build);
	hiprtcResult result = HIPRTC_SUCCESS;
	ww_status status;
	char *log;

	if (gpu_entry_is_expression(entry))
		result = hiprtc->hiprtcAddNameExpression(program, entry);
	if (result == HIPRTC_SUCCESS)
		result = hiprtc->hiprtcCompileProgram(
			program, options->n,
			(const char *const *)options->list);
	log = program_log(hiprtc, program);
	if (log != NULL)
		sink->diagnosis(sink, log, strlen(log));
	status = result == HIPRTC_SUCCESS
	                 ? emit(call, unit, program, build, sink)
	                 : classify(call, hiprtc, result, log);
	free(log);
	return status;
}

static ww_status
build(struct ww_call *call, void *self, const struct ww_build *build,
      struct ww_build_sink *sink)
{
	const struct unit *unit = self;
	const struct hiprtc *hiprtc = unit->hiprtc;
	struct gpu_options options = { 0 };
	hiprtcProgram program = NULL;
	hiprtcResult result;
	ww_status status;

	assemble(&options, unit, build);
	if (options.failed) {
		gpu_options_free(&options);
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	}
	result = hiprtc->hiprtcCreateProgram(&program, unit->kernel->source,
	                                   "kernel.hip", 0, NULL, NULL);
	if (result != HIPRTC_SUCCESS)
		status = ww_fail(call, WW_E_COMPILE, "hiprtcCreateProgram: %s",
		                 hiprtc->hiprtcGetErrorString(result));
	else
		status = run(call, unit, program, &options, build, sink);
	if (program != NULL)
		hiprtc->hiprtcDestroyProgram(&program);
	gpu_options_free(&options);
	return status;
}

const struct ww_compile_ops hip_compile_ops = {
	.size = sizeof hip_compile_ops,
	.targets = targets,
	.identity = identity,
	.prepare = prepare,
	.drop = drop,
	.build = build,
};
