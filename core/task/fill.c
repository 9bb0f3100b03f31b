/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/task/impl.h"

#define LARGEST_SOURCE ((size_t)16 << 20)

static void
keep(struct ww_task *task, char *block)
{
	struct ww_task_impl *impl = task->impl;

	if (impl->n_kept == impl->kept_capacity) {
		impl->kept_capacity = impl->kept_capacity * 2 + 32;
		impl->kept = ww_grow(impl->kept,
		                     impl->kept_capacity * sizeof(char *));
	}
	impl->kept[impl->n_kept++] = block;
}

void *
ww_task_keep_bytes(struct ww_task *task, size_t bytes)
{
	void *block = ww_alloc(bytes);

	keep(task, block);
	return block;
}

const char *
ww_task_keep(struct ww_task *task, const char *text)
{
	return text == NULL ? NULL : ww_task_keep_n(task, text, strlen(text));
}

const char *
ww_task_keep_n(struct ww_task *task, const char *text, size_t length)
{
	char *copy = ww_copy_n(text, length);

	keep(task, copy);
	return copy;
}

void
ww_task_add_size(struct ww_task *task, const char *name, double value,
                 bool integral)
{
	struct ww_task_size *size;

	task->impl->sizes = ww_grow(task->impl->sizes,
	                            (task->n_sizes + 1) * sizeof *size);
	size = &task->impl->sizes[task->n_sizes++];
	size->name = ww_task_keep(task, name);
	size->value = value;
	size->integral = integral;
	task->sizes = task->impl->sizes;
}

struct ww_argument *
ww_task_add_argument(struct ww_task *task, const char *name)
{
	struct ww_argument *argument;

	task->arguments = ww_grow(task->arguments, (task->n_arguments + 1) *
	                                                   sizeof *argument);
	argument = &task->arguments[task->n_arguments++];
	memset(argument, 0, sizeof *argument);
	argument->size = sizeof *argument;
	argument->name = ww_task_keep(task, name);
	argument->n_elements = 1;
	return argument;
}

void
ww_task_add_option(struct ww_task *task, struct ww_kernel *kernel,
                   const char *option)
{
	const char ***list = kernel == &task->kernel
	                             ? &task->impl->options
	                             : &task->impl->reference_options;

	*list = ww_grow(*list, (kernel->n_options + 1) * sizeof **list);
	(*list)[kernel->n_options++] = ww_task_keep(task, option);
	kernel->options = *list;
}

ww_status
ww_task_source(struct ww_task *task, struct ww_kernel *kernel,
               const char *folder, const char *file, bool required,
               struct ww_error *error)
{
	char *path = ww_path_join(folder, file);
	char *bytes = NULL;
	char *directory;
	size_t length;
	ww_status status = ww_file_read(path, LARGEST_SOURCE, &bytes, &length,
	                                error);

	kernel->path = ww_task_keep(task, path);
	directory = ww_path_folder(path);
	kernel->directory = ww_task_keep(task, directory);
	free(directory);
	free(path);
	if (status == WW_OK) {
		kernel->source = ww_task_keep_n(task, bytes, length);
		kernel->source_length = length;
		free(bytes);
	} else if (status == WW_E_NOT_FOUND && !required) {
		status = WW_OK;
	}
	return status;
}

/* ------------------------------------------------------------------- types */

static const char *const type_names[] = {
	[WW_TYPE_INT8 - 1] = "int8",       [WW_TYPE_UINT8 - 1] = "uint8",
	[WW_TYPE_INT16 - 1] = "int16",     [WW_TYPE_UINT16 - 1] = "uint16",
	[WW_TYPE_INT32 - 1] = "int32",     [WW_TYPE_UINT32 - 1] = "uint32",
	[WW_TYPE_INT64 - 1] = "int64",     [WW_TYPE_UINT64 - 1] = "uint64",
	[WW_TYPE_FLOAT16 - 1] = "float16", [WW_TYPE_BFLOAT16 - 1] = "bfloat16",
	[WW_TYPE_FLOAT32 - 1] = "float32", [WW_TYPE_FLOAT64 - 1] = "float64",
};
#define N_TYPES (sizeof type_names / sizeof type_names[0])

const char *const *
ww_type_names(size_t *n)
{
	*n = N_TYPES;
	return type_names;
}

const char *
ww_type_name(uint32_t type)
{
	return type >= 1 && type <= N_TYPES ? type_names[type - 1] : "";
}

void
ww_type_tolerance(uint32_t type, double *absolute, double *relative)
{
	*absolute = *relative = 0;
	if (type == WW_TYPE_FLOAT16 || type == WW_TYPE_BFLOAT16)
		*absolute = *relative = type == WW_TYPE_FLOAT16 ? 1e-2 : 5e-2;
	if (type == WW_TYPE_FLOAT32)
		*absolute = *relative = 1e-4;
	if (type == WW_TYPE_FLOAT64)
		*absolute = *relative = 1e-9;
}

/* -------------------------------------------------------------- expressions */

ww_status
ww_task_constant(const struct ww_task *task, const char *expression,
                 double *value, struct ww_error *error)
{
	struct ww_formula *formula;
	ww_status status = ww_formula_new(task->space, expression, &formula,
	                                  error);

	if (status != WW_OK)
		return status;
	if (ww_formula_uses_parameters(formula))
		status = ww_error_set(error, WW_E_CONFIG,
		                      "'%.200s' depends on a parameter; it must "
		                      "hold for every configuration: use problem "
		                      "sizes, or max(name)",
		                      expression);
	else
		status = ww_formula_number(formula, NULL, value, error);
	ww_formula_free(formula);
	return status;
}

static ww_status
make_formula(const struct ww_task *task, const char *what,
             const char *expression, struct ww_formula **formula,
             struct ww_error *error)
{
	*formula = NULL;
	if (expression == NULL)
		return WW_OK;
	if (ww_formula_new(task->space, expression, formula, error) == WW_OK)
		return WW_OK;
	return ww_error_prefix(error, "%s ", what);
}

static ww_status
make_launch(const struct ww_task *task, const struct ww_launch_text *text,
            struct ww_launch_formulas *launch, struct ww_error *error)
{
	ww_status status = WW_OK;
	unsigned i;

	launch->dimensions = text->dimensions;
	for (i = 0; i < 3 && status == WW_OK; i++) {
		status = make_formula(task, "grid", text->grid[i],
		                      &launch->grid[i], error);
		if (status == WW_OK)
			status = make_formula(task, "block", text->block[i],
			                      &launch->block[i], error);
		if (status == WW_OK)
			status = make_formula(task, "cluster", text->cluster[i],
			                      &launch->cluster[i], error);
	}
	if (status == WW_OK)
		status = make_formula(task, "shared_bytes", text->shared_bytes,
		                      &launch->shared_bytes, error);
	return status;
}

ww_status
ww_task_set_launch(struct ww_task *task, const struct ww_launch_text *text,
                   struct ww_error *error)
{
	return make_launch(task, text, &task->impl->launch, error);
}

static ww_status
extent(const struct ww_formula *formula, const char *what,
       const uint32_t *indices, uint32_t *result, struct ww_error *error)
{
	int64_t value = 1;
	ww_status status = WW_OK;

	if (formula != NULL)
		status = ww_formula_integer(formula, indices, &value, error);
	if (status == WW_OK && (value < 1 || value > UINT32_MAX))
		status = ww_error_set(error, WW_E_INVALID,
		                      "it is %" PRId64 "; launches need 1 to 2^32-1",
		                      value);
	if (status != WW_OK)
		return ww_error_prefix(error, "launch %s: ", what);
	*result = (uint32_t)value;
	return WW_OK;
}

static ww_status
eval_launch(const struct ww_launch_formulas *formulas, const uint32_t *indices,
            struct ww_launch *launch, struct ww_error *error)
{
	int64_t shared = 0;
	ww_status status = WW_OK;
	unsigned i;

	memset(launch, 0, sizeof *launch);
	launch->size = sizeof *launch;
	launch->dimensions = formulas->dimensions;
	for (i = 0; i < 3 && status == WW_OK; i++) {
		status = extent(formulas->grid[i], "grid", indices,
		                &launch->grid[i], error);
		if (status == WW_OK)
			status = extent(formulas->block[i], "block", indices,
			                &launch->block[i], error);
		if (status == WW_OK)
			status = extent(formulas->cluster[i], "cluster",
			                indices, &launch->cluster[i], error);
	}
	if (status != WW_OK || formulas->shared_bytes == NULL)
		return status;
	status = ww_formula_integer(formulas->shared_bytes, indices, &shared,
	                            error);
	if (status == WW_OK && shared < 0)
		status = ww_error_set(error, WW_E_INVALID,
		                      "it is %" PRId64 ", less than nothing",
		                      shared);
	if (status != WW_OK)
		return ww_error_prefix(error, "launch shared_bytes: ");
	launch->shared_bytes = (uint64_t)shared;
	return WW_OK;
}

ww_status
ww_task_launch(const struct ww_task *task, const uint32_t *indices,
               struct ww_launch *launch, struct ww_error *error)
{
	return eval_launch(&task->impl->launch, indices, launch, error);
}

ww_status
ww_task_eval_launch(const struct ww_task *task,
                    const struct ww_launch_text *text, const uint32_t *indices,
                    struct ww_launch *launch, struct ww_error *error)
{
	struct ww_launch_formulas formulas = { 0 };
	ww_status status = make_launch(task, text, &formulas, error);
	unsigned i;

	if (status == WW_OK)
		status = eval_launch(&formulas, indices, launch, error);
	for (i = 0; i < 3; i++) {
		ww_formula_free(formulas.grid[i]);
		ww_formula_free(formulas.block[i]);
		ww_formula_free(formulas.cluster[i]);
	}
	ww_formula_free(formulas.shared_bytes);
	return status;
}

ww_status
ww_task_set_work(struct ww_task *task, const char *flops, const char *bytes,
                 struct ww_error *error)
{
	ww_status status = WW_OK;

	if (flops != NULL)
		status = make_formula(task, "flops", flops,
		                      &task->impl->flops, error);
	if (status == WW_OK && bytes != NULL)
		status = make_formula(task, "bytes", bytes, &task->impl->bytes,
		                      error);
	return status;
}
