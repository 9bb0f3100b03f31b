/* SPDX-License-Identifier: MIT
 *
 * A CUDA driver and NVRTC that need no GPU, for tests of every error path of the
 * plugins. "Compiling" picks from the source the lines
 *
 *     // fake: WORD …          always
 *     // fake NAME=VALUE: WORD if the option -DNAME=VALUE was given
 *
 * and the artifact is their words. Loading and launching then do what the words
 * say (see `launch`); a launch without words computes out[i] = 2 * in[i] + 1 for
 * the arguments (out, in, n) and takes 1 ms of a clock of its own. FAKE_CUDA in
 * the environment holds words for the driver itself: no_device, old, oom,
 * init_fails, compare (the compiler takes the backend's own kernel).
 */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugins/backend-cuda/compiler.h"
#include "plugins/backend-cuda/driver.h"

#define FAKE WW_EXPORT

struct _nvrtcProgram {
	char *source;
	char words[4096];
	char log[256];
};

struct CUmod_st {
	char words[4096];
	unsigned launches;
};

struct CUevent_st {
	double at_ms;
};

static double clock_ms;
static int sticky; /* the context is poisoned with this error */
static struct CUmod_st *last_module;

static int
has(const char *words, const char *word)
{
	size_t length = strlen(word);
	const char *at = words;

	while (words != NULL && (at = strstr(at, word)) != NULL) {
		if ((at == words || at[-1] == ' ') &&
		    (at[length] == ' ' || at[length] == '\0'))
			return 1;
		at += length;
	}
	return 0;
}

static int
driver_is(const char *word)
{
	return has(getenv("FAKE_CUDA"), word);
}

/* --------------------------------------------------------------- compiler */

FAKE nvrtcResult nvrtcVersion(int *major, int *minor);
FAKE nvrtcResult
nvrtcVersion(int *major, int *minor)
{
	*major = 13;
	*minor = 0;
	return 0;
}

FAKE nvrtcResult nvrtcGetNumSupportedArchs(int *n);
FAKE nvrtcResult
nvrtcGetNumSupportedArchs(int *n)
{
	*n = 1;
	return 0;
}

FAKE nvrtcResult nvrtcGetSupportedArchs(int *archs);
FAKE nvrtcResult
nvrtcGetSupportedArchs(int *archs)
{
	archs[0] = 90;
	return 0;
}

FAKE nvrtcResult nvrtcCreateProgram(nvrtcProgram *program, const char *source,
                                    const char *name, int n,
                                    const char *const *headers,
                                    const char *const *names);
FAKE nvrtcResult
nvrtcCreateProgram(nvrtcProgram *program, const char *source, const char *name,
                   int n, const char *const *headers, const char *const *names)
{
	(void)name;
	(void)n;
	(void)headers;
	(void)names;
	*program = calloc(1, sizeof **program);
	(*program)->source = strdup(source);
	return 0;
}

FAKE nvrtcResult nvrtcDestroyProgram(nvrtcProgram *program);
FAKE nvrtcResult
nvrtcDestroyProgram(nvrtcProgram *program)
{
	free((*program)->source);
	free(*program);
	*program = NULL;
	return 0;
}

FAKE nvrtcResult nvrtcAddNameExpression(nvrtcProgram program, const char *name);
FAKE nvrtcResult
nvrtcAddNameExpression(nvrtcProgram program, const char *name)
{
	(void)program;
	(void)name;
	return 0;
}

FAKE nvrtcResult nvrtcGetLoweredName(nvrtcProgram program, const char *entry,
                                     const char **name);
FAKE nvrtcResult
nvrtcGetLoweredName(nvrtcProgram program, const char *entry, const char **name)
{
	(void)program;
	*name = entry;
	return 0;
}

static int
applies(const char *condition, size_t length, int n, const char *const *options)
{
	int i;

	if (length == 0)
		return 1;
	for (i = 0; i < n; i++)
		if (strncmp(options[i], "-D", 2) == 0 &&
		    strlen(options[i] + 2) == length &&
		    strncmp(options[i] + 2, condition, length) == 0)
			return 1;
	return 0;
}

static void
collect(nvrtcProgram program, int n, const char *const *options)
{
	static const char mark[] = "// fake";
	const char *at = program->source;
	size_t used;

	snprintf(program->words, sizeof program->words, "code");
	while ((at = strstr(at, mark)) != NULL) {
		const char *colon = strpbrk(at, ":\n");
		const char *condition = at + strlen(mark) + (at[7] == ' ');
		int length;

		at += strlen(mark);
		if (colon == NULL || *colon != ':' ||
		    !applies(condition, (size_t)(colon - condition), n,
		             options))
			continue;
		length = (int)strcspn(colon + 1, "\n");
		used = strlen(program->words);
		snprintf(program->words + used, sizeof program->words - used,
		         "%.*s", length, colon + 1);
	}
	/* Different definitions are different code. */
	for (int i = 0; i < n; i++)
		if (strncmp(options[i], "-D", 2) == 0) {
			used = strlen(program->words);
			snprintf(program->words + used,
			         sizeof program->words - used, " %s",
			         options[i]);
		}
}

FAKE nvrtcResult nvrtcCompileProgram(nvrtcProgram program, int n,
                                     const char *const *options);
FAKE nvrtcResult
nvrtcCompileProgram(nvrtcProgram program, int n, const char *const *options)
{
	collect(program, n, options);
	if (strstr(program->source, "ww_compare_outputs") != NULL) {
		snprintf(program->words, sizeof program->words, "compare");
		return driver_is("compare") ? 0 : NVRTC_ERROR_COMPILATION;
	}
	if (has(program->words, "compiler_aborts"))
		raise(SIGKILL);
	while (has(program->words, "compiler_hangs"))
		pause();
	if (has(program->words, "too_much_static_shared"))
		snprintf(program->log, sizeof program->log,
		         "ptxas error   : Entry function 'scale' uses too much "
		         "shared data");
	else if (has(program->words, "does_not_compile"))
		snprintf(program->log, sizeof program->log,
		         "kernel.cu(1): error: expected a fake");
	else
		return 0;
	return NVRTC_ERROR_COMPILATION;
}

FAKE nvrtcResult nvrtcGetProgramLogSize(nvrtcProgram program, size_t *n);
FAKE nvrtcResult
nvrtcGetProgramLogSize(nvrtcProgram program, size_t *n)
{
	*n = strlen(program->log) + 1;
	return 0;
}

FAKE nvrtcResult nvrtcGetProgramLog(nvrtcProgram program, char *log);
FAKE nvrtcResult
nvrtcGetProgramLog(nvrtcProgram program, char *log)
{
	strcpy(log, program->log);
	return 0;
}

FAKE nvrtcResult nvrtcGetCUBINSize(nvrtcProgram program, size_t *n);
FAKE nvrtcResult
nvrtcGetCUBINSize(nvrtcProgram program, size_t *n)
{
	*n = strlen(program->words) + 1;
	return 0;
}

FAKE nvrtcResult nvrtcGetCUBIN(nvrtcProgram program, char *code);
FAKE nvrtcResult
nvrtcGetCUBIN(nvrtcProgram program, char *code)
{
	strcpy(code, program->words);
	return 0;
}

FAKE const char *nvrtcGetErrorString(nvrtcResult result);
FAKE const char *
nvrtcGetErrorString(nvrtcResult result)
{
	return result == 0 ? "no error" : "compilation failed";
}

/* ----------------------------------------------------------------- driver */

static CUresult
init(unsigned int flags)
{
	(void)flags;
	if (driver_is("init_fails"))
		return CUDA_ERROR_UNKNOWN;
	return driver_is("no_device") ? CUDA_ERROR_NO_DEVICE : CUDA_SUCCESS;
}

static CUresult
version(int *number)
{
	*number = 13000;
	return CUDA_SUCCESS;
}

static CUresult
error_name(CUresult result, const char **name)
{
	static char text[32];

	snprintf(text, sizeof text, "FAKE_ERROR_%d", result);
	*name = text;
	return CUDA_SUCCESS;
}

static CUresult
error_string(CUresult result, const char **words)
{
	*words = result == CUDA_ERROR_OUT_OF_MEMORY ? "out of memory"
	                                            : "scripted";
	return CUDA_SUCCESS;
}

static CUresult
device_count(int *n)
{
	*n = 1;
	return CUDA_SUCCESS;
}

static CUresult
device_get(CUdevice *device, int i)
{
	*device = i;
	return CUDA_SUCCESS;
}

static CUresult
device_name(char *name, int length, CUdevice device)
{
	(void)device;
	snprintf(name, (size_t)length, "Scripted GPU");
	return CUDA_SUCCESS;
}

static CUresult
device_uuid(CUuuid *uuid, CUdevice device)
{
	memset(uuid, 0x11 + device, sizeof *uuid);
	return CUDA_SUCCESS;
}

static CUresult
device_memory(size_t *bytes, CUdevice device)
{
	(void)device;
	*bytes = (size_t)1 << 30;
	return CUDA_SUCCESS;
}

static CUresult
device_attribute(int *value, int attribute, CUdevice device)
{
	(void)device;
	*value = attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR ? 9
	         : attribute == CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR
	                 ? 0
	         : attribute == CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE ? 1 << 16
	         : attribute == CU_DEVICE_ATTRIBUTE_WARP_SIZE     ? 32
	                                                          : 1024;
	return CUDA_SUCCESS;
}

static CUresult
retain(CUcontext *context, CUdevice device)
{
	(void)device;
	*context = NULL;
	return CUDA_SUCCESS;
}

static CUresult
release(CUdevice device)
{
	(void)device;
	return CUDA_SUCCESS;
}

static CUresult
set_current(CUcontext context)
{
	(void)context;
	return CUDA_SUCCESS;
}

static CUresult
stream_create(CUstream *stream, unsigned int flags)
{
	(void)flags;
	*stream = NULL;
	return CUDA_SUCCESS;
}

static CUresult
stream_end(CUstream stream)
{
	(void)stream;
	return CUDA_SUCCESS;
}

static CUresult
synchronize(CUstream stream)
{
	(void)stream;
	return sticky;
}

static CUresult
memory_alloc(CUdeviceptr *pointer, size_t bytes)
{
	void *memory;

	if (sticky != 0)
		return sticky;
	if (driver_is("oom") && bytes > 65536)
		return CUDA_ERROR_OUT_OF_MEMORY;
	memory = malloc(bytes);
	*pointer = (CUdeviceptr)(uintptr_t)memory;
	return memory != NULL ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

static void *
memory_at(CUdeviceptr pointer)
{
	return (void *)(uintptr_t)pointer;
}

static CUresult
memory_free(CUdeviceptr pointer)
{
	free(memory_at(pointer));
	return sticky;
}

static CUresult
to_device(CUdeviceptr to, const void *from, size_t bytes)
{
	if (sticky == 0)
		memcpy(memory_at(to), from, bytes);
	return sticky;
}

static CUresult
to_host(void *to, CUdeviceptr from, size_t bytes)
{
	if (sticky == 0)
		memcpy(to, memory_at(from), bytes);
	return sticky;
}

static CUresult
on_device(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream)
{
	(void)stream;
	if (sticky == 0)
		memcpy(memory_at(to), memory_at(from), bytes);
	return sticky;
}

static CUresult
set_words(CUdeviceptr to, unsigned int word, size_t n, CUstream stream)
{
	unsigned int *at = memory_at(to);

	(void)stream;
	while (sticky == 0 && n-- > 0)
		*at++ = word;
	return sticky;
}

static CUresult
module_load(CUmodule *module, const void *image)
{
	if (has(image, "no_room_for_code"))
		return CUDA_ERROR_OUT_OF_MEMORY;
	if (has(image, "broken_code"))
		return CUDA_ERROR_INVALID_IMAGE;
	*module = calloc(1, sizeof **module);
	snprintf((*module)->words, sizeof (*module)->words, "%s",
	         (const char *)image);
	return sticky;
}

static CUresult
module_unload(CUmodule module)
{
	free(module);
	return sticky;
}

static CUresult
module_function(CUfunction *function, CUmodule module, const char *name)
{
	if (has(module->words, "no_such_kernel") && name[0] == 's')
		return CUDA_ERROR_NOT_FOUND;
	*function = (CUfunction)module;
	return sticky;
}

static CUresult
module_global(CUdeviceptr *pointer, size_t *bytes, CUmodule module,
              const char *name)
{
	(void)pointer;
	(void)bytes;
	(void)module;
	(void)name;
	return CUDA_ERROR_NOT_FOUND;
}

static CUresult
function_attribute(int *value, int attribute, CUfunction function)
{
	(void)function;
	*value = attribute == CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK ? 1024
	                                                              : 32;
	return CUDA_SUCCESS;
}

static CUresult
function_set(CUfunction function, int attribute, int value)
{
	(void)function;
	(void)attribute;
	return value > 200000 ? CUDA_ERROR_INVALID_VALUE : CUDA_SUCCESS;
}

static CUresult
occupancy(int *blocks, CUfunction function, int threads, size_t shared)
{
	(void)function;
	(void)shared;
	*blocks = 2048 / threads;
	return CUDA_SUCCESS;
}

/* The backend's own kernel, for floats; one thread does it all. */
static void
compare(void **arguments)
{
	const float *got = memory_at(*(CUdeviceptr *)arguments[0]);
	const float *want = memory_at(*(CUdeviceptr *)arguments[1]);
	uint64_t n = *(uint64_t *)arguments[2];
	double absolute = *(double *)arguments[3];
	double relative = *(double *)arguments[4];
	double *found = memory_at(*(CUdeviceptr *)arguments[5]);
	uint64_t i;

	memset(found, 0, 128 * 256 * 5 * sizeof *found);
	for (i = 0; i < n; i++) {
		double difference = fabs((double)got[i] - (double)want[i]);

		if (difference <= absolute + relative * fabs((double)want[i]))
			continue;
		if (found[0] == 0 || difference > found[2]) {
			found[1] = (double)i;
			found[2] = isnan(difference) ? INFINITY : difference;
			found[3] = (double)got[i];
			found[4] = (double)want[i];
		}
		found[0]++;
	}
}

static void
compute(struct CUmod_st *module, void **arguments)
{
	float *out = memory_at(*(CUdeviceptr *)arguments[0]);
	const float *in = memory_at(*(CUdeviceptr *)arguments[1]);
	int n = *(int *)arguments[2];
	int i;

	for (i = 0; i < n; i++)
		out[i] = 2.0f * in[i] + 1.0f;
	if (has(module->words, "wrong") ||
	    (has(module->words, "wrong_later") && module->launches > 1))
		out[n / 2] += 1.0f;
	if (has(module->words, "nan"))
		out[n / 3] = NAN;
	if (has(module->words, "beyond"))
		out[n] = 0.0f;
}

static const struct {
	const char *word;
	int error;
} faults[] = {
	{ "illegal_address", CUDA_ERROR_ILLEGAL_ADDRESS },
	{ "misaligned", CUDA_ERROR_MISALIGNED_ADDRESS },
	{ "trap", CUDA_ERROR_ILLEGAL_INSTRUCTION },
	{ "launch_failed", CUDA_ERROR_LAUNCH_FAILED },
	{ "assert", CUDA_ERROR_ASSERT },
	{ "launch_timeout", CUDA_ERROR_LAUNCH_TIMEOUT },
};

static CUresult
launch(CUfunction function, unsigned int gx, unsigned int gy, unsigned int gz,
       unsigned int bx, unsigned int by, unsigned int bz, unsigned int shared,
       CUstream stream, void **arguments, void **extra)
{
	struct CUmod_st *module = (struct CUmod_st *)function;
	const char *add = strstr(module->words, " add ");
	size_t i;

	(void)gx;
	(void)gy;
	(void)gz;
	(void)bx;
	(void)by;
	(void)bz;
	(void)shared;
	(void)stream;
	(void)extra;
	if (sticky != 0)
		return sticky;
	if (has(module->words, "compare")) {
		compare(arguments);
		return CUDA_SUCCESS;
	}
	if (has(module->words, "too_many_resources"))
		return CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;
	if (has(module->words, "bad_launch"))
		return CUDA_ERROR_INVALID_VALUE;
	while (has(module->words, "endless"))
		pause();
	/* A fault shows when the stream is waited for, as on a device. */
	for (i = 0; i < sizeof faults / sizeof faults[0]; i++)
		if (has(module->words, faults[i].word))
			sticky = faults[i].error;
	module->launches++;
	last_module = module;
	if (sticky == 0)
		compute(module, arguments);
	clock_ms += 1.0 + (add != NULL ? strtod(add + 5, NULL) : 0.0);
	return CUDA_SUCCESS;
}

static CUresult
event_create(CUevent *event, unsigned int flags)
{
	(void)flags;
	*event = calloc(1, sizeof **event);
	return sticky;
}

static CUresult
event_destroy(CUevent event)
{
	free(event);
	return sticky;
}

static CUresult
event_record(CUevent event, CUstream stream)
{
	(void)stream;
	event->at_ms = clock_ms;
	return sticky;
}

static CUresult
event_wait(CUevent event)
{
	(void)event;
	return sticky;
}

static CUresult
elapsed(float *ms, CUevent from, CUevent to)
{
	*ms = (float)(to->at_ms - from->at_ms);
	if (last_module != NULL && has(last_module->words, "no_time"))
		*ms = 0.0f;
	if (last_module != NULL && has(last_module->words, "negative_time"))
		*ms = -1.0f;
	return sticky;
}

typedef void (*any_function)(void);

static const struct {
	const char *name;
	any_function function;
} functions[] = {
#define ROW(name, function) { #name, (any_function)(function) }
	ROW(cuInit, init),
	ROW(cuDriverGetVersion, version),
	ROW(cuGetErrorName, error_name),
	ROW(cuGetErrorString, error_string),
	ROW(cuDeviceGetCount, device_count),
	ROW(cuDeviceGet, device_get),
	ROW(cuDeviceGetName, device_name),
	ROW(cuDeviceGetUuid, device_uuid),
	ROW(cuDeviceTotalMem, device_memory),
	ROW(cuDeviceGetAttribute, device_attribute),
	ROW(cuDevicePrimaryCtxRetain, retain),
	ROW(cuDevicePrimaryCtxRelease, release),
	ROW(cuCtxSetCurrent, set_current),
	ROW(cuStreamCreate, stream_create),
	ROW(cuStreamDestroy, stream_end),
	ROW(cuStreamSynchronize, synchronize),
	ROW(cuMemAlloc, memory_alloc),
	ROW(cuMemFree, memory_free),
	ROW(cuMemcpyHtoD, to_device),
	ROW(cuMemcpyDtoH, to_host),
	ROW(cuMemcpyDtoDAsync, on_device),
	ROW(cuMemsetD32Async, set_words),
	ROW(cuModuleLoadData, module_load),
	ROW(cuModuleUnload, module_unload),
	ROW(cuModuleGetFunction, module_function),
	ROW(cuModuleGetGlobal, module_global),
	ROW(cuFuncGetAttribute, function_attribute),
	ROW(cuFuncSetAttribute, function_set),
	ROW(cuOccupancyMaxActiveBlocksPerMultiprocessor, occupancy),
	ROW(cuLaunchKernel, launch),
	ROW(cuEventCreate, event_create),
	ROW(cuEventDestroy, event_destroy),
	ROW(cuEventRecord, event_record),
	ROW(cuEventSynchronize, event_wait),
	ROW(cuEventElapsedTime, elapsed),
#undef ROW
};

FAKE CUresult cuGetProcAddress(const char *name, void **function, int wanted,
                               uint64_t flags);
FAKE CUresult
cuGetProcAddress(const char *name, void **function, int wanted, uint64_t flags)
{
	size_t i;

	(void)flags;
	*function = NULL;
	if (driver_is("old") && wanted >= 6050)
		return CUDA_ERROR_NOT_FOUND;
	for (i = 0; i < sizeof functions / sizeof functions[0]; i++)
		if (strcmp(functions[i].name, name) == 0)
			memcpy(function, &functions[i].function,
			       sizeof *function);
	return *function != NULL ? CUDA_SUCCESS : CUDA_ERROR_NOT_FOUND;
}
