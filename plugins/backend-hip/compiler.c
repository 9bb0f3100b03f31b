/* SPDX-License-Identifier: MIT */
#include "compiler.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct hiprtc the_compiler;
static int opened;

/* Newest first; the last ones carry the compiler inside the runtime. */
static const char *const names[] = { "libhiprtc.so.7", "libhiprtc.so.6",
	                             "libhiprtc.so.5", "libamdhip64.so.5" };

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
#define HIPRTC_ROW(name) { #name, offsetof(struct hiprtc, name) }
	HIPRTC_ROW(hiprtcVersion),
	HIPRTC_ROW(hiprtcCreateProgram),
	HIPRTC_ROW(hiprtcDestroyProgram),
	HIPRTC_ROW(hiprtcAddNameExpression),
	HIPRTC_ROW(hiprtcCompileProgram),
	HIPRTC_ROW(hiprtcGetLoweredName),
	HIPRTC_ROW(hiprtcGetProgramLogSize),
	HIPRTC_ROW(hiprtcGetProgramLog),
	HIPRTC_ROW(hiprtcGetCodeSize),
	HIPRTC_ROW(hiprtcGetCode),
	HIPRTC_ROW(hiprtcGetErrorString),
#undef HIPRTC_ROW
};

/* The library counts only if the compiler is in it. */
static void *
try_file(const char *path)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (handle == NULL)
		return NULL;
	if (dlsym(handle, "hiprtcCompileProgram") == NULL) {
		dlclose(handle);
		return NULL;
	}
	snprintf(the_compiler.library, sizeof the_compiler.library, "%s", path);
	return handle;
}

static void *
find_library(void)
{
	const char *rocm = getenv("ROCM_PATH");
	void *handle = NULL;
	char path[1024];
	size_t i;

	for (i = 0; handle == NULL && i < sizeof names / sizeof names[0]; i++) {
		snprintf(path, sizeof path, "%.900s/lib/%s",
		         rocm != NULL ? rocm : "/opt/rocm", names[i]);
		handle = try_file(path);
		if (handle == NULL)
			handle = try_file(names[i]);
	}
	return handle;
}

static ww_status
resolve(struct ww_call *call, void *handle)
{
	size_t i;

	for (i = 0; i < sizeof functions / sizeof functions[0]; i++) {
		void *function = dlsym(handle, functions[i].name);

		if (function == NULL)
			return ww_fail(call, WW_E_UNAVAILABLE,
			               "%s is too old: it has no %s",
			               the_compiler.library,
			               functions[i].name);
		memcpy((char *)&the_compiler + functions[i].offset, &function,
		       sizeof function);
	}
	the_compiler.hiprtcVersion(&the_compiler.major, &the_compiler.minor);
	opened = 1;
	return WW_OK;
}

static ww_status
open_locked(struct ww_call *call, const char *library)
{
	void *handle = library != NULL ? try_file(library) : find_library();

	if (handle == NULL && library != NULL)
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "cannot open the run-time compiler %s", library);
	if (handle == NULL)
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "no hipRTC (libhiprtc.so.7, .6, .5 or "
		               "libamdhip64.so.5) in ROCM_PATH or the system's "
		               "folders; install ROCm, or on Debian "
		               "libamdhip64-5, libhiprtc-builtins5 and "
		               "rocm-device-libs, or set backend.hip.hiprtc");
	return resolve(call, handle);
}

ww_status
hiprtc_open(struct ww_call *call, const char *library,
            const struct hiprtc **hiprtc)
{
	ww_status status = WW_OK;

	pthread_mutex_lock(&lock);
	if (!opened)
		status = open_locked(call, library);
	pthread_mutex_unlock(&lock);
	if (status == WW_OK)
		*hiprtc = &the_compiler;
	return status;
}
