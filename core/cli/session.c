/* SPDX-License-Identifier: MIT
 *
 * warpwright session list|show|resume|export
 */
#include "core/cli/session.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/cli/table.h"
#include "core/measure/objective.h"

/* -------------------------------------------------- a session of its own */

static const char **
texts_of(struct ww_session_row *row, size_t i)
{
	const char **const texts[] = {
		&row->id,          &row->task_name,  &row->task_path,
		&row->task_text,   &row->kernel_hash, &row->space_hash,
		&row->backend,     &row->device,     &row->device_name,
		&row->strategy,    &row->model,      &row->settings,
		&row->state,       &row->result,     &row->finalists,
		&row->objective,
	};

	return i < sizeof texts / sizeof texts[0] ? texts[i] : NULL;
}

static void
keep_row(void *context, const struct ww_session_row *row)
{
	struct ww_stored *stored = context;
	const char **text;
	size_t i;

	stored->row = *row;
	for (i = 0; (text = texts_of(&stored->row, i)) != NULL; i++)
		*text = ww_copy(*text);
	stored->found = 1;
	ww_show_use_unit(ww_session_unit(&stored->row));
}

ww_status
ww_stored_open(struct ww_cli *cli, const char *id, struct ww_stored *stored,
               struct ww_error *error)
{
	ww_status status;

	memset(stored, 0, sizeof *stored);
	status = ww_cli_store(cli, &stored->store, error);
	if (status == WW_OK)
		status = ww_store_session(stored->store, id, keep_row, stored,
		                          error);
	if (status != WW_OK)
		ww_stored_close(stored);
	return status;
}

void
ww_stored_close(struct ww_stored *stored)
{
	const char **text;
	size_t i;

	if (stored->found)
		for (i = 0; (text = texts_of(&stored->row, i)) != NULL; i++) {
			char *owned;

			memcpy(&owned, text, sizeof owned);
			free(owned);
		}
	ww_store_close(stored->store);
	memset(stored, 0, sizeof *stored);
}

/* A later version may know objectives that this one does not. */
const char *
ww_session_unit(const struct ww_session_row *row)
{
	uint32_t objective = ww_objective_parse(row->objective);

	return objective < WW_N_OBJECTIVES ? ww_objective_unit(objective)
	                                   : row->objective;
}

/* -------------------------------------------------------------------- JSON */

struct json_object *
ww_session_json(const struct ww_session_row *row)
{
	struct json_object *line = json_object_new_object();
	bool is_time = strcmp(ww_session_unit(row), "ms") == 0;

	ww_json_put_string(line, "type", "session");
	ww_json_put_string(line, "id", row->id);
	ww_json_put_string(line, "state", row->state);
	ww_json_put_string(line, "task", row->task_name);
	ww_json_put_string(line, "task_path", row->task_path);
	ww_json_put_string(line, "backend", row->backend);
	ww_json_put_string(line, "device", row->device);
	ww_json_put_string(line, "device_name", row->device_name);
	ww_json_put_string(line, "strategy", row->strategy);
	ww_json_put_string(line, "model", row->model);
	ww_json_put_int(line, "trials", (int64_t)row->n_trials);
	ww_json_put_string(line, "objective", row->objective);
	ww_json_put_number(line, is_time ? "best_ms" : "best", row->best_ms);
	ww_json_put_number(line, is_time ? "default_ms" : "default",
	                   row->default_ms);
	if (!is_time)
		ww_json_put_string(line, "unit", ww_session_unit(row));
	ww_json_put_number(line, "started", (double)row->started_ns / 1e9);
	ww_json_put_number(line, "finished",
	                   row->finished_ns != 0
	                           ? (double)row->finished_ns / 1e9
	                           : (double)NAN);
	return line;
}

/* -------------------------------------------------------------------- list */

struct listing {
	struct ww_table *table; /* null: JSON lines */
	uint64_t n;
	uint64_t limit;
};

/* "1.41 ms": a list may hold several objectives. */
static char *
with_unit(double value, const struct ww_session_row *row)
{
	char number[WW_SHORT];

	ww_show_ms(number, value);
	return isfinite(value) ? ww_text("%s %s", number, ww_session_unit(row))
	                       : ww_copy(number);
}

static void
list_row(void *context, const struct ww_session_row *row)
{
	struct listing *listing = context;
	char trials[24], factor[WW_SHORT];
	char *first, *best;

	if (listing->n++ >= listing->limit)
		return;
	if (listing->table == NULL) {
		ww_cli_json_line(ww_session_json(row));
		return;
	}
	snprintf(trials, sizeof trials, "%llu",
	         (unsigned long long)row->n_trials);
	first = with_unit(row->default_ms, row);
	best = with_unit(row->best_ms, row);
	ww_table_row(listing->table,
	             (const char *const[]){
			     row->id, row->state, row->task_name,
			     row->strategy, trials, first, best,
			     ww_show_factor(factor,
	                                    row->default_ms / row->best_ms),
			     row->device_name });
	free(first);
	free(best);
}

static int
list(struct ww_cli *cli)
{
	static const char *const headers[] = {
		"SESSION", "STATE", "TASK", "STRATEGY", "TRIALS",
		"DEFAULT", "BEST", "SPEED-UP", "DEVICE",
	};
	const char *task = NULL, *limit = NULL;
	const struct ww_flag flags[] = {
		{ .name = "--task", .text = &task },
		{ .name = "--limit", .text = &limit },
	};
	struct listing listing = { .limit = UINT64_MAX };
	struct ww_store *store = NULL;
	struct ww_error error = { 0 };
	int n, code = ww_cli_flags(cli, flags, 2, &n);

	if (code != 0)
		return code;
	if (n != 0)
		return ww_cli_usage("session list takes no argument");
	code = ww_cli_count("--limit", limit, 1, UINT32_MAX, &listing.limit);
	if (code != 0)
		return code;
	if (ww_cli_store(cli, &store, &error) != WW_OK)
		return ww_cli_fail(&error);
	if (!cli->json)
		listing.table = ww_table_new(headers, "llllrrrrl");
	ww_store_sessions(store, task, list_row, &listing, &error);
	if (error.status == WW_OK && !cli->json && listing.n > 0)
		ww_table_print(listing.table, stdout);
	if (error.status == WW_OK && !cli->json && listing.n == 0)
		printf("No session%s%s in %s yet.\n",
		       task != NULL ? " of task " : "",
		       task != NULL ? task : "", ww_store_path(store));
	ww_table_free(listing.table);
	ww_store_close(store);
	return error.status == WW_OK ? WW_EXIT_OK : ww_cli_fail(&error);
}

/* ----------------------------------------------------------------- command */

static int
run(struct ww_cli *cli)
{
	static const struct {
		const char *name;
		int (*run)(struct ww_cli *cli);
	} actions[] = {
		{ "list", list },
		{ "show", ww_session_show },
		{ "resume", ww_session_resume },
		{ "export", ww_session_export },
	};
	const char *names[sizeof actions / sizeof actions[0]];
	const char *closest;
	size_t i;

	if (cli->argc < 2)
		return ww_cli_usage("session needs an action: list, show, "
		                    "resume or export");
	for (i = 0; i < sizeof actions / sizeof actions[0]; i++) {
		names[i] = actions[i].name;
		if (strcmp(cli->argv[1], actions[i].name) != 0)
			continue;
		cli->argc--;
		cli->argv++;
		return actions[i].run(cli);
	}
	closest = ww_text_closest(cli->argv[1], names, i);
	return ww_cli_usage("session has no action '%s'; %s%s%s", cli->argv[1],
	                    closest != NULL ? "did you mean '" : "there are ",
	                    closest != NULL ? closest
	                                    : "list, show, resume and export",
	                    closest != NULL ? "'?" : "");
}

const struct ww_command ww_command_session = {
	.name = "session",
	.arguments = "list|show|resume|export [ID] [options]",
	.summary = "look at earlier sessions, go on with one, export it",
	.help = "list                 all sessions, newest first\n"
	        "  --task NAME        only those of this task\n"
	        "  --limit N          at most N of them\n"
	        "show ID              best configuration, trials, model calls\n"
	        "  --all              every trial, not only the best 20\n"
	        "  --prompts          what was sent to the model, and its "
	        "whole answers\n"
	        "resume ID            go on where it ended or was killed; no "
	        "finished\n"
	        "                     trial is lost and none is repeated\n"
	        "  --max-evaluations N, --max-seconds S, --target MS,\n"
	        "  --output DIR       as for tune\n"
	        "export ID            write it for other programs\n"
	        "  --format NAME      json, csv, t4 or kernel-tuner (default json)\n"
	        "  --output FILE      instead of standard output\n"
	        "  --recording FILE   write its model calls for provider "
	        "replay\n\n"
	        "ID is a session's name, an unambiguous beginning of it, or "
	        "'last'.\n",
	.run = run,
};
