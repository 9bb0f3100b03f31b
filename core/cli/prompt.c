/* SPDX-License-Identifier: MIT
 *
 * `warpwright prompt`: the messages that a model would get, to be read before
 * anything is sent.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/engine/device_list.h"
#include "core/engine/session.h"
#include "core/engine/strategy_host.h"
#include "core/model/service.h"
#include "core/plugin/host.h"
#include "core/prompt/page.h"
#include "core/store/store.h"
#include "core/task/task.h"

struct job {
	struct ww_cli *cli;
	struct ww_task *task;
	long round;              /* 0: not given */
	const char *session;     /* or null */
	char *session_id;        /* the one that was found */
	struct ww_record **records;
	size_t n_records;
	const struct ww_trial **trials;
	size_t n_trials;
	struct ww_device_list devices;
	struct ww_hardware hardware;
	struct ww_hardware_fact *facts;
};

/* -- the device --------------------------------------------------------------- */

/* The backend that a session would take for this task, or null. */
static const struct ww_plugin *
find_backend(const struct job *job)
{
	const char *name = ww_setting_string(job->cli->settings,
	                                     "search.backend");

	if (name == NULL)
		name = job->task->backend;
	return name != NULL ? ww_registry_find(job->cli->registry, "backend",
	                                       name, NULL)
	                    : ww_backend_for(job->cli->registry, job->task,
	                                     &(struct ww_error){ 0 });
}

/* Without a device the prompt is shown without a hardware sheet. */
static void
find_hardware(struct job *job)
{
	const struct ww_plugin *backend = find_backend(job);
	struct ww_error error = { 0 };

	if (backend == NULL ||
	    !WW_HAS(struct ww_backend_ops,
	            (const struct ww_backend_ops *)backend->ops, device) ||
	    !ww_setting_bool(job->cli->settings, "prompt.hardware_context"))
		return;
	if (ww_devices_find(job->cli->settings, job->cli->registry, backend,
	                    job->task, &job->cli->cancel, &job->devices,
	                    &error) != WW_OK ||
	    job->devices.n == 0) {
		fprintf(stderr,
		        "warpwright: no device, so no hardware sheet%s%s\n",
		        error.text[0] != '\0' ? ": " : "", error.text);
		return;
	}
	job->facts = ww_device_sheet(
		json_object_array_get_idx(job->devices.json, 0),
		&job->hardware);
}

/* -- the history ----------------------------------------------------------------- */

static void
take_session(void *context, const struct ww_session_row *row)
{
	struct job *job = context;

	/* Newest first: the first one of this space is it. */
	if (job->session_id == NULL &&
	    strcmp(row->space_hash, job->task->space_hash) == 0)
		job->session_id = ww_copy(row->id);
}

static ww_status
find_session(struct job *job, struct ww_store *store, struct ww_error *error)
{
	ww_status status;

	if (job->session != NULL)
		status = ww_store_session(store, job->session, take_session,
		                          job, error);
	else
		status = ww_store_sessions(store, job->task->name,
		                           take_session, job, error);
	if (status != WW_OK || job->session_id != NULL)
		return status;
	if (job->session != NULL)
		return ww_error_set(error, WW_E_INVALID,
		                    "session %s is of another search space "
		                    "than task %s",
		                    job->session, job->task->name);
	return ww_error_set(error, WW_E_NOT_FOUND,
	                    "no stored session of task %s: tune it first, or "
	                    "leave out --round to see the first prompt",
	                    job->task->name);
}

/* Trials of the rounds before the one that is shown. */
static void
keep_trials(struct job *job)
{
	long last = 0;
	size_t i;

	job->trials = ww_alloc((job->n_records + 1) * sizeof *job->trials);
	for (i = 0; i < job->n_records; i++)
		if ((long)job->records[i]->trial.round > last)
			last = (long)job->records[i]->trial.round;
	if (job->round == 0)
		job->round = last + 1;
	for (i = 0; i < job->n_records; i++)
		if ((long)job->records[i]->trial.round < job->round)
			job->trials[job->n_trials++] = &job->records[i]->trial;
}

static ww_status
load_history(struct job *job, struct ww_error *error)
{
	struct ww_store *store;
	size_t skipped;
	ww_status status;

	if (job->round <= 1 && job->session == NULL) {
		job->round = 1;
		return WW_OK;
	}
	status = ww_cli_store(job->cli, &store, error);
	if (status != WW_OK)
		return status;
	status = find_session(job, store, error);
	if (status == WW_OK)
		status = ww_store_load_trials(store, job->session_id,
		                              job->task->space, &job->records,
		                              &job->n_records, &skipped,
		                              error);
	ww_store_close(store);
	if (status == WW_OK)
		keep_trials(job);
	return status;
}

/* -- the request ------------------------------------------------------------------ */

/* The strategy at work, with everything it needs and a sink that takes all. */
struct stage {
	struct ww_prompt_view view;
	struct ww_model_service *model;
	struct ww_strategy_host *parts;
	struct ww_host_box *box;
	const struct ww_strategy_ops *ops;
	void *self;
};

struct catcher {
	struct ww_text_sink sink; /* first member */
	struct ww_page page;
};

static ww_status
catch_text(struct ww_text_sink *self, const char *bytes, uint64_t length)
{
	ww_page_bytes(&((struct catcher *)self)->page, bytes, (size_t)length);
	return WW_OK;
}

static ww_status
take_config(struct ww_config_sink *self, const uint32_t *indices,
            const struct ww_proposal_info *info)
{
	(void)self;
	(void)indices;
	(void)info;
	return WW_OK;
}

static ww_status
open_stage(struct stage *stage, const struct job *job, struct ww_text_sink *sink,
           struct ww_error *error)
{
	const struct ww_settings *settings = job->cli->settings;
	const char *name = ww_setting_string(settings, "search.strategy");
	const struct ww_plugin *plugin = ww_registry_find(
		job->cli->registry, "strategy", name, error);
	uint64_t seed = (uint64_t)ww_setting_int(settings, "search.seed");
	struct ww_services services = { 0 };
	struct ww_options *options;
	struct ww_call_frame frame;
	ww_status status;

	if (plugin == NULL)
		return error->status;
	stage->ops = plugin->ops;
	if ((stage->ops->flags & WW_STRATEGY_USES_MODEL) == 0)
		return ww_error_set(error, WW_E_CONFIG,
		                    "strategy %s asks no model", name);
	status = ww_model_new(settings, job->cli->registry, &stage->view, NULL,
	                      &job->cli->cancel, seed, &stage->model, error);
	if (status == WW_OK)
		status = ww_settings_options(settings, plugin, NULL, &options,
		                             error);
	if (status != WW_OK)
		return status;
	ww_model_capture(stage->model, sink);
	stage->parts = ww_strategy_host_new(settings, job->cli->registry,
	                                    &job->task->space->view, NULL,
	                                    seed);
	services.model = ww_model_face(stage->model);
	services.strategies = ww_strategy_host_face(stage->parts);
	stage->box = ww_host_new(plugin, options, seed, &services);
	ww_call_start(&frame, &job->cli->cancel, INT64_MAX);
	status = stage->ops->open(&frame.call, ww_host_of(stage->box),
	                          &job->task->space->view, &stage->self);
	return ww_call_finish(&frame, status, error);
}

static void
close_stage(struct stage *stage)
{
	if (stage->self != NULL)
		stage->ops->close(stage->self);
	if (stage->box != NULL)
		ww_host_free(stage->box);
	if (stage->parts != NULL)
		ww_strategy_host_free(stage->parts);
	if (stage->model != NULL)
		ww_model_free(stage->model);
}

/* Evaluations that a session would have left now; its whole budget is what the
 * user set or what the rounds come to. */
static uint64_t
evaluations_left(const struct job *job, uint32_t want)
{
	const struct ww_settings *s = job->cli->settings;
	int64_t left = ww_setting_is_set(s, "search.max_evaluations")
	                       ? ww_setting_int(s, "search.max_evaluations")
	                       : ww_setting_int(s, "search.initial_batch_size") +
	                                 (ww_setting_int(s, "search.max_rounds") -
	                                  1) * ww_setting_int(
	                                  s, "search.refinement_batch_size");

	left -= (int64_t)job->n_trials;
	return left < (int64_t)want ? want : (uint64_t)left;
}

/* Tells the history and asks; the request is caught on its way out. */
static ww_status
play(struct stage *stage, const struct job *job, struct ww_error *error)
{
	struct ww_config_sink sink = { .size = sizeof sink,
		                       .push = take_config };
	struct ww_budget budget = {
		.size = sizeof budget,
		.want = stage->view.want,
		.round = stage->view.round,
		.evaluations_used = job->n_trials,
		.evaluations_left = stage->view.evaluations_left,
		.time_left_ns = INT64_MAX,
		.best = NAN,
		.target = NAN,
	};
	struct ww_call_frame frame;
	ww_status status;

	ww_call_start(&frame, &job->cli->cancel, INT64_MAX);
	status = stage->ops->tell(&frame.call, stage->self, job->trials,
	                          job->n_trials);
	if (status == WW_OK)
		status = stage->ops->ask(&frame.call, stage->self, &budget,
		                         &sink);
	status = ww_call_finish(&frame, status, error);
	return status == WW_E_CANCELLED ? WW_OK : status;
}

static ww_status
show(struct job *job, struct ww_error *error)
{
	const struct ww_settings *settings = job->cli->settings;
	uint32_t want = (uint32_t)ww_setting_int(
		settings, job->round == 1 ? "search.initial_batch_size"
					  : "search.refinement_batch_size");
	struct catcher catcher = { .sink = { .size = sizeof catcher.sink,
		                             .write = catch_text } };
	struct stage stage = {
		.view = { .task = job->task,
		          .hardware = job->hardware.name != NULL
		                              ? &job->hardware
		                              : NULL,
		          .settings = settings,
		          .trials = job->trials,
		          .n_trials = job->n_trials,
		          .round = (uint32_t)job->round,
		          .want = want,
		          .evaluations_left = evaluations_left(job, want) },
	};
	ww_status status = open_stage(&stage, job, &catcher.sink, error);
	char *text;

	if (status == WW_OK)
		status = play(&stage, job, error);
	close_stage(&stage);
	text = ww_page_take(&catcher.page);
	if (status == WW_OK && text[0] == '\0')
		status = ww_error_set(error, WW_E_STATE,
		                      "the model would not be asked in round "
		                      "%ld", job->round);
	if (status == WW_OK && job->cli->json) {
		struct json_object *line = json_object_new_object();

		ww_json_put_string(line, "type", "prompt");
		ww_json_put_int(line, "round", job->round);
		ww_json_put_string(line, "text", text);
		ww_cli_json_line(line);
	} else if (status == WW_OK) {
		fputs(text, stdout);
	}
	free(text);
	return status;
}

static void
clear(struct job *job)
{
	size_t i;

	for (i = 0; i < job->n_records; i++)
		ww_record_free(job->records[i]);
	free(job->records);
	free(job->trials);
	free(job->session_id);
	free(job->facts);
	ww_devices_clear(&job->devices);
	ww_task_free(job->task);
}

static int
run(struct ww_cli *cli)
{
	struct job job = { .cli = cli };
	const char *round = NULL;
	const struct ww_flag flags[] = {
		{ .name = "--round", .text = &round },
		{ .name = "--session", .text = &job.session },
	};
	struct ww_error error = { 0 };
	ww_status status;
	char *end;
	int n, code = ww_cli_flags(cli, flags, 2, &n);

	if (code != 0)
		return code;
	if (n != 1)
		return ww_cli_usage("prompt takes one task file");
	if (round != NULL) {
		errno = 0;
		job.round = strtol(round, &end, 10);
		if (*end != '\0' || errno != 0 || job.round < 1 ||
		    job.round > 100000)
			return ww_cli_usage("--round takes a whole number from "
			                    "1 on, not '%s'", round);
	}
	status = ww_cli_task(cli, cli->argv[1], &job.task, &error);
	if (status == WW_OK)
		status = load_history(&job, &error);
	if (status == WW_OK) {
		find_hardware(&job);
		status = ww_cancel_requested(&cli->cancel)
		                 ? ww_error_set(&error, WW_E_CANCELLED,
		                                "stopped before the prompt was "
		                                "written")
		                 : show(&job, &error);
	}
	clear(&job);
	return status == WW_OK ? WW_EXIT_OK : ww_cli_fail(&error);
}

const struct ww_command ww_command_prompt = {
	.name = "prompt",
	.arguments = "TASK [--round N] [--session ID]",
	.summary = "print what a model would be asked",
	.help = "Lets the strategy ask for configurations, and prints its "
	        "request instead of\nsending it.\n\n"
	        "  --round N     the prompt of round N, with the trials of the "
	        "rounds before\n"
	        "                it, from the newest stored session of this "
	        "task\n"
	        "  --session ID  from this session; without --round, the round "
	        "after its last\n\n"
	        "The settings prompt.* choose what a prompt holds; "
	        "prompt.templates names a folder\n"
	        "with templates of your own.\n",
	.run = run,
};
