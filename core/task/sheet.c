/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "core/base/json.h"
#include "core/base/paths.h"
#include "core/task/task.h"

static struct json_object *
kernel_sheet(const struct ww_kernel *kernel)
{
	struct json_object *sheet = json_object_new_object();
	struct json_object *options = json_object_new_array();
	uint32_t i;

	for (i = 0; i < kernel->n_options; i++)
		json_object_array_add(
			options, json_object_new_string(kernel->options[i]));
	ww_json_put_string(sheet, "language", kernel->language);
	ww_json_put_string(sheet, "source", kernel->path);
	ww_json_put_string(sheet, "entry", kernel->entry);
	json_object_object_add(sheet, "options", options);
	return sheet;
}

struct json_object *
ww_task_sheet(const struct ww_task *task)
{
	struct json_object *sheet = json_object_new_object();
	struct json_object *problem = json_object_new_object();
	char *folder = ww_path_folder(task->path);
	uint32_t i;

	for (i = 0; i < task->n_sizes; i++) {
		const struct ww_task_size *size = &task->sizes[i];

		if (size->integral)
			ww_json_put_int(problem, size->name,
			                (int64_t)size->value);
		else
			ww_json_put_number(problem, size->name, size->value);
	}
	ww_json_put_string(sheet, "name", task->name);
	ww_json_put_string(sheet, "path", task->path);
	ww_json_put_string(sheet, "folder", folder);
	ww_json_put_string(sheet, "objective", task->objective);
	ww_json_put_int(sheet, "seed", (int64_t)task->seed);
	json_object_object_add(sheet, "problem", problem);
	json_object_object_add(sheet, "kernel", kernel_sheet(&task->kernel));
	free(folder);
	return sheet;
}
