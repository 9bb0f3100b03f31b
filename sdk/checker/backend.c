/* SPDX-License-Identifier: MIT */
#include "sdk/checker/backend.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/base/text.h"
#include "sdk/checker/use.h"
#include "sdk/folder.h"

/* A sample task in a language of the list that the SDK has one for. */
static char *
sample_task(const char *languages)
{
	char *list = ww_copy(languages);
	char *rest = NULL;
	char *language;
	char *found = NULL;

	for (language = strtok_r(list, ", ", &rest);
	     language != NULL && found == NULL;
	     language = strtok_r(NULL, ", ", &rest)) {
		char *name = ww_text("tasks/%s/task.json", language);
		char *path = ww_sdk_path(name);

		if (access(path, R_OK) == 0)
			found = ww_copy(path);
		free(path);
		free(name);
	}
	free(list);
	return found;
}

struct ww_task *
backend_task(struct check *check)
{
	const struct ww_backend_ops *ops = check->plugin->ops;
	struct ww_task *task = NULL;
	struct ww_error error = { 0 };
	char *path = check->request->task != NULL
	                     ? ww_copy(check->request->task)
	                     : sample_task(ops->languages);

	if (path != NULL && ww_task_load(path, &task, &error) != WW_OK)
		check_fail(check, "%s", error.text);
	free(path);
	return task;
}

void
backend_start(struct backend_run *run, struct check *check)
{
	memset(run, 0, sizeof *run);
	run->host = host_new(check, 1);
	run->ops = check->plugin->ops;
	if (run->ops->compile == NULL)
		check_skip(check, "it compiles nothing");
	run->task = backend_task(check);
	if (run->task == NULL)
		check_skip(check,
		           "the SDK has no sample in '%s'; --task FILE gives "
		           "one",
		           run->ops->languages);
	host_must_open(run->host, NULL);
}

ww_status
backend_try_prepare(struct backend_run *run)
{
	struct ww_call_frame frame;
	ww_status status;

	run->kernel = run->task->kernel;
	run->kernel.size = sizeof run->kernel;
	run->kernel.arguments = run->task->arguments;
	run->kernel.n_arguments = run->task->n_arguments;
	host_call_start(run->host, &frame);
	status = run->ops->compile->prepare(&frame.call, run->host->self,
	                                    &run->kernel, &run->unit);
	return host_call_end(run->host, &frame, status);
}

void
backend_prepare(struct backend_run *run)
{
	struct check *check = run->host->check;
	ww_status status = backend_try_prepare(run);

	if (status == WW_E_UNAVAILABLE || status == WW_E_OPTION)
		check_skip(check, "prepare() wants something: %s",
		           run->host->error.text);
	check_that(check, status == WW_OK, "prepare() failed: %s",
	           run->host->error.text);
}

int
backend_has_faults(const struct backend_run *run)
{
	uint32_t slot = ww_space_slot(run->task->space, "FAULT");

	return slot != UINT32_MAX &&
	       run->task->space->view.slots[slot].n_values >= 3;
}

void
backend_launch(const struct backend_run *run, uint32_t fault, uint32_t *indices,
               struct ww_launch *launch)
{
	uint32_t slot = ww_space_slot(run->task->space, "FAULT");
	struct ww_error error = { 0 };

	ww_space_default(run->task->space, indices);
	if (fault != 0 && slot != UINT32_MAX)
		indices[slot] = fault;
	memset(launch, 0, sizeof *launch);
	if (ww_task_launch(run->task, indices, launch, &error) != WW_OK)
		check_fail(run->host->check, "%s", error.text);
	launch->size = sizeof *launch;
}

/* --------------------------------------------------------------- the sink */

static ww_status
take_artifact(struct ww_build_sink *self, const void *bytes, uint64_t length)
{
	struct backend_build *build = (struct backend_build *)self;

	build->artifacts++;
	free(build->bytes);
	build->bytes = ww_alloc(length + 1);
	memcpy(build->bytes, bytes, length);
	build->length = length;
	return WW_OK;
}

static void
take_fact(struct ww_build_sink *self, const char *name, double value)
{
	struct backend_build *build = (struct backend_build *)self;

	(void)value;
	host_show("fact", name, strlen(name));
	build->facts++;
}

static void
take_diagnosis(struct ww_build_sink *self, const char *text, uint64_t length)
{
	struct backend_build *build = (struct backend_build *)self;

	host_show("diagnosis", text, length);
	ww_text_clean(build->diagnosis, sizeof build->diagnosis, text, length);
}

void
backend_build(struct backend_run *run, uint32_t fault, const char *name,
              struct backend_build *build)
{
	uint32_t n = ww_task_value_limit(run->task) + 1;
	struct ww_value *values = ww_alloc(n * sizeof *values);
	uint32_t *indices = ww_alloc(
		(run->task->space->view.n_slots + 1) * sizeof *indices);
	char *scratch = ww_path_join(run->host->check->folder, name);
	struct ww_launch launch;
	struct ww_build request = {
		.size = sizeof request,
		.values = values,
		.launch = &launch,
		.target = run->target[0] != '\0' ? run->target
		                                 : run->task->target,
		.scratch = scratch,
	};
	struct ww_call_frame frame;

	memset(build, 0, sizeof *build);
	build->sink = (struct ww_build_sink){ .size = sizeof build->sink,
		                              .artifact = take_artifact,
		                              .fact = take_fact,
		                              .diagnosis = take_diagnosis };
	backend_launch(run, fault, indices, &launch);
	request.n_values = ww_task_values(run->task, indices, values);
	ww_path_create(scratch, NULL);
	host_call_start(run->host, &frame);
	build->status = run->ops->compile->build(&frame.call, run->unit,
	                                         &request, &build->sink);
	host_call_end(run->host, &frame, build->status);
	ww_path_remove(scratch);
	free(scratch);
	free(indices);
	free(values);
}

void
backend_build_clear(struct backend_build *build)
{
	free(build->bytes);
	build->bytes = NULL;
}

void
backend_end(struct backend_run *run)
{
	if (run->unit != NULL)
		run->ops->compile->drop(run->unit);
	host_close(run->host);
	ww_task_free(run->task);
}
