/* SPDX-License-Identifier: MIT
 *
 * hipRTC, the run-time compiler: opened by its versioned name from the option,
 * ROCM_PATH or the system's folders. Until ROCm 5 it was part of the runtime's
 * own library, which is therefore tried last.
 */
#ifndef WW_HIP_COMPILER_H
#define WW_HIP_COMPILER_H

#include "warpwright/plugin.h"

typedef int hiprtcResult;
typedef struct _hiprtcProgram *hiprtcProgram;

#define HIPRTC_SUCCESS 0
#define HIPRTC_ERROR_OUT_OF_MEMORY 1
#define HIPRTC_ERROR_INVALID_OPTION 5
#define HIPRTC_ERROR_COMPILATION 6

struct hiprtc {
	hiprtcResult (*hiprtcVersion)(int *major, int *minor);
	hiprtcResult (*hiprtcCreateProgram)(hiprtcProgram *program,
	                                  const char *source,
	                                  const char *name, int n_headers,
	                                  const char *const *headers,
	                                  const char *const *names);
	hiprtcResult (*hiprtcDestroyProgram)(hiprtcProgram *program);
	hiprtcResult (*hiprtcAddNameExpression)(hiprtcProgram program,
	                                      const char *expression);
	hiprtcResult (*hiprtcCompileProgram)(hiprtcProgram program, int n,
	                                   const char *const *options);
	hiprtcResult (*hiprtcGetLoweredName)(hiprtcProgram program,
	                                   const char *expression,
	                                   const char **name);
	hiprtcResult (*hiprtcGetProgramLogSize)(hiprtcProgram program, size_t *n);
	hiprtcResult (*hiprtcGetProgramLog)(hiprtcProgram program, char *log);
	hiprtcResult (*hiprtcGetCodeSize)(hiprtcProgram program, size_t *n);
	hiprtcResult (*hiprtcGetCode)(hiprtcProgram program, char *code);
	const char *(*hiprtcGetErrorString)(hiprtcResult result);
	char library[1024]; /* the file that was opened */
	int major;
	int minor;
};

/* Opens the compiler once a process. `library` is the option's value or null.
 * WW_E_UNAVAILABLE lists what was tried. */
ww_status hiprtc_open(struct ww_call *call, const char *library,
                     const struct hiprtc **hiprtc);

#endif
