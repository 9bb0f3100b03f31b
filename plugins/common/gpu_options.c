/* SPDX-License-Identifier: MIT */
#include "plugins/common/gpu_options.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void
gpu_option_add(struct gpu_options *options, const char *format, ...)
{
	char **list = realloc(options->list,
	                      ((size_t)options->n + 2) * sizeof *list);
	va_list args;
	int length;

	if (list == NULL) {
		options->failed = 1;
		return;
	}
	options->list = list;
	va_start(args, format);
	length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	list[options->n] = malloc((size_t)length + 1);
	if (list[options->n] == NULL) {
		options->failed = 1;
		return;
	}
	va_start(args, format);
	vsnprintf(list[options->n], (size_t)length + 1, format, args);
	va_end(args);
	list[++options->n] = NULL;
}

static void
add_definition(struct gpu_options *options, const struct ww_value *value)
{
	char name[256];
	char *c;

	snprintf(name, sizeof name, "%s", value->name);
	for (c = name; *c != '\0'; c++)
		if (*c == '.')
			*c = '_';
	if (value->type == WW_VALUE_BOOL)
		gpu_option_add(options, "-D%s=%d", name, value->integer != 0);
	else
		gpu_option_add(options, "-D%s=%s", name, value->string);
}

void
gpu_options_standard(struct gpu_options *options,
                     const struct ww_kernel *kernel,
                     const struct ww_build *build)
{
	uint64_t i;

	for (i = 0; i < build->n_values; i++)
		add_definition(options, &build->values[i]);
	if (kernel->directory != NULL)
		gpu_option_add(options, "-I%s", kernel->directory);
	for (i = 0; i < kernel->n_options; i++)
		gpu_option_add(options, "%s", kernel->options[i]);
}

void
gpu_options_free(struct gpu_options *options)
{
	int i;

	for (i = 0; i < options->n; i++)
		free(options->list[i]);
	free(options->list);
	memset(options, 0, sizeof *options);
}

int
gpu_entry_is_expression(const char *entry)
{
	return strpbrk(entry, "<:&") != NULL;
}
