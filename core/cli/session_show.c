/* SPDX-License-Identifier: MIT
 *
 * warpwright session show ID
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/cli/session.h"
#include "core/cli/table.h"
#include "core/model/proposals.h"
#include "core/model/tokens.h"

#define SHOWN 20 /* trials, unless --all */

struct shown_trial {
	uint64_t id;
	uint32_t outcome, round;
	double ms, low_ms, high_ms;
	char *source, *config, *note;
};

struct view {
	struct ww_cli *cli;
	struct shown_trial *trials;
	size_t n;
	uint64_t failed[WW_TRIAL_N_CLASSES];
	int prompts;
	int n_calls;
};

/* ------------------------------------------------------------------ trials */

static char *
note_of(const struct ww_trial *trial)
{
	if (trial->outcome != WW_TRIAL_OK && trial->text[0] != '\0')
		return ww_text("%s", trial->text);
	return trial->reason[0] != '\0' ? ww_text("%s", trial->reason) : NULL;
}

/* A strategy may have several ways to propose; its family says which. */
static char *
origin_of(const struct ww_trial *trial)
{
	return trial->family[0] != '\0'
	               ? ww_text("%s (%s)", trial->source, trial->family)
	               : ww_copy(trial->source);
}

static void
keep_trial(void *context, const char *config, const struct ww_record *record)
{
	struct view *view = context;
	const struct ww_trial *trial = &record->trial;
	struct shown_trial *shown;
	struct json_object *value = NULL;

	if (view->cli->json) {
		ww_cli_json_line(ww_trial_json(config, record, 1));
		return;
	}
	view->trials = ww_grow(view->trials,
	                       (view->n + 1) * sizeof *view->trials);
	shown = &view->trials[view->n++];
	*shown = (struct shown_trial){
		.id = trial->id,           .outcome = trial->outcome,
		.round = trial->round,     .ms = trial->objective,
		.low_ms = trial->ci_low,   .high_ms = trial->ci_high,
		.source = origin_of(trial), .note = note_of(trial),
	};
	view->failed[trial->outcome] += trial->outcome != WW_TRIAL_OK;
	ww_json_parse(config, strlen(config), "config", 0, &value, NULL);
	shown->config = ww_show_config(value);
	json_object_put(value);
}

/* Fastest first, failures behind in the order of their proposal. */
static int
by_time(const void *a, const void *b)
{
	const struct shown_trial *one = a, *two = b;

	if (isnan(one->ms) != isnan(two->ms))
		return isnan(one->ms) ? 1 : -1;
	if (one->ms != two->ms && !isnan(one->ms))
		return one->ms < two->ms ? -1 : 1;
	return one->id < two->id ? -1 : one->id > two->id;
}

static void
print_trials(struct view *view, double default_ms, int all)
{
	const char *const headers[] = {
		"TRIAL", ww_show_unit(), "95% interval", "SPEED-UP",
		"ROUND", "BY", "STATUS", "CONFIGURATION",
	};
	struct ww_table *table = ww_table_new(headers, "rrlrrlll");
	size_t shown = all || view->n < SHOWN ? view->n : SHOWN;
	size_t i;

	qsort(view->trials, view->n, sizeof *view->trials, by_time);
	for (i = 0; i < shown; i++) {
		const struct shown_trial *trial = &view->trials[i];
		char id[24], round[16], ms[WW_SHORT], interval[WW_SHORT];
		char factor[WW_SHORT];

		snprintf(id, sizeof id, "%llu", (unsigned long long)trial->id);
		snprintf(round, sizeof round, "%u", trial->round);
		ww_table_row(table,
		             (const char *const[]){
				     id, ww_show_ms(ms, trial->ms),
				     ww_show_interval(interval, trial->low_ms,
		                                      trial->high_ms),
				     ww_show_factor(factor,
		                                    default_ms / trial->ms),
				     round, trial->source,
				     ww_outcome_name(trial->outcome),
				     trial->config });
		if (trial->note != NULL)
			ww_table_note(table, trial->note);
	}
	ww_table_print(table, stdout);
	ww_table_free(table);
	if (shown < view->n)
		printf("… and %zu more; --all shows them\n", view->n - shown);
}

static void
print_failures(const struct view *view)
{
	const char *before = "\nFailed: ";
	uint32_t i;

	for (i = 0; i < WW_TRIAL_N_CLASSES; i++) {
		if (view->failed[i] == 0)
			continue;
		printf("%s%llu %s", before, (unsigned long long)view->failed[i],
		       ww_outcome_name(i));
		before = ", ";
	}
	if (before[0] == ',')
		putchar('\n');
}

static void
free_trials(struct view *view)
{
	size_t i;

	for (i = 0; i < view->n; i++) {
		free(view->trials[i].source);
		free(view->trials[i].config);
		free(view->trials[i].note);
	}
	free(view->trials);
}

/* ------------------------------------------------------------- model calls */

static void
ignore_proposal(void *context, const struct ww_proposed *proposed)
{
	(void)context;
	(void)proposed;
}

static struct ww_proposals *
read_answer(const struct ww_model_call *call)
{
	struct ww_proposals *answer = ww_proposals_new(ignore_proposal, NULL);

	ww_proposals_feed(answer, call->answer, strlen(call->answer));
	ww_proposals_end(answer);
	return answer;
}

static void
print_call_json(const struct ww_model_call *call)
{
	struct json_object *line = ww_call_json(call);
	struct ww_proposals *answer = read_answer(call);

	ww_json_put_string(line, "analysis", ww_proposals_analysis(answer));
	ww_json_put_string(line, "plan", ww_proposals_strategy(answer));
	ww_json_put_string(line, "prompt", call->prompt);
	ww_json_put_string(line, "answer", call->answer);
	ww_proposals_free(answer);
	ww_cli_json_line(line);
}

static void
print_messages(const char *prompt)
{
	struct json_object *messages = NULL;
	size_t i;

	if (ww_json_parse(prompt, strlen(prompt), "prompt", 0, &messages,
	                  NULL) != WW_OK ||
	    !json_object_is_type(messages, json_type_array)) {
		printf("%s\n", prompt);
		json_object_put(messages);
		return;
	}
	for (i = 0; i < json_object_array_length(messages); i++) {
		struct json_object *message =
			json_object_array_get_idx(messages, i);
		const char *text = ww_json_string(message, "text", NULL);

		if (text == NULL)
			text = ww_json_string(message, "content", "");
		printf("--- %s\n%s\n", ww_json_string(message, "role", ""),
		       text);
	}
	json_object_put(messages);
}

static void
print_call_line(const struct ww_model_call *call)
{
	struct ww_tokens tokens = { 0 };

	ww_tokens_add_call(&tokens, call);
	printf("  %llu. round %u, %s%s%s: %s, %.1f s, ",
	       (unsigned long long)call->number, call->round, call->provider,
	       call->model[0] != '\0' ? " " : "", call->model, call->outcome,
	       (double)call->latency_ns / 1e9);
	if (tokens.input + tokens.output > 0)
		printf("%s%lld + %lld tokens, ",
		       tokens.estimated ? "about " : "",
		       (long long)tokens.input, (long long)tokens.output);
	printf("%u configurations (%u taken, %u invalid, %u known)\n",
	       call->found, call->taken, call->invalid, call->duplicate);
}

static void
print_call(void *context, const struct ww_model_call *call)
{
	struct view *view = context;
	struct ww_proposals *answer;

	if (view->cli->json) {
		print_call_json(call);
		return;
	}
	if (view->n_calls++ == 0)
		puts("\nModel calls");
	print_call_line(call);
	if (call->error[0] != '\0')
		printf("     error: %s\n", call->error);
	answer = read_answer(call);
	if (ww_proposals_analysis(answer)[0] != '\0')
		printf("     analysis: %s\n", ww_proposals_analysis(answer));
	if (ww_proposals_strategy(answer)[0] != '\0')
		printf("     plan: %s\n", ww_proposals_strategy(answer));
	ww_proposals_free(answer);
	if (view->prompts) {
		print_messages(call->prompt);
		printf("--- answer\n%s\n", call->answer);
	}
}

/* ------------------------------------------------------------------ session */

/* Named by its unit where it is a time. */
static double
number_of(struct json_object *row, const char *time, const char *other)
{
	return ww_json_number(row, time, ww_json_number(row, other, NAN));
}

static void
print_finalists(const char *text)
{
	struct json_object *rows = NULL;
	size_t i;

	if (ww_json_parse(text, strlen(text), "finalists", 0, &rows, NULL) !=
	            WW_OK ||
	    !json_object_is_type(rows, json_type_array) ||
	    json_object_array_length(rows) == 0) {
		json_object_put(rows);
		return;
	}
	puts("\nFinalists, measured again in turn");
	for (i = 0; i < json_object_array_length(rows); i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);
		char ms[WW_SHORT], interval[WW_SHORT];

		printf("  trial %lld: %s %s  %s\n",
		       (long long)ww_json_int(row, "id", 0),
		       ww_show_ms(ms, number_of(row, "time_ms", "value")),
		       ww_show_unit(),
		       ww_show_interval(interval,
		                        number_of(row, "ci_low_ms", "ci_low"),
		                        number_of(row, "ci_high_ms",
		                                  "ci_high")));
	}
	json_object_put(rows);
}

/* Several devices, from the result. */
static void
print_devices(struct json_object *result)
{
	struct json_object *devices = ww_json_get(result, "devices");
	size_t i;

	for (i = 0; json_object_is_type(devices, json_type_array) &&
	            i < json_object_array_length(devices); i++) {
		struct json_object *row = json_object_array_get_idx(devices, i);

		printf("%-10s%s  factor %.4g%s\n", i == 0 ? "devices" : "",
		       ww_json_string(row, "id", ""),
		       ww_json_number(row, "factor", NAN),
		       ww_json_bool(row, "base", false)
		               ? ", values are those of this one"
		       : ww_json_int(row, "calibrations", 0) == 0 ? ", not used"
		                                                  : "");
	}
}

/* Why another strategy took over, or what the model was last heard of. */
static void
print_trouble(struct json_object *result)
{
	const char *fallback = ww_json_string(result, "fallback", "");
	const char *error = ww_json_string(result, "model_error", "");

	if (fallback[0] != '\0')
		printf("fallback  %s: %s\n",
		       ww_json_string(result, "strategy", ""), fallback);
	else if (error[0] != '\0')
		printf("model     its last call failed: %s\n", error);
}

static void
print_session(const struct ww_session_row *row)
{
	char from[WW_SHORT], to[WW_SHORT], best[WW_SHORT], first[WW_SHORT];
	char factor[WW_SHORT];
	struct json_object *result = NULL;

	if (row->result[0] != '\0')
		ww_json_parse(row->result, strlen(row->result), "result", 0,
		              &result, NULL);
	printf("session   %s (%s)\n", row->id, row->state);
	printf("task      %s  %s\n", row->task_name, row->task_path);
	printf("device    %s (%s)\n", row->device_name, row->backend);
	print_devices(result);
	if (strcmp(row->objective, "time") != 0)
		printf("objective %s, in %s\n", row->objective, ww_show_unit());
	printf("strategy  %s%s%s\n", row->strategy,
	       row->model[0] != '\0' ? ", model " : "", row->model);
	print_trouble(result);
	printf("time      %s to %s\n", ww_show_time(from, row->started_ns),
	       ww_show_time(to, row->finished_ns));
	if (isfinite(row->best_ms))
		printf("best      %s %s, default %s %s, speed-up %s\n",
		       ww_show_ms(best, row->best_ms), ww_show_unit(),
		       ww_show_ms(first, row->default_ms), ww_show_unit(),
		       ww_show_factor(factor, row->default_ms / row->best_ms));
	putchar('\n');
	json_object_put(result);
}

static ww_status
show(struct ww_cli *cli, struct ww_stored *stored, int all, int prompts,
     struct ww_error *error)
{
	struct view view = { .cli = cli, .prompts = prompts };
	struct json_object *line;
	ww_status status;

	if (cli->json) {
		line = ww_session_json(&stored->row);
		ww_json_put_string(line, "result", stored->row.result);
		ww_json_put_string(line, "finalists", stored->row.finalists);
		ww_cli_json_line(line);
	} else {
		print_session(&stored->row);
	}
	status = ww_store_each_trial(stored->store, stored->row.id, keep_trial,
	                             &view, error);
	if (status == WW_OK && !cli->json && view.n > 0) {
		print_trials(&view, stored->row.default_ms, all);
		print_failures(&view);
		print_finalists(stored->row.finalists);
	}
	if (status == WW_OK)
		status = ww_store_model_calls(stored->store, stored->row.id,
		                              print_call, &view, error);
	free_trials(&view);
	return status;
}

int
ww_session_show(struct ww_cli *cli)
{
	int all = 0, prompts = 0, n;
	const struct ww_flag flags[] = {
		{ .name = "--all", .seen = &all },
		{ .name = "--prompts", .seen = &prompts },
	};
	struct ww_stored stored;
	struct ww_error error = { 0 };
	ww_status status;
	int code = ww_cli_flags(cli, flags, 2, &n);

	if (code != 0)
		return code;
	if (n != 1)
		return ww_cli_usage("session show needs one session: its ID, or 'last'");
	status = ww_stored_open(cli, cli->argv[1], &stored, &error);
	if (status != WW_OK)
		return ww_cli_fail(&error);
	status = show(cli, &stored, all, prompts, &error);
	ww_stored_close(&stored);
	return status == WW_OK ? WW_EXIT_OK : ww_cli_fail(&error);
}
