/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/config/settings.h"
#include "core/engine/wire.h"
#include "core/engine/worker.h"

/* A descriptor beyond the standard ones that children do not inherit. */
static int
moved(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

	if (copy < 0)
		_exit(9);
	return copy;
}

void
ww_worker_detach(struct ww_worker *worker)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	worker->in = moved(STDIN_FILENO);
	worker->out = moved(STDOUT_FILENO);
	if (null >= 0) {
		dup2(null, STDIN_FILENO);
		close(null);
	}
	dup2(STDERR_FILENO, STDOUT_FILENO);
	/* Through a launcher the parent is somebody else; the end of the frame
	 * stream then ends the worker. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* The terminal's Ctrl-C is for the orchestrator, which ends us. */
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, SIG_DFL);
}

struct json_object *
ww_frame_new(const char *type)
{
	struct json_object *frame = json_object_new_object();

	ww_json_put_string(frame, "type", type);
	return frame;
}

struct json_object *
ww_worker_read(struct ww_worker *worker)
{
	struct json_object *frame = NULL;
	struct ww_error error;
	ww_status status = ww_frame_read(worker->in, &frame, &error);

	if (status == WW_OK)
		return frame;
	if (status != WW_STOPPED) {
		ww_log_line(WW_LOG_ERROR, "worker", error.text);
		_exit(9);
	}
	return NULL;
}

void
ww_worker_write(struct ww_worker *worker, struct json_object *frame)
{
	struct ww_error error;

	if (ww_frame_write(worker->out, frame, &error) != WW_OK) {
		ww_log_line(WW_LOG_ERROR, "worker", error.text);
		_exit(9);
	}
	json_object_put(frame);
}

struct json_object *
ww_worker_failed(const struct ww_error *error)
{
	struct json_object *frame = ww_frame_new("failed");

	ww_json_put_int(frame, "status", error->status);
	ww_json_put_string(frame, "text", error->text);
	return frame;
}

void
ww_worker_write_failed(struct ww_worker *worker, const struct ww_error *error)
{
	ww_worker_write(worker, ww_worker_failed(error));
}

static ww_status
load_plugin(struct ww_worker *worker, struct ww_error *error)
{
	const char *path = ww_json_string(worker->order, "plugin", NULL);
	const char *name = ww_json_string(worker->order, "backend", NULL);
	ww_status status;

	if (path == NULL || name == NULL)
		return ww_error_set(error, WW_E_FORMAT,
		                    "the open frame names no plugin");
	worker->registry = ww_registry_new();
	status = ww_registry_file(worker->registry, path, "the orchestrator",
	                          error);
	if (status != WW_OK)
		return status;
	worker->plugin = ww_registry_find(worker->registry, "backend", name,
	                                  error);
	if (worker->plugin == NULL)
		return error->status;
	worker->ops = worker->plugin->ops;
	return WW_OK;
}

static ww_status
load_task(struct ww_worker *worker, struct ww_error *error)
{
	const char *text = ww_json_string(worker->order, "task_text", NULL);
	const char *path = ww_json_string(worker->order, "task_path", "task");

	if (text == NULL)
		return WW_OK;
	return ww_task_parse(text, strlen(text), path, &worker->task, error);
}

static ww_status
open_backend(struct ww_worker *worker, struct ww_error *error)
{
	const struct ww_services services = {
		.process = ww_process_service_joined(),
	};
	uint64_t seed = (uint64_t)ww_json_int(worker->order, "seed", 1);
	struct ww_options *options;
	struct ww_call_frame frame;
	ww_status status;

	worker->settings = ww_settings_new();
	status = ww_settings_options(worker->settings, worker->plugin,
	                             ww_json_get(worker->order, "options"),
	                             &options, error);
	if (status != WW_OK)
		return status;
	worker->host = ww_host_new(worker->plugin, options, seed, &services);
	ww_call_start(&frame, NULL, INT64_MAX);
	status = worker->ops->open(&frame.call, ww_host_of(worker->host),
	                           &worker->self);
	return ww_call_finish(&frame, status, error);
}

ww_status
ww_worker_open(struct ww_worker *worker, struct ww_error *error)
{
	ww_status status;

	worker->order = ww_worker_read(worker);
	if (worker->order == NULL)
		return ww_error_set(error, WW_STOPPED, "no open frame");
	if (strcmp(ww_json_string(worker->order, "type", ""), "open") != 0)
		return ww_error_set(error, WW_E_FORMAT,
		                    "the first frame is not an open frame");
	ww_log_set_level((int32_t)ww_json_int(worker->order, "log_level",
	                                      ww_log_level()));
	worker->artifacts = ww_json_string(worker->order, "artifacts", NULL);
	worker->cache = ww_json_bool(worker->order, "cache", false);
	status = load_plugin(worker, error);
	if (status == WW_OK)
		status = load_task(worker, error);
	if (status == WW_OK && worker->task != NULL &&
	    worker->artifacts == NULL)
		status = ww_error_set(error, WW_E_FORMAT,
		                      "the open frame names no artifact folder");
	if (status == WW_OK)
		status = open_backend(worker, error);
	return status;
}

void
ww_worker_close(struct ww_worker *worker)
{
	ww_worker_drop(worker);
	if (worker->self != NULL)
		worker->ops->close(worker->self);
	if (worker->host != NULL)
		ww_host_free(worker->host);
	if (worker->settings != NULL)
		ww_settings_free(worker->settings);
	if (worker->task != NULL)
		ww_task_free(worker->task);
	if (worker->registry != NULL)
		ww_registry_free(worker->registry);
	json_object_put(worker->order);
	free(worker->identity);
	close(worker->in);
	close(worker->out);
}

bool
ww_worker_indices(const struct ww_worker *worker, struct json_object *array,
                  uint32_t *indices)
{
	const struct ww_space *space = &worker->task->space->view;
	uint32_t i;

	if (!json_object_is_type(array, json_type_array) ||
	    json_object_array_length(array) != space->n_slots)
		return false;
	for (i = 0; i < space->n_slots; i++) {
		int64_t index = json_object_get_int64(
			json_object_array_get_idx(array, i));

		if (index < 0 || index >= space->slots[i].n_values)
			return false;
		indices[i] = (uint32_t)index;
	}
	return true;
}
