/* SPDX-License-Identifier: MIT
 *
 * Statistics over the trials, done here so that a model can read conclusions
 * instead of calculating them.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/prompt/digest.h"

#define MOST_PATTERNS 8
#define MOST_PAIRS 6
#define MOST_COMBINATIONS 6
#define LARGEST_PAIR 64 /* combinations of two parameters worth listing */
#define UNTESTED_SHOWN 16

/* -- frequent values -------------------------------------------------------- */

struct pattern {
	uint32_t slot;
	uint32_t value;
	size_t inside;  /* trials of the group that have it */
	size_t overall; /* all trials that have it */
	double lift;
};

static size_t
count_value(const struct ww_digest *digest,
            const struct ww_trial *const *trials, size_t n, uint32_t slot,
            uint32_t value)
{
	size_t i, count = 0;

	for (i = 0; i < n; i++)
		if (trials[i]->indices[slot] == value &&
		    ww_space_active(digest->space, trials[i]->indices, slot))
			count++;
	return count;
}

static void
keep_pattern(struct pattern *patterns, size_t *n, const struct pattern *found)
{
	size_t k;

	if (*n == MOST_PATTERNS && found->lift <= patterns[*n - 1].lift)
		return;
	k = *n < MOST_PATTERNS ? (*n)++ : *n - 1;
	for (; k > 0 && patterns[k - 1].lift < found->lift; k--)
		patterns[k] = patterns[k - 1];
	patterns[k] = *found;
}

/* Values at least 1.3 times as frequent in the group as among all trials. */
static void
put_patterns(struct ww_page *page, const struct ww_digest *digest,
             const struct ww_trial *const *group, size_t n, const char *name)
{
	const struct ww_prompt_view *view = digest->view;
	struct pattern patterns[MOST_PATTERNS];
	size_t n_patterns = 0, i;
	uint32_t slot, value;

	for (slot = 0; slot < digest->space->view.n_slots; slot++) {
		const struct ww_slot *s = &digest->space->view.slots[slot];

		for (value = 0; value < s->n_values; value++) {
			struct pattern p = { .slot = slot, .value = value };

			p.inside = count_value(digest, group, n, slot, value);
			if (p.inside < 2)
				continue;
			p.overall = count_value(digest, view->trials,
			                        view->n_trials, slot, value);
			p.lift = (double)p.inside * (double)view->n_trials /
			         ((double)n * (double)p.overall);
			if (p.lift >= 1.3)
				keep_pattern(patterns, &n_patterns, &p);
		}
	}
	for (i = 0; i < n_patterns; i++) {
		const struct ww_slot *s =
			&digest->space->view.slots[patterns[i].slot];

		ww_page_add(page, "- %s = %s: in %zu of %s %zu, in %zu of all %zu\n",
		            s->name, s->values[patterns[i].value].string,
		            patterns[i].inside, name, n, patterns[i].overall,
		            view->n_trials);
	}
}

void
ww_prompt_worked(struct ww_page *page, const struct ww_digest *digest)
{
	size_t n = digest->n_good / 4;

	n = n < 3 ? 3 : n > 10 ? 10 : n;
	if (digest->n_good >= 2 * n)
		put_patterns(page, digest, digest->good, n, "the best");
}

void
ww_prompt_failing(struct ww_page *page, const struct ww_digest *digest)
{
	if (digest->n_failed >= 2 && digest->n_good > 0)
		put_patterns(page, digest, digest->failed, digest->n_failed,
		             "the failed");
}

/* -- effects ----------------------------------------------------------------- */

struct effect {
	uint32_t slot;
	double explained; /* share of the variance of log(time) */
};

static int
by_explained(const void *a, const void *b)
{
	const struct effect *x = a;
	const struct effect *y = b;

	if (x->explained > y->explained)
		return -1;
	if (x->explained < y->explained)
		return 1;
	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

static int
by_number(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return x < y ? -1 : x > y;
}

struct groups {
	double *sums; /* of log(time) around its mean, by value */
	double *counts;
	double total; /* of the squares */
	size_t n;     /* trials in which the parameter exists */
	uint32_t used; /* values that occur */
};

static void
fill_groups(struct groups *groups, const struct ww_digest *digest,
            uint32_t slot)
{
	double mean = 0;
	size_t i;

	for (i = 0; i < digest->n_good; i++)
		if (ww_space_active(digest->space, digest->good[i]->indices,
		                    slot)) {
			mean += log(digest->good[i]->objective);
			groups->n++;
		}
	mean = groups->n > 0 ? mean / (double)groups->n : 0;
	for (i = 0; i < digest->n_good; i++) {
		const uint32_t *row = digest->good[i]->indices;
		double gap = log(digest->good[i]->objective) - mean;

		if (!ww_space_active(digest->space, row, slot))
			continue;
		groups->total += gap * gap;
		groups->sums[row[slot]] += gap;
		groups->used += groups->counts[row[slot]] <= 0;
		groups->counts[row[slot]] += 1;
	}
}

/* Part of the variance of log(time) that the values explain, less what as many
 * groups of as few trials would explain by chance. */
static double
explained_by(const struct ww_digest *digest, uint32_t slot)
{
	uint32_t n_values = digest->space->view.slots[slot].n_values;
	struct groups groups = {
		.sums = ww_alloc(n_values * sizeof(double)),
		.counts = ww_alloc(n_values * sizeof(double)),
	};
	double between = 0, inside, share = 0;
	uint32_t v;

	fill_groups(&groups, digest, slot);
	for (v = 0; v < n_values; v++)
		if (groups.counts[v] > 0)
			between += groups.sums[v] * groups.sums[v] /
			           groups.counts[v];
	free(groups.sums);
	free(groups.counts);
	if (groups.n > groups.used && groups.total > 0 &&
	    isfinite(groups.total)) {
		inside = (groups.total - between) /
		         ((double)groups.n - groups.used);
		share = (between - (groups.used - 1) * inside) / groups.total;
	}
	return share > 0 ? share : 0;
}

static double
median_relative(const struct ww_digest *digest, uint32_t slot, uint32_t value,
                double *times, size_t *count)
{
	size_t i, n = 0;

	for (i = 0; i < digest->n_good; i++) {
		const struct ww_trial *trial = digest->good[i];

		if (trial->indices[slot] == value &&
		    ww_space_active(digest->space, trial->indices, slot))
			times[n++] = ww_digest_relative(digest, trial);
	}
	*count = n;
	if (n == 0)
		return NAN;
	qsort(times, n, sizeof *times, by_number);
	return n % 2 == 1 ? times[n / 2]
	                  : (times[n / 2 - 1] + times[n / 2]) / 2;
}

static void
put_effect(struct ww_page *page, const struct ww_digest *digest,
           const struct effect *effect)
{
	const struct ww_slot *slot =
		&digest->space->view.slots[effect->slot];
	double *times = ww_alloc((digest->n_good + 1) * sizeof *times);
	uint32_t value;

	ww_page_add(page, "- %s (explains %.0f %%):", slot->name,
	            100 * effect->explained);
	for (value = 0; value < slot->n_values; value++) {
		size_t count;
		double median = median_relative(digest, effect->slot, value,
		                                times, &count);

		if (count > 0)
			ww_page_add(page, " %s: %.2f (%zu)",
			            slot->values[value].string, median, count);
	}
	ww_page_add(page, "\n");
	free(times);
}

void
ww_prompt_effects(struct ww_page *page, const struct ww_digest *digest)
{
	uint32_t n = digest->space->view.n_slots;
	struct effect *effects;
	uint32_t i, used = 0;

	if (digest->n_good < 4)
		return;
	effects = ww_alloc((n + 1) * sizeof *effects);
	for (i = 0; i < n; i++)
		if (digest->space->view.slots[i].n_values > 1) {
			effects[used].slot = i;
			effects[used++].explained = explained_by(digest, i);
		}
	qsort(effects, used, sizeof *effects, by_explained);
	for (i = 0; i < used; i++)
		put_effect(page, digest, &effects[i]);
	free(effects);
}

/* -- what was not tried ------------------------------------------------------- */

static void
put_untested_values(struct ww_page *page, const struct ww_digest *digest,
                    uint32_t slot)
{
	const struct ww_slot *s = &digest->space->view.slots[slot];
	uint32_t value, tried = 0, missing = 0;
	size_t count;

	for (value = 0; value < s->n_values; value++) {
		count = count_value(digest, digest->view->trials,
		                    digest->view->n_trials, slot, value);
		tried += count > 0;
		if (count > 0)
			continue;
		if (missing == 0)
			ww_page_add(page, "- %s never tried with:", s->name);
		if (missing < UNTESTED_SHOWN)
			ww_page_add(page, " %s", s->values[value].string);
		missing++;
	}
	if (missing > UNTESTED_SHOWN)
		ww_page_add(page, " (and %u more)", missing - UNTESTED_SHOWN);
	if (missing > 0)
		ww_page_add(page, "%s\n",
		            tried == 1 ? "; it was never varied" : "");
}

/* Whether a condition rules the pair of values out: one parameter does not exist
 * beside that value of the other. */
static bool
is_impossible(const struct ww_digest *digest, uint32_t a, uint32_t i,
              uint32_t b, uint32_t k)
{
	const struct ww_space *space = &digest->space->view;
	uint32_t *row = ww_alloc((space->n_slots + 1) * sizeof *row);
	bool impossible;

	memcpy(row, digest->view->trials[0]->indices,
	       space->n_slots * sizeof *row);
	row[a] = i;
	row[b] = k;
	space->canonical(space, row);
	impossible = row[a] != i || row[b] != k;
	free(row);
	return impossible;
}

/* Combinations of two parameters' values that no trial had. */
static void
put_untested_pair(struct ww_page *page, const struct ww_digest *digest,
                  uint32_t a, uint32_t b, unsigned *lines)
{
	const struct ww_slot *x = &digest->space->view.slots[a];
	const struct ww_slot *y = &digest->space->view.slots[b];
	char *seen = ww_alloc((size_t)x->n_values * y->n_values);
	uint32_t i, missing = 0;
	size_t t;

	for (t = 0; t < digest->view->n_trials; t++) {
		const uint32_t *row = digest->view->trials[t]->indices;

		seen[row[a] * y->n_values + row[b]] = 1;
	}
	for (i = 0; i < x->n_values * y->n_values; i++) {
		if (seen[i] || is_impossible(digest, a, i / y->n_values, b,
		                             i % y->n_values))
			continue;
		if (missing++ == 0)
			ww_page_add(page, "- %s with %s never together:",
			            x->name, y->name);
		if (missing <= MOST_COMBINATIONS)
			ww_page_add(page, " %s/%s",
			            x->values[i / y->n_values].string,
			            y->values[i % y->n_values].string);
	}
	if (missing > MOST_COMBINATIONS)
		ww_page_add(page, " (and %u more)",
		            missing - MOST_COMBINATIONS);
	if (missing > 0) {
		ww_page_add(page, "\n");
		(*lines)++;
	}
	free(seen);
}

void
ww_prompt_untested(struct ww_page *page, const struct ww_digest *digest)
{
	const struct ww_space *space = &digest->space->view;
	unsigned lines = 0;
	uint32_t a, b;

	if (digest->view->n_trials == 0)
		return;
	for (a = 0; a < space->n_slots; a++)
		put_untested_values(page, digest, a);
	for (a = 0; a < space->n_slots; a++)
		for (b = a + 1; b < space->n_slots && lines < MOST_PAIRS; b++) {
			uint64_t n = (uint64_t)space->slots[a].n_values *
			             space->slots[b].n_values;

			if (space->slots[a].n_values > 1 &&
			    space->slots[b].n_values > 1 &&
			    n <= LARGEST_PAIR && space->related(space, a, b))
				put_untested_pair(page, digest, a, b, &lines);
		}
}
