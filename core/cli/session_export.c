/* SPDX-License-Identifier: MIT
 *
 * warpwright session export ID: a table of formats, each one function.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/paths.h"
#include "core/base/text.h"
#include "core/base/log.h"
#include "core/cli/session.h"
#include "core/cli/table.h"
#include "core/measure/objective.h"
#include "core/store/export.h"

/* -------------------------------------------------------------------- JSON */

static void
add_trial(void *context, const char *config, const struct ww_record *record)
{
	struct json_object *line = ww_trial_json(config, record, 1);

	json_object_object_del(line, "type");
	json_object_array_add(context, line);
}

static void
add_call(void *context, const struct ww_model_call *call)
{
	struct json_object *line = ww_call_json(call);

	json_object_object_del(line, "type");
	ww_json_put_string(line, "prompt", call->prompt);
	ww_json_put_string(line, "answer", call->answer);
	json_object_array_add(context, line);
}

static void
add_parsed(struct json_object *whole, const char *name, const char *text)
{
	struct json_object *value = NULL;

	if (text[0] != '\0')
		ww_json_parse(text, strlen(text), name, 0, &value, NULL);
	json_object_object_add(whole, name, value);
}

static ww_status
write_json(const struct ww_stored *stored, FILE *out, struct ww_error *error)
{
	struct json_object *whole = json_object_new_object();
	struct json_object *trials = json_object_new_array();
	struct json_object *calls = json_object_new_array();
	struct json_object *session = ww_session_json(&stored->row);
	ww_status status;

	json_object_object_del(session, "type");
	json_object_object_del(session, "trials");
	ww_json_put_int(whole, "version", 1);
	json_object_object_add(whole, "session", session);
	ww_json_put_string(whole, "task_text", stored->row.task_text);
	add_parsed(whole, "settings", stored->row.settings);
	add_parsed(whole, "result", stored->row.result);
	add_parsed(whole, "finalists", stored->row.finalists);
	json_object_object_add(whole, "trials", trials);
	json_object_object_add(whole, "model_calls", calls);
	status = ww_store_each_trial(stored->store, stored->row.id, add_trial,
	                             trials, error);
	if (status == WW_OK)
		status = ww_store_model_calls(stored->store, stored->row.id,
		                              add_call, calls, error);
	if (status == WW_OK)
		fprintf(out, "%s\n",
		        json_object_to_json_string_ext(
				whole, JSON_C_TO_STRING_PRETTY |
					       JSON_C_TO_STRING_SPACED |
					       JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(whole);
	return status;
}

/* --------------------------------------------------------------------- CSV */

struct csv {
	FILE *out;
	struct json_object *columns; /* parameter names, in order of first use */
};

static void
find_columns(void *context, const char *config, const struct ww_record *record)
{
	struct csv *csv = context;
	struct json_object *value = NULL;

	(void)record;
	ww_json_parse(config, strlen(config), "config", 0, &value, NULL);
	if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, name, member)
		{
			(void)member;
			json_object_object_add(csv->columns, name, NULL);
		}
	}
	json_object_put(value);
}

static void
put_text(FILE *out, const char *text)
{
	const char *c;

	if (strpbrk(text, ",\"\r\n") == NULL) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (c = text; *c != '\0'; c++) {
		if (*c == '"')
			fputc('"', out);
		fputc(*c, out);
	}
	fputc('"', out);
}

static void
put_number(FILE *out, double number)
{
	if (isfinite(number))
		fprintf(out, "%.17g", number);
}

static void
put_parameters(const struct csv *csv, const char *config)
{
	struct json_object *value = NULL;

	ww_json_parse(config, strlen(config), "config", 0, &value, NULL);
	json_object_object_foreach(csv->columns, name, unused)
	{
		struct json_object *member = ww_json_get(value, name);

		(void)unused;
		fputc(',', csv->out);
		if (json_object_is_type(member, json_type_string))
			put_text(csv->out, json_object_get_string(member));
		else if (member != NULL)
			put_text(csv->out, ww_json_text(member));
	}
	json_object_put(value);
}

static void
put_trial(void *context, const char *config, const struct ww_record *record)
{
	struct csv *csv = context;
	const struct ww_trial *trial = &record->trial;
	FILE *out = csv->out;

	fprintf(out, "%llu,%s,", (unsigned long long)trial->id,
	        ww_outcome_name(trial->outcome));
	put_number(out, trial->objective);
	fputc(',', out);
	put_number(out, trial->ci_low);
	fputc(',', out);
	put_number(out, trial->ci_high);
	if (strcmp(ww_show_unit(), "ms") != 0)
		fprintf(out, ",%s", ww_show_unit());
	fprintf(out, ",%llu,%u,", (unsigned long long)trial->n_samples,
	        trial->round);
	put_text(out, trial->source);
	fprintf(out, ",%.6f,%.6f", (double)trial->compile_ns / 1e6,
	        (double)trial->measure_ns / 1e6);
	put_parameters(csv, config);
	fputc(',', out);
	put_text(out, trial->reason);
	fputc(',', out);
	put_text(out, trial->text);
	fputs("\r\n", out);
}

static ww_status
write_csv(const struct ww_stored *stored, FILE *out, struct ww_error *error)
{
	struct csv csv = { .out = out, .columns = json_object_new_object() };
	ww_status status = ww_store_each_trial(stored->store, stored->row.id,
	                                       find_columns, &csv, error);

	if (status == WW_OK) {
		fprintf(out,
		        "id,status,%s,samples,round,source,compile_ms,"
		        "measure_ms",
		        strcmp(ww_show_unit(), "ms") == 0
		                ? "time_ms,ci_low_ms,ci_high_ms"
		                : "value,ci_low,ci_high,unit");
		json_object_object_foreach(csv.columns, name, unused)
		{
			(void)unused;
			fputc(',', out);
			put_text(out, name);
		}
		fputs(",reason,text\r\n", out);
		status = ww_store_each_trial(stored->store, stored->row.id,
		                             put_trial, &csv, error);
	}
	json_object_put(csv.columns);
	return status;
}

/* --------------------------------------------------------------- recording */

/* What provider replay reads: every exchange as it was, with what was asked
 * and answered. */
static void
add_exchange(void *context, const struct ww_model_call *call)
{
	struct json_object *line = ww_call_json(call);

	json_object_object_del(line, "type");
	add_parsed(line, "prompt", call->prompt);
	ww_json_put_string(line, "answer", call->answer);
	add_parsed(line, "exchange", call->exchange);
	json_object_array_add(context, line);
}

static ww_status
write_recording(const struct ww_stored *stored, FILE *out,
                struct ww_error *error)
{
	struct json_object *whole = json_object_new_object();
	struct json_object *calls = json_object_new_array();
	ww_status status;

	ww_json_put_int(whole, "version", 1);
	ww_json_put_string(whole, "session", stored->row.id);
	ww_json_put_string(whole, "task", stored->row.task_name);
	json_object_object_add(whole, "calls", calls);
	status = ww_store_model_calls(stored->store, stored->row.id,
	                              add_exchange, calls, error);
	if (status == WW_OK && json_object_array_length(calls) == 0)
		status = ww_error_set(error, WW_E_NOT_FOUND,
		                      "session %s holds no model call to "
		                      "record", stored->row.id);
	if (status == WW_OK)
		fprintf(out, "%s\n",
		        json_object_to_json_string_ext(
				whole, JSON_C_TO_STRING_PRETTY |
					       JSON_C_TO_STRING_SPACED |
					       JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(whole);
	return status;
}

/* ------------------------------------------------------ the field's formats */

struct foreign {
	FILE *out;
	const struct ww_search_space *space;
	uint32_t *indices;
	uint32_t objective;
	bool first;
	uint64_t skipped;
	void (*trial)(FILE *out, const struct ww_search_space *space,
	              const struct ww_record *record, uint32_t objective,
	              bool first);
};

static void
put_foreign(void *context, const char *config, const struct ww_record *record)
{
	struct foreign *foreign = context;
	struct ww_record placed = *record;
	struct json_object *value = NULL;
	struct ww_error ignored;

	ww_json_parse(config, strlen(config), "config", 0, &value, NULL);
	if (ww_space_parse(foreign->space, value, foreign->indices, &ignored) ==
	    WW_OK) {
		placed.trial.indices = foreign->indices;
		foreign->trial(foreign->out, foreign->space, &placed,
		               foreign->objective, foreign->first);
		foreign->first = false;
	} else {
		foreign->skipped++;
	}
	json_object_put(value);
}

/* Both formats need the space: it comes from the task as it was stored. */
static ww_status
write_foreign(const struct ww_stored *stored, struct foreign *foreign,
              struct ww_error *error, bool cache)
{
	const struct ww_session_row *row = &stored->row;
	struct ww_task *task;
	ww_status status = ww_task_parse(row->task_text,
	                                 strlen(row->task_text),
	                                 row->task_path, &task, error);

	if (status != WW_OK)
		return ww_error_prefix(error, "the session's task: ");
	foreign->space = task->space;
	foreign->objective = ww_objective_parse(row->objective);
	if (foreign->objective == WW_N_OBJECTIVES) {
		ww_task_free(task);
		return ww_error_set(error, WW_E_UNSUPPORTED,
		                    "session %s minimises %s, which this "
		                    "version has no name for in other formats",
		                    row->id, row->objective);
	}
	foreign->indices = ww_alloc((task->space->view.n_slots + (size_t)1) *
	                            sizeof *foreign->indices);
	if (cache)
		ww_export_cache_begin(foreign->out, task, row->device_name,
		                      foreign->objective);
	else
		ww_export_t4_begin(foreign->out);
	status = ww_store_each_trial(stored->store, row->id, put_foreign,
	                             foreign, error);
	if (cache)
		ww_export_cache_end(foreign->out);
	else
		ww_export_t4_end(foreign->out);
	if (foreign->skipped > 0)
		ww_logf(WW_LOG_WARNING, "export",
		               "%llu configurations are not in the task's "
		               "space and were left out",
		               (unsigned long long)foreign->skipped);
	free(foreign->indices);
	ww_task_free(task);
	return status;
}

static ww_status
write_t4(const struct ww_stored *stored, FILE *out, struct ww_error *error)
{
	struct foreign foreign = { .out = out, .first = true,
		                   .trial = ww_export_t4_trial };

	return write_foreign(stored, &foreign, error, false);
}

static ww_status
write_cache(const struct ww_stored *stored, FILE *out, struct ww_error *error)
{
	struct foreign foreign = { .out = out, .first = true,
		                   .trial = ww_export_cache_trial };

	return write_foreign(stored, &foreign, error, true);
}

/* ----------------------------------------------------------------- command */

struct format {
	const char *name;
	ww_status (*write)(const struct ww_stored *stored, FILE *out,
	                   struct ww_error *error);
};

static const struct format formats[] = {
	{ "json", write_json },
	{ "csv", write_csv },
	{ "t4", write_t4 },
	{ "kernel-tuner", write_cache },
};

/* Written whole or not at all: through memory, then a rename. */
static ww_status
write_to(const struct format *format, const struct ww_stored *stored,
         const char *path, struct ww_error *error)
{
	char *text = NULL;
	size_t length = 0;
	FILE *memory = open_memstream(&text, &length);
	ww_status status;

	if (memory == NULL)
		abort();
	status = format->write(stored, memory, error);
	fclose(memory);
	if (status == WW_OK && path != NULL)
		status = ww_file_write(path, text, length, error);
	else if (status == WW_OK &&
	         (fwrite(text, 1, length, stdout) != length ||
	          fflush(stdout) != 0))
		status = ww_error_set(error, WW_E_IO,
		                      "standard output cannot be written");
	free(text);
	return status;
}

static const struct format *
find_format(const char *name)
{
	const char *names[sizeof formats / sizeof formats[0]];
	const char *closest;
	size_t i;

	for (i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
		names[i] = formats[i].name;
	}
	closest = ww_text_closest(name, names, i);
	ww_cli_usage("no format '%s'; %s%s%s", name,
	             closest != NULL ? "did you mean '" : "there are ",
	             closest != NULL ? closest
	                             : "json, csv, t4 and kernel-tuner",
	             closest != NULL ? "'?" : "");
	return NULL;
}

int
ww_session_export(struct ww_cli *cli)
{
	static const struct format recording = { "recording",
		                                 write_recording };
	const char *name = NULL, *output = NULL, *record = NULL;
	const struct ww_flag flags[] = {
		{ .name = "--format", .text = &name },
		{ .name = "--output", .text = &output },
		{ .name = "--recording", .text = &record },
	};
	const struct format *format;
	struct ww_stored stored;
	struct ww_error error = { 0 };
	ww_status status;
	int n, code = ww_cli_flags(cli, flags, 3, &n);

	if (code != 0)
		return code;
	if (n != 1)
		return ww_cli_usage("session export needs one session: its ID, or 'last'");
	format = find_format(name != NULL ? name : "json");
	if (format == NULL)
		return WW_EXIT_USAGE;
	status = ww_stored_open(cli, cli->argv[1], &stored, &error);
	if (status != WW_OK)
		return ww_cli_fail(&error);
	if (record != NULL)
		status = write_to(&recording, &stored, record, &error);
	/* --recording alone writes nothing to the terminal. */
	if (status == WW_OK && (record == NULL || name != NULL ||
	                        output != NULL))
		status = write_to(format, &stored, output, &error);
	ww_stored_close(&stored);
	return status == WW_OK ? WW_EXIT_OK : ww_cli_fail(&error);
}
