/* SPDX-License-Identifier: MIT
 *
 * warpwright compare: several strategies on recorded spaces, many seeds each, in
 * one table.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/cli/cli.h"
#include "core/cli/search_flags.h"
#include "core/compare/transfer.h"
#include "core/compare/verdict.h"
#include "core/task/recording.h"

#define MOST_STRATEGIES 64

struct comparison {
	struct ww_cli *cli;
	struct ww_task **tasks;
	char **names; /* of the tasks, also where the task hides its own */
	struct ww_landscape **landscapes;
	size_t n_tasks;
	char *list;                              /* of --strategies, cut up */
	const char *strategies[MOST_STRATEGIES]; /* within it */
	size_t n_strategies;
	uint64_t seeds, evaluations, workers, devices, processes;
	uint64_t first_seed;
	int anonymise;
	const char *warm_start; /* recordings, or null */
	struct ww_portfolio **portfolios;
	struct ww_runs *runs;
	struct ww_judge *judge;
};

/* ------------------------------------------------------------ command line */

static int
take_strategies(struct comparison *comparison, const char *text)
{
	struct ww_error error = { 0 };
	char *state = NULL;
	char *name;

	comparison->list = ww_copy(text);
	for (name = strtok_r(comparison->list, ", ", &state); name != NULL;
	     name = strtok_r(NULL, ", ", &state)) {
		if (comparison->n_strategies == MOST_STRATEGIES)
			return ww_cli_usage("more than %d strategies",
			                    MOST_STRATEGIES);
		if (ww_registry_find(comparison->cli->registry, "strategy",
		                     name, &error) == NULL) {
			error.status = WW_E_UNAVAILABLE;
			return ww_cli_fail(&error);
		}
		comparison->strategies[comparison->n_strategies++] = name;
	}
	if (comparison->n_strategies == 0)
		return ww_cli_usage("--strategies names none");
	return 0;
}

static int
parse(struct comparison *comparison, int *n_tasks)
{
	const char *strategies = "random,pattern,lfbo,auto";
	const char *seeds = NULL, *evaluations = NULL, *workers = NULL;
	const char *devices = NULL, *jobs = NULL;
	const struct ww_flag flags[] = {
		{ .name = "--strategies", .text = &strategies },
		{ .name = "--seeds", .text = &seeds },
		{ .name = "--max-evaluations", .text = &evaluations },
		{ .name = "--workers", .text = &workers },
		{ .name = "--devices", .text = &devices },
		{ .name = "--jobs", .text = &jobs },
		{ .name = "--seed", .setting = "search.seed" },
		WW_MODEL_FLAGS,
		{ .name = "--warm-start", .text = &comparison->warm_start },
		{ .name = "--anonymise", .seen = &comparison->anonymise },
	};
	int code = ww_cli_flags(comparison->cli, flags,
	                        sizeof flags / sizeof flags[0], n_tasks);

	if (code == 0)
		code = ww_cli_count("--seeds", seeds, 1, 100000,
		                    &comparison->seeds);
	if (code == 0)
		code = ww_cli_count("--max-evaluations", evaluations, 1, 10000000,
		                    &comparison->evaluations);
	if (code == 0)
		code = ww_cli_count("--workers", workers, 1, 4096,
		                    &comparison->workers);
	if (code == 0)
		code = ww_cli_count("--devices", devices, 1, 1024,
		                    &comparison->devices);
	if (code == 0)
		code = ww_cli_count("--jobs", jobs, 1, 256,
		                    &comparison->processes);
	if (code == 0 && *n_tasks == 0)
		code = ww_cli_usage("compare needs at least one recording");
	if (code == 0)
		code = take_strategies(comparison, strategies);
	comparison->first_seed = (uint64_t)ww_setting_int(
		comparison->cli->settings, "search.seed");
	return code;
}

/* ----------------------------------------------------------------- running */

static ww_status
load_tasks(struct comparison *comparison, int n, struct ww_error *error)
{
	struct ww_cli *cli = comparison->cli;
	ww_status status = WW_OK;
	int i;

	comparison->tasks = ww_alloc((size_t)n * sizeof *comparison->tasks);
	comparison->names = ww_alloc((size_t)n * sizeof *comparison->names);
	comparison->landscapes =
		ww_alloc((size_t)n * sizeof *comparison->landscapes);
	for (i = 0; i < n && status == WW_OK; i++) {
		status = comparison->anonymise
		                 ? ww_task_load_anonymous(cli->argv[i + 1],
		                                          &comparison->tasks[i],
		                                          error)
		                 : ww_task_load(cli->argv[i + 1],
		                                &comparison->tasks[i], error);
		if (status != WW_OK)
			break;
		comparison->names[i] = ww_recording_name(cli->argv[i + 1]);
		comparison->n_tasks++;
		status = ww_landscape_new(comparison->tasks[i], cli->settings,
		                          cli->registry,
		                          &comparison->landscapes[i], error);
	}
	return status;
}

static void
show_progress(void *context, size_t done, size_t all)
{
	const struct ww_cli *cli = context;

	if (cli->quiet || !isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r%zu of %zu runs", done, all);
	if (done == all)
		fputs("\r                              \r", stderr);
	fflush(stderr);
}

static ww_status
transfer(struct comparison *comparison, struct ww_error *error)
{
	const struct ww_transfer_plan plan = {
		.paths = comparison->warm_start,
		.tasks = comparison->tasks,
		.n_tasks = comparison->n_tasks,
		.settings = comparison->cli->settings,
		.registry = comparison->cli->registry,
	};

	if (comparison->warm_start == NULL)
		return WW_OK;
	comparison->portfolios = ww_alloc(comparison->n_tasks *
	                                  sizeof *comparison->portfolios);
	return ww_transfer(&plan, comparison->portfolios, error);
}

static ww_status
run_and_judge(struct comparison *comparison, struct ww_error *error)
{
	struct ww_runs_plan runs = {
		.tasks = comparison->tasks,
		.n_tasks = comparison->n_tasks,
		.strategies = comparison->strategies,
		.n_strategies = comparison->n_strategies,
		.n_seeds = (uint32_t)comparison->seeds,
		.first_seed = comparison->first_seed,
		.max_evaluations = (uint32_t)comparison->evaluations,
		.workers = (uint32_t)comparison->workers,
		.devices = (uint32_t)comparison->devices,
		.processes = (uint32_t)comparison->processes,
		.settings = comparison->cli->settings,
		.registry = comparison->cli->registry,
		.cancel = &comparison->cli->cancel,
		.progress = show_progress,
		.context = comparison->cli,
	};
	struct ww_judge_plan judge = {
		.landscapes = (const struct ww_landscape *const *)
		                      comparison->landscapes,
		.n_tasks = comparison->n_tasks,
		.n_strategies = comparison->n_strategies,
		.n_seeds = (uint32_t)comparison->seeds,
		.max_evaluations = (uint32_t)comparison->evaluations,
		.workers = (uint32_t)comparison->workers,
		.devices = (uint32_t)comparison->devices,
	};
	ww_status status = transfer(comparison, error);

	runs.portfolios = comparison->portfolios;
	if (status == WW_OK)
		status = ww_runs_new(&runs, &comparison->runs, error);

	if (status != WW_OK)
		return status;
	judge.runs = comparison->runs;
	comparison->judge = ww_judge_new(&judge);
	return WW_OK;
}

/* -------------------------------------------------------------------- JSON */

static void
put_estimate(struct json_object *row, const char *name,
             const struct ww_estimate *estimate)
{
	char key[64];

	ww_json_put_number(row, name, estimate->value);
	snprintf(key, sizeof key, "%s_low", name);
	ww_json_put_number(row, key, estimate->low);
	snprintf(key, sizeof key, "%s_high", name);
	ww_json_put_number(row, key, estimate->high);
}

static void
put_fractions(struct json_object *row,
              const struct ww_estimate fraction[WW_CHECKPOINTS])
{
	uint32_t i;

	for (i = 0; i < WW_CHECKPOINTS; i++) {
		char key[32];

		snprintf(key, sizeof key, "at_%u", ww_checkpoints[i]);
		put_estimate(row, key, &fraction[i]);
	}
}

static void
put_cell(struct json_object *row, const struct ww_verdict_cell *cell)
{
	uint32_t i;

	ww_json_put_int(row, "runs", cell->n_runs);
	ww_json_put_int(row, "failed_runs", cell->n_failed);
	ww_json_put_string(row, "error", cell->error);
	ww_json_put_int(row, "fallbacks", cell->n_fallback);
	put_fractions(row, cell->fraction);
	for (i = 0; i < WW_ARRIVALS; i++) {
		int percent = (int)(ww_arrivals[i] * 100 + 0.5);
		char key[32];

		snprintf(key, sizeof key, "evaluations_to_%d", percent);
		put_estimate(row, key, &cell->evaluations[i]);
		snprintf(key, sizeof key, "seconds_to_%d", percent);
		put_estimate(row, key, &cell->seconds[i]);
	}
	put_estimate(row, "within_5_percent", &cell->within);
	put_estimate(row, "score", &cell->score);
	ww_json_put_number(row, "score_covered", cell->score_covered);
	ww_json_put_number(row, "seconds", cell->seconds_total);
	ww_json_put_number(row, "model_calls", cell->model_calls);
	ww_json_put_number(row, "tokens", cell->tokens);
}

static void
print_json(struct comparison *comparison)
{
	struct ww_verdict_cell cell;
	struct ww_estimate difference[WW_CHECKPOINTS];
	struct json_object *row;
	size_t task, a, b;

	for (task = 0; task < comparison->n_tasks; task++)
		for (a = 0; a < comparison->n_strategies; a++) {
			ww_judge_cell(comparison->judge, task, a, &cell);
			row = json_object_new_object();
			ww_json_put_string(row, "type", "compare");
			ww_json_put_string(row, "task",
			                   comparison->names[task]);
			ww_json_put_string(row, "strategy",
			                   comparison->strategies[a]);
			ww_json_put_number(
				row, "optimum_ms",
				ww_landscape_optimum(
					comparison->landscapes[task]));
			put_cell(row, &cell);
			ww_cli_json_line(row);
		}
	for (a = 0; a < comparison->n_strategies; a++) {
		ww_judge_overall(comparison->judge, a, &cell);
		row = json_object_new_object();
		ww_json_put_string(row, "type", "overall");
		ww_json_put_string(row, "strategy", comparison->strategies[a]);
		put_cell(row, &cell);
		ww_json_put_number(row, "worst_at_85",
		                   ww_judge_worst(comparison->judge, a, 1,
		                                  &task));
		ww_cli_json_line(row);
	}
	for (a = 0; a < comparison->n_strategies; a++)
		for (b = a + 1; b < comparison->n_strategies; b++) {
			ww_judge_difference(comparison->judge, a, b,
			                    difference);
			row = json_object_new_object();
			ww_json_put_string(row, "type", "difference");
			ww_json_put_string(row, "strategy",
			                   comparison->strategies[a]);
			ww_json_put_string(row, "minus",
			                   comparison->strategies[b]);
			put_fractions(row, difference);
			ww_cli_json_line(row);
		}
}

/* ------------------------------------------------------------------- table */

/* "0.912 [0.900, 0.921]", or "-" where there is nothing. */
static void
print_estimate(const struct ww_estimate *estimate, int decimals, int width)
{
	char text[64];

	if (isnan(estimate->value))
		snprintf(text, sizeof text, "-");
	else if (isnan(estimate->low))
		snprintf(text, sizeof text, "%.*f", decimals, estimate->value);
	else if (isnan(estimate->high))
		snprintf(text, sizeof text, "%.*f [%.*f, never]", decimals,
		         estimate->value, decimals, estimate->low);
	else
		snprintf(text, sizeof text, "%.*f [%.*f, %.*f]", decimals,
		         estimate->value, decimals, estimate->low, decimals,
		         estimate->high);
	printf("  %-*s", width, text);
}

static void
print_row(const char *strategy, const struct ww_verdict_cell *cell,
          int with_arrivals)
{
	uint32_t i;

	printf("  %-12s", strategy);
	for (i = 0; i < WW_CHECKPOINTS; i++)
		print_estimate(&cell->fraction[i], 3, 20);
	for (i = 0; i < WW_ARRIVALS && with_arrivals; i++) {
		print_estimate(&cell->evaluations[i], 0, 16);
		print_estimate(&cell->seconds[i], 0, 18);
	}
	print_estimate(&cell->within, 2, 17);
	print_estimate(&cell->score, 2, 19);
	if (cell->n_failed > 0)
		printf("  %u runs failed: %s", cell->n_failed, cell->error);
	if (cell->n_fallback > 0)
		printf("  %u runs fell back", cell->n_fallback);
	if (cell->model_calls > 0)
		printf("  %.1f calls, %.0f tokens a run", cell->model_calls,
		       cell->tokens);
	putchar('\n');
}

static void
print_head(const char *title, int with_arrivals)
{
	printf("%s\n  %-12s  %-20s  %-20s  %-20s", title, "strategy", "at 25",
	       "at 85", "at 200");
	if (with_arrivals)
		printf("  %-16s  %-18s  %-16s  %-18s", "tries to 95 %",
		       "seconds to 95 %", "tries to 99 %", "seconds to 99 %");
	printf("  %-17s  %-19s\n", "within 5 %", "score");
}

static void
print_tasks(struct comparison *comparison)
{
	struct ww_verdict_cell cell;
	size_t task, strategy;

	for (task = 0; task < comparison->n_tasks; task++) {
		const struct ww_landscape *landscape =
			comparison->landscapes[task];
		char title[512];

		snprintf(title, sizeof title,
		         "%s: %llu configurations, %llu of them fail, optimum "
		         "%g ms",
		         comparison->names[task],
		         (unsigned long long)(landscape->n_valid +
		                              landscape->n_failing),
		         (unsigned long long)landscape->n_failing,
		         ww_landscape_optimum(landscape));
		print_head(title, 1);
		for (strategy = 0; strategy < comparison->n_strategies;
		     strategy++) {
			ww_judge_cell(comparison->judge, task, strategy, &cell);
			print_row(comparison->strategies[strategy], &cell, 1);
		}
		if (cell.score_covered < 1)
			printf("  the score covers %.0f %% of its time axis; "
			       "more evaluations cover more\n",
			       100 * cell.score_covered);
		putchar('\n');
	}
}

static void
print_overall(struct comparison *comparison)
{
	struct ww_verdict_cell cell;
	size_t strategy, worst = 0;

	print_head("over all tasks (each counts the same)", 0);
	for (strategy = 0; strategy < comparison->n_strategies; strategy++) {
		ww_judge_overall(comparison->judge, strategy, &cell);
		print_row(comparison->strategies[strategy], &cell, 0);
	}
	putchar('\n');
	for (strategy = 0;
	     strategy < comparison->n_strategies && comparison->n_tasks > 1 &&
	     comparison->evaluations >= ww_checkpoints[1];
	     strategy++) {
		double value = ww_judge_worst(comparison->judge, strategy, 1,
		                              &worst);

		printf("  %-12s  worst at 85: %.3f (%s)\n",
		       comparison->strategies[strategy], value,
		       comparison->names[worst]);
	}
}

static void
print_differences(struct comparison *comparison)
{
	struct ww_estimate difference[WW_CHECKPOINTS];
	size_t a, b;
	uint32_t i;

	if (comparison->n_strategies < 2)
		return;
	puts("\npaired differences of the fraction, by seed, mean over tasks");
	for (a = 0; a < comparison->n_strategies; a++)
		for (b = a + 1; b < comparison->n_strategies; b++) {
			char pair[64];

			ww_judge_difference(comparison->judge, a, b,
			                    difference);
			snprintf(pair, sizeof pair, "%.24s - %.24s",
			         comparison->strategies[a],
			         comparison->strategies[b]);
			printf("  %-24s", pair);
			for (i = 0; i < WW_CHECKPOINTS; i++)
				print_estimate(&difference[i], 3, 23);
			putchar('\n');
		}
}

static void
print_table(struct comparison *comparison)
{
	printf("%llu seeds, %llu evaluations (failures and the default counted), "
	       "%llu compile worker%s, %llu device%s\n"
	       "at N: mean of optimum / best after N evaluations; brackets: "
	       "95 %% over seeds\n\n",
	       (unsigned long long)comparison->seeds,
	       (unsigned long long)comparison->evaluations,
	       (unsigned long long)comparison->workers,
	       comparison->workers == 1 ? "" : "s",
	       (unsigned long long)comparison->devices,
	       comparison->devices == 1 ? "" : "s");
	print_tasks(comparison);
	print_overall(comparison);
	print_differences(comparison);
}

/* ----------------------------------------------------------------- command */

static void
clear(struct comparison *comparison)
{
	size_t i;

	ww_judge_free(comparison->judge);
	ww_runs_free(comparison->runs);
	for (i = 0; i < comparison->n_tasks; i++) {
		free(comparison->names[i]);
		ww_landscape_free(comparison->landscapes[i]);
		ww_task_free(comparison->tasks[i]);
		if (comparison->portfolios != NULL)
			ww_portfolio_free(comparison->portfolios[i]);
	}
	free(comparison->names);
	free(comparison->tasks);
	free(comparison->landscapes);
	free(comparison->portfolios);
	free(comparison->list);
}

/* Whether any run gave a result; what failed stands in the rows. */
static int
exit_code_of(struct comparison *comparison)
{
	struct ww_verdict_cell cell;
	size_t strategy;
	uint32_t runs = 0;

	for (strategy = 0; strategy < comparison->n_strategies; strategy++) {
		ww_judge_overall(comparison->judge, strategy, &cell);
		runs += cell.n_runs;
	}
	return runs > 0 ? WW_EXIT_OK : WW_EXIT_NOTHING;
}

static int
run(struct ww_cli *cli)
{
	struct comparison comparison = { .cli = cli, .seeds = 20,
		                         .evaluations = 200, .workers = 1,
		                         .devices = 1 };
	struct ww_error error = { 0 };
	int n_tasks = 0;
	int code = parse(&comparison, &n_tasks);

	if (code == 0 && load_tasks(&comparison, n_tasks, &error) != WW_OK)
		code = ww_cli_fail(&error);
	if (code == 0 && run_and_judge(&comparison, &error) != WW_OK)
		code = ww_cli_fail(&error);
	if (code == 0) {
		if (cli->json)
			print_json(&comparison);
		else
			print_table(&comparison);
		code = exit_code_of(&comparison);
	}
	clear(&comparison);
	return code;
}

const struct ww_command ww_command_compare = {
	.name = "compare",
	.arguments = "RECORDING… [options]",
	.summary = "compare search strategies on recorded spaces",
	.help =
"Runs every strategy on every recording with many seeds, on a simulated clock:\n"
"each evaluation costs the compile and measuring time that was recorded. Every\n"
"finished trial counts as an evaluation, failures and the default too. Rules\n"
"that stop a search early are off.\n\n"
"  --strategies A,B,…     strategies (random,pattern,lfbo,auto)\n"
"  --seeds N              runs of each strategy on each recording (20)\n"
"  --seed N               the first seed (1)\n"
"  --max-evaluations K    evaluations of a run (200)\n"
"  --workers W            compile workers of the simulated machine (1)\n"
"  --devices D            its devices (1)\n"
"  --jobs N               processes that share the work (one a core)\n"
"  --warm-start A,B,…     recordings of the same kernels elsewhere; the best in\n"
"                         them are tried first\n"
"  --anonymise            hide names and values of parameters, because a model\n"
"                         may have seen a public space in training\n"
"  --provider, --model, --api-base   for strategies that use a model\n\n"
"The score P is that of the autotuning methodology: 0 as good as random search\n"
"without replacement, 1 the optimum, averaged over the time in which random\n"
"search gets from 1 % to 95 % of the way between median and optimum. If runs of\n"
"K evaluations are over before that, it covers only the time that a random search\n"
"needs for K, and the table says how much of the whole that is (score_covered in\n"
"JSON). With one worker and one device evaluations run one after another, as the\n"
"methodology assumes. With --json: a row \"compare\" a strategy and task,\n"
"\"overall\" a strategy, \"difference\" a pair.\n",
	.run = run,
};
