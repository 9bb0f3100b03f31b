/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "backend.h"

static const struct ww_option options[] = {
	{ .name = "hiprtc",
	  .type = WW_OPTION_PATH,
	  .flags = WW_OPTION_TRUSTED_ONLY,
	  .help = "Run-time compiler library to open instead of searching for "
		  "libhiprtc." },
	{ .name = "driver",
	  .type = WW_OPTION_STRING,
	  .flags = WW_OPTION_TRUSTED_ONLY,
	  .help = "Runtime library to open instead of searching for "
		  "libamdhip64." },
	{ .name = "comgr",
	  .type = WW_OPTION_STRING,
	  .flags = WW_OPTION_TRUSTED_ONLY,
	  .help = "Code object manager to open instead of searching for "
		  "libamd_comgr, to count a kernel's instructions; empty: "
		  "none." },
};

static ww_status
backend_open(struct ww_call *call, const struct ww_host *host, void **self)
{
	struct hip_backend *backend = calloc(1, sizeof *backend);

	if (backend == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	backend->host = host;
	backend->hiprtc = host->options->string(host->options, "hiprtc");
	backend->driver = host->options->string(host->options, "driver");
	backend->comgr = host->options->string(host->options, "comgr");
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
	.languages = "hip",
	.open = backend_open,
	.close = backend_close,
	.compile = &hip_compile_ops,
	.device = &hip_device_ops,
	.rank = 10,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.kind = WW_KIND_BACKEND,
	.n_options = sizeof options / sizeof options[0],
	.name = "hip",
	.version = "0.1.0",
	.summary = "AMD GPUs: hipRTC and the HIP runtime, both opened at run "
		   "time",
	.license = "MIT",
	.options = options,
	.ops = &ops,
};
