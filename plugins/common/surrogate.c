/* SPDX-License-Identifier: MIT */
#include "plugins/common/surrogate.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/candidates.h"

#define GOOD_SHARE 0.10
#define LEAST_GOOD 3
#define CENTRES WW_CANDIDATES_CENTRES
/* Results between two fits, and picks a fit. One result more teaches most while
 * there are few; later several picks of one fit, which must differ, find more
 * than as many of the latest fits, which all go to the same place. At last a
 * share of all, so that a search costs the square of its length, not the cube. */
#define SOON 12        /* one for that many results, */
#define FEW 5          /* up to this; then */
#define REFIT_SHARE 25 /* one for that many */
#define MOST_QUEUED 32 /* picks a fit */
/* Outstanding proposals that new picks keep a distance from. */
#define MOST_OUTSTANDING 32

int
ww_surrogate_start(struct ww_surrogate *surrogate, struct ww_search *search)
{
	memset(surrogate, 0, sizeof *surrogate);
	surrogate->search = search;
	surrogate->forest = ww_forest_new(search->space);
	surrogate->queue =
		calloc(MOST_QUEUED * (size_t)search->space->n_slots + 1,
	               sizeof *surrogate->queue);
	if (surrogate->forest != NULL && surrogate->queue != NULL &&
	    ww_moves_start(&surrogate->moves, search->space, &search->known))
		return 1;
	ww_surrogate_clear(surrogate);
	return 0;
}

void
ww_surrogate_clear(struct ww_surrogate *surrogate)
{
	ww_forest_free(surrogate->forest);
	ww_moves_clear(&surrogate->moves);
	free(surrogate->queue);
	free(surrogate->scores);
	free(surrogate->leaves);
	memset(surrogate, 0, sizeof *surrogate);
}

/* -- learning ---------------------------------------------------------------- */

struct lesson {
	const uint32_t **rows;
	double *good;
	double *bad;
	size_t *best;
	size_t n;
};

static void
forget(struct lesson *lesson)
{
	free(lesson->rows);
	free(lesson->good);
	free(lesson->bad);
	free(lesson->best);
}

/* Weights of the good: how far, in the logarithm, they lie under the first that
 * is not good; 1 in the mean. */
static void
weigh_good(struct lesson *lesson, const struct ww_points *known,
           const size_t *places, size_t n_good, double threshold)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < n_good; i++) {
		double time = known->objectives[lesson->best[i]];
		double gap = log(fmax(threshold, DBL_MIN)) -
		             log(fmax(time, DBL_MIN));

		lesson->good[places[lesson->best[i]]] = fmax(gap, 1e-5);
		sum += fmax(gap, 1e-5);
	}
	for (i = 0; i < n_good; i++) {
		size_t at = places[lesson->best[i]];

		lesson->good[at] *= (double)n_good / sum;
		lesson->bad[at] = 0;
	}
}

static size_t
count_good(const struct ww_points *known, size_t from)
{
	size_t i, n = 0;

	for (i = from; i < known->n; i++)
		n += isfinite(known->objectives[i]) ? 1 : 0;
	return n;
}

/* The examples: all told points, except older ones that are better than what
 * the present start has found, which would draw the search back to them. */
static void
add_examples(struct lesson *lesson, const struct ww_points *known, size_t from,
             double threshold, size_t *places)
{
	size_t i;

	for (i = 0; i < known->n; i++) {
		double time = known->objectives[i];

		if (isnan(time) || (i < from && time <= threshold))
			continue;
		places[i] = lesson->n;
		lesson->rows[lesson->n] = ww_points_row(known, i);
		lesson->good[lesson->n] = 0;
		lesson->bad[lesson->n++] = 1;
	}
}

static ww_status
prepare(struct lesson *lesson, const struct ww_points *known, size_t from)
{
	size_t n_good = (size_t)ceil(GOOD_SHARE *
	                             (double)count_good(known, from));
	size_t *places = malloc((known->n + 1) * sizeof *places);
	double threshold;
	size_t n_best;

	n_good = n_good < LEAST_GOOD ? LEAST_GOOD : n_good;
	memset(lesson, 0, sizeof *lesson);
	lesson->rows = malloc((known->n + 1) * sizeof *lesson->rows);
	lesson->good = malloc((known->n + 1) * sizeof *lesson->good);
	lesson->bad = malloc((known->n + 1) * sizeof *lesson->bad);
	lesson->best = malloc((n_good + 1) * sizeof *lesson->best);
	if (places == NULL || lesson->rows == NULL || lesson->good == NULL ||
	    lesson->bad == NULL || lesson->best == NULL) {
		free(places);
		return WW_E_NO_MEMORY;
	}
	n_best = ww_points_best_from(known, from, lesson->best, n_good + 1);
	n_good = n_best <= n_good ? n_best - 1 : n_good;
	threshold = known->objectives[lesson->best[n_good]];
	add_examples(lesson, known, from, threshold, places);
	weigh_good(lesson, known, places, n_good, threshold);
	free(places);
	return WW_OK;
}

static ww_status
learn(struct ww_surrogate *surrogate)
{
	const struct ww_points *known = &surrogate->search->known;
	struct ww_forest_data data;
	struct lesson lesson;
	ww_status status = prepare(&lesson, known, surrogate->from);

	data.rows = lesson.rows;
	data.good = lesson.good;
	data.bad = lesson.bad;
	data.n = lesson.n;
	if (status == WW_OK)
		status = ww_forest_fit(surrogate->forest, &data,
		                       surrogate->search->host->random);
	forget(&lesson);
	surrogate->fitted_at = known->n_told;
	return status;
}

/* Results that make a new fit worth its time. */
static size_t
patience(const struct ww_points *known)
{
	size_t soon = known->n_told / SOON;
	size_t late = known->n_told / REFIT_SHARE;

	soon = soon < FEW ? soon : FEW;
	soon = soon > 1 ? soon : 1;
	return late > soon ? late : soon;
}

static int
is_stale(const struct ww_surrogate *surrogate)
{
	const struct ww_points *known = &surrogate->search->known;

	return surrogate->fitted_at == 0 ||
	       known->n_told >= surrogate->fitted_at + patience(known);
}

/* -- choice --------------------------------------------------------------------- */

static ww_status
score(struct ww_surrogate *surrogate)
{
	const struct ww_points *found = &surrogate->moves.found;
	size_t i;

	if (found->n > surrogate->capacity) {
		size_t n = found->n * 2;
		double *scores = realloc(surrogate->scores,
		                         n * sizeof *scores);
		uint32_t *leaves;

		if (scores == NULL)
			return WW_E_NO_MEMORY;
		surrogate->scores = scores;
		leaves = realloc(surrogate->leaves,
		                 n * WW_FOREST_TREES * sizeof *leaves);
		if (leaves == NULL)
			return WW_E_NO_MEMORY;
		surrogate->leaves = leaves;
		surrogate->capacity = n;
	}
	for (i = 0; i < found->n; i++)
		surrogate->scores[i] = ww_forest_good(
			surrogate->forest, ww_points_row(found, i),
			surrogate->leaves + i * WW_FOREST_TREES);
	return WW_OK;
}

/* Share of the trees that put both into one leaf. */
static double
similarity(const uint32_t *a, const uint32_t *b)
{
	unsigned same = 0;
	int tree;

	for (tree = 0; tree < WW_FOREST_TREES; tree++)
		same += a[tree] == b[tree];
	return (double)same / WW_FOREST_TREES;
}

/* Lowers every score by its similarity to one chosen row. The greedy choice is
 * by probability minus mean similarity; sums keep it one pass a choice. */
static void
add_similarity(struct ww_surrogate *surrogate, const uint32_t *leaves,
               double *sums)
{
	size_t i;

	for (i = 0; i < surrogate->moves.found.n; i++)
		sums[i] += similarity(
			leaves, surrogate->leaves + i * WW_FOREST_TREES);
}

static size_t
add_outstanding(struct ww_surrogate *surrogate, double *sums)
{
	const struct ww_points *known = &surrogate->search->known;
	uint32_t leaves[WW_FOREST_TREES];
	size_t i, n = 0;

	for (i = known->n; i-- > 0 && n < MOST_OUTSTANDING;) {
		if (!isnan(known->objectives[i]))
			continue;
		ww_forest_good(surrogate->forest, ww_points_row(known, i),
		               leaves);
		add_similarity(surrogate, leaves, sums);
		n++;
	}
	return n;
}

static ww_status
choose(struct ww_surrogate *surrogate)
{
	const struct ww_points *found = &surrogate->moves.found;
	size_t width = surrogate->search->space->n_slots;
	double *sums = calloc(found->n + 1, sizeof *sums);
	size_t wanted = patience(&surrogate->search->known);
	size_t n, i;

	if (sums == NULL)
		return WW_E_NO_MEMORY;
	wanted = wanted < MOST_QUEUED ? wanted : MOST_QUEUED;
	n = add_outstanding(surrogate, sums);
	surrogate->n_queue = 0;
	surrogate->next = 0;
	wanted = wanted < found->n ? wanted : found->n;
	while (surrogate->n_queue < wanted) {
		double most = -INFINITY;
		size_t pick = 0;

		for (i = 0; i < found->n; i++) {
			double value = surrogate->scores[i];

			if (n > 0)
				value -= sums[i] / (double)n;
			if (value > most) {
				most = value;
				pick = i;
			}
		}
		memcpy(surrogate->queue + surrogate->n_queue++ * width,
		       ww_points_row(found, pick), width * sizeof(uint32_t));
		surrogate->scores[pick] = -INFINITY;
		add_similarity(surrogate,
		               surrogate->leaves + pick * WW_FOREST_TREES,
		               sums);
		n++;
	}
	free(sums);
	return WW_OK;
}

void
ww_surrogate_restart(struct ww_surrogate *surrogate, size_t from)
{
	surrogate->from = from;
	surrogate->fitted_at = 0;
}

/* -- picks --------------------------------------------------------------------- */

static int
take_from_queue(struct ww_surrogate *surrogate, uint32_t *row)
{
	size_t width = surrogate->search->space->n_slots;

	while (surrogate->next < surrogate->n_queue) {
		const uint32_t *pick =
			surrogate->queue + surrogate->next++ * width;

		if (ww_points_find(&surrogate->search->known, pick) !=
		    WW_POINT_NONE)
			continue;
		memcpy(row, pick, width * sizeof *row);
		return 1;
	}
	return 0;
}

ww_status
ww_surrogate_pick(struct ww_surrogate *surrogate, uint32_t *row)
{
	ww_status status = WW_OK;

	if (count_good(&surrogate->search->known, surrogate->from) < 2)
		return WW_PENDING;
	if (!is_stale(surrogate) && take_from_queue(surrogate, row))
		return WW_OK;
	if (is_stale(surrogate))
		status = learn(surrogate);
	if (status == WW_OK)
		status = ww_candidates_gather(&surrogate->moves,
		                              surrogate->search,
		                              surrogate->from);
	if (status == WW_OK)
		status = score(surrogate);
	if (status == WW_OK)
		status = choose(surrogate);
	if (status != WW_OK)
		return status;
	return take_from_queue(surrogate, row) ? WW_OK : WW_PENDING;
}

ww_status
ww_surrogate_polish(struct ww_surrogate *surrogate, uint32_t *row)
{
	const struct ww_points *known = &surrogate->search->known;
	const struct ww_points *found = &surrogate->moves.found;
	size_t best[CENTRES];
	size_t n = ww_points_best(known, best, CENTRES);
	ww_status status = WW_OK;
	size_t i, pick = 0;

	if (n < 2 || count_good(known, surrogate->from) < 2)
		return WW_PENDING;
	if (is_stale(surrogate))
		status = learn(surrogate);
	ww_moves_empty(&surrogate->moves);
	for (i = 0; i < n && found->n == 0 && status == WW_OK; i++)
		status = ww_moves_any(&surrogate->moves,
		                      ww_points_row(known, best[i]));
	if (status == WW_OK)
		status = score(surrogate);
	if (status != WW_OK)
		return status;
	if (found->n == 0)
		return WW_PENDING;
	for (i = 1; i < found->n; i++)
		if (surrogate->scores[i] > surrogate->scores[pick])
			pick = i;
	memcpy(row, ww_points_row(found, pick),
	       surrogate->search->space->n_slots * sizeof *row);
	return WW_OK;
}
