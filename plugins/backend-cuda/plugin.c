/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "backend.h"

static const struct ww_option options[] = {
	{ .name = "nvrtc",
	  .type = WW_OPTION_PATH,
	  .flags = WW_OPTION_TRUSTED_ONLY,
	  .help = "Run-time compiler library to open instead of searching for "
		  "libnvrtc." },
	{ .name = "driver",
	  .type = WW_OPTION_STRING,
	  .flags = WW_OPTION_TRUSTED_ONLY,
	  .default_value = "libcuda.so.1",
	  .help = "Driver library to open." },
	{ .name = "nvml",
	  .type = WW_OPTION_STRING,
	  .flags = WW_OPTION_TRUSTED_ONLY,
	  .default_value = "libnvidia-ml.so.1",
	  .help = "Management library to open for clocks, power and energy; "
		  "empty: none." },
};

static ww_status
backend_open(struct ww_call *call, const struct ww_host *host, void **self)
{
	struct cuda_backend *backend = calloc(1, sizeof *backend);

	if (backend == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	backend->host = host;
	backend->nvrtc = host->options->string(host->options, "nvrtc");
	backend->driver = host->options->string(host->options, "driver");
	backend->nvml = host->options->string(host->options, "nvml");
	*self = backend;
	return WW_OK;
}

static void
backend_close(void *self)
{
	free(self);
}

static const struct ww_backend_ops ops = {
	.size = sizeof ops,
	.languages = "cuda",
	.open = backend_open,
	.close = backend_close,
	.compile = &cuda_compile_ops,
	.device = &cuda_device_ops,
	.rank = 10,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.kind = WW_KIND_BACKEND,
	.n_options = sizeof options / sizeof options[0],
	.name = "cuda",
	.version = "0.1.0",
	.summary = "NVIDIA GPUs: NVRTC and the CUDA Driver API, both opened at "
		   "run time",
	.license = "MIT",
	.options = options,
	.ops = &ops,
};
