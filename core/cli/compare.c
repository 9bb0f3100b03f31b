/* SPDX-License-Identifier: MIT
 *
 * warpwright compare: several strategies on recorded spaces, many seeds each, in
 * one table.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/text.h"
#include "core/cli/comparison.h"
#include "core/cli/search_flags.h"
#include "core/compare/transfer.h"
#include "core/task/recording.h"

/* ------------------------------------------------------------ command line */

static int
take_strategies(struct ww_comparison *comparison, const char *text)
{
	struct ww_error error = { 0 };
	char *state = NULL;
	char *name;

	comparison->list = ww_copy(text);
	for (name = strtok_r(comparison->list, ", ", &state); name != NULL;
	     name = strtok_r(NULL, ", ", &state)) {
		if (comparison->n_strategies == WW_MOST_STRATEGIES)
			return ww_cli_usage("more than %d strategies",
			                    WW_MOST_STRATEGIES);
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
parse(struct ww_comparison *comparison, int *n_tasks)
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
load_tasks(struct ww_comparison *comparison, int n, struct ww_error *error)
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
transfer(struct ww_comparison *comparison, struct ww_error *error)
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
run_and_judge(struct ww_comparison *comparison, struct ww_error *error)
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

/* ----------------------------------------------------------------- command */

static void
clear(struct ww_comparison *comparison)
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
exit_code_of(struct ww_comparison *comparison)
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
	struct ww_comparison comparison = { .cli = cli, .seeds = 20,
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
			ww_comparison_json(&comparison);
		else
			ww_comparison_table(&comparison);
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
"  --provider, --model, --api-base   for strategies that use a model; tokens that\n"
"                         it does not count are estimated as characters / 4\n\n"
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
