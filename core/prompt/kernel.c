/* SPDX-License-Identifier: MIT
 *
 * What is known of the kernel: kind, sizes, work, traffic, and the shortest time
 * that the hardware allows for them.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/prompt/digest.h"

static double
hardware_fact(const struct ww_prompt_view *view, const char *name)
{
	size_t i;

	if (view->hardware == NULL ||
	    !ww_prompt_wants(view, "prompt.hardware_context", true))
		return NAN;
	for (i = 0; i < view->hardware->n_facts; i++)
		if (strcmp(view->hardware->facts[i].name, name) == 0)
			return view->hardware->facts[i].value;
	return NAN;
}

static void
put_bound(struct ww_page *page, const struct ww_prompt_view *view,
          double flops, double bytes)
{
	double rate = hardware_fact(view, "peak_gflops_f32");
	double bandwidth = hardware_fact(view, "bandwidth_gbs");
	double compute = flops / (rate * 1e6);
	double traffic = bytes / (bandwidth * 1e6);

	if (!(compute > 0) && !(traffic > 0))
		return;
	if (!(traffic > 0) || compute > traffic)
		ww_page_add(page,
		            "- lower bound of the time: %.4g ms (arithmetic at "
		            "the float32 peak rate)\n",
		            compute);
	else
		ww_page_add(page,
		            "- lower bound of the time: %.4g ms (memory "
		            "traffic at full bandwidth)\n",
		            traffic);
}

static void
put_work(struct ww_page *page, const struct ww_prompt_view *view)
{
	const struct ww_task *task = view->task;
	uint32_t *indices = ww_alloc((task->space->view.n_slots + 1) *
	                             sizeof *indices);
	double flops, bytes;

	ww_space_default(task->space, indices);
	flops = ww_task_flops(task, indices);
	bytes = ww_task_bytes(task, indices);
	free(indices);
	if (flops > 0)
		ww_page_add(page, "- useful operations: %.6g\n", flops);
	if (bytes > 0)
		ww_page_add(page, "- bytes that must move at least: %.6g\n",
		            bytes);
	if (flops > 0 && bytes > 0)
		ww_page_add(page,
		            "- arithmetic intensity: %.4g operations a byte\n",
		            flops / bytes);
	put_bound(page, view, flops, bytes);
}

void
ww_prompt_kernel(struct ww_page *page, const struct ww_prompt_view *view)
{
	const struct ww_task *task = view->task;
	uint32_t i;

	ww_page_add(page, "- name: %s\n", task->name);
	if (task->description != NULL && task->description[0] != '\0')
		ww_page_add(page, "- description: %s\n", task->description);
	if (task->kernel.language != NULL)
		ww_page_add(page, "- language: %s\n", task->kernel.language);
	if (task->kind != NULL && task->kind[0] != '\0')
		ww_page_add(page, "- kind: %s\n", task->kind);
	if (task->access_pattern != NULL && task->access_pattern[0] != '\0')
		ww_page_add(page, "- memory access: %s\n",
		            task->access_pattern);
	for (i = 0; i < task->n_sizes; i++)
		ww_page_add(page, "%s%s = %.17g%s", i == 0 ? "- sizes: " : "",
		            task->sizes[i].name, task->sizes[i].value,
		            i + 1 < task->n_sizes ? ", " : "\n");
	put_work(page, view);
}
