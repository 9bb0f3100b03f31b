/* SPDX-License-Identifier: MIT
 *
 * warpwright ask: a program asks for configurations and tells results, one JSON
 * object a line.
 */
#include "core/cli/ask.h"

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/cli/report.h"
#include "core/cli/search_flags.h"

/* ----------------------------------------------------------- what is written */

void
ww_ask_error(const char *text, unsigned line)
{
	struct json_object *object = json_object_new_object();
	struct json_object *error = json_object_new_object();

	ww_json_put_string(error, "text", text);
	if (line > 0)
		ww_json_put_int(error, "line", line);
	json_object_object_add(object, "error", error);
	ww_cli_json_line(object);
}

static struct json_object *
record_json(const struct ww_ask *ask, const struct ww_record *record)
{
	struct json_object *object = json_object_new_object();

	ww_json_put_int(object, "id", (int64_t)record->trial.id);
	json_object_object_add(object, "config",
	                       ww_space_config(ask->task->space,
	                                       record->indices));
	ww_json_put_string(object, "source", record->source);
	return object;
}

static void
given(void *context, const struct ww_record *const *records, uint32_t n,
      const char *stop, const char *why)
{
	const struct ww_ask *ask = context;
	struct json_object *line = json_object_new_object();
	struct json_object *list = json_object_new_array();
	uint32_t i;

	for (i = 0; i < n; i++) {
		struct json_object *entry = record_json(ask, records[i]);

		ww_json_put_string(entry, "reason", records[i]->reason);
		ww_json_put_int(entry, "round", records[i]->trial.round);
		json_object_array_add(list, entry);
	}
	json_object_object_add(line, "configurations", list);
	ww_json_put_bool(line, "wait", n == 0 && stop == NULL);
	ww_json_put_bool(line, "finished", stop != NULL);
	if (stop != NULL)
		ww_json_put_string(line, "stop", stop);
	if (stop != NULL && why[0] != '\0')
		ww_json_put_string(line, "text", why);
	ww_cli_json_line(line);
}

static void
refused(void *context, const char *why)
{
	(void)context;
	ww_ask_error(why, 0);
}

void
ww_ask_best(struct ww_ask *ask, struct ww_desk *desk)
{
	const struct ww_record *best = ww_desk_best(desk);
	const struct ww_record *baseline = ww_desk_baseline(desk);
	double default_ms = baseline != NULL ? baseline->trial.objective
	                                     : (double)NAN;
	struct json_object *line = json_object_new_object();
	struct json_object *object = NULL;

	if (best != NULL) {
		object = record_json(ask, best);
		ww_json_put_number(object, "time_ms", best->trial.objective);
		ww_json_put_number(object, "ci_low_ms", best->trial.ci_low);
		ww_json_put_number(object, "ci_high_ms", best->trial.ci_high);
		ww_json_put_number(object, "speedup",
		                   default_ms / best->trial.objective);
	}
	json_object_object_add(line, "best", object);
	ww_cli_json_line(line);
}

void
ww_ask_describe(struct ww_ask *ask)
{
	const struct ww_search_space *space = ask->task->space;
	uint32_t *indices = ww_alloc((space->view.n_slots + 1) *
	                             sizeof *indices);
	struct json_object *line = json_object_new_object();
	struct json_object *object = json_object_new_object();
	int32_t exact = 0;
	double count = space->view.count(&space->view, &exact);

	ww_space_default(space, indices);
	ww_json_put_string(object, "session", ask->session);
	ww_json_put_string(object, "task", ask->task->name);
	ww_json_put_string(object, "strategy", ask->strategy);
	ww_json_put_string(object, "model", ask->model);
	ww_json_put_number(object, "configurations", exact ? count : (double)NAN);
	json_object_object_add(object, "default",
	                       ww_space_config(space, indices));
	ww_json_put_int(object, "trials", (int64_t)ask->n_trials);
	json_object_object_add(line, "session", object);
	ww_cli_json_line(line);
	free(indices);
}

/* ------------------------------------------------------- what the session says */

static void
on_started(void *context, const char *id, const char *device,
           const char *strategy, const char *model)
{
	struct ww_ask *ask = context;

	(void)device;
	snprintf(ask->session, sizeof ask->session, "%s", id);
	snprintf(ask->strategy, sizeof ask->strategy, "%s", strategy);
	snprintf(ask->model, sizeof ask->model, "%s",
	         model != NULL ? model : "");
}

/* A result that was told is durable now. */
static void
on_trial(void *context, const struct ww_record *record)
{
	struct ww_ask *ask = context;
	struct json_object *line = json_object_new_object();
	struct json_object *told = json_object_new_object();

	ask->n_trials++;
	ww_json_put_int(told, "id", (int64_t)record->trial.id);
	ww_json_put_string(told, "status",
	                   ww_outcome_name(record->trial.outcome));
	ww_json_put_number(told, "time_ms", record->trial.objective);
	json_object_object_add(line, "told", told);
	ww_cli_json_line(line);
}

static void
on_round(void *context, uint32_t round, const char *strategy, uint64_t trials,
         double best_ms)
{
	(void)context;
	ww_logf(WW_LOG_INFO, "ask", "round %u (%s): %llu trials, best %g ms",
	        round, strategy, (unsigned long long)trials, best_ms);
}

static void
on_warning(void *context, const char *text)
{
	(void)context;
	ww_log_line(WW_LOG_WARNING, "ask", text);
}

static struct json_object *
describe(void *context, const struct ww_session_result *result)
{
	const struct ww_ask *ask = context;

	return ww_result_json(ask->task, result);
}

/* ------------------------------------------------------------------ listening */

static ww_status
listen_to(void *context, struct ww_desk *desk, int fd, int timeout_ms,
          struct ww_error *error)
{
	struct ww_ask *ask = context;
	struct pollfd wait[] = { { .fd = ask->lines.fd, .events = POLLIN },
		                 { .fd = fd, .events = POLLIN } };
	char *line = ww_lines_next(&ask->lines);

	(void)error;
	if (line == NULL && !ask->lines.ended &&
	    poll(wait, 2, timeout_ms) > 0 && wait[0].revents != 0) {
		ww_lines_read(&ask->lines);
		line = ww_lines_next(&ask->lines);
	}
	if (line != NULL)
		ww_ask_line(ask, desk, line);
	else if (ask->lines.ended || ferror(stdout))
		ww_desk_leave(desk);
	return WW_OK;
}

static void
print_result(const struct ww_ask *ask, const struct ww_session_result *result)
{
	struct json_object *line = json_object_new_object();

	json_object_object_add(line, "result",
	                       ww_result_json(ask->task, result));
	ww_cli_json_line(line);
}

int
ww_ask_run(struct ww_cli *cli, struct ww_session_request *request,
           const char *device)
{
	struct ww_ask ask = { .cli = cli, .task = request->task };
	const struct ww_observer observer = {
		.context = &ask,
		.started = on_started,
		.trial = on_trial,
		.round = on_round,
		.warning = on_warning,
		.describe = describe,
	};
	const struct ww_far far = {
		.context = &ask,
		.device = device,
		.listen = listen_to,
		.given = given,
		.refused = refused,
	};
	struct ww_session *session = NULL;
	struct ww_session_result result = { 0 };
	struct ww_error error = { 0 };
	int code = WW_EXIT_INTERNAL;
	ww_status status;

	ww_lines_open(&ask.lines, STDIN_FILENO);
	request->observer = &observer;
	request->far = &far;
	status = ww_session_run(request, &session, &result, &error);
	if (status == WW_OK || result.n_trials > 0) {
		print_result(&ask, &result);
		code = ww_result_exit(&result);
	}
	if (status != WW_OK) {
		ww_ask_error(error.text, 0);
		code = ww_cli_fail(&error);
	}
	ww_session_free(session);
	ww_lines_close(&ask.lines);
	return code;
}

/* -------------------------------------------------------------------- command */

struct orders {
	const char *device;
	const char *resume;
};

static int
read_orders(struct ww_cli *cli, struct orders *orders, int *n)
{
	const struct ww_flag flags[] = {
		WW_SEARCH_FLAGS,
		{ .name = "--device", .text = &orders->device },
		{ .name = "--resume", .text = &orders->resume },
	};

	return ww_cli_flags(cli, flags, sizeof flags / sizeof flags[0], n);
}

/* What cannot begin is said where the program looks, too. */
static int
fail(const struct ww_error *error)
{
	ww_ask_error(error->text, 0);
	return ww_cli_fail(error);
}

static int
run(struct ww_cli *cli)
{
	struct orders orders = { .device = "a program" };
	struct ww_session_request request = {
		.settings = cli->settings,
		.registry = cli->registry,
		.cancel = &cli->cancel,
	};
	struct ww_error error = { 0 };
	struct ww_task *task = NULL;
	struct ww_store *store = NULL;
	ww_status status;
	int n = 0, code = read_orders(cli, &orders, &n);

	if (code != 0)
		return code;
	if (n != 1)
		return ww_cli_usage("ask takes one task file");
	status = ww_cli_task(cli, cli->argv[1], &task, &error);
	if (status == WW_OK)
		status = ww_cli_store(cli, &store, &error);
	request.task = task;
	request.store = store;
	request.resume = orders.resume;
	code = status == WW_OK ? ww_ask_run(cli, &request, orders.device)
	                       : fail(&error);
	ww_store_close(store);
	ww_task_free(task);
	return code;
}

const struct ww_command ww_command_ask = {
	.name = "ask",
	.arguments = "TASK [options]",
	.summary = "let a program of yours measure: it asks and tells",
	.help =
		"A program writes requests on standard input and reads answers "
		"from standard\noutput, one JSON object a line:\n\n"
		"  {\"ask\":N}          up to N configurations to measure\n"
		"  {\"tell\":{\"id\":I,\"time_ms\":T}}   what came of one; or "
		"\"samples_ms\":[…], or\n"
		"                     \"status\":\"compile_error\" and others, "
		"\"text\", \"facts\"\n"
		"  {\"tell\":{\"config\":{…},…}}        the same of any "
		"configuration\n"
		"  {\"best\":true}      the fastest one so far\n"
		"  {\"describe\":true}  session, strategy, default configuration\n"
		"  {\"finish\":true}    the end, as is that of the input\n\n"
		"The task needs no kernel, only parameters and constraints.\n\n"
		WW_PROPOSER_HELP
		"  --device TEXT           what the program measures on, in "
		"words\n"
		WW_LIMIT_HELP
		WW_RESUME_HELP,
	.run = run,
};
