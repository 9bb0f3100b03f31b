/* SPDX-License-Identifier: MIT */
#include "core/engine/portfolio.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"
#include "core/measure/stats.h"

/* A gain in relative time that is worth a place of its own in the cover. */
#define LEAST_GAIN 0.01
/* Configurations a source: what did best in one other place alone says little
 * about this one, and each of them costs an evaluation. */
#define A_SOURCE 4
/* Stands for the relative time of a failure, whose logarithm must be finite. */
#define FAILED 0.01

struct result {
	uint32_t source; /* 0, 1, … */
	uint32_t number; /* of the result, in order of adding */
	uint32_t point;  /* equal for equal configurations */
	double value;    /* objective, then best of the source / objective */
};

struct ww_portfolio {
	uint32_t n_slots;
	uint32_t n_sources;
	uint32_t *rows; /* one a result */
	struct result *results;
	size_t n, room;
};

struct ww_portfolio *
ww_portfolio_new(uint32_t n_slots)
{
	struct ww_portfolio *portfolio = ww_alloc(sizeof *portfolio);

	portfolio->n_slots = n_slots;
	return portfolio;
}

void
ww_portfolio_free(struct ww_portfolio *portfolio)
{
	if (portfolio == NULL)
		return;
	free(portfolio->rows);
	free(portfolio->results);
	free(portfolio);
}

void
ww_portfolio_source(struct ww_portfolio *portfolio)
{
	portfolio->n_sources++;
}

void
ww_portfolio_add(struct ww_portfolio *portfolio, const uint32_t *indices,
                 double objective)
{
	struct result *result;

	if (portfolio->n_sources == 0)
		portfolio->n_sources = 1;
	if (portfolio->n == portfolio->room) {
		portfolio->room = portfolio->room * 2 + 128;
		portfolio->results =
			ww_grow(portfolio->results,
		                portfolio->room * sizeof *portfolio->results);
		portfolio->rows = ww_grow(
			portfolio->rows,
			(portfolio->room * portfolio->n_slots + 1) *
				sizeof *portfolio->rows);
	}
	memcpy(portfolio->rows + portfolio->n * portfolio->n_slots, indices,
	       portfolio->n_slots * sizeof *indices);
	result = &portfolio->results[portfolio->n];
	result->source = portfolio->n_sources - 1;
	result->number = (uint32_t)portfolio->n++;
	result->point = 0;
	result->value = isfinite(objective) && objective > 0 ? objective
	                                                     : INFINITY;
}

/* ------------------------------------------------- a table point by source */

/* Points with their value on every source: best time there / its time, FAILED
 * where it failed, the source's median where it was never tried. */
struct table {
	const struct ww_portfolio *portfolio;
	const uint32_t **points;
	double *values;
	size_t n_points;
};

struct key {
	const uint32_t *row;
	uint32_t n_slots;
	uint32_t number;
};

static int
compare_keys(const void *a, const void *b)
{
	const struct key *x = a, *y = b;
	uint32_t i;

	for (i = 0; i < x->n_slots; i++)
		if (x->row[i] != y->row[i])
			return x->row[i] < y->row[i] ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static bool
is_same(const struct key *a, const struct key *b)
{
	return memcmp(a->row, b->row, a->n_slots * sizeof *a->row) == 0;
}

/* Gives equal configurations one number, and lists them. */
static void
number_points(struct table *table, struct result *results)
{
	const struct ww_portfolio *portfolio = table->portfolio;
	struct key *keys = ww_alloc((portfolio->n + 1) * sizeof *keys);
	size_t i;

	for (i = 0; i < portfolio->n; i++) {
		keys[i].row = portfolio->rows + i * portfolio->n_slots;
		keys[i].n_slots = portfolio->n_slots;
		keys[i].number = (uint32_t)i;
	}
	qsort(keys, portfolio->n, sizeof *keys, compare_keys);
	table->points = ww_alloc((portfolio->n + 1) * sizeof *table->points);
	for (i = 0; i < portfolio->n; i++) {
		if (i == 0 || !is_same(&keys[i - 1], &keys[i]))
			table->points[table->n_points++] = keys[i].row;
		results[keys[i].number].point = (uint32_t)table->n_points - 1;
	}
	free(keys);
}

static void
fill_source(struct table *table, const struct result *results, uint32_t source)
{
	const struct ww_portfolio *portfolio = table->portfolio;
	double *column = table->values + source * table->n_points;
	double *known = ww_alloc((portfolio->n + 1) * sizeof *known);
	double best = INFINITY, median;
	size_t i, n = 0;

	for (i = 0; i < portfolio->n; i++)
		if (results[i].source == source)
			best = fmin(best, results[i].value);
	for (i = 0; i < portfolio->n; i++)
		if (results[i].source == source && isfinite(best))
			known[n++] = fmax(best / results[i].value, FAILED);
	median = n > 0 ? ww_median(known, n) : FAILED;
	for (i = 0; i < table->n_points; i++)
		column[i] = median;
	for (i = 0; i < portfolio->n; i++)
		if (results[i].source == source && isfinite(best))
			column[results[i].point] =
				fmax(best / results[i].value, FAILED);
	free(known);
}

static void
make_table(struct table *table, const struct ww_portfolio *portfolio)
{
	struct result *results = ww_alloc((portfolio->n + 1) *
	                                  sizeof *results);
	uint32_t source;

	memset(table, 0, sizeof *table);
	table->portfolio = portfolio;
	if (portfolio->n > 0)
		memcpy(results, portfolio->results,
		       portfolio->n * sizeof *results);
	number_points(table, results);
	table->values = ww_alloc((table->n_points * portfolio->n_sources + 1) *
	                         sizeof *table->values);
	for (source = 0; source < portfolio->n_sources; source++)
		fill_source(table, results, source);
	free(results);
}

/* ------------------------------------------------------------------ choosing */

/* What the point adds to the best value so far on each source. */
static double
gain_of(const struct table *table, size_t point, const double *covered)
{
	double gain = 0;
	uint32_t s;

	for (s = 0; s < table->portfolio->n_sources; s++)
		gain += fmax(0, table->values[s * table->n_points + point] -
		                        covered[s]);
	return gain;
}

static double
mean_logarithm(const struct table *table, size_t point)
{
	double sum = 0;
	uint32_t s;

	for (s = 0; s < table->portfolio->n_sources; s++)
		sum += log(table->values[s * table->n_points + point]);
	return sum / table->portfolio->n_sources;
}

/* The point that adds most to the cover, or SIZE_MAX if that is next to
 * nothing. */
static size_t
next_of_cover(const struct table *table, const double *covered)
{
	double most = LEAST_GAIN;
	size_t i, pick = SIZE_MAX;

	for (i = 0; i < table->n_points; i++) {
		double gain = gain_of(table, i, covered);

		if (gain > most) {
			most = gain;
			pick = i;
		}
	}
	return pick;
}

/* Whether the point differs in one parameter at most from one of `rows`. */
static bool
is_near(const struct table *table, size_t point, const uint32_t *rows, size_t n)
{
	uint32_t n_slots = table->portfolio->n_slots;
	const uint32_t *row = table->points[point];
	uint32_t s, differences;
	size_t i;

	for (i = 0; i < n; i++) {
		for (s = 0, differences = 0; s < n_slots; s++)
			differences += row[s] != rows[i * n_slots + s];
		if (differences < 2)
			return true;
	}
	return false;
}

/* What does well on all sources; neighbours of one another say the same thing
 * about a new place, so there only one of them is tried. */
static size_t
next_of_rank(const struct table *table, const uint32_t *rows, size_t n)
{
	double most = log(FAILED);
	size_t i, pick = SIZE_MAX;

	for (i = 0; i < table->n_points; i++) {
		double value = mean_logarithm(table, i);

		if (value > most && !is_near(table, i, rows, n)) {
			most = value;
			pick = i;
		}
	}
	return pick;
}

size_t
ww_portfolio_choose(const struct ww_portfolio *portfolio, size_t most,
                    uint32_t *rows)
{
	struct table table;
	double *covered = ww_alloc((portfolio->n_sources + 1) *
	                           sizeof *covered);
	size_t limit = (size_t)portfolio->n_sources * A_SOURCE;
	size_t n = 0;

	most = most < limit ? most : limit;
	make_table(&table, portfolio);
	while (n < most) {
		size_t pick = next_of_cover(&table, covered);
		uint32_t s;

		if (pick == SIZE_MAX)
			pick = next_of_rank(&table, rows, n);
		if (pick == SIZE_MAX)
			break;
		for (s = 0; s < portfolio->n_sources; s++)
			covered[s] = fmax(covered[s],
			                  table.values[s * table.n_points +
			                               pick]);
		memcpy(rows + n++ * portfolio->n_slots, table.points[pick],
		       portfolio->n_slots * sizeof *rows);
	}
	free(covered);
	free(table.points);
	free(table.values);
	return n;
}
