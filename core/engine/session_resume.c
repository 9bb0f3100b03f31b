/* SPDX-License-Identifier: MIT
 *
 * Whether a stored session can be gone on with: everything that gives its values
 * their meaning must be as it was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/engine/session_impl.h"

static bool
same_text(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static bool
same_argument(const struct ww_argument *a, const struct ww_argument *b)
{
	return a->type == b->type && a->kind == b->kind && a->fill == b->fill &&
	       a->n_elements == b->n_elements && a->seed == b->seed &&
	       a->a == b->a && a->b == b->b &&
	       a->absolute_tolerance == b->absolute_tolerance &&
	       a->relative_tolerance == b->relative_tolerance &&
	       same_text(a->name, b->name) && same_text(a->path, b->path) &&
	       same_text(a->expected_path, b->expected_path);
}

static bool
same_arguments(const struct ww_task *a, const struct ww_task *b)
{
	uint32_t i;

	if (a->n_arguments != b->n_arguments || a->seed != b->seed)
		return false;
	for (i = 0; i < a->n_arguments; i++)
		if (!same_argument(&a->arguments[i], &b->arguments[i]))
			return false;
	return true;
}

static bool
same_geometry(const struct ww_task *a, const struct ww_task *b)
{
	struct ww_task_geometry one, two;
	int i;

	ww_task_geometry(a, &one);
	ww_task_geometry(b, &two);
	for (i = 0; i < 3; i++)
		if (!same_text(one.grid[i], two.grid[i]) ||
		    !same_text(one.block[i], two.block[i]) ||
		    !same_text(one.cluster[i], two.cluster[i]))
			return false;
	return same_text(one.shared_bytes, two.shared_bytes);
}

/* Both are of one space. */
static bool
same_reference(const struct ww_task *a, const struct ww_task *b)
{
	const struct ww_task_reference *one = &a->reference;
	const struct ww_task_reference *two = &b->reference;

	if (one->kind != two->kind)
		return false;
	if (one->kind == WW_TASK_REFERENCE_CONFIG)
		return memcmp(one->indices, two->indices,
		              a->space->view.n_slots *
		                      sizeof *one->indices) == 0;
	if (one->kind == WW_TASK_REFERENCE_KERNEL)
		return same_text(one->kernel.entry, two->kernel.entry) &&
		       one->kernel.source_length == two->kernel.source_length &&
		       memcmp(one->kernel.source, two->kernel.source,
		              (size_t)one->kernel.source_length) == 0;
	return true;
}

static ww_status
refuse(const struct ww_session_row *row, const char *what, const char *was,
       const char *is, struct ww_error *error)
{
	return ww_error_set(error, WW_E_CONFIG,
	                    "session %s cannot be resumed: its %s was %s and is "
	                    "%s now, so that their values cannot be compared; "
	                    "start a new session, which tries the best of this "
	                    "kernel's earlier ones first",
	                    row->id, what, was, is);
}

/* What the task file says beside kernel and space, where it is read anew. */
static ww_status
check_task(struct ww_session *session, const struct ww_session_row *row,
           struct ww_error *error)
{
	const struct ww_task *now = session->task;
	const char *changed = NULL;
	struct ww_task *then;

	/* A recording that was compressed has no text. */
	if (row->task_text[0] == '\0' ||
	    strcmp(row->task_text, now->text) == 0 ||
	    ww_task_parse(row->task_text, strlen(row->task_text),
	                  row->task_path, &then, NULL) != WW_OK)
		return WW_OK;
	if (!same_arguments(then, now))
		changed = "\"arguments\", \"tolerance\" or \"seed\"";
	else if (!same_geometry(then, now))
		changed = "\"launch\"";
	else if (!same_text(then->target, now->target))
		changed = "\"target\"";
	else if (!same_reference(then, now))
		changed = "\"reference\"";
	ww_task_free(then);
	if (changed == NULL)
		return WW_OK;
	return ww_error_set(error, WW_E_CONFIG,
	                    "session %s cannot be resumed: %s of %s is not what "
	                    "it was, so that values cannot be compared; start a "
	                    "new session, or go on with the task as it was by "
	                    "'warpwright session resume %s'",
	                    row->id, changed, now->path, row->id);
}

static ww_status
check_kernel(const struct ww_session *session, const struct ww_session_row *row,
             struct ww_error *error)
{
	const struct ww_task *task = session->task;

	if (strcmp(row->space_hash, task->space_hash) != 0 ||
	    strcmp(row->kernel_hash, task->kernel_hash) != 0)
		return ww_error_set(error, WW_E_CONFIG,
		                    "session %s cannot be resumed: its kernel "
		                    "or its search space is not that of %s any "
		                    "more; start a new session",
		                    row->id, task->path);
	/* Its configurations were the user's own, and are not in the store
	 * before they are measured. */
	if (strcmp(row->strategy, WW_STRATEGY_GIVEN) == 0)
		return ww_error_set(error, WW_E_STATE,
		                    "session %s measured configurations that "
		                    "'bench' was given: there is no search to "
		                    "go on with; run 'warpwright bench' again, "
		                    "or search with 'warpwright tune %s'",
		                    row->id, task->path);
	return WW_OK;
}

static ww_status
check_place(const struct ww_session *session, const struct ww_session_row *row,
            struct ww_error *error)
{
	const char *backend = session->backend != NULL ? session->backend->name
	                                               : WW_BACKEND_FAR;
	const struct ww_task *task = session->task;

	if (strcmp(row->backend, backend) != 0)
		return refuse(row, "backend", row->backend, backend,
		              error);
	/* What a program measures on is said in words, or not again. */
	if (session->backend != NULL &&
	    !same_text(row->device_name, session->hardware.name))
		return refuse(row, "device", row->device_name,
		              session->hardware.name, error);
	if (strcmp(row->objective, task->objective) != 0)
		return refuse(row, "objective", row->objective,
		              task->objective, error);
	return WW_OK;
}

/* ----------------------------------------------------------------- settings */

static ww_status
check_settings(struct ww_session *session, const struct ww_session_row *row,
               struct ww_error *error)
{
	struct json_object *then = NULL;
	struct json_object *now = ww_settings_json(session->settings);
	const char *backend = row->backend;
	bool cold = session->plan.cold, was_cold;
	char text[512];
	bool same;

	ww_json_parse(row->settings, strlen(row->settings), "settings", 0, &then,
	              NULL);
	was_cold = ww_json_bool(ww_json_get(then, "measure"), "cold", cold);
	same = strcmp(ww_json_text(ww_json_get(ww_json_get(then, "backend"),
	                                       backend)),
	              ww_json_text(ww_json_get(ww_json_get(now, "backend"),
	                                       backend))) == 0;
	if (then != NULL && !same) {
		snprintf(text, sizeof text,
		         "options of backend %s are not what they were in "
		         "session %s; its values and new ones may differ for "
		         "that reason", backend, row->id);
		ww_session_warn(session, text);
	}
	json_object_put(then);
	json_object_put(now);
	return cold == was_cold
	               ? WW_OK
	               : refuse(row, "measure.cold",
	                        was_cold ? "true" : "false",
	                        cold ? "true" : "false", error);
}

static void
warn_of_device(struct ww_session *session, const struct ww_session_row *row)
{
	char text[512];

	if (session->backend == NULL ||
	    same_text(row->device, session->hardware.id))
		return;
	snprintf(text, sizeof text,
	         "session %s began on device %s and goes on on %s, of the same "
	         "kind", row->id, row->device, session->hardware.id);
	ww_session_warn(session, text);
}

ww_status
ww_session_check_resume(struct ww_session *session,
                        const struct ww_session_row *row,
                        struct ww_error *error)
{
	ww_status status = check_kernel(session, row, error);

	if (status == WW_OK)
		status = check_place(session, row, error);
	if (status == WW_OK)
		status = check_task(session, row, error);
	if (status == WW_OK)
		status = check_settings(session, row, error);
	if (status == WW_OK)
		warn_of_device(session, row);
	return status;
}
