/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/hash.h"
#include "core/base/text.h"
#include "core/task/impl.h"

static void
hash_kernel(struct ww_task *task)
{
	const struct ww_kernel *kernel = &task->kernel;
	struct ww_hash *hash = ww_hash_new();
	uint32_t i;

	/* Without a kernel a task is the same as long as it has its name; a
	 * recording has at least the name of the kernel that was measured. */
	if (kernel->language[0] == '\0' && kernel->entry[0] == '\0' &&
	    kernel->source_length == 0)
		ww_hash_text(hash, task->name);
	ww_hash_text(hash, kernel->language);
	ww_hash_text(hash, kernel->entry);
	ww_hash_bytes(hash, kernel->source, kernel->source_length);
	for (i = 0; i < kernel->n_options; i++)
		ww_hash_text(hash, kernel->options[i]);
	ww_hash_finish(hash, task->kernel_hash);
}

static void
hash_space(struct ww_task *task)
{
	const struct ww_search_space *space = task->space;
	struct ww_hash *hash = ww_hash_new();
	char text[32];
	uint32_t i, k;

	for (i = 0; i < task->n_sizes; i++) {
		ww_hash_text(hash, task->sizes[i].name);
		snprintf(text, sizeof text, "%.17g", task->sizes[i].value);
		ww_hash_text(hash, text);
	}
	for (i = 0; i < space->view.n_slots; i++) {
		ww_hash_text(hash, space->view.slots[i].name);
		for (k = 0; k < space->view.slots[i].n_values; k++)
			ww_hash_text(hash,
			             space->view.slots[i].values[k].string);
	}
	for (i = 0; i < space->n_parameters; i++)
		ww_hash_text(hash, space->parameters[i].condition);
	for (i = 0; i < space->n_constraints; i++)
		ww_hash_text(hash, space->constraints[i].expression);
	ww_hash_finish(hash, task->space_hash);
}

static void
fill_size_values(struct ww_task *task)
{
	uint32_t i;

	task->impl->size_values = ww_task_keep_bytes(
		task, task->n_sizes * sizeof(struct ww_value));
	for (i = 0; i < task->n_sizes; i++) {
		struct ww_value *value = &task->impl->size_values[i];
		const struct ww_task_size *size = &task->sizes[i];
		char text[40];

		value->name = size->name;
		value->number = size->value;
		value->type = size->integral ? WW_VALUE_INT : WW_VALUE_FLOAT;
		value->integer = size->integral ? (int64_t)size->value : 0;
		if (size->integral)
			snprintf(text, sizeof text, "%" PRId64, value->integer);
		else
			snprintf(text, sizeof text, "%.17g", size->value);
		value->string = ww_task_keep(task, text);
	}
}

/* The default stands for the rest: what it breaks is one of the rules to look
 * at. */
static ww_status
empty_space(const struct ww_task *task, struct ww_error *error)
{
	uint64_t faulty = ww_space_faulty(task->space);
	uint32_t *indices = ww_alloc(task->space->view.n_slots *
	                             sizeof *indices);
	char note[160] = "", why[400] = "";

	ww_space_default(task->space, indices);
	ww_space_explain(task->space, indices, why, sizeof why);
	free(indices);
	if (faulty > 0)
		snprintf(note, sizeof note,
		         " (%" PRIu64 " of them because a constraint divides by "
		         "zero, overflows or mixes text and numbers)",
		         faulty);
	return ww_error_set(error, WW_E_CONFIG,
	                    "the space is empty: no configuration out of %.15g "
	                    "obeys all constraints%s; the default, for one, %s; "
	                    "loosen a constraint or add values",
	                    task->space->cartesian, note, why);
}

static ww_status
check_default(const struct ww_task *task, struct ww_error *error)
{
	const struct ww_search_space *space = task->space;
	uint32_t *indices = ww_alloc(space->view.n_slots * sizeof *indices);
	ww_status status = WW_OK;
	char why[400];

	ww_space_default(space, indices);
	if (ww_space_explain(space, indices, why, sizeof why)) {
		struct json_object *example;

		status = WW_E_CONFIG;
		ww_space_closest(space, indices, indices);
		example = ww_space_config(space, indices);
		ww_error_set(error, status,
		             "the default configuration %s; a default that "
		             "works: %.800s",
		             why, ww_json_text(example));
		json_object_put(example);
	}
	free(indices);
	return status;
}

ww_status
ww_task_finish(struct ww_task *task, struct ww_error *error)
{
	int32_t exact;
	ww_status status;

	if (task->space->view.count(&task->space->view, &exact) < 1 && exact)
		return empty_space(task, error);
	status = check_default(task, error);
	if (status != WW_OK)
		return status;
	fill_size_values(task);
	hash_kernel(task);
	hash_space(task);
	return WW_OK;
}
