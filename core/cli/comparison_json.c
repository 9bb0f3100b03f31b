/* SPDX-License-Identifier: MIT */
#include "core/cli/comparison.h"

#include <stdio.h>

#include "core/base/json.h"

static struct json_object *
new_row(const struct ww_comparison *comparison, const char *type,
        size_t strategy)
{
	struct json_object *row = json_object_new_object();

	ww_json_put_string(row, "type", type);
	ww_json_put_string(row, "strategy", comparison->strategies[strategy]);
	return row;
}

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
	ww_json_put_bool(row, "tokens_estimated", cell->tokens_estimated);
}

static void
print_tasks(struct ww_comparison *comparison)
{
	size_t task, a;

	for (task = 0; task < comparison->n_tasks; task++)
		for (a = 0; a < comparison->n_strategies; a++) {
			struct json_object *row = new_row(comparison, "compare",
			                                  a);
			struct ww_verdict_cell cell;

			ww_judge_cell(comparison->judge, task, a, &cell);
			ww_json_put_string(row, "task",
			                   comparison->names[task]);
			ww_json_put_number(
				row, "optimum_ms",
				ww_landscape_optimum(
					comparison->landscapes[task]));
			put_cell(row, &cell);
			ww_cli_json_line(row);
		}
}

static void
print_overall(struct ww_comparison *comparison)
{
	size_t a, worst;

	for (a = 0; a < comparison->n_strategies; a++) {
		struct json_object *row = new_row(comparison, "overall", a);
		struct ww_verdict_cell cell;

		ww_judge_overall(comparison->judge, a, &cell);
		put_cell(row, &cell);
		ww_json_put_number(row, "worst_at_85",
		                   ww_judge_worst(comparison->judge, a, 1,
		                                  &worst));
		ww_cli_json_line(row);
	}
}

static void
print_differences(struct ww_comparison *comparison)
{
	struct ww_estimate difference[WW_CHECKPOINTS];
	size_t a, b;

	for (a = 0; a < comparison->n_strategies; a++)
		for (b = a + 1; b < comparison->n_strategies; b++) {
			struct json_object *row = new_row(comparison,
			                                  "difference", a);

			ww_judge_difference(comparison->judge, a, b,
			                    difference);
			ww_json_put_string(row, "minus",
			                   comparison->strategies[b]);
			put_fractions(row, difference);
			ww_cli_json_line(row);
		}
}

void
ww_comparison_json(struct ww_comparison *comparison)
{
	print_tasks(comparison);
	print_overall(comparison);
	print_differences(comparison);
}
