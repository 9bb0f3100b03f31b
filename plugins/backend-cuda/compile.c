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

/* How the compiler is asked, and what its answer asks for in turn. */
struct attempt {
	int quiet; /* no report of the assembler */
	int plain; /* without what an architecture has of its own */
	int again; /* failed, and is worth another attempt as above */
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

		if (archs[i] >= 90 && nvrtc->major >= 12)
			length = snprintf(line, sizeof line,
			                  "sm_%d\nsm_%da\n", archs[i],
			                  archs[i]);
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

/* Since 9.0 an architecture has instructions that no other will have; it is
 * named sm_90a where they are wanted. */
static int
has_own(const struct ww_build *build)
{
	return build->target != NULL && build->target[0] != '\0' &&
	       build->target[strlen(build->target) - 1] == 'a';
}

static void
assemble(struct gpu_options *options, const struct unit *unit,
         const struct ww_build *build, const struct attempt *attempt)
{
	const char *target = build->target != NULL ? build->target : "sm_80";
	int length = (int)strlen(target);

	if (attempt->plain && has_own(build))
		length--;
	gpu_option_add(options, "-arch=%.*s", length, target);
	gpu_option_add(options, "-default-device");
	gpu_option_add(options, "-std=c++17");
	/* Puts registers and spills into the log. */
	if (!attempt->quiet)
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

/* NVRTC 13 says it in one way or in the other, depending on the name. */
static int
knows_not(nvrtcResult result, const char *log)
{
	return result == NVRTC_ERROR_INVALID_OPTION ||
	       (result == NVRTC_ERROR_COMPILATION && log != NULL &&
	        strstr(log, "--nv_arch") != NULL);
}

/* The assembler's report replaces its own words about an error (seen with NVRTC
 * 13): then the compiler has to be asked without a report. One that is older
 * than an architecture's own instructions may still know the architecture. */
static int
deserves_another(struct attempt *attempt, const struct ww_build *build,
                 nvrtcResult result, const char *log)
{
	if (!attempt->plain && has_own(build) && knows_not(result, log))
		attempt->again = attempt->plain = 1;
	if (!attempt->quiet && result == NVRTC_ERROR_COMPILATION &&
	    log != NULL && strstr(log, "error") == NULL)
		attempt->again = attempt->quiet = 1;
	return attempt->again;
}

static ww_status
run(struct ww_call *call, const struct unit *unit, nvrtcProgram program,
    const struct gpu_options *options, const struct ww_build *build,
    struct ww_build_sink *sink, struct attempt *attempt)
{
	const struct nvrtc *nvrtc = unit->nvrtc;
	const char *entry = build->entry != NULL ? build->entry
	                                         : unit->kernel->entry;
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
	if (deserves_another(attempt, build, result, log)) {
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
try_once(struct ww_call *call, const struct unit *unit,
         const struct ww_build *build, struct ww_build_sink *sink,
         struct attempt *attempt)
{
	const struct nvrtc *nvrtc = unit->nvrtc;
	struct gpu_options options = { 0 };
	nvrtcProgram program = NULL;
	nvrtcResult result;
	ww_status status;

	attempt->again = 0;
	assemble(&options, unit, build, attempt);
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
		status = run(call, unit, program, &options, build, sink,
		             attempt);
	if (program != NULL)
		nvrtc->nvrtcDestroyProgram(&program);
	gpu_options_free(&options);
	return status;
}

static ww_status
build(struct ww_call *call, void *self, const struct ww_build *build,
      struct ww_build_sink *sink)
{
	struct attempt attempt = { 0 };
	ww_status status;

	do
		status = try_once(call, self, build, sink, &attempt);
	while (attempt.again);
	return status;
}

const struct ww_compile_ops cuda_compile_ops = {
	.size = sizeof cuda_compile_ops,
	.targets = targets,
	.identity = identity,
	.prepare = prepare,
	.drop = drop,
	.build = build,
};
