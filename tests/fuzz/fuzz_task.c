/* SPDX-License-Identifier: MIT
 *
 * Reads bytes as a task file. A task that loads must have a valid default and
 * give values; a task that does not must say why.
 */
#include <stdlib.h>

#include "core/base/text.h"
#include "core/task/task.h"
#include "tests/fuzz/replay.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ww_error error = { 0 };
	struct ww_task *task;
	struct ww_launch launch;
	struct ww_value *values;
	uint32_t *indices;

	/* No folder there, so that no file of this machine is read. */
	if (ww_task_parse((const char *)data, size, "/nonexistent/task.json",
	                  &task, &error) != WW_OK) {
		if (error.text[0] == '\0')
			abort();
		return 0;
	}
	indices = ww_alloc(task->space->view.n_slots * sizeof *indices);
	values = ww_alloc((ww_task_value_limit(task) + 1) * sizeof *values);
	ww_space_default(task->space, indices);
	if (!task->space->view.valid(&task->space->view, indices))
		abort();
	ww_task_launch(task, indices, &launch, &error);
	if (ww_task_values(task, indices, values) > ww_task_value_limit(task))
		abort();
	ww_task_flops(task, indices);
	free(values);
	free(indices);
	ww_task_free(task);
	return 0;
}
