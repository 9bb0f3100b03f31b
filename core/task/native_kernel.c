/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/task/native.h"

/* Languages that a file name tells beyond doubt. */
static const char *
language_of(const char *file)
{
	static const struct {
		const char *ending;
		const char *language;
	} table[] = {
		{ ".c", "c" },       { ".cc", "c++" },    { ".cpp", "c++" },
		{ ".cxx", "c++" },   { ".cl", "opencl" }, { ".py", "python" },
	};
	const char *dot = strrchr(file, '.');
	size_t i;

	for (i = 0; dot != NULL && i < sizeof table / sizeof table[0]; i++)
		if (strcmp(dot, table[i].ending) == 0)
			return table[i].language;
	return NULL;
}

static ww_status
read_options(struct ww_native *native, struct json_object *object,
             const char *path, struct ww_kernel *kernel)
{
	struct json_object *list;
	ww_status status = ww_native_member(native, object, path, "options",
	                                    json_type_array, &list);
	size_t n = list != NULL ? json_object_array_length(list) : 0;
	const char *option;
	size_t i;

	for (i = 0; i < n && status == WW_OK; i++) {
		struct json_object *item = json_object_array_get_idx(list, i);

		if (!json_object_is_type(item, json_type_string))
			return ww_native_fail(
				native,
				ww_native_path(native, path, "options"),
				"compiler options are strings");
		status = ww_native_text(native, item,
		                        ww_native_path(native, path, "options"),
		                        &option);
		if (status == WW_OK)
			ww_task_add_option(native->task, kernel, option);
	}
	return status;
}

static ww_status
read_source(struct ww_native *native, struct json_object *object,
            const char *path, struct ww_kernel *kernel)
{
	const char *source, *entry;
	ww_status status = ww_native_string(native, object, path, "source",
	                                    &source);

	if (status == WW_OK)
		status = ww_native_string(native, object, path, "entry",
		                          &entry);
	if (status == WW_OK)
		status = read_options(native, object, path, kernel);
	if (status != WW_OK)
		return status;
	if (entry != NULL)
		kernel->entry = ww_task_keep(native->task, entry);
	if (source != NULL &&
	    ww_task_source(native->task, kernel, native->input->folder, source,
	                   true, native->error) != WW_OK) {
		ww_native_locate(native,
		                 ww_native_path(native, path, "source"));
		return WW_E_CONFIG;
	}
	return WW_OK;
}

static ww_status
read_language(struct ww_native *native, struct json_object *object)
{
	const char *language;
	ww_status status = ww_native_string(native, object, "kernel",
	                                    "language", &language);

	if (status != WW_OK)
		return status;
	if (language == NULL && native->task->kernel.path != NULL)
		language = language_of(native->task->kernel.path);
	if (language == NULL || language[0] == '\0')
		return ww_native_fail(native, "kernel",
		                      "the kernel has no \"language\", such as "
		                      "\"c\" or \"c++\"");
	native->task->kernel.language = ww_task_keep(native->task, language);
	return WW_OK;
}

ww_status
ww_native_kernel(struct ww_native *native)
{
	static const char *const members[] = {
		"language",       "source", "entry", "options", "kind",
		"access_pattern", "flops",  "bytes", NULL
	};
	struct ww_task *task = native->task;
	struct json_object *kernel;
	const char *kind, *pattern;
	ww_status status = ww_native_member(native, native->root, "", "kernel",
	                                    json_type_object, &kernel);

	if (status != WW_OK)
		return status;
	/* A backend that runs a command needs no kernel, nor does a program
	 * that measures by itself. */
	if (kernel == NULL)
		return WW_OK;
	status = ww_native_members(native, kernel, "kernel", members);
	if (status == WW_OK)
		status = read_source(native, kernel, "kernel", &task->kernel);
	if (status == WW_OK)
		status = read_language(native, kernel);
	if (status == WW_OK)
		status = ww_native_string(native, kernel, "kernel", "kind",
		                          &kind);
	if (status == WW_OK)
		status = ww_native_string(native, kernel, "kernel",
		                          "access_pattern", &pattern);
	if (status != WW_OK)
		return status;
	if (kind != NULL)
		task->kind = ww_task_keep(task, kind);
	if (pattern != NULL)
		task->access_pattern = ww_task_keep(task, pattern);
	if (task->kernel.path != NULL && task->kernel.entry[0] == '\0')
		return ww_native_fail(native, "kernel",
		                      "the kernel has no \"entry\": the name of "
		                      "its function");
	return WW_OK;
}

ww_status
ww_native_work(struct ww_native *native)
{
	static const char *const keys[] = { "flops", "bytes" };
	struct json_object *kernel = ww_json_get(native->root, "kernel");
	const char *texts[2] = { NULL, NULL };
	ww_status status = WW_OK;
	int i;

	for (i = 0; i < 2 && status == WW_OK; i++) {
		const char *path = ww_native_path(native, "kernel", keys[i]);
		struct json_object *json = ww_json_get(kernel, keys[i]);

		if (json == NULL)
			continue;
		status = ww_native_expression(native, json, path, &texts[i]);
		if (status == WW_OK &&
		    ww_task_set_work(native->task, i == 0 ? texts[0] : NULL,
		                     i == 1 ? texts[1] : NULL,
		                     native->error) != WW_OK)
			status = ww_native_locate(native, path);
	}
	return status;
}

/* ------------------------------------------------------------------ launch */

static ww_status
read_axes(struct ww_native *native, struct json_object *launch,
          const char *path, const char *key, const char *axes[3], size_t *n)
{
	struct json_object *list;
	ww_status status = ww_native_member(native, launch, path, key,
	                                    json_type_array, &list);
	size_t i;

	*n = list != NULL ? json_object_array_length(list) : 0;
	path = ww_native_path(native, path, key);
	if (status == WW_OK && *n > 3)
		return ww_native_fail(native, path,
		                      "\"%s\" has %zu axes; at most 3", key, *n);
	for (i = 0; i < *n && status == WW_OK; i++)
		status = ww_native_expression(
			native, json_object_array_get_idx(list, i),
			ww_native_item(native, path, i), &axes[i]);
	return status;
}

static ww_status
read_launch(struct ww_native *native, struct json_object *object,
            const char *path, struct ww_launch_text *text)
{
	static const char *const members[] = { "grid", "block", "cluster",
		                               "shared_bytes", NULL };
	struct json_object *launch, *shared;
	size_t n[3] = { 0, 0, 0 };
	ww_status status = ww_native_member(native, object, path, "launch",
	                                    json_type_object, &launch);

	memset(text, 0, sizeof *text);
	if (status != WW_OK || launch == NULL)
		return status;
	path = ww_native_path(native, path, "launch");
	status = ww_native_members(native, launch, path, members);
	if (status == WW_OK)
		status = read_axes(native, launch, path, "grid", text->grid,
		                   &n[0]);
	if (status == WW_OK)
		status = read_axes(native, launch, path, "block", text->block,
		                   &n[1]);
	if (status == WW_OK)
		status = read_axes(native, launch, path, "cluster",
		                   text->cluster, &n[2]);
	if (status == WW_OK && (n[0] == 0 || n[1] == 0))
		return ww_native_fail(native, path,
		                      "a launch needs \"grid\" and \"block\"");
	shared = ww_json_get(launch, "shared_bytes");
	if (status == WW_OK && shared != NULL)
		status = ww_native_expression(
			native, shared,
			ww_native_path(native, path, "shared_bytes"),
			&text->shared_bytes);
	text->dimensions = (unsigned)(n[0] > n[1] ? n[0] : n[1]);
	return status;
}

ww_status
ww_native_launch(struct ww_native *native)
{
	struct ww_launch_text text;
	ww_status status = read_launch(native, native->root, "", &text);

	if (status == WW_OK &&
	    ww_task_set_launch(native->task, &text, native->error) != WW_OK)
		return ww_native_locate(native, "launch");
	return status;
}

/* --------------------------------------------------------------- reference */

static ww_status
read_reference_kernel(struct ww_native *native, struct json_object *reference,
                      struct json_object *kernel)
{
	static const char *const members[] = { "source", "entry", "options",
		                               NULL };
	struct ww_task *task = native->task;
	struct ww_kernel *to = &task->reference.kernel;
	struct ww_launch_text text;
	uint32_t *indices;
	ww_status status;

	*to = task->kernel;
	to->options = NULL;
	to->n_options = 0;
	status = ww_native_members(native, kernel, "reference.kernel", members);
	if (status == WW_OK)
		status = read_source(native, kernel, "reference.kernel", to);
	if (status == WW_OK)
		status = read_launch(native, reference, "reference", &text);
	if (status != WW_OK)
		return status;
	if (!json_object_object_get_ex(kernel, "options", NULL)) {
		to->options = task->kernel.options;
		to->n_options = task->kernel.n_options;
	}
	if (to->path == NULL ||
	    (to->path == task->kernel.path &&
	     strcmp(to->entry, task->kernel.entry) == 0))
		return ww_native_fail(native, "reference.kernel",
		                      "the reference kernel is the kernel itself; "
		                      "name another \"source\" or \"entry\", or "
		                      "use \"configuration\": \"default\"");
	task->reference.kind = WW_TASK_REFERENCE_KERNEL;
	indices = ww_alloc(task->space->view.n_slots * sizeof *indices);
	ww_space_default(task->space, indices);
	if (ww_task_eval_launch(task, &text, indices, &task->reference.launch,
	                        native->error) != WW_OK)
		status = ww_native_locate(native, "reference.launch");
	free(indices);
	return status;
}

static ww_status
read_reference_config(struct ww_native *native, struct json_object *config)
{
	const char *path = "reference.configuration";
	struct ww_task *task = native->task;

	task->reference.kind = WW_TASK_REFERENCE_CONFIG;
	task->reference.indices = ww_alloc(task->space->view.n_slots *
	                                   sizeof(uint32_t));
	if (json_object_is_type(config, json_type_string)) {
		if (strcmp(json_object_get_string(config), "default") != 0)
			return ww_native_fail(native, path,
			                      "a configuration, or \"default\"");
		ww_space_default(task->space, task->reference.indices);
		return WW_OK;
	}
	if (ww_space_parse(task->space, config, task->reference.indices,
	                   native->error) != WW_OK)
		return ww_native_locate(native, path);
	return WW_OK;
}

static ww_status
check_files(struct ww_native *native)
{
	struct ww_task *task = native->task;
	uint32_t i;

	for (i = 0; i < task->n_arguments; i++) {
		const struct ww_argument *argument = &task->arguments[i];

		if ((argument->kind == WW_ARGUMENT_OUTPUT ||
		     argument->kind == WW_ARGUMENT_INOUT) &&
		    argument->expected_path == NULL)
			return ww_native_fail(native, "reference.files",
			                      "argument '%s' needs \"expected\": "
			                      "the file it must equal",
			                      argument->name);
	}
	task->reference.kind = WW_TASK_REFERENCE_FILES;
	return WW_OK;
}

ww_status
ww_native_reference(struct ww_native *native)
{
	static const char *const members[] = { "kernel", "launch",
		                               "configuration", "files", NULL };
	struct json_object *reference, *kernel, *config;
	ww_status status = ww_native_member(native, native->root, "",
	                                    "reference", json_type_object,
	                                    &reference);
	bool files;

	if (status != WW_OK || reference == NULL)
		return status;
	status = ww_native_members(native, reference, "reference", members);
	if (status == WW_OK)
		status = ww_native_member(native, reference, "reference",
		                          "kernel", json_type_object, &kernel);
	if (status != WW_OK)
		return status;
	config = ww_json_get(reference, "configuration");
	files = ww_json_bool(reference, "files", false);
	if ((kernel != NULL) + (config != NULL) + files != 1)
		return ww_native_fail(native, "reference",
		                      "a reference is one of \"kernel\", "
		                      "\"configuration\" and \"files\": true");
	if (kernel != NULL)
		return read_reference_kernel(native, reference, kernel);
	return config != NULL ? read_reference_config(native, config)
	                      : check_files(native);
}
