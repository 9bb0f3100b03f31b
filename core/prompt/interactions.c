/* SPDX-License-Identifier: MIT
 *
 * Pairs of parameters that only count together: what a value is worth depends on
 * the other one. Found as the part of the variance of log(time) that the pair
 * explains beyond the sum of both.
 */
#include <math.h>

#include "core/base/text.h"
#include "core/prompt/digest.h"

#define MOST_CELLS 64    /* combinations of values of a pair */
#define MOST_SHOWN 3
#define LEAST_TRIALS 12
#define LEAST_SHARE 0.1  /* of the variance */

struct pair {
	uint32_t a, b;
	double share;
};

struct cells {
	double sum[MOST_CELLS];
	double count[MOST_CELLS];
	double a_sum[MOST_CELLS], a_count[MOST_CELLS];
	double b_sum[MOST_CELLS], b_count[MOST_CELLS];
};

static bool
is_usable(const struct ww_digest *digest, uint32_t a, uint32_t b, size_t i)
{
	const uint32_t *row = digest->good[i]->indices;

	return ww_space_active(digest->space, row, a) &&
	       ww_space_active(digest->space, row, b);
}

/* Sums of log(time) around their mean; how many trials, and their variance. */
static size_t
fill(struct cells *cells, const struct ww_digest *digest, uint32_t a,
     uint32_t b, double *total)
{
	uint32_t width = digest->space->view.slots[b].n_values;
	double mean = 0;
	size_t i, n = 0;

	for (i = 0; i < digest->n_good; i++)
		if (is_usable(digest, a, b, i)) {
			mean += log(digest->good[i]->objective);
			n++;
		}
	mean = n > 0 ? mean / (double)n : 0;
	*total = 0;
	for (i = 0; i < digest->n_good; i++) {
		const uint32_t *row = digest->good[i]->indices;
		double gap = log(digest->good[i]->objective) - mean;

		if (!is_usable(digest, a, b, i))
			continue;
		*total += gap * gap;
		cells->sum[row[a] * width + row[b]] += gap;
		cells->count[row[a] * width + row[b]] += 1;
		cells->a_sum[row[a]] += gap;
		cells->a_count[row[a]] += 1;
		cells->b_sum[row[b]] += gap;
		cells->b_count[row[b]] += 1;
	}
	return n;
}

/* Share of the variance, less what so many cells explain by chance. */
static double
share_of(const struct ww_digest *digest, uint32_t a, uint32_t b)
{
	uint32_t height = digest->space->view.slots[a].n_values;
	uint32_t width = digest->space->view.slots[b].n_values;
	struct cells cells = { { 0 }, { 0 }, { 0 }, { 0 }, { 0 }, { 0 } };
	double total, between = 0, inside, used = 0;
	size_t n = fill(&cells, digest, a, b, &total);
	uint32_t i;

	for (i = 0; i < height * width; i++) {
		uint32_t x = i / width, y = i % width;
		double rest;

		if (cells.count[i] <= 0)
			continue;
		rest = cells.sum[i] / cells.count[i] -
		       cells.a_sum[x] / cells.a_count[x] -
		       cells.b_sum[y] / cells.b_count[y];
		between += rest * rest * cells.count[i];
		used++;
	}
	if (n < LEAST_TRIALS || used + 4 > (double)n || !(total > 0))
		return 0;
	inside = (total - between) / ((double)n - used);
	return (between - (used - 1) * fmax(inside, 0)) / total;
}

static void
keep(struct pair pairs[MOST_SHOWN], size_t *n, const struct pair *found)
{
	size_t k;

	if (*n == MOST_SHOWN && found->share <= pairs[*n - 1].share)
		return;
	k = *n < MOST_SHOWN ? (*n)++ : *n - 1;
	for (; k > 0 && pairs[k - 1].share < found->share; k--)
		pairs[k] = pairs[k - 1];
	pairs[k] = *found;
}

static void
put_cell(struct ww_page *page, const struct ww_digest *digest,
         const struct pair *pair, uint32_t x, uint32_t y)
{
	const struct ww_slot *slots = digest->space->view.slots;
	double best = INFINITY;
	size_t i, n = 0;

	for (i = 0; i < digest->n_good; i++) {
		const uint32_t *row = digest->good[i]->indices;

		if (row[pair->a] != x || row[pair->b] != y ||
		    !is_usable(digest, pair->a, pair->b, i))
			continue;
		best = fmin(best, ww_digest_relative(digest, digest->good[i]));
		n++;
	}
	if (n > 0)
		ww_page_add(page, " %s/%s: %.2f (%zu)",
		            slots[pair->a].values[x].string,
		            slots[pair->b].values[y].string, best, n);
}

void
ww_prompt_interactions(struct ww_page *page, const struct ww_digest *digest)
{
	const struct ww_space *space = &digest->space->view;
	struct pair pairs[MOST_SHOWN];
	size_t n = 0, i;
	uint32_t a, b, x, y;

	for (a = 0; a < space->n_slots; a++)
		for (b = a + 1; b < space->n_slots; b++) {
			struct pair pair = { a, b, 0 };
			uint64_t cells = (uint64_t)space->slots[a].n_values *
			                 space->slots[b].n_values;

			if (cells > MOST_CELLS || space->slots[a].n_values < 2 ||
			    space->slots[b].n_values < 2)
				continue;
			pair.share = share_of(digest, a, b);
			if (pair.share >= LEAST_SHARE)
				keep(pairs, &n, &pair);
		}
	for (i = 0; i < n; i++) {
		ww_page_add(page, "- %s with %s (%.0f %% beyond both alone):",
		            space->slots[pairs[i].a].name,
		            space->slots[pairs[i].b].name,
		            100 * pairs[i].share);
		for (x = 0; x < space->slots[pairs[i].a].n_values; x++)
			for (y = 0; y < space->slots[pairs[i].b].n_values; y++)
				put_cell(page, digest, &pairs[i], x, y);
		ww_page_add(page, "\n");
	}
}
