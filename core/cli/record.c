/* SPDX-License-Identifier: MIT
 *
 * warpwright record: measures a whole space into a recording, and goes on where
 * it was stopped.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/base/json.h"
#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/engine/session.h"
#include "core/measure/objective.h"
#include "core/store/export.h"
#include "plugins/common/recording_file.h"

struct recorder {
	struct ww_cli *cli;
	struct ww_task *task;
	const char *path;
	FILE *out;
	bool begun;            /* the file has its header */
	bool first;            /* no entry is in it yet */
	char *device;
	struct ww_archive *known; /* configurations that the file holds */
	uint32_t *rows;        /* those that it lacks */
	uint64_t n_rows, room;
	uint64_t done, failed;
	ww_status status;      /* of writing */
	struct ww_error *error;
};

static ww_status
cannot_write(struct recorder *recorder)
{
	return ww_error_set(recorder->error, WW_E_IO,
	                    "cannot write %s: %s; once that is mended, the "
	                    "same command goes on",
	                    recorder->path, strerror(errno));
}

/* ------------------------------------------------------------ continuing */

/* Marks a recorded configuration as known, if it is one of this space. */
static bool
know(struct recorder *recorder, const struct ww_recording *recording,
     uint64_t entry)
{
	const struct ww_search_space *space = recorder->task->space;
	const uint32_t *row = recording->rows + entry * recording->n_parameters;
	struct ww_record *record = ww_record_new(space->view.n_slots);
	uint32_t i, k, v;

	for (i = 0; i < space->view.n_slots; i++) {
		const struct ww_slot *slot = &space->view.slots[i];
		char *name = ww_export_name(slot);

		for (k = 0; k < recording->n_parameters; k++)
			if (strcmp(recording->parameters[k].name, name) == 0)
				break;
		free(name);
		for (v = 0; k < recording->n_parameters && v < slot->n_values;
		     v++)
			if (ww_recorded_value_equal(
				    &recording->parameters[k].values[row[k]],
				    &slot->values[v]))
				break;
		if (k == recording->n_parameters || v == slot->n_values) {
			ww_record_free(record);
			return false;
		}
		record->indices[i] = v;
	}
	if (!ww_archive_add(recorder->known, record))
		ww_record_free(record);
	return true;
}

static ww_status
read_known(struct recorder *recorder, const struct ww_recording *recording)
{
	uint64_t i;

	for (i = 0; i < recording->n_entries; i++)
		if (!know(recorder, recording, i))
			return ww_error_set(
				recorder->error, WW_E_CONFIG,
				"%s holds configurations that are not in the "
				"space of %s: name another file with --output, "
				"or remove it",
				recorder->path, recorder->task->path);
	recorder->begun = true;
	recorder->first = recording->n_entries == 0;
	return WW_OK;
}

/* Whether a line is an entry with its end, which a write that was interrupted
 * left out. */
static bool
is_whole(const char *line, size_t length)
{
	char *text = ww_text("{%.*s}", (int)length, line);
	struct json_object *object = NULL;
	struct ww_error error;
	bool whole = ww_json_parse(text, strlen(text), "", 0, &object,
	                           &error) == WW_OK;

	json_object_put(object);
	free(text);
	return whole;
}

/* Where the last whole entry ends: before the closing brackets, or before what
 * an interrupted write left behind. */
static size_t
find_end(const char *text, size_t length)
{
	size_t end = length, line;

	while (end > 0 && strchr(" \t\r\n,", text[end - 1]) != NULL)
		end--;
	if (end >= 3 && memcmp(text + end - 3, "}\n}", 3) == 0)
		end -= 3;
	line = end;
	while (line > 0 && text[line - 1] != '\n')
		line--;
	/* The header's last line has an open bracket at its end. */
	if (end > 0 && text[end - 1] != '{' &&
	    !is_whole(text + line, end - line))
		/* Perhaps only the first closing bracket is there. */
		end = end > line && is_whole(text + line, end - line - 1)
		              ? end - 1
		              : line;
	while (end > 0 && strchr(" \t\r\n,", text[end - 1]) != NULL)
		end--;
	return end;
}

static ww_status
reopen(struct recorder *recorder)
{
	char *text;
	size_t length, end;
	ww_status status = ww_file_read(recorder->path, (size_t)1 << 30, &text,
	                                &length, recorder->error);

	if (status != WW_OK)
		return status;
	if (length > 1 && memcmp(text, "\x1f\x8b", 2) == 0) {
		free(text);
		return ww_error_set(recorder->error, WW_E_UNSUPPORTED,
		                    "%s is compressed, and cannot be continued "
		                    "so; unpack it with gunzip first",
		                    recorder->path);
	}
	end = find_end(text, length);
	free(text);
	if (truncate(recorder->path, (off_t)end) != 0)
		return cannot_write(recorder);
	return WW_OK;
}

/* A recording that was killed while its first entry was written: there is a
 * header and no entry, so it can as well begin anew. */
static bool
holds_nothing(const char *path)
{
	static const char opening[] = "\"cache\": {";
	struct ww_error error;
	char *text = NULL;
	const char *cache;
	size_t length;
	bool nothing;

	if (ww_file_read(path, (size_t)1 << 20, &text, &length, &error) !=
	    WW_OK)
		return false;
	cache = strstr(text, opening);
	nothing = length == 0 ||
	          (cache != NULL && strchr(cache, '}') == NULL);
	free(text);
	return nothing;
}

static ww_status
continue_file(struct recorder *recorder)
{
	struct ww_recording *recording;
	char message[WW_RECORDING_MESSAGE];
	ww_status status;

	if (holds_nothing(recorder->path)) {
		if (truncate(recorder->path, 0) == 0)
			return WW_OK;
		return cannot_write(recorder);
	}
	status = ww_recording_read(recorder->path, &recording, message);
	if (status != WW_OK)
		return ww_error_set(recorder->error, status,
		                    "%s; it cannot be continued: name another "
		                    "file with --output, or remove it",
		                    message);
	if (strcmp(recording->format, "kernel-tuner") != 0)
		status = ww_error_set(recorder->error, WW_E_UNSUPPORTED,
		                      "%s is a T4 file; only Kernel Tuner caches "
		                      "can be continued",
		                      recorder->path);
	else
		status = read_known(recorder, recording);
	ww_recording_free(recording);
	return status == WW_OK ? reopen(recorder) : status;
}

/* ------------------------------------------------------------- measuring */

static bool
need_row(void *context, const uint32_t *indices)
{
	struct recorder *recorder = context;
	uint32_t n = recorder->task->space->view.n_slots;

	if (ww_archive_find(recorder->known, indices) != NULL)
		return true;
	if (recorder->n_rows == recorder->room) {
		recorder->room = recorder->room * 2 + 1024;
		recorder->rows = ww_grow(recorder->rows,
		                         recorder->room * n *
		                                 sizeof *recorder->rows);
	}
	memcpy(recorder->rows + recorder->n_rows++ * n, indices,
	       n * sizeof *indices);
	return true;
}

static void
write_failed(struct recorder *recorder)
{
	recorder->status = cannot_write(recorder);
	ww_cancel_request(&recorder->cli->cancel);
}

static void
on_start(void *context, const char *session, const char *device,
         const char *strategy, const char *model)
{
	struct recorder *recorder = context;

	(void)session;
	(void)strategy;
	(void)model;
	free(recorder->device);
	recorder->device = ww_copy(device);
}

static void
on_trial(void *context, const struct ww_record *record)
{
	struct recorder *recorder = context;
	const struct ww_search_space *space = recorder->task->space;
	uint32_t objective = ww_objective_parse(recorder->task->objective);

	/* The default comes first in every session, also in the second one. */
	if (recorder->status != WW_OK ||
	    ww_archive_find(recorder->known, record->trial.indices) != NULL)
		return;
	if (!recorder->begun)
		ww_export_cache_begin(recorder->out, recorder->task,
		                      recorder->device != NULL
		                              ? recorder->device
		                              : "",
		                      objective);
	recorder->begun = true;
	ww_export_cache_trial(recorder->out, space, record, objective,
	                      recorder->first);
	recorder->first = false;
	recorder->done++;
	recorder->failed += record->trial.outcome != WW_TRIAL_OK;
	if (fflush(recorder->out) != 0)
		write_failed(recorder);
}

static void
on_progress(void *context, const struct ww_progress *progress)
{
	const struct recorder *recorder = context;

	(void)progress;
	if (!recorder->cli->quiet && !recorder->cli->json &&
	    isatty(STDERR_FILENO))
		fprintf(stderr, "\r%llu of %llu, %llu failed ",
		        (unsigned long long)recorder->done,
		        (unsigned long long)recorder->n_rows,
		        (unsigned long long)recorder->failed);
}

static ww_status
measure(struct recorder *recorder)
{
	const struct ww_observer observer = { .context = recorder,
		                              .started = on_start,
		                              .trial = on_trial,
		                              .progress = on_progress };
	struct ww_cli *cli = recorder->cli;
	struct ww_session_request request = {
		.task = recorder->task,
		.settings = cli->settings,
		.registry = cli->registry,
		.observer = &observer,
		.cancel = &cli->cancel,
		.fixed = recorder->rows,
		.n_fixed = recorder->n_rows,
	};
	struct ww_session_result result = { .best = NULL };
	struct ww_session *session = NULL;
	ww_status status;

	/* Every configuration is measured to the end: who replays the recording
	 * decides for himself what was worth it. */
	status = ww_settings_put(cli->settings, "measure.abandon_factor",
	                         "1000000000", "record", recorder->error);
	if (status == WW_OK)
		status = ww_settings_put(cli->settings, "measure.finalists",
		                         "0", "record", recorder->error);
	if (status == WW_OK)
		status = ww_session_run(&request, &session, &result,
		                        recorder->error);
	ww_session_free(session);
	return recorder->status != WW_OK ? recorder->status : status;
}

/* --------------------------------------------------------------- command */

static ww_status
check_space(struct recorder *recorder, uint64_t limit)
{
	const struct ww_space *view = &recorder->task->space->view;
	int32_t exact = 0;
	double count = view->count(view, &exact);

	if (exact && count <= (double)limit)
		return WW_OK;
	return ww_error_set(recorder->error, WW_E_UNSUPPORTED,
	                    "%s has %s%.15g configurations, more than the %llu "
	                    "that --limit allows; allow more, or leave out "
	                    "values in the task",
	                    recorder->task->path, exact ? "" : "at least ",
	                    count, (unsigned long long)limit);
}

/* Before it is read: whoever writes into it changes what is to be known. */
static ww_status
open_alone(struct recorder *recorder)
{
	recorder->out = fopen(recorder->path, "ae");
	if (recorder->out == NULL)
		return cannot_write(recorder);
	if (flock(fileno(recorder->out), LOCK_EX | LOCK_NB) == 0 ||
	    errno != EWOULDBLOCK) /* a file system without locks */
		return WW_OK;
	fclose(recorder->out);
	return ww_error_set(recorder->error, WW_E_STATE,
	                    "another process is recording into %s; wait for it, "
	                    "or name another file with --output",
	                    recorder->path);
}

static ww_status
fill_file(struct recorder *recorder)
{
	ww_status status = WW_OK;

	ww_space_each(recorder->task->space, need_row, recorder);
	if (recorder->n_rows > 0)
		status = measure(recorder);
	/* Also a part of a space is a valid file. */
	if (recorder->begun)
		ww_export_cache_end(recorder->out);
	return status;
}

static ww_status
record_space(struct recorder *recorder, uint64_t limit)
{
	ww_status status = check_space(recorder, limit);

	if (status == WW_OK)
		status = open_alone(recorder);
	if (status != WW_OK)
		return status;
	status = continue_file(recorder);
	if (status == WW_OK)
		status = fill_file(recorder);
	if (fclose(recorder->out) != 0 && status == WW_OK)
		status = cannot_write(recorder);
	return status;
}

static int
report(struct recorder *recorder)
{
	uint64_t left = recorder->n_rows - recorder->done;
	struct json_object *line;

	if (recorder->cli->json) {
		line = json_object_new_object();
		ww_json_put_string(line, "type", "record");
		ww_json_put_string(line, "file", recorder->path);
		ww_json_put_int(line, "measured", (int64_t)recorder->done);
		ww_json_put_int(line, "failed", (int64_t)recorder->failed);
		ww_json_put_int(line, "left", (int64_t)left);
		ww_cli_json_line(line);
	} else {
		printf("%s: %llu configurations measured, %llu of them failed, "
		       "%llu left\n",
		       recorder->path, (unsigned long long)recorder->done,
		       (unsigned long long)recorder->failed,
		       (unsigned long long)left);
	}
	return left == 0 ? WW_EXIT_OK : WW_EXIT_INTERRUPTED;
}

static int
run(struct ww_cli *cli)
{
	const char *output = NULL, *limit = NULL;
	uint64_t most = 1000000;
	const struct ww_flag flags[] = {
		{ .name = "--output", .text = &output },
		{ .name = "--backend", .setting = "search.backend" },
		{ .name = "--device", .setting = "parallel.devices" },
		{ .name = "--limit", .text = &limit },
	};
	struct ww_error error = { 0 };
	struct recorder recorder = { .cli = cli, .first = true,
		                     .error = &error };
	int n = 0;
	int code = ww_cli_flags(cli, flags, sizeof flags / sizeof flags[0], &n);
	ww_status status;

	if (code != 0)
		return code;
	if (n != 1 || output == NULL)
		return ww_cli_usage("record takes one task and --output FILE");
	code = ww_cli_count("--limit", limit, 1, UINT32_MAX, &most);
	if (code != 0)
		return code;
	recorder.path = output;
	status = ww_cli_task(cli, cli->argv[1], &recorder.task, &error);
	if (status == WW_OK) {
		recorder.known = ww_archive_new(
			recorder.task->space->view.n_slots);
		status = record_space(&recorder, most);
		ww_archive_free(recorder.known);
	}
	code = status == WW_OK ? report(&recorder) : ww_cli_fail(&error);
	ww_task_free(recorder.task);
	free(recorder.rows);
	free(recorder.device);
	return code;
}

const struct ww_command ww_command_record = {
	.name = "record",
	.arguments = "TASK --output FILE [options]",
	.summary = "measure a whole space into a recording",
	.help =
"Measures every configuration of the task and writes what happened into FILE, a\n"
"Kernel Tuner cache that 'compare', 'tune' and Kernel Tuner's simulation mode\n"
"replay. Interrupted, it leaves a valid file; the same command goes on from\n"
"there. The file may be compressed with gzip when it is done.\n\n"
"  --output FILE     the recording\n"
"  --backend NAME    backend to use\n"
"  --device ID       device to measure on\n"
"  --limit N         refuse larger spaces (1000000)\n",
	.run = run,
};
