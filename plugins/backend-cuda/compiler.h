/* SPDX-License-Identifier: MIT
 *
 * NVRTC, the run-time compiler: opened by its versioned name (11.2 to 13), from
 * the option, CUDA_HOME, the system's folders or the Python wheel.
 */
#ifndef WW_CUDA_COMPILER_H
#define WW_CUDA_COMPILER_H

#include "warpwright/plugin.h"

typedef int nvrtcResult;
typedef struct _nvrtcProgram *nvrtcProgram;

#define NVRTC_SUCCESS 0
#define NVRTC_ERROR_OUT_OF_MEMORY 1
#define NVRTC_ERROR_INVALID_OPTION 5
#define NVRTC_ERROR_COMPILATION 6

struct nvrtc {
	nvrtcResult (*nvrtcVersion)(int *major, int *minor);
	nvrtcResult (*nvrtcGetNumSupportedArchs)(int *n);
	nvrtcResult (*nvrtcGetSupportedArchs)(int *archs);
	nvrtcResult (*nvrtcCreateProgram)(nvrtcProgram *program,
	                                  const char *source,
	                                  const char *name, int n_headers,
	                                  const char *const *headers,
	                                  const char *const *names);
	nvrtcResult (*nvrtcDestroyProgram)(nvrtcProgram *program);
	nvrtcResult (*nvrtcAddNameExpression)(nvrtcProgram program,
	                                      const char *expression);
	nvrtcResult (*nvrtcCompileProgram)(nvrtcProgram program, int n,
	                                   const char *const *options);
	nvrtcResult (*nvrtcGetLoweredName)(nvrtcProgram program,
	                                   const char *expression,
	                                   const char **name);
	nvrtcResult (*nvrtcGetProgramLogSize)(nvrtcProgram program, size_t *n);
	nvrtcResult (*nvrtcGetProgramLog)(nvrtcProgram program, char *log);
	nvrtcResult (*nvrtcGetCUBINSize)(nvrtcProgram program, size_t *n);
	nvrtcResult (*nvrtcGetCUBIN)(nvrtcProgram program, char *code);
	/* Both or neither. */
	nvrtcResult (*nvrtcGetPTXSize)(nvrtcProgram program, size_t *n);
	nvrtcResult (*nvrtcGetPTX)(nvrtcProgram program, char *code);
	const char *(*nvrtcGetErrorString)(nvrtcResult result);
	char library[1024]; /* the file that was opened */
	char include[1024]; /* the toolkit's headers, or "" */
	int major;
	int minor;
};

/* Opens the compiler once a process. `library` is the option's value or null.
 * WW_E_UNAVAILABLE lists what was tried. */
ww_status nvrtc_open(struct ww_call *call, const char *library,
                     const struct nvrtc **nvrtc);

#endif
