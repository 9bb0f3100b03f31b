/* SPDX-License-Identifier: MIT */
#include "core/cli/report.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "core/base/log.h"
#include "core/base/text.h"
#include "core/cli/session.h"
#include "core/cli/table.h"
#include "core/measure/objective.h"

#define REDRAW_NS 100000000 /* often enough to look alive */

struct ww_report {
	struct ww_observer observer;
	struct ww_cli *cli;
	const struct ww_task *task;
	struct ww_store *store;
	pthread_mutex_t terminal; /* the log may draw from any thread */
	int given;          /* the user named the configurations */
	int live;           /* a progress line may be drawn on stderr */
	char line[512];     /* the one that is on the terminal, or "" */
	int64_t drawn_ns;
	uint32_t round;
	double baseline_ms;
	char device[256];
	char backend[64];
};

/* ---------------------------------------------------------- progress line */

static void
erase(const struct ww_report *report)
{
	if (report->line[0] != '\0') {
		fputs("\r\033[K", stderr);
		fflush(stderr);
	}
}

static void
draw(const struct ww_report *report)
{
	struct winsize size = { 0 };
	size_t columns = 79, shown = 0;
	const char *c;

	if (report->line[0] == '\0')
		return;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
		columns = size.ws_col - 1u;
	fputs("\r\033[K", stderr);
	for (c = report->line; *c != '\0'; c++) {
		shown += ((unsigned char)*c & 0xc0) != 0x80;
		if (shown > columns)
			break;
		fputc(*c, stderr);
	}
	fflush(stderr);
}

/* The log takes the line away before it writes and puts it back after; in between
 * nobody else draws. */
static void
on_log(int drawn, void *context)
{
	struct ww_report *report = context;

	if (!drawn)
		pthread_mutex_lock(&report->terminal);
	if (drawn)
		draw(report);
	else
		erase(report);
	if (drawn)
		pthread_mutex_unlock(&report->terminal);
}

static void
take_away(struct ww_report *report)
{
	pthread_mutex_lock(&report->terminal);
	erase(report);
	report->line[0] = '\0';
	pthread_mutex_unlock(&report->terminal);
}

static void
on_progress(void *context, const struct ww_progress *progress)
{
	struct ww_report *report = context;
	int64_t now = ww_now_ns();
	char best[WW_SHORT], factor[WW_SHORT] = "", left[WW_SHORT] = "";

	if (!report->live || now - report->drawn_ns < REDRAW_NS)
		return;
	report->drawn_ns = now;
	if (isfinite(progress->best_ms) && isfinite(report->baseline_ms))
		snprintf(factor, sizeof factor, " (%.2fx)",
		         report->baseline_ms / progress->best_ms);
	if (isfinite(progress->seconds_left))
		snprintf(left, sizeof left, ", about %.0f s left",
		         progress->seconds_left);
	pthread_mutex_lock(&report->terminal);
	snprintf(report->line, sizeof report->line,
	         "round %u: %llu compiled, %llu measured, %llu failed, best "
	         "%s %s%s%s%s",
	         progress->round, (unsigned long long)progress->compiled,
	         (unsigned long long)progress->measured,
	         (unsigned long long)progress->failed,
	         ww_show_ms(best, progress->best_ms), ww_show_unit(), factor,
	         left,
	         progress->waiting_for_model ? ", the model is thinking" : "");
	draw(report);
	pthread_mutex_unlock(&report->terminal);
}

/* ------------------------------------------------------------------ events */

static void
keep_row(void *context, const struct ww_session_row *row)
{
	struct ww_report *report = context;

	snprintf(report->device, sizeof report->device, "%s",
	         row->device_name[0] != '\0' ? row->device_name : row->device);
	snprintf(report->backend, sizeof report->backend, "%s", row->backend);
}

static void
print_session(const struct ww_report *report, const char *id,
              const char *device, const char *strategy, const char *model)
{
	struct json_object *line = json_object_new_object();

	ww_json_put_string(line, "type", "session");
	ww_json_put_string(line, "id", id);
	ww_json_put_string(line, "task", report->task->name);
	ww_json_put_string(line, "backend", report->backend);
	ww_json_put_string(line, "device", device);
	ww_json_put_string(line, "device_name", report->device);
	ww_json_put_string(line, "strategy", strategy);
	ww_json_put_string(line, "model", model);
	ww_cli_json_line(line);
}

static void
on_started(void *context, const char *id, const char *device,
           const char *strategy, const char *model)
{
	struct ww_report *report = context;

	snprintf(report->device, sizeof report->device, "%s", device);
	if (report->store != NULL && id[0] != '\0')
		ww_store_session(report->store, id, keep_row, report, NULL);
	if (report->cli->json) {
		print_session(report, id, device, strategy, model);
	} else if (!report->cli->quiet) {
		if (report->given)
			printf("measuring %s on %s", report->task->name,
			       report->device);
		else
			printf("tuning %s on %s with strategy %s",
			       report->task->name, report->device, strategy);
		if (model != NULL && model[0] != '\0')
			printf(" (%s)", model);
		putchar('\n');
		fflush(stdout);
	}
}

static void
on_trial(void *context, const struct ww_record *record)
{
	struct ww_report *report = context;

	if (record->trial.id == 1)
		report->baseline_ms = record->trial.objective;
	if (report->cli->json)
		ww_cli_json_line(ww_record_json(report->task, record));
}

static void
on_call(void *context, const struct ww_model_call *call)
{
	struct ww_report *report = context;

	if (report->cli->json)
		ww_cli_json_line(ww_call_json(call));
}

static void
on_round(void *context, uint32_t round, const char *strategy, uint64_t trials,
         double best_ms)
{
	struct ww_report *report = context;
	char best[WW_SHORT];
	struct json_object *line;

	if (report->cli->json) {
		line = json_object_new_object();
		ww_json_put_string(line, "type", "round");
		ww_json_put_int(line, "round", round);
		ww_json_put_string(line, "strategy", strategy);
		ww_json_put_int(line, "trials", (int64_t)trials);
		if (strcmp(ww_show_unit(), "ms") == 0) {
			ww_json_put_number(line, "best_ms", best_ms);
		} else {
			ww_json_put_number(line, "best", best_ms);
			ww_json_put_string(line, "unit", ww_show_unit());
		}
		ww_cli_json_line(line);
	} else if (!report->cli->quiet) {
		pthread_mutex_lock(&report->terminal);
		erase(report);
		printf("round %u (%s): %llu trial%s, best so far %s %s\n", round,
		       strategy, (unsigned long long)trials,
		       trials == 1 ? "" : "s", ww_show_ms(best, best_ms),
		       ww_show_unit());
		fflush(stdout);
		draw(report);
		pthread_mutex_unlock(&report->terminal);
	}
}

static void
on_warning(void *context, const char *text)
{
	struct ww_report *report = context;
	struct json_object *line;

	if (!report->cli->json) {
		ww_log_line(WW_LOG_WARNING, "session", text);
		return;
	}
	line = json_object_new_object();
	ww_json_put_string(line, "type", "warning");
	ww_json_put_string(line, "text", text);
	ww_cli_json_line(line);
}

static struct json_object *
describe(void *context, const struct ww_session_result *result)
{
	const struct ww_report *report = context;

	return ww_result_json(report->task, result);
}

/* ------------------------------------------------------------------ object */

static int
is_live(const struct ww_cli *cli)
{
	const char *terminal = getenv("TERM");

	return !cli->json && !cli->quiet && isatty(STDERR_FILENO) &&
	       terminal != NULL && strcmp(terminal, "dumb") != 0;
}

static struct ww_report *
report_new(struct ww_cli *cli, const struct ww_task *task,
           struct ww_store *store)
{
	struct ww_report *report = ww_alloc(sizeof *report);

	pthread_mutex_init(&report->terminal, NULL);
	report->cli = cli;
	report->task = task;
	ww_show_use_unit(ww_objective_unit(ww_objective_parse(task->objective)));
	report->store = store;
	report->live = is_live(cli);
	report->baseline_ms = NAN;
	report->observer = (struct ww_observer){
		.context = report,       .started = on_started,
		.trial = on_trial,       .model_call = on_call,
		.round = on_round,       .progress = on_progress,
		.warning = on_warning,   .describe = describe,
	};
	if (report->live)
		ww_log_set_curtain(on_log, report);
	return report;
}

static void
print_end(struct ww_report *report, const struct ww_session_result *result)
{
	take_away(report);
	if (report->cli->json)
		ww_cli_json_line(ww_result_json(report->task, result));
	else
		ww_result_print(report->task, report->device, result);
}

static void
report_free(struct ww_report *report)
{
	if (report->live)
		ww_log_set_curtain(NULL, NULL);
	take_away(report);
	pthread_mutex_destroy(&report->terminal);
	free(report);
}

/* --------------------------------------------------------------------- run */

int
ww_result_exit(const struct ww_session_result *result)
{
	if (result->stop == WW_STOP_INTERRUPTED)
		return WW_EXIT_INTERRUPTED;
	return result->best != NULL ? WW_EXIT_OK : WW_EXIT_NOTHING;
}

int
ww_report_run(struct ww_cli *cli, struct ww_session_request *request,
              const char *folder)
{
	struct ww_report *report = report_new(cli, request->task,
	                                      request->store);
	struct ww_session *session = NULL;
	struct ww_session_result result = { 0 };
	struct ww_error error = { 0 };
	ww_status status;
	int code = WW_EXIT_INTERNAL;

	request->observer = &report->observer;
	report->given = request->fixed != NULL;
	/* Not after an hour of tuning. */
	status = folder != NULL ? ww_result_folder(folder, &error) : WW_OK;
	if (status == WW_OK)
		status = ww_session_run(request, &session, &result, &error);
	/* After an error in the middle, what was found until then counts. */
	if (status == WW_OK || result.n_trials > 0) {
		print_end(report, &result);
		code = ww_result_exit(&result);
	}
	if (status == WW_OK && folder != NULL)
		status = ww_result_files(request->task, report->device, &result,
		                         folder, &error);
	report_free(report);
	if (status != WW_OK)
		code = ww_cli_fail(&error);
	ww_session_free(session);
	return code;
}
