/* SPDX-License-Identifier: MIT */
#include "core/task/task.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/task/impl.h"
#include "core/task/recording.h"
#include "core/task/t1.h"

#define LARGEST_TASK ((size_t)512 << 20) /* recordings are large */

/* In this order; the last one takes what is left and words the error. */
static const struct ww_task_reader *const readers[] = {
	&ww_task_reader_recording,
	&ww_task_reader_t1,
	&ww_task_reader_native,
};
#define N_READERS (sizeof readers / sizeof readers[0])

static ww_status
read_task(const struct ww_task_input *input, struct ww_task *task,
          struct ww_error *error)
{
	size_t i = 0;

	while (i + 1 < N_READERS && !readers[i]->recognise(input))
		i++;
	return readers[i]->read(input, task, error);
}

ww_status
ww_task_parse(const char *text, size_t length, const char *path,
              struct ww_task **task, struct ww_error *error)
{
	struct ww_task *made = ww_alloc(sizeof *made);
	char *absolute = ww_path_absolute(path);
	char *bytes = ww_copy_n(text, length);
	char *folder;
	struct ww_task_input input = { bytes, length, path, NULL };
	ww_status status;

	made->impl = ww_alloc(sizeof *made->impl);
	made->path = ww_task_keep(made, absolute);
	made->text = ww_task_keep_n(made, bytes, length);
	made->text_length = length;
	made->kernel.size = sizeof made->kernel;
	made->kernel.language = made->kernel.entry = "";
	made->reference.kernel.size = sizeof made->kernel;
	made->reference.launch.size = sizeof made->reference.launch;
	made->description = made->kind = made->access_pattern = "";
	made->objective = "time";
	folder = ww_path_folder(absolute);
	input.folder = folder;
	status = read_task(&input, made, error);
	free(folder);
	free(absolute);
	free(bytes);
	if (status != WW_OK)
		ww_task_free(made);
	*task = status == WW_OK ? made : NULL;
	return status;
}

/* The first character that is neither space nor comment. */
static char
first_character(const char *text)
{
	for (;;) {
		text += strspn(text, " \t\r\n");
		if (strncmp(text, "//", 2) == 0) {
			text += strcspn(text, "\n");
		} else if (strncmp(text, "/*", 2) == 0) {
			const char *end = strstr(text + 2, "*/");

			text = end != NULL ? end + 2 : text + strlen(text);
		} else {
			return *text;
		}
	}
}

/* Says what was meant, where the path or the bytes tell it. */
static void
explain(const char *path, const char *bytes, struct ww_error *error)
{
	char *inside = ww_path_join(path, "task.json");
	struct stat info;

	if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
		ww_error_set(error, WW_E_FORMAT,
		             "%s is a directory%s%s%s", path,
		             access(inside, F_OK) == 0 ? "; did you mean "
		                                       : ", not a task file",
		             access(inside, F_OK) == 0 ? inside : "",
		             access(inside, F_OK) == 0 ? "?" : "");
	else if (bytes != NULL && error->status == WW_E_FORMAT &&
	         first_character(bytes) == '\0')
		ww_error_set(error, WW_E_FORMAT,
		             "%s is empty; a task file holds a JSON object",
		             path);
	else if (bytes != NULL && error->status == WW_E_FORMAT &&
	         first_character(bytes) != '{')
		ww_error_prefix(error, "no task file, which holds a JSON object: ");
	free(inside);
}

ww_status
ww_task_load(const char *path, struct ww_task **task, struct ww_error *error)
{
	char *bytes;
	size_t length;
	ww_status status = ww_file_read(path, LARGEST_TASK, &bytes, &length,
	                                error);

	*task = NULL;
	if (status != WW_OK) {
		explain(path, NULL, error);
		return status;
	}
	status = ww_task_parse(bytes, length, path, task, error);
	if (status != WW_OK)
		explain(path, bytes, error);
	free(bytes);
	return status;
}

static void
free_launch(struct ww_launch_formulas *launch)
{
	unsigned i;

	for (i = 0; i < 3; i++) {
		ww_formula_free(launch->grid[i]);
		ww_formula_free(launch->block[i]);
		ww_formula_free(launch->cluster[i]);
	}
	ww_formula_free(launch->shared_bytes);
}

void
ww_task_free(struct ww_task *task)
{
	size_t i;

	if (task == NULL)
		return;
	free_launch(&task->impl->launch);
	ww_formula_free(task->impl->flops);
	ww_formula_free(task->impl->bytes);
	json_object_put(task->backend_options);
	ww_space_free(task->space);
	for (i = 0; i < task->impl->n_kept; i++)
		free(task->impl->kept[i]);
	free(task->impl->kept);
	free(task->impl->sizes);
	free(task->impl->options);
	free(task->impl->reference_options);
	free(task->arguments);
	free(task->reference.indices);
	free(task->impl);
	free(task);
}

/* ------------------------------------------------------------------ values */

uint32_t
ww_task_value_limit(const struct ww_task *task)
{
	return task->n_sizes + task->space->view.n_slots;
}

uint32_t
ww_task_values(const struct ww_task *task, const uint32_t *indices,
               struct ww_value *values)
{
	const struct ww_space *view = &task->space->view;
	uint32_t n = 0;
	uint32_t i;

	for (i = 0; i < task->n_sizes; i++)
		values[n++] = task->impl->size_values[i];
	for (i = 0; i < view->n_slots; i++)
		if (ww_space_active(task->space, indices, i))
			values[n++] = view->slots[i].values[indices[i]];
	return n;
}

static double
work(const struct ww_formula *formula, const uint32_t *indices)
{
	struct ww_error error;
	double result;

	if (formula == NULL ||
	    ww_formula_number(formula, indices, &result, &error) != WW_OK)
		return NAN;
	return result;
}

static const char *
text_of(const struct ww_formula *formula)
{
	return formula != NULL ? ww_formula_text(formula) : NULL;
}

void
ww_task_geometry(const struct ww_task *task, struct ww_task_geometry *geometry)
{
	const struct ww_launch_formulas *launch = &task->impl->launch;
	unsigned i;

	memset(geometry, 0, sizeof *geometry);
	for (i = 0; i < 3 && i < launch->dimensions; i++) {
		geometry->grid[i] = text_of(launch->grid[i]);
		geometry->block[i] = text_of(launch->block[i]);
		geometry->cluster[i] = text_of(launch->cluster[i]);
	}
	geometry->shared_bytes = text_of(launch->shared_bytes);
}

double
ww_task_flops(const struct ww_task *task, const uint32_t *indices)
{
	return work(task->impl->flops, indices);
}

double
ww_task_bytes(const struct ww_task *task, const uint32_t *indices)
{
	return work(task->impl->bytes, indices);
}
