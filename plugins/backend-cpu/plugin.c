/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "plugins/backend-cpu/cpu.h"

static ww_status
open_cpu(struct ww_call *call, const struct ww_host *host, void **self)
{
	struct cpu *cpu = calloc(1, sizeof *cpu);
	const struct ww_options *options = host->options;

	if (cpu == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "no memory");
	if (host->process == NULL) {
		free(cpu);
		return ww_fail(call, WW_E_UNAVAILABLE,
		               "the host runs no programs, such as compilers");
	}
	cpu->host = host;
	cpu->compiler = options->list(options, "compiler", NULL);
	cpu->compiler_cxx = options->list(options, "compiler_cxx", NULL);
	cpu->flags = options->list(options, "flags", NULL);
	cpu->threads = options->integer(options, "threads");
	cpu->pin = options->boolean(options, "pin");
	cpu->disassembles = options->boolean(options, "disassemble");
	*self = cpu;
	return WW_OK;
}

static void
close_cpu(void *self)
{
	free(self);
}

static const struct ww_option options[] = {
	{ .name = "compiler",
	  .type = WW_OPTION_LIST,
	  .flags = WW_OPTION_TRUSTED_ONLY,
	  .help = "Program and first arguments that compile C; unset: cc, gcc "
	          "or clang, whichever PATH has." },
	{ .name = "compiler_cxx",
	  .type = WW_OPTION_LIST,
	  .flags = WW_OPTION_TRUSTED_ONLY,
	  .help = "The same for C++; unset: c++, g++ or clang++." },
	{ .name = "flags",
	  .type = WW_OPTION_LIST,
	  .default_value = "[\"-O3\", \"-march=native\"]",
	  .flags = WW_OPTION_TRUSTED_ONLY,
	  .help = "Compiler flags that stand before the task's own." },
	{ .name = "threads",
	  .type = WW_OPTION_INT,
	  .default_value = "0",
	  .minimum = 0,
	  .maximum = 4096,
	  .help = "Cores that kernels may use; 0: all that this process may "
	          "use." },
	{ .name = "pin",
	  .type = WW_OPTION_BOOL,
	  .default_value = "true",
	  .help = "Keep kernels on the same cores for the whole session." },
	{ .name = "disassemble",
	  .type = WW_OPTION_BOOL,
	  .default_value = "true",
	  .help = "Count the instructions of compiled kernels with objdump, "
	          "where it is installed, for people and models to see." },
};

static const struct ww_backend_ops ops = {
	.size = sizeof ops,
	.flags = WW_BACKEND_SHARES_CPU,
	.languages = "c,c++",
	.open = open_cpu,
	.close = close_cpu,
	.compile = &cpu_compile_ops,
	.device = &cpu_device_ops,
	.rank = 50,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.threads = WW_THREADS_SERIAL,
	.kind = WW_KIND_BACKEND,
	.n_options = sizeof options / sizeof options[0],
	.name = "cpu",
	.version = "0.1.0",
	.summary = "C and C++ kernels on the processor of this machine",
	.license = "MIT",
	.options = options,
	.ops = &ops,
};
