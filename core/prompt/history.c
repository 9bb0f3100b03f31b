/* SPDX-License-Identifier: MIT
 *
 * What was tried: measured configurations as a table, worst to best so that the
 * best stands next to the request; failures by class; refused proposals.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/prompt/digest.h"

#define MOST_FACTS 8
#define FAILURES_SHOWN 6 /* configurations a class */
#define REFUSALS_SHOWN 20

struct table {
	const struct ww_digest *digest;
	const char *facts[MOST_FACTS]; /* columns */
	size_t n_facts;
};

static double
trial_fact(const struct ww_trial *trial, const char *name)
{
	uint64_t i;

	for (i = 0; i < trial->n_facts; i++)
		if (strcmp(trial->facts[i].name, name) == 0)
			return trial->facts[i].value;
	return NAN;
}

/* A fact is a column if it differs between trials. */
static int
varies(const struct ww_digest *digest, const char *name)
{
	double first = trial_fact(digest->good[0], name);
	size_t i;

	for (i = 1; i < digest->n_good; i++) {
		double value = trial_fact(digest->good[i], name);

		if (isnan(value) != isnan(first) || value < first ||
		    value > first)
			return 1;
	}
	return 0;
}

static void
choose_facts(struct table *table)
{
	const struct ww_digest *digest = table->digest;
	size_t i, k;
	uint64_t f;

	for (i = 0; i < digest->n_good; i++) {
		const struct ww_trial *trial = digest->good[i];

		for (f = 0; f < trial->n_facts; f++) {
			const char *name = trial->facts[f].name;

			for (k = 0; k < table->n_facts; k++)
				if (strcmp(table->facts[k], name) == 0)
					break;
			if (k == table->n_facts && k < MOST_FACTS &&
			    varies(digest, name))
				table->facts[table->n_facts++] = name;
		}
	}
}

static void
put_header(struct ww_page *page, const struct table *table)
{
	const struct ww_space *space = &table->digest->space->view;
	uint32_t i;
	size_t k;

	for (i = 0; i < space->n_slots; i++)
		ww_page_add(page, "%s|", space->slots[i].name);
	ww_page_add(page, "time/best|ms");
	for (k = 0; k < table->n_facts; k++)
		ww_page_add(page, "|%s", table->facts[k]);
	ww_page_add(page, "|from\n");
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
	for (k = 0; k < table->n_facts; k++) {
		double value = trial_fact(trial, table->facts[k]);

		if (isnan(value))
			ww_page_add(page, "|");
		else
			ww_page_add(page, "|%.4g", value);
	}
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
