/* SPDX-License-Identifier: MIT
 *
 * What is known of the kernel: kind, sizes, work, traffic, and the shortest time
 * that the hardware allows for them.
 */
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/measure/objective.h"
#include "core/prompt/digest.h"
#include "core/prompt/roofline.h"

/* What analysis of the compiled code may report, in words. Counts are static. */
static const struct {
	const char *fact;
	const char *words;
} code[] = {
	{ "code_fma", "multiply-adds" },
	{ "code_matrix", "matrix instructions" },
	{ "code_packed", "packed operations (on several elements at once)" },
	{ "code_scalar_float", "scalar floating-point operations" },
	{ "code_loads", "loads" },
	{ "code_wide_loads", "of them of several elements at once" },
	{ "code_scalar_loads", "scalar loads (one for a whole warp)" },
	{ "code_stores", "stores" },
	{ "code_shared_loads", "loads from shared memory" },
	{ "code_shared_stores", "stores to shared memory" },
	{ "code_local_loads", "loads from a thread's local memory" },
	{ "code_local_stores", "stores to a thread's local memory" },
	{ "code_async_copies", "asynchronous copies" },
	{ "code_atomics", "atomic operations" },
	{ "code_barriers", "barriers" },
	{ "code_branches", "branches" },
	{ "code_calls", "calls" },
};

static const struct ww_trial *
find_default(const struct ww_prompt_view *view)
{
	uint32_t n = view->task->space->view.n_slots;
	uint32_t *indices = ww_alloc((n + 1) * sizeof *indices);
	const struct ww_trial *found = NULL;
	size_t i;

	ww_space_default(view->task->space, indices);
	for (i = 0; i < view->n_trials && found == NULL; i++)
		if (memcmp(view->trials[i]->indices, indices,
		           n * sizeof *indices) == 0)
			found = view->trials[i];
	free(indices);
	return found;
}

/* The compiled default: it is the first trial, so this is the same in every
 * round. */
static void
put_code(struct ww_page *page, const struct ww_prompt_view *view)
{
	const struct ww_trial *trial = find_default(view);
	double all, width;
	size_t i;

	if (trial == NULL)
		return;
	all = ww_trial_fact(trial, "code_instructions");
	width = ww_trial_fact(trial, "code_vector_bytes");
	if (!(all > 0))
		return;
	ww_page_add(page, "- machine code of the default: %.0f instructions",
	            all);
	for (i = 0; i < sizeof code / sizeof code[0]; i++) {
		double count = ww_trial_fact(trial, code[i].fact);

		/* What an expert would expect and does not find says most. */
		if (count > 0 || (count >= 0 && i < 3))
			ww_page_add(page, ", %.0f %s", count, code[i].words);
	}
	if (width > 0)
		ww_page_add(page, "; widest vector register used: %.0f bytes",
		            width);
	ww_page_add(page, " (each counted once, however often a loop runs "
	                  "it)\n");
}

static void
put_bound(struct ww_page *page, const struct ww_roofline *roofline)
{
	double compute = roofline->compute_ms;
	double traffic = roofline->traffic_ms;

	if (compute > 0)
		ww_page_add(page, "- arithmetic takes at least %.4g ms at %s%s\n",
		            compute,
		            roofline->estimated
		                    ? "one float32 vector multiply-add a cycle "
		                      "and core"
		                    : "the float32 peak rate",
		            roofline->faster_units
		                    ? ", unless units for smaller types are used"
		                    : "");
	if (traffic > 0)
		ww_page_add(page,
		            "- memory traffic takes at least %.4g ms at full "
		            "bandwidth\n",
		            traffic);
	if (compute > 0 && traffic > 0)
		ww_page_add(page,
		            "- so %s is the limit of a perfect implementation: "
		            "%.4g ms\n",
		            compute > traffic ? "arithmetic" : "memory traffic",
		            ww_roofline_ms(roofline));
}

static void
put_work(struct ww_page *page, const struct ww_prompt_view *view)
{
	const struct ww_task *task = view->task;
	uint32_t *indices = ww_alloc((task->space->view.n_slots + 1) *
	                             sizeof *indices);
	struct ww_roofline roofline;

	ww_space_default(task->space, indices);
	ww_roofline(task, ww_prompt_hardware_of(view), indices, &roofline);
	free(indices);
	if (roofline.flops > 0)
		ww_page_add(page, "- useful operations: %.6g\n", roofline.flops);
	if (roofline.bytes > 0)
		ww_page_add(page, "- bytes that must move at least: %.6g\n",
		            roofline.bytes);
	if (roofline.flops > 0 && roofline.bytes > 0)
		ww_page_add(page,
		            "- arithmetic intensity: %.4g operations a byte\n",
		            roofline.flops / roofline.bytes);
	put_bound(page, &roofline);
}

/* -- launch and arguments ------------------------------------------------- */

static void
put_dimensions(struct ww_page *page, const char *what,
               const char *const expressions[3])
{
	unsigned i;

	if (expressions[0] == NULL)
		return;
	ww_page_add(page, "- %s:", what);
	for (i = 0; i < 3 && expressions[i] != NULL; i++)
		ww_page_add(page, "%s %s", i > 0 ? " by" : "", expressions[i]);
	ww_page_add(page, "\n");
}

/* How the launch follows from the parameters, so that a model can see what a
 * configuration asks of the device; with the default's numbers. */
static void
put_launch(struct ww_page *page, const struct ww_prompt_view *view)
{
	const struct ww_task *task = view->task;
	uint32_t *indices = ww_alloc((task->space->view.n_slots + 1) *
	                             sizeof *indices);
	struct ww_task_geometry geometry;
	struct ww_launch launch;

	ww_task_geometry(task, &geometry);
	put_dimensions(page, "blocks of a launch", geometry.grid);
	put_dimensions(page, "threads of a block", geometry.block);
	put_dimensions(page, "blocks of a cluster", geometry.cluster);
	if (geometry.shared_bytes != NULL && geometry.grid[0] != NULL)
		ww_page_add(page, "- dynamic shared memory of a block, bytes: "
		                  "%s\n", geometry.shared_bytes);
	memset(&launch, 0, sizeof launch);
	ww_space_default(task->space, indices);
	if (ww_task_launch(task, indices, &launch, NULL) == WW_OK &&
	    launch.dimensions > 0)
		ww_page_add(page,
		            "- the default launches %.0f blocks of %.0f "
		            "threads\n",
		            (double)launch.grid[0] * launch.grid[1] *
		                    launch.grid[2],
		            (double)launch.block[0] * launch.block[1] *
		                    launch.block[2]);
	free(indices);
}

static void
put_arguments(struct ww_page *page, const struct ww_task *task)
{
	static const char *const kinds[] = {
		[WW_ARGUMENT_SCALAR] = "scalar",
		[WW_ARGUMENT_INPUT] = "read",
		[WW_ARGUMENT_OUTPUT] = "written",
		[WW_ARGUMENT_INOUT] = "read and written",
		[WW_ARGUMENT_CONSTANT] = "constant memory",
		[WW_ARGUMENT_SCRATCH] = "scratch",
	};
	uint32_t i, n = 0;

	for (i = 0; i < task->n_arguments; i++) {
		const struct ww_argument *argument = &task->arguments[i];
		const char *kind = argument->kind < sizeof kinds / sizeof kinds[0]
		                           ? kinds[argument->kind]
		                           : "other";

		if (argument->kind == WW_ARGUMENT_SCALAR)
			continue;
		ww_page_add(page, "%s%s: %llu %s, %s",
		            n++ == 0 ? "- arrays: " : "; ", argument->name,
		            (unsigned long long)argument->n_elements,
		            ww_type_name(argument->type), kind);
	}
	if (n > 0)
		ww_page_add(page, "\n");
}

void
ww_prompt_kernel(struct ww_page *page, const struct ww_prompt_view *view)
{
	const struct ww_task *task = view->task;
	uint32_t i;

	ww_page_add(page, "- name: %s\n", task->name);
	if (strcmp(task->objective, "time") != 0)
		ww_page_add(page, "- objective: %s of a launch is minimised, not "
		                  "its time alone; numbers of results are in %s\n",
		            task->objective,
		            ww_objective_unit(
				    ww_objective_parse(task->objective)));
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
	put_arguments(page, task);
	put_launch(page, view);
	put_work(page, view);
	put_code(page, view);
}
