/* SPDX-License-Identifier: MIT
 *
 * The compile half: NVRTC from source to machine code for one architecture. No
 * device and no driver is touched.
 */
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "compiler.h"
#include "plugins/common/gpu.h"
#include "plugins/common/gpu_options.h"
#include "plugins/common/ptx.h"

struct unit {
	const struct nvrtc *nvrtc;
	const struct ww_kernel *kernel;
	const struct ww_host *host;
};

static ww_status
targets(struct ww_call *call, void *self, struct ww_text_sink *sink)
{
	const struct cuda_backend *backend = self;
	const struct nvrtc *nvrtc;
	ww_status status = nvrtc_open(call, backend->nvrtc, &nvrtc);
	int *archs;
	int n = 0;
	int i;

	if (status != WW_OK)
		return status;
	nvrtc->nvrtcGetNumSupportedArchs(&n);
	archs = calloc((size_t)n + 1, sizeof *archs);
	if (archs == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	nvrtc->nvrtcGetSupportedArchs(archs);
	for (i = n - 1; i >= 0 && status == WW_OK; i--) {
		char line[32];
		int length = snprintf(line, sizeof line, "sm_%d\n", archs[i]);

		status = sink->write(sink, line, (uint64_t)length);
	}
	free(archs);
	return status == WW_STOPPED ? WW_OK : status;
}

static ww_status
identity(struct ww_call *call, void *self, struct ww_text_sink *sink)
{
	const struct cuda_backend *backend = self;
	const struct nvrtc *nvrtc;
	ww_status status = nvrtc_open(call, backend->nvrtc, &nvrtc);
	char text[64];
	int length;

	if (status != WW_OK)
		return status;
	length = snprintf(text, sizeof text, "nvrtc %d.%d", nvrtc->major,
	                  nvrtc->minor);
	return sink->write(sink, text, (uint64_t)length);
}

static ww_status
prepare(struct ww_call *call, void *self, const struct ww_kernel *kernel,
        void **unit_out)
{
	struct cuda_backend *backend = self;
	struct unit *unit = calloc(1, sizeof *unit);
	ww_status status;

	if (unit == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	status = nvrtc_open(call, backend->nvrtc, &unit->nvrtc);
	if (status != WW_OK) {
		free(unit);
		return status;
	}
	unit->kernel = kernel;
	unit->host = backend->host;
	*unit_out = unit;
	return WW_OK;
}

static void
drop(void *unit)
{
	free(unit);
}

static void
assemble(struct gpu_options *options, const struct unit *unit,
         const struct ww_build *build, int verbose)
{
	gpu_option_add(options, "-arch=%s",
	               build->target != NULL ? build->target : "sm_80");
	gpu_option_add(options, "-default-device");
	gpu_option_add(options, "-std=c++17");
	/* Puts registers and spills into the log. */
	if (verbose)
		gpu_option_add(options, "--ptxas-options=-v");
	gpu_options_standard(options, unit->kernel, build);
	if (unit->nvrtc->include[0] != '\0')
		gpu_option_add(options, "-I%s", unit->nvrtc->include);
}

/* One number of the assembler's report, such as "Used 40 registers". */
static void
report_number(struct ww_build_sink *sink, const char *report, const char *before,
              const char *after, const char *fact)
{
	const char *at = report;

	while ((at = strstr(at, after)) != NULL) {
		const char *digit = at;

		while (digit > report && digit[-1] >= '0' && digit[-1] <= '9')
			digit--;
		if (digit < at && (before == NULL ||
		                   ((size_t)(digit - report) >= strlen(before) &&
		                    strncmp(digit - strlen(before), before,
		                            strlen(before)) == 0))) {
			sink->fact(sink, fact, strtod(digit, NULL));
			return;
		}
		at++;
	}
}

/* The part of the assembler's report that is about this kernel. */
static void
report_facts(struct ww_build_sink *sink, const char *log, const char *name)
{
	const char *report = strstr(log, name);

	if (report == NULL)
		report = log;
	report_number(sink, report, "Used ", " registers", "registers");
	report_number(sink, report, NULL, " bytes spill stores",
	              "spill_bytes");
	report_number(sink, report, NULL, " bytes smem", "shared_bytes");
	report_number(sink, report, NULL, " bytes stack frame",
	              "stack_bytes");
}

static char *
program_log(const struct nvrtc *nvrtc, nvrtcProgram program)
{
	size_t length = 0;
	char *log;

	nvrtc->nvrtcGetProgramLogSize(program, &length);
	log = calloc(1, length + 1);
	if (log != NULL && length > 0)
		nvrtc->nvrtcGetProgramLog(program, log);
	return log;
}

/* The compiler keeps the assembly from which it made the machine code. */
static void
assembly_facts(const struct nvrtc *nvrtc, nvrtcProgram program,
               const char *name, struct ww_build_sink *sink)
{
	size_t length = 0;
	char *text;

	if (nvrtc->nvrtcGetPTX == NULL ||
	    nvrtc->nvrtcGetPTXSize(program, &length) != NVRTC_SUCCESS ||
	    length == 0)
		return;
	text = calloc(1, length + 1);
	if (text != NULL && nvrtc->nvrtcGetPTX(program, text) == NVRTC_SUCCESS)
		ptx_facts(sink, text, name);
	free(text);
}

static ww_status
emit(struct ww_call *call, const struct unit *unit, nvrtcProgram program,
     const char *entry, struct ww_build_sink *sink, const char *log)
{
	const struct nvrtc *nvrtc = unit->nvrtc;
	const char *name = entry;
	size_t length = 0;
	char *code;
	ww_status status;

	if (gpu_entry_is_expression(entry) &&
	    nvrtc->nvrtcGetLoweredName(program, entry, &name) != NVRTC_SUCCESS)
		return ww_fail(call, WW_E_COMPILE,
		               "the source has no kernel '%s'", entry);
	nvrtc->nvrtcGetCUBINSize(program, &length);
	code = malloc(length + 1);
	if (code == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	if (length == 0 ||
	    nvrtc->nvrtcGetCUBIN(program, code) != NVRTC_SUCCESS) {
		free(code);
		return ww_fail(call, WW_E_COMPILE,
		               "%s gave no machine code; the target must name "
		               "a real architecture such as sm_90",
		               nvrtc->library);
	}
	if (log != NULL)
		report_facts(sink, log, name);
	sink->fact(sink, "code_bytes", (double)length);
	assembly_facts(nvrtc, program, name, sink);
	status = gpu_artifact_write(call, sink, name, code, length);
	free(code);
	return status;
}

/* What the compiler means by its words. */
static ww_status
classify(struct ww_call *call, const struct nvrtc *nvrtc, nvrtcResult result,
         const char *log)
{
	if (log != NULL && (strstr(log, "uses too much shared data") != NULL ||
	                    strstr(log, "local memory limit") != NULL))
		return ww_fail(call, WW_E_RESOURCES, "%.900s", log);
	if (log != NULL && strstr(log, "could not open source file") != NULL &&
	    nvrtc->include[0] == '\0')
		return ww_fail(call, WW_E_COMPILE,
		               "the kernel includes a header that is not "
		               "there: no CUDA toolkit was found beside %s; "
		               "set CUDA_HOME. %.600s",
		               nvrtc->library, log);
	return ww_fail(call, WW_E_COMPILE, "%.900s",
	               log != NULL && log[0] != '\0'
	                       ? log
	                       : nvrtc->nvrtcGetErrorString(result));
}

/* The assembler's report replaces its own words about an error (seen with NVRTC
 * 13); *silent then tells that the compiler has to be asked without a report. */
static ww_status
run(struct ww_call *call, const struct unit *unit, nvrtcProgram program,
    const struct gpu_options *options, const char *entry,
    struct ww_build_sink *sink, int *silent)
{
	const struct nvrtc *nvrtc = unit->nvrtc;
	nvrtcResult result = NVRTC_SUCCESS;
	ww_status status;
	char *log;

	if (gpu_entry_is_expression(entry))
		result = nvrtc->nvrtcAddNameExpression(program, entry);
	if (result == NVRTC_SUCCESS)
		result = nvrtc->nvrtcCompileProgram(
			program, options->n,
			(const char *const *)options->list);
	log = program_log(nvrtc, program);
	if (silent != NULL && result == NVRTC_ERROR_COMPILATION &&
	    log != NULL && strstr(log, "error") == NULL) {
		*silent = 1;
		free(log);
		return WW_E_COMPILE;
	}
	if (log != NULL)
		sink->diagnosis(sink, log, strlen(log));
	status = result == NVRTC_SUCCESS
	                 ? emit(call, unit, program, entry, sink, log)
	                 : classify(call, nvrtc, result, log);
	free(log);
	return status;
}

static ww_status
attempt(struct ww_call *call, const struct unit *unit,
        const struct ww_build *build, struct ww_build_sink *sink, int *silent)
{
	const struct nvrtc *nvrtc = unit->nvrtc;
	const char *entry = build->entry != NULL ? build->entry
	                                         : unit->kernel->entry;
	struct gpu_options options = { 0 };
	nvrtcProgram program = NULL;
	nvrtcResult result;
	ww_status status;

	assemble(&options, unit, build, silent != NULL);
	if (options.failed) {
		gpu_options_free(&options);
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	}
	result = nvrtc->nvrtcCreateProgram(&program, unit->kernel->source,
	                                   "kernel.cu", 0, NULL, NULL);
	if (result != NVRTC_SUCCESS)
		status = ww_fail(call, WW_E_COMPILE, "nvrtcCreateProgram: %s",
		                 nvrtc->nvrtcGetErrorString(result));
	else
		status = run(call, unit, program, &options, entry, sink,
		             silent);
	if (program != NULL)
		nvrtc->nvrtcDestroyProgram(&program);
	gpu_options_free(&options);
	return status;
}

static ww_status
build(struct ww_call *call, void *self, const struct ww_build *build,
      struct ww_build_sink *sink)
{
	int silent = 0;
	ww_status status = attempt(call, self, build, sink, &silent);

	return silent ? attempt(call, self, build, sink, NULL) : status;
}

const struct ww_compile_ops cuda_compile_ops = {
	.size = sizeof cuda_compile_ops,
	.targets = targets,
	.identity = identity,
	.prepare = prepare,
	.drop = drop,
	.build = build,
};
