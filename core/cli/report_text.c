/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/paths.h"
#include "core/base/processors.h"
#include "core/base/text.h"
#include "core/cli/report.h"
#include "core/cli/table.h"

static void
print_heading(const struct ww_task *task, const char *device,
              const struct ww_session_result *result)
{
	printf("\n%s on %s: %llu %s in %.1f s", task->name,
	       device[0] != '\0' ? device : "an unknown device",
	       (unsigned long long)result->n_trials,
	       result->n_trials == 1 ? "trial" : "trials", result->seconds);
	if (result->rounds > 0)
		printf(", %u %s", result->rounds,
		       result->rounds == 1 ? "round" : "rounds");
	printf(" (%s)\n\n", ww_stop_name(result->stop));
}

/* Who named a configuration on the command line knows that. */
static void
print_origin(const struct ww_trial *trial)
{
	if (strcmp(trial->source, WW_STRATEGY_GIVEN) == 0)
		return;
	printf("            proposed by %s",
	       trial->source[0] != '\0' ? trial->source : "nobody");
	if (trial->family[0] != '\0')
		printf(" (%s)", trial->family);
	if (trial->reason[0] != '\0')
		printf(": %s", trial->reason);
	putchar('\n');
}

static void
print_best(const struct ww_task *task, const struct ww_session_result *result)
{
	char ms[WW_SHORT], interval[WW_SHORT], factor[WW_SHORT];
	struct json_object *config;
	char *text;

	printf("  default   %s %s\n", ww_show_ms(ms, result->baseline_ms),
	       ww_show_unit());
	if (result->best == NULL) {
		puts("  best      none: no configuration ran and gave right "
		     "results");
		return;
	}
	printf("  best      %s %s", ww_show_ms(ms, result->best_ms),
	       ww_show_unit());
	if (!isnan(result->best_low_ms))
		printf("  (%s)", ww_show_interval(interval,
		                                  result->best_low_ms,
		                                  result->best_high_ms));
	if (result->best == result->baseline)
		printf("  the default itself");
	else if (isfinite(result->speedup))
		printf(strcmp(task->objective, "time") == 0
		               ? "  %s the default's speed"
		               : "  %s less than the default",
		       ww_show_factor(factor, result->speedup));
	config = ww_space_config(task->space, result->best->trial.indices);
	text = ww_show_config(config);
	printf("\n            %s\n", text);
	print_origin(&result->best->trial);
	free(text);
	json_object_put(config);
}

static void
print_finalists(const struct ww_task *task,
                const struct ww_session_result *result)
{
	const char *const headers[] = { "TRIAL", ww_show_unit(),
		                        "95% interval", "",
		                        "CONFIGURATION" };
	struct ww_table *table;
	uint32_t i;

	if (result->n_finalists < 2)
		return;
	puts("\nThe best ones again, in turn:");
	table = ww_table_new(headers, "rrlll");
	for (i = 0; i < result->n_finalists; i++) {
		const struct ww_finalist *finalist = &result->finalists[i];
		struct json_object *config = ww_space_config(
			task->space, finalist->record->trial.indices);
		char *text = ww_show_config(config);
		char id[24], ms[WW_SHORT], interval[WW_SHORT];

		snprintf(id, sizeof id, "%llu",
		         (unsigned long long)finalist->record->trial.id);
		ww_table_row(table, (const char *const[]){
					    id,
					    ww_show_ms(ms,
		                                       finalist->median_ms),
					    ww_show_interval(
						    interval,
						    finalist->ci_low_ms,
						    finalist->ci_high_ms),
					    finalist->record == result->best
						    ? "best"
					    : finalist->tied ? "tie"
							     : "",
					    text });
		free(text);
		json_object_put(config);
	}
	ww_table_print(table, stdout);
	ww_table_free(table);
}

/* Times of a busy machine look as exact as others unless somebody says so. */
static void
print_quality(const struct ww_session_result *result)
{
	int cores = ww_processors();

	if (!result->disturbed)
		return;
	printf("\ncaution     the best one's interval is %.0f %% wide: ",
	       100 * result->spread);
	if (result->load > (double)cores)
		printf("the machine was busy\n            (load average %.1f "
		       "on %d cores). ", result->load, cores);
	else
		fputs("something\n            disturbed the timing. ", stdout);
	puts("The best may be another one:\n            measure again with "
	     "'warpwright bench TASK best.json' when it is quiet.");
}

static void
print_failures(const struct ww_session_result *result)
{
	const char *before = "\nfailed      ";
	uint32_t i;

	for (i = WW_TRIAL_OK + 1; i < WW_TRIAL_N_CLASSES; i++) {
		if (result->failed[i] == 0)
			continue;
		printf("%s%llu %s", before,
		       (unsigned long long)result->failed[i],
		       ww_outcome_name(i));
		before = ", ";
	}
	putchar('\n');
}

/* Which device measured at which speed; all values are those of the first. */
static void
print_devices(const struct ww_session_result *result)
{
	uint32_t i;

	for (i = 0; i < result->n_factors; i++) {
		const struct ww_device_factor *factor = &result->factors[i];

		printf("%-12s%s", i == 0 ? "devices" : "", factor->device);
		if (factor->base)
			puts(": values are those of this one");
		else if (factor->calibration.times == 0)
			puts(": not used");
		else
			printf(": its values are divided by %.4g\n",
			       factor->factor);
	}
}

static void
print_model(const struct ww_session_result *result)
{
	if (result->model_calls > 0) {
		printf("model       %u %s, %s%lld + %lld tokens",
		       result->model_calls,
		       result->model_calls == 1 ? "call" : "calls",
		       result->tokens.estimated ? "about " : "",
		       (long long)result->tokens.input,
		       (long long)result->tokens.output);
		if (result->tokens.estimated)
			printf(" (not counted by the provider; estimated as "
			       "characters / %d)", WW_CHARACTERS_A_TOKEN);
		if (result->cost > 0)
			printf(", $%.4f", result->cost);
		putchar('\n');
	}
	if (result->fallback[0] != '\0')
		printf("fallback    %s: %s\n", result->strategy,
		       result->fallback);
	else if (strcmp(result->strategy, WW_STRATEGY_GIVEN) != 0)
		printf("strategy    %s%s%s\n", result->strategy,
		       result->model_error[0] != '\0'
		               ? "; its last model call failed: "
		               : "",
		       result->model_error);
}

void
ww_result_print(const struct ww_task *task, const char *device,
                const struct ww_session_result *result)
{
	print_heading(task, device, result);
	print_best(task, result);
	print_finalists(task, result);
	print_quality(result);
	print_failures(result);
	print_devices(result);
	print_model(result);
	if (result->id[0] != '\0')
		printf("session     %s  (warpwright session show %s)\n",
		       result->id, result->id);
}

/* ------------------------------------------------------------------- files */

/* A name that the preprocessor takes: "tile.M" is tile_M, as in the builds. */
static void
put_define(FILE *out, const char *name, const struct ww_value *value)
{
	fputs("#define ", out);
	for (; *name != '\0'; name++)
		fputc(strchr(".[]- ", *name) != NULL ? '_' : *name, out);
	if (value->type == WW_VALUE_BOOL)
		fprintf(out, " %d\n", value->integer != 0);
	else
		fprintf(out, " %s\n", value->string);
}

static void
put_header(FILE *out, const struct ww_task *task, const char *device,
           const struct ww_session_result *result)
{
	const struct ww_space *space = &task->space->view;
	const uint32_t *indices = result->best->trial.indices;
	char ms[WW_SHORT], plain[512];
	uint32_t i;

	fputs("/* The fastest measured configuration, written by warpwright.\n",
	      out);
	/* Nothing from outside may end this comment. */
	ww_text_clean(plain, sizeof plain, task->name, strlen(task->name));
	fprintf(out, " *   task    %.*s\n", (int)strcspn(plain, "*"), plain);
	ww_text_clean(plain, sizeof plain, task->kernel.entry,
	              strlen(task->kernel.entry));
	fprintf(out, " *   kernel  %.*s\n", (int)strcspn(plain, "*"), plain);
	ww_text_clean(plain, sizeof plain, device, strlen(device));
	fprintf(out, " *   device  %.*s\n", (int)strcspn(plain, "*"), plain);
	fprintf(out, " *   %-7s %s %s", task->objective,
	        ww_show_ms(ms, result->best_ms), ww_show_unit());
	fprintf(out, " (default: %s %s)\n",
	        ww_show_ms(ms, result->baseline_ms), ww_show_unit());
	fprintf(out, " *   session %s\n */\n", result->id);
	fputs("#ifndef WARPWRIGHT_BEST_H\n#define WARPWRIGHT_BEST_H\n\n", out);
	for (i = 0; i < space->n_slots; i++)
		if (ww_space_active(task->space, indices, i))
			put_define(out, space->slots[i].name,
			           &space->slots[i].values[indices[i]]);
	fputs("\n#endif\n", out);
}

static ww_status
write_header(const struct ww_task *task, const char *device,
             const struct ww_session_result *result, const char *path,
             struct ww_error *error)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	ww_status status;

	if (out == NULL)
		abort();
	put_header(out, task, device, result);
	fclose(out);
	status = ww_file_write(path, text, length, error);
	free(text);
	return status;
}

static ww_status
write_json(const struct ww_task *task, const char *device,
           const struct ww_session_result *result, const char *path,
           struct ww_error *error)
{
	struct json_object *line = ww_result_json(task, result);
	const char *text;
	ww_status status;

	ww_json_put_string(line, "task", task->name);
	ww_json_put_string(line, "kernel", task->kernel.entry);
	ww_json_put_string(line, "device", device);
	text = json_object_to_json_string_ext(
		line, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
			      JSON_C_TO_STRING_NOSLASHESCAPE);
	status = ww_file_write(path, text, strlen(text), error);
	json_object_put(line);
	return status;
}

ww_status
ww_result_folder(const char *folder, struct ww_error *error)
{
	ww_status status = ww_path_create(folder, error);
	struct stat info;
	int fault = 0;

	if (status != WW_OK)
		return status;
	if (stat(folder, &info) != 0 || access(folder, W_OK | X_OK) != 0)
		fault = errno;
	if (fault == EACCES && !S_ISDIR(info.st_mode))
		fault = ENOTDIR;
	if (fault == 0)
		return WW_OK;
	return ww_error_set(error, WW_E_IO,
	                    "cannot write into %s: %s; choose another folder "
	                    "with --output", folder, strerror(fault));
}

ww_status
ww_result_files(const struct ww_task *task, const char *device,
                const struct ww_session_result *result, const char *folder,
                struct ww_error *error)
{
	char *json = ww_path_join(folder, "best.json");
	char *header = ww_path_join(folder, "best.h");
	ww_status status = ww_result_folder(folder, error);

	if (status == WW_OK)
		status = write_json(task, device, result, json, error);
	if (status == WW_OK && result->best != NULL)
		status = write_header(task, device, result, header, error);
	free(json);
	free(header);
	return status;
}
