/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "backend.h"

static const struct ww_option options[] = {
	{ .name = "driver",
	  .type = WW_OPTION_STRING,
	  .flags = WW_OPTION_TRUSTED_ONLY,
	  .default_value = "libOpenCL.so.1",
	  .help = "Loader library to open." },
	{ .name = "device",
	  .type = WW_OPTION_STRING,
	  .help = "Device to compile for when the task is not measured: its id "
		  "or number; default: the first." },
};

static ww_status
backend_open(struct ww_call *call, const struct ww_host *host, void **self)
{
	struct opencl_backend *backend = calloc(1, sizeof *backend);

	if (backend == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	backend->host = host;
	backend->device = host->options->string(host->options, "device");
	backend->driver = host->options->string(host->options, "driver");
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
	.languages = "opencl",
	.open = backend_open,
	.close = backend_close,
	.compile = &opencl_compile_ops,
	.device = &opencl_device_ops,
	.rank = 20,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.kind = WW_KIND_BACKEND,
	.n_options = sizeof options / sizeof options[0],
	.name = "opencl",
	.version = "0.1.0",
	.summary = "Any OpenCL 1.2 device, through the loader library",
	.license = "MIT",
	.options = options,
	.ops = &ops,
};
