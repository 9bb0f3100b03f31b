/* SPDX-License-Identifier: MIT
 *
 * The backend's own kernels, compiled in the device worker.
 */
#include <stdlib.h>

#include "compiler.h"
#include "device.h"

static ww_status
take_code(struct ww_call *call, const struct nvrtc *nvrtc, nvrtcProgram program,
          void **image, uint64_t *length)
{
	size_t size = 0;

	if (nvrtc->nvrtcGetCUBINSize(program, &size) != NVRTC_SUCCESS ||
	    size == 0)
		return ww_fail(call, WW_E_UNAVAILABLE, "no machine code");
	*image = malloc(size);
	if (*image == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	if (nvrtc->nvrtcGetCUBIN(program, *image) == NVRTC_SUCCESS) {
		*length = size;
		return WW_OK;
	}
	free(*image);
	*image = NULL;
	return ww_fail(call, WW_E_UNAVAILABLE, "no machine code");
}

ww_status
cuda_helper_build(struct ww_call *call, struct gpu_device *self,
                  const char *source, void **image, uint64_t *length)
{
	const struct cuda_device *device = (struct cuda_device *)self;
	/* Products and sums are rounded apart, as on the host. */
	const char *options[] = { device->architecture, "-fmad=false",
		                  "-default-device" };
	const struct nvrtc *nvrtc;
	nvrtcProgram program = NULL;
	ww_status status = nvrtc_open(call, device->nvrtc, &nvrtc);

	if (status != WW_OK)
		return status;
	if (nvrtc->nvrtcCreateProgram(&program, source, "helper.cu", 0, NULL,
	                              NULL) != NVRTC_SUCCESS)
		return ww_fail(call, WW_E_UNAVAILABLE, "nvrtcCreateProgram");
	if (nvrtc->nvrtcCompileProgram(program, 3, options) == NVRTC_SUCCESS)
		status = take_code(call, nvrtc, program, image, length);
	else
		status = ww_fail(call, WW_E_UNAVAILABLE,
		                 "the compiler refused a helper kernel");
	nvrtc->nvrtcDestroyProgram(&program);
	return status;
}
