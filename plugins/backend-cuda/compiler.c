/* SPDX-License-Identifier: MIT */
#include "compiler.h"

#include <dlfcn.h>
#include <glob.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct nvrtc the_compiler;
static int opened;

/* Newest first; before 12 the minor was part of the name. */
static const char *const names[] = { "libnvrtc.so.13", "libnvrtc.so.12",
	                             "libnvrtc.so.11.8", "libnvrtc.so.11.2" };

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
#define NVRTC_ROW(name) { #name, offsetof(struct nvrtc, name) }
	NVRTC_ROW(nvrtcVersion),
	NVRTC_ROW(nvrtcGetNumSupportedArchs),
	NVRTC_ROW(nvrtcGetSupportedArchs),
	NVRTC_ROW(nvrtcCreateProgram),
	NVRTC_ROW(nvrtcDestroyProgram),
	NVRTC_ROW(nvrtcAddNameExpression),
	NVRTC_ROW(nvrtcCompileProgram),
	NVRTC_ROW(nvrtcGetLoweredName),
	NVRTC_ROW(nvrtcGetProgramLogSize),
	NVRTC_ROW(nvrtcGetProgramLog),
	NVRTC_ROW(nvrtcGetCUBINSize),
	NVRTC_ROW(nvrtcGetCUBIN),
	NVRTC_ROW(nvrtcGetErrorString),
#undef NVRTC_ROW
};

static void *
try_file(const char *path)
{
	void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (handle != NULL)
		snprintf(the_compiler.library, sizeof the_compiler.library,
		         "%s", path);
	return handle;
}

/* The last match of a pattern is the newest version. */
static void *
try_pattern(const char *pattern)
{
	glob_t found;
	void *handle = NULL;
	size_t i;

	if (glob(pattern, 0, NULL, &found) == 0) {
		for (i = found.gl_pathc; handle == NULL && i > 0; i--)
			handle = try_file(found.gl_pathv[i - 1]);
		globfree(&found);
	}
	return handle;
}

static void *
try_folder(const char *folder, const char *inside)
{
	char pattern[2 * PATH_MAX];

	if (folder == NULL || folder[0] == '\0')
		return NULL;
	snprintf(pattern, sizeof pattern, "%s/%s/libnvrtc.so.[0-9]*", folder,
	         inside);
	return try_pattern(pattern);
}

/* The wheels nvidia-cuda-nvrtc* of the python3 that PATH finds. */
static void *
try_wheels(void)
{
	static const char *const inside[] = {
		"../lib/python3*/site-packages/nvidia/*/lib",
		"../lib/python3/dist-packages/nvidia/*/lib",
	};
	const char *path = getenv("PATH");
	const char *home = getenv("HOME");
	void *handle = NULL;
	size_t i;

	while (handle == NULL && path != NULL && *path != '\0') {
		size_t length = strcspn(path, ":");
		char folder[PATH_MAX];
		char python[PATH_MAX + 16];

		snprintf(folder, sizeof folder, "%.*s", (int)length, path);
		snprintf(python, sizeof python, "%s/python3", folder);
		for (i = 0; handle == NULL && i < 2; i++)
			if (access(python, X_OK) == 0)
				handle = try_folder(folder, inside[i]);
		path += length + (path[length] == ':');
	}
	if (handle == NULL)
		handle = try_folder(home, ".local/lib/python3*/site-packages/"
		                          "nvidia/*/lib");
	return handle;
}

static void *
find_library(void)
{
	void *handle = try_folder(getenv("CUDA_HOME"), "lib64");
	size_t i;

	if (handle == NULL)
		handle = try_folder(getenv("CUDA_PATH"), "lib64");
	for (i = 0; handle == NULL && i < sizeof names / sizeof names[0]; i++)
		handle = try_file(names[i]);
	if (handle == NULL)
		handle = try_folder("/usr/local/cuda", "lib64");
	if (handle == NULL)
		handle = try_pattern("/usr/local/cuda-*/lib64/"
		                     "libnvrtc.so.[0-9]*");
	return handle != NULL ? handle : try_wheels();
}

/* The toolkit's headers: beside the library, else in the usual places. */
static void
find_headers(void)
{
	static const char *const beside[] = { "../include",
		                              "../targets/x86_64-linux/include",
		                              "../../cuda_runtime/include" };
	char folder[sizeof the_compiler.library];
	char header[2 * PATH_MAX];
	const char *home = getenv("CUDA_HOME");
	char *slash;
	size_t i;

	snprintf(folder, sizeof folder, "%s", the_compiler.library);
	slash = strrchr(folder, '/');
	if (slash != NULL)
		*slash = '\0';
	for (i = 0; slash != NULL && i < 3; i++) {
		snprintf(header, sizeof header, "%s/%s", folder, beside[i]);
		strncat(header, "/cuda_fp16.h",
		        sizeof header - strlen(header) - 1);
		if (access(header, R_OK) != 0)
			continue;
		snprintf(the_compiler.include, sizeof the_compiler.include,
		         "%.900s/%s", folder, beside[i]);
		return;
	}
	snprintf(header, sizeof header, "%s/include/cuda_fp16.h",
	         home != NULL ? home : "/usr/local/cuda");
	if (access(header, R_OK) == 0)
		snprintf(the_compiler.include, sizeof the_compiler.include,
		         "%.900s/include",
		         home != NULL ? home : "/usr/local/cuda");
}

/* Only facts come of it, so a library may lack it. */
static void
resolve_assembly(void *handle)
{
	void *size = dlsym(handle, "nvrtcGetPTXSize");
	void *text = dlsym(handle, "nvrtcGetPTX");

	if (size == NULL || text == NULL)
		return;
	memcpy(&the_compiler.nvrtcGetPTXSize, &size, sizeof size);
	memcpy(&the_compiler.nvrtcGetPTX, &text, sizeof text);
}

static ww_status
resolve(struct ww_call *call, void *handle)
{
	size_t i;

	for (i = 0; i < sizeof functions / sizeof functions[0]; i++) {
		void *function = dlsym(handle, functions[i].name);

		if (function == NULL)
			return ww_fail(call, WW_E_UNAVAILABLE,
			               "%s is too old: it has no %s; NVRTC "
			               "11.2 or newer is needed",
			               the_compiler.library,
			               functions[i].name);
		memcpy((char *)&the_compiler + functions[i].offset, &function,
		       sizeof function);
	}
	resolve_assembly(handle);
	the_compiler.nvrtcVersion(&the_compiler.major, &the_compiler.minor);
	find_headers();
	opened = 1;
	return WW_OK;
}

static ww_status
open_locked(struct ww_call *call, const char *library)
{
	void *handle = library != NULL ? try_file(library) : find_library();

	if (handle == NULL && library != NULL)
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "cannot open the run-time compiler: %s",
		               dlerror());
	if (handle == NULL)
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "no NVRTC (libnvrtc.so.13, .12, .11.x) in "
		               "CUDA_HOME, the system's folders, "
		               "/usr/local/cuda or a Python wheel; install the "
		               "CUDA toolkit or 'pip install "
		               "nvidia-cuda-nvrtc', or set "
		               "backend.cuda.nvrtc");
	return resolve(call, handle);
}

ww_status
nvrtc_open(struct ww_call *call, const char *library, const struct nvrtc **nvrtc)
{
	ww_status status = WW_OK;

	pthread_mutex_lock(&lock);
	if (!opened)
		status = open_locked(call, library);
	pthread_mutex_unlock(&lock);
	if (status == WW_OK)
		*nvrtc = &the_compiler;
	return status;
}
