/* SPDX-License-Identifier: MIT
 *
 * The backend's own kernels, compiled in the device worker.
 */
#include <stdio.h>
#include <stdlib.h>

#include "compiler.h"
#include "device.h"

static ww_status
take_code(struct ww_call *call, const struct hiprtc *hiprtc,
          hiprtcProgram program, void **image, uint64_t *length)
{
	size_t size = 0;

	if (hiprtc->hiprtcGetCodeSize(program, &size) != HIPRTC_SUCCESS ||
	    size == 0)
		return ww_fail(call, WW_E_UNAVAILABLE, "no machine code");
	*image = malloc(size);
	if (*image == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	if (hiprtc->hiprtcGetCode(program, *image) == HIPRTC_SUCCESS) {
		*length = size;
		return WW_OK;
	}
	free(*image);
	*image = NULL;
	return ww_fail(call, WW_E_UNAVAILABLE, "no machine code");
}

ww_status
hip_helper_build(struct ww_call *call, struct gpu_device *self,
                 const char *source, void **image, uint64_t *length)
{
	const struct hip_device *device = (struct hip_device *)self;
	char architecture[64];
	const char *options[] = { architecture };
	const struct hiprtc *hiprtc;
	hiprtcProgram program = NULL;
	ww_status status = hiprtc_open(call, device->hiprtc, &hiprtc);

	if (status != WW_OK)
		return status;
	snprintf(architecture, sizeof architecture, "--offload-arch=%s",
	         device->architecture);
	if (hiprtc->hiprtcCreateProgram(&program, source, "helper.hip", 0, NULL,
	                                NULL) != HIPRTC_SUCCESS)
		return ww_fail(call, WW_E_UNAVAILABLE, "hiprtcCreateProgram");
	if (hiprtc->hiprtcCompileProgram(program, 1, options) == HIPRTC_SUCCESS)
		status = take_code(call, hiprtc, program, image, length);
	else
		status = ww_fail(call, WW_E_UNAVAILABLE,
		                 "the compiler refused a helper kernel");
	hiprtc->hiprtcDestroyProgram(&program);
	return status;
}
