/* SPDX-License-Identifier: MIT */
#include "core/cli/comparison.h"

#include <math.h>
#include <stdio.h>

#include "core/model/tokens.h"

/* A score that no search has by its own doing. */
#define FAR_BEHIND (-1)

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

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
		printf("  %u run%s failed: %s", cell->n_failed,
		       plural(cell->n_failed), cell->error);
	if (cell->n_fallback > 0)
		printf("  %u run%s fell back", cell->n_fallback,
		       plural(cell->n_fallback));
	if (cell->model_calls > 0)
		printf("  %.1f calls, %s%.0f tokens a run", cell->model_calls,
		       cell->tokens_estimated ? "about " : "", cell->tokens);
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

/* What a score does not say. All strategies begin with the default. */
static void
print_doubts(double score_covered, double highest_score)
{
	if (score_covered < 1)
		printf("  the score covers %.0f %% of its time axis; more "
		       "evaluations cover more\n",
		       100 * score_covered);
	if (highest_score < FAR_BEHIND)
		printf("  the score says little here: the default, which all "
		       "begin with, is far behind the median\n");
}

static void
print_tasks(struct ww_comparison *comparison)
{
	struct ww_verdict_cell cell;
	size_t task, strategy;
	double highest;

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
		highest = -INFINITY;
		for (strategy = 0; strategy < comparison->n_strategies;
		     strategy++) {
			ww_judge_cell(comparison->judge, task, strategy, &cell);
			highest = fmax(highest, cell.score.value);
			print_row(comparison->strategies[strategy], &cell, 1);
		}
		print_doubts(cell.score_covered, highest);
		putchar('\n');
	}
}

static void
print_overall(struct ww_comparison *comparison)
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
print_differences(struct ww_comparison *comparison)
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

/* Why a number of tokens is "about" one. */
static void
print_legend(struct ww_comparison *comparison)
{
	struct ww_verdict_cell cell;
	bool estimated = false;
	size_t strategy;

	for (strategy = 0; strategy < comparison->n_strategies; strategy++) {
		ww_judge_overall(comparison->judge, strategy, &cell);
		estimated |= cell.tokens_estimated;
	}
	if (estimated)
		printf("\nabout: the provider does not count tokens; estimated "
		       "as characters / %d\n",
		       WW_CHARACTERS_A_TOKEN);
}

void
ww_comparison_table(struct ww_comparison *comparison)
{
	printf("%llu seed%s, %llu evaluations (failures and the default counted), "
	       "%llu compile worker%s, %llu device%s\n"
	       "at N: mean of optimum / best after N evaluations; brackets: "
	       "95 %% over seeds\n\n",
	       (unsigned long long)comparison->seeds,
	       plural(comparison->seeds),
	       (unsigned long long)comparison->evaluations,
	       (unsigned long long)comparison->workers,
	       plural(comparison->workers),
	       (unsigned long long)comparison->devices,
	       plural(comparison->devices));
	print_tasks(comparison);
	print_overall(comparison);
	print_differences(comparison);
	print_legend(comparison);
}
