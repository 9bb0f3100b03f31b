/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/backend-cpu/cpu.h"

/* C spellings of the element types, complete without any header. */
static const char *const spellings[] = {
	[WW_TYPE_INT8] = "__INT8_TYPE__",
	[WW_TYPE_UINT8] = "__UINT8_TYPE__",
	[WW_TYPE_INT16] = "__INT16_TYPE__",
	[WW_TYPE_UINT16] = "__UINT16_TYPE__",
	[WW_TYPE_INT32] = "__INT32_TYPE__",
	[WW_TYPE_UINT32] = "__UINT32_TYPE__",
	[WW_TYPE_INT64] = "__INT64_TYPE__",
	[WW_TYPE_UINT64] = "__UINT64_TYPE__",
	[WW_TYPE_FLOAT16] = "_Float16",
	[WW_TYPE_BFLOAT16] = "__UINT16_TYPE__", /* its bits */
	[WW_TYPE_FLOAT32] = "float",
	[WW_TYPE_FLOAT64] = "double",
};

#define N_TYPES (sizeof spellings / sizeof spellings[0])

static const char *
spelling(uint32_t type)
{
	return type < N_TYPES ? spellings[type] : NULL;
}

static void
write_call(FILE *out, const struct ww_kernel *kernel, const char *entry)
{
	const char *comma = "";
	uint64_t i;

	fprintf(out, "\t%s(", entry);
	for (i = 0; i < kernel->n_arguments; i++) {
		const struct ww_argument *argument = &kernel->arguments[i];

		if (argument->kind == WW_ARGUMENT_CONSTANT)
			continue;
		fprintf(out, "%s%s(%s *)ww_addresses[%llu]", comma,
		        argument->kind == WW_ARGUMENT_SCALAR ? "*" : "",
		        spelling(argument->type), (unsigned long long)i);
		comma = ", ";
	}
	fputs(");\n", out);
}

static void
write_constants(FILE *out, const struct ww_kernel *kernel)
{
	uint64_t i;

	for (i = 0; i < kernel->n_arguments; i++) {
		const struct ww_argument *argument = &kernel->arguments[i];

		if (argument->kind == WW_ARGUMENT_CONSTANT)
			fprintf(out,
			        "\t__builtin_memcpy((void *)&%s, "
			        "ww_addresses[%llu], sizeof(%s) * %lluull);\n",
			        argument->name, (unsigned long long)i,
			        spelling(argument->type),
			        (unsigned long long)argument->n_elements);
	}
}

/* A kernel whose types differ from the task's must not compile: called anyway,
 * it would read the wrong bytes. */
static const char *const preamble =
	"\n#line 1 \"(call generated from the task's arguments)\"\n"
	"#ifdef __cplusplus\n"
	"#define WW_CPU_C extern \"C\"\n"
	"#else\n"
	"#define WW_CPU_C\n"
	"#pragma GCC diagnostic error \"-Wincompatible-pointer-types\"\n"
	"#pragma GCC diagnostic error \"-Wimplicit-function-declaration\"\n"
	"#pragma GCC diagnostic error \"-Wint-conversion\"\n"
	"#endif\n";

static void
write_function(FILE *out, const char *name)
{
	fprintf(out,
	        "WW_CPU_C __attribute__((visibility(\"default\"))) void\n"
	        "%s(void *const *ww_addresses)\n{\n\t(void)ww_addresses;\n",
	        name);
}

char *
cpu_wrapper(const struct ww_kernel *kernel, const char *entry,
            const char **fault)
{
	char *text = NULL;
	size_t length;
	FILE *out;
	uint64_t i;

	*fault = NULL;
	for (i = 0; i < kernel->n_arguments; i++)
		if (spelling(kernel->arguments[i].type) == NULL) {
			*fault = kernel->arguments[i].name;
			return NULL;
		}
	out = open_memstream(&text, &length);
	if (out == NULL)
		return NULL;
	fputs(preamble, out);
	write_function(out, WW_CPU_ENTRY);
	write_call(out, kernel, entry);
	fputs("}\n", out);
	write_function(out, WW_CPU_CONSTANTS);
	write_constants(out, kernel);
	fputs("}\n", out);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
