/* SPDX-License-Identifier: MIT
 *
 * What was tried: measured configurations as a table, worst to best so that the
 * best stands next to the request; failures by class; refused proposals.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/measure/objective.h"
#include "core/prompt/digest.h"
#include "core/prompt/roofline.h"

#define MOST_FACTS 8

/* Facts in the order of what they explain; others follow as they come. What the
 * derived columns say, and counts of instructions that hardly ever decide, are
 * left out. */
static const char *const preferred[] = {
	"registers",   "spill_bytes", "local_bytes",       "shared_bytes",
	"code_matrix", "code_packed", "code_vector_bytes",
};
static const char *const left_out[] = { "occupancy",
	                                "blocks_per_multiprocessor",
	                                "device_factor" };
#define FAILURES_SHOWN 6 /* configurations a class */
#define REFUSALS_SHOWN 20

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct table {
	const struct ww_digest *digest;
	bool residency; /* its columns are there */
	bool roofline;
	const char *facts[MOST_FACTS]; /* columns */
	size_t n_facts;
};

/* The shortest time that the hardware allows, or NaN; a bound of times says
 * nothing about energy. */
static double
bound_of(const struct ww_digest *digest, const struct ww_trial *trial)
{
	struct ww_roofline roofline;

	if (strcmp(digest->view->task->objective, "time") != 0)
		return NAN;
	ww_roofline(digest->view->task, ww_prompt_hardware_of(digest->view),
	            trial->indices, &roofline);
	return ww_roofline_ms(&roofline);
}

/* A fact is a column if it differs between trials. */
static int
varies(const struct ww_digest *digest, const char *name)
{
	double first = ww_trial_fact(digest->good[0], name);
	size_t i;

	for (i = 1; i < digest->n_good; i++) {
		double value = ww_trial_fact(digest->good[i], name);

		if (isnan(value) != isnan(first) || value < first ||
		    value > first)
			return 1;
	}
	return 0;
}

static int
is_one_of(const char *name, const char *const *names, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return 1;
	return 0;
}

static void
add_column(struct table *table, const char *name)
{
	if (table->n_facts < MOST_FACTS &&
	    !is_one_of(name, table->facts, table->n_facts) &&
	    varies(table->digest, name))
		table->facts[table->n_facts++] = name;
}

static void
choose_facts(struct table *table)
{
	const struct ww_digest *digest = table->digest;
	size_t i;
	uint64_t f;

	for (i = 0; i < COUNT(preferred); i++)
		add_column(table, preferred[i]);
	for (i = 0; i < digest->n_good; i++)
		for (f = 0; f < digest->good[i]->n_facts; f++) {
			const char *name = digest->good[i]->facts[f].name;

			if (!is_one_of(name, left_out, COUNT(left_out)) &&
			    strncmp(name, "code_", 5) != 0)
				add_column(table, name);
		}
}

/* Columns that follow from several facts, if any row has them. */
static void
choose_derived(struct table *table)
{
	const struct ww_digest *digest = table->digest;
	size_t i;

	for (i = 0; i < digest->n_good; i++) {
		struct ww_residency residency;

		ww_residency(digest->view, digest->good[i], &residency);
		table->residency = table->residency ||
		                   !isnan(residency.blocks);
		table->roofline = table->roofline ||
		                  !isnan(bound_of(digest, digest->good[i]));
	}
}

static void
put_header(struct ww_page *page, const struct table *table)
{
	const struct ww_space *space = &table->digest->space->view;
	const char *objective = table->digest->view->task->objective;
	uint32_t i;
	size_t k;

	for (i = 0; i < space->n_slots; i++)
		ww_page_add(page, "%s|", space->slots[i].name);
	ww_page_add(page, "%s/best|%s%s", objective,
	            ww_objective_unit(ww_objective_parse(objective)),
	            table->roofline ? "|% of bound" : "");
	for (k = 0; k < table->n_facts; k++)
		ww_page_add(page, "|%s", table->facts[k]);
	if (table->residency)
		ww_page_add(page, "|blocks/multiprocessor|occupancy %%|waves|"
		                  "limited by");
	ww_page_add(page, "|from\n");
}

static void
put_number(struct ww_page *page, double value, int decimals)
{
	if (isfinite(value))
		ww_page_add(page, "|%.*f", decimals, value);
	else
		ww_page_add(page, "|");
}

static void
put_residency(struct ww_page *page, const struct table *table,
              const struct ww_trial *trial)
{
	struct ww_residency residency;

	ww_residency(table->digest->view, trial, &residency);
	put_number(page, residency.blocks, 0);
	put_number(page, 100 * residency.occupancy, 0);
	put_number(page, residency.waves, 2);
	ww_page_add(page, "|%s", residency.limiter);
}

static void
put_values(struct ww_page *page, const struct ww_search_space *space,
           const uint32_t *indices)
{
	uint32_t i;

	for (i = 0; i < space->view.n_slots; i++)
		ww_page_add(page, "%s%s", i > 0 ? "|" : "",
		            ww_prompt_value(space, indices, i));
}

static void
put_row(struct ww_page *page, const struct table *table,
        const struct ww_trial *trial)
{
	size_t k;

	put_values(page, table->digest->space, trial->indices);
	ww_page_add(page, "|%.2f|%.4g",
	            ww_digest_relative(table->digest, trial),
	            trial->objective);
	if (table->roofline)
		put_number(page,
		           100 * bound_of(table->digest, trial) /
		                   trial->objective,
		           0);
	for (k = 0; k < table->n_facts; k++) {
		double value = ww_trial_fact(trial, table->facts[k]);

		if (isnan(value))
			ww_page_add(page, "|");
		else
			ww_page_add(page, "|%.4g", value);
	}
	if (table->residency)
		put_residency(page, table, trial);
	ww_page_add(page, "|%s%s\n",
	            trial->source != NULL ? trial->source : "",
	            trial->abandoned ? ", abandoned early" : "");
}

/* Marks the rows that fit into `limit` bytes: the best first up to two thirds
 * of it, then others spread evenly over the rest. */
static size_t
choose_rows(const size_t *lengths, size_t n, size_t limit, char *chosen)
{
	size_t used = 0, head = 0, rest, shown, wanted, i;

	while (head < n && used + lengths[head] <= limit / 3 * 2)
		used += lengths[head++];
	head = head == 0 && n > 0 ? 1 : head;
	memset(chosen, 1, head);
	memset(chosen + head, 0, n - head);
	rest = n - head;
	if (rest == 0)
		return n;
	wanted = (limit - limit / 3 * 2) / (lengths[head] + 1);
	wanted = wanted < 1 ? 1 : wanted;
	shown = head;
	for (i = 0; i < rest; i++)
		if (i * wanted / rest != (i + 1) * wanted / rest) {
			chosen[head + i] = 1;
			shown++;
		}
	return shown;
}

void
ww_prompt_history(struct ww_page *page, const struct ww_digest *digest,
                  size_t limit)
{
	struct table table = { .digest = digest };
	struct ww_page *rows;
	size_t *lengths;
	char *chosen;
	size_t i, n = digest->n_good, total = 0, shown = n;

	if (n == 0)
		return;
	choose_facts(&table);
	choose_derived(&table);
	rows = ww_alloc(n * sizeof *rows);
	lengths = ww_alloc(n * sizeof *lengths);
	chosen = ww_alloc(n);
	memset(chosen, 1, n);
	for (i = 0; i < n; i++) {
		put_row(&rows[i], &table, digest->good[i]);
		lengths[i] = rows[i].length;
		total += rows[i].length;
	}
	if (total > limit)
		shown = choose_rows(lengths, n, limit, chosen);
	if (shown < n)
		ww_page_add(page,
		            "(%zu of %zu rows; the ones left out lie between "
		            "rows that are shown, and every count below "
		            "includes them)\n",
		            shown, n);
	put_header(page, &table);
	for (i = n; i-- > 0;) {
		if (chosen[i])
			ww_page_bytes(page, rows[i].text, rows[i].length);
		free(rows[i].text);
	}
	free(rows);
	free(lengths);
	free(chosen);
}

/* -- failures -------------------------------------------------------------- */

static void
put_failure(struct ww_page *page, const struct ww_search_space *space,
            const struct ww_trial *trial)
{
	char line[200] = "";

	if (trial->text != NULL)
		ww_text_first_line(line, sizeof line, trial->text);
	ww_page_add(page, "  ");
	put_values(page, space, trial->indices);
	ww_page_add(page, "%s%s\n", line[0] != '\0' ? ": " : "", line);
}

void
ww_prompt_failures(struct ww_page *page, const struct ww_digest *digest)
{
	uint32_t class;
	size_t i;

	for (class = 1; class < WW_TRIAL_N_CLASSES; class++) {
		size_t count = 0, shown = 0;

		for (i = 0; i < digest->n_failed; i++)
			count += digest->failed[i]->outcome == class;
		if (count == 0)
			continue;
		ww_page_add(page, "%s: %zu\n", ww_outcome_name(class), count);
		/* The newest say most about what is being tried now. */
		for (i = digest->n_failed; i-- > 0 && shown < FAILURES_SHOWN;)
			if (digest->failed[i]->outcome == class) {
				put_failure(page, digest->space,
				            digest->failed[i]);
				shown++;
			}
		if (shown < count)
			ww_page_add(page, "  (and %zu earlier)\n",
			            count - shown);
	}
}

void
ww_prompt_refusals(struct ww_page *page, const struct ww_prompt_view *view)
{
	size_t first = view->n_refusals > REFUSALS_SHOWN
	                       ? view->n_refusals - REFUSALS_SHOWN
	                       : 0;
	size_t i;

	for (i = first; i < view->n_refusals; i++) {
		const struct ww_refusal *refusal = &view->refusals[i];
		char config[400], why[400];

		ww_text_clean(config, sizeof config, refusal->config,
		              strlen(refusal->config));
		ww_text_clean(why, sizeof why, refusal->why,
		              strlen(refusal->why));
		ww_page_add(page, "- %s: %s\n", config, why);
	}
	if (first > 0)
		ww_page_add(page, "- (and %zu earlier)\n", first);
}
