/* SPDX-License-Identifier: MIT */
#include "plugins/common/improvement.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/candidates.h"
#include "plugins/common/levels.h"

/* Results, told or outstanding, up to which this is worth its time. */
#define MOST_RESULTS 256
/* Learning is dear and what is learnt changes slowly: many steps at first, then
 * some whenever there are this many times the results. */
#define FIRST_STEPS 40
#define LATER_STEPS 12
#define LEARN_AGAIN 1.15
/* Candidates serve for one pick in this many results, if no better best comes
 * before: what the process thinks of them is always made anew. */
#define RESULTS_A_PICK 40
/* The best candidates get their neighbours as candidates, and so on. */
#define CLIMBS 3
#define CLIMBERS 3

int
ww_improvement_start(struct ww_improvement *improvement,
                     struct ww_search *search)
{
	memset(improvement, 0, sizeof *improvement);
	improvement->search = search;
	if (!ww_gaussian_start(&improvement->process, search->space))
		return 0;
	if (ww_moves_start(&improvement->moves, search->space, &search->known))
		return 1;
	ww_improvement_clear(improvement);
	return 0;
}

void
ww_improvement_clear(struct ww_improvement *improvement)
{
	ww_gaussian_clear(&improvement->process);
	ww_moves_clear(&improvement->moves);
	free(improvement->scores);
	free(improvement->variances);
	free(improvement->climbed);
	memset(improvement, 0, sizeof *improvement);
}

int
ww_improvement_suits(const struct ww_improvement *improvement)
{
	return improvement->process.factors.n > 0 &&
	       improvement->search->known.n <= MOST_RESULTS;
}

/* -- learning ---------------------------------------------------------------- */

struct lesson {
	const uint32_t *rows[MOST_RESULTS];
	double levels[MOST_RESULTS];
	size_t n;      /* told */
	size_t n_all;  /* and outstanding */
	double best;   /* level */
};

static unsigned
count_steps(struct ww_improvement *improvement, size_t n)
{
	unsigned steps = improvement->n_learnt > 0 ? LATER_STEPS : FIRST_STEPS;

	if ((double)n < LEARN_AGAIN * (double)improvement->n_learnt)
		return 0;
	improvement->n_learnt = n;
	return steps;
}

static int
read_results(const struct ww_points *known, struct lesson *lesson)
{
	double objectives[MOST_RESULTS];
	size_t i;

	for (i = 0; i < known->n; i++)
		if (!isnan(known->objectives[i])) {
			lesson->rows[lesson->n] = ww_points_row(known, i);
			objectives[lesson->n++] = known->objectives[i];
		}
	if (!ww_levels_make(objectives, lesson->n, lesson->levels))
		return 0;
	for (i = 0; i < lesson->n; i++)
		lesson->best = fmin(lesson->best, lesson->levels[i]);
	lesson->n_all = lesson->n;
	return 1;
}

static void
expect_outstanding(const struct ww_improvement *improvement,
                   struct lesson *lesson)
{
	const struct ww_points *known = &improvement->search->known;
	size_t i;

	for (i = 0; i < known->n; i++) {
		const uint32_t *row = ww_points_row(known, i);

		if (!isnan(known->objectives[i]))
			continue;
		lesson->rows[lesson->n_all] = row;
		lesson->levels[lesson->n_all++] =
			ww_gaussian_mean(&improvement->process, row);
	}
}

/* Writes the best level. */
static ww_status
learn(struct ww_improvement *improvement, double *best)
{
	struct lesson lesson = { .best = INFINITY };
	ww_status status;

	if (!read_results(&improvement->search->known, &lesson))
		return WW_E_NO_MEMORY;
	*best = lesson.best;
	status = ww_gaussian_fit(&improvement->process, lesson.rows,
	                         lesson.levels, lesson.n,
	                         count_steps(improvement, lesson.n));
	if (status != WW_OK)
		return status;
	expect_outstanding(improvement, &lesson);
	if (lesson.n_all == lesson.n)
		return WW_OK;
	return ww_gaussian_fit(&improvement->process, lesson.rows,
	                       lesson.levels, lesson.n_all, 0);
}

/* -- candidates -------------------------------------------------------------- */

/* Makes the process watch the candidates from number `first` on. */
static ww_status
watch(struct ww_improvement *improvement, size_t first)
{
	const struct ww_points *found = &improvement->moves.found;
	ww_status status = WW_OK;

	for (; first < found->n && status == WW_OK; first++)
		status = ww_gaussian_watch(&improvement->process,
		                           ww_points_row(found, first));
	return status;
}

static ww_status
gather(struct ww_improvement *improvement)
{
	ww_status status = ww_candidates_gather(&improvement->moves,
	                                        improvement->search, 0);

	improvement->n_picked = 0;
	ww_gaussian_unwatch(&improvement->process);
	return status == WW_OK ? watch(improvement, 0) : status;
}

static int
reserve(struct ww_improvement *improvement, size_t n)
{
	double *scores, *variances;
	unsigned char *climbed;

	if (n <= improvement->capacity)
		return 1;
	n = n * 2 + 64;
	scores = realloc(improvement->scores, n * sizeof *scores);
	if (scores != NULL)
		improvement->scores = scores;
	variances = realloc(improvement->variances, n * sizeof *variances);
	if (variances != NULL)
		improvement->variances = variances;
	climbed = realloc(improvement->climbed, n);
	if (climbed != NULL)
		improvement->climbed = climbed;
	if (scores == NULL || variances == NULL || climbed == NULL)
		return 0;
	memset(climbed + improvement->capacity, 0, n - improvement->capacity);
	improvement->capacity = n;
	return 1;
}

/* Logarithm of the improvement to expect. Far from any, where it is too small
 * for a number, what is nearer to one comes first. */
static double
expected(double best, double mean, double variance)
{
	double deviation = sqrt(variance);
	double z = (best - mean) / deviation;

	if (z < -6)
		return -1e9 + z;
	return log(deviation) +
	       log(z * 0.5 * erfc(-z / sqrt(2)) +
	           exp(-0.5 * z * z) / sqrt(2 * 3.14159265358979) + 1e-300);
}

static ww_status
score(struct ww_improvement *improvement, double best)
{
	size_t n = improvement->moves.found.n;
	ww_status status;
	size_t i;

	if (!reserve(improvement, n + WW_GAUSSIAN_BLOCK))
		return WW_E_NO_MEMORY;
	status = ww_gaussian_look(&improvement->process, improvement->scores,
	                          improvement->variances);
	for (i = 0; i < n && status == WW_OK; i++)
		improvement->scores[i] = expected(best, improvement->scores[i],
		                                  improvement->variances[i]);
	return status;
}

/* Number of the best candidate that has not climbed yet, or WW_POINT_NONE. */
static size_t
find_climber(const struct ww_improvement *improvement, size_t n)
{
	size_t best = WW_POINT_NONE;
	size_t i;

	for (i = 0; i < n; i++)
		if (!improvement->climbed[i] &&
		    (best == WW_POINT_NONE ||
		     improvement->scores[i] > improvement->scores[best]))
			best = i;
	return best;
}

/* Adds the neighbours of the best candidates. */
static ww_status
climb(struct ww_improvement *improvement, uint32_t *scratch)
{
	const struct ww_points *found = &improvement->moves.found;
	size_t bytes = found->n_slots * sizeof *scratch;
	size_t n = found->n;
	ww_status status = WW_OK;
	int i;

	for (i = 0; i < CLIMBERS && status == WW_OK; i++) {
		size_t climber = find_climber(improvement, n);

		if (climber == WW_POINT_NONE)
			break;
		improvement->climbed[climber] = 1;
		/* The points may move while they become more. */
		memcpy(scratch, ww_points_row(found, climber), bytes);
		status = ww_moves_any(&improvement->moves, scratch);
	}
	return status == WW_OK ? watch(improvement, n) : status;
}

static ww_status
renew(struct ww_improvement *improvement, double best, uint32_t *scratch)
{
	ww_status status = gather(improvement);
	int i;

	if (improvement->capacity > 0)
		memset(improvement->climbed, 0, improvement->capacity);
	for (i = 0; i < CLIMBS && status == WW_OK; i++) {
		status = score(improvement, best);
		if (status == WW_OK)
			status = climb(improvement, scratch);
	}
	return status;
}

static int
is_used_up(const struct ww_improvement *improvement)
{
	const struct ww_points *known = &improvement->search->known;
	size_t best;

	ww_points_best(known, &best, 1);
	return improvement->moves.found.n == 0 ||
	       improvement->n_picked * RESULTS_A_PICK >= known->n_told ||
	       known->objectives[best] < improvement->best;
}

/* -- picks ------------------------------------------------------------------- */

static ww_status
take_best(struct ww_improvement *improvement, uint32_t *row)
{
	const struct ww_points *known = &improvement->search->known;
	const struct ww_points *found = &improvement->moves.found;
	size_t best = WW_POINT_NONE;
	size_t i;

	for (i = 0; i < found->n; i++)
		if ((best == WW_POINT_NONE ||
		     improvement->scores[i] > improvement->scores[best]) &&
		    ww_points_find(known, ww_points_row(found, i)) ==
		            WW_POINT_NONE)
			best = i;
	if (best == WW_POINT_NONE)
		return WW_PENDING;
	memcpy(row, ww_points_row(found, best), found->n_slots * sizeof *row);
	improvement->n_picked++;
	return WW_OK;
}

ww_status
ww_improvement_pick(struct ww_improvement *improvement, uint32_t *row)
{
	const struct ww_points *known = &improvement->search->known;
	size_t best_point;
	double best = 0;
	ww_status status;

	if (known->n_good < 2)
		return WW_PENDING;
	status = learn(improvement, &best);
	if (status == WW_OK && is_used_up(improvement)) {
		ww_points_best(known, &best_point, 1);
		improvement->best = known->objectives[best_point];
		status = renew(improvement, best, row);
	}
	if (status == WW_OK)
		status = score(improvement, best);
	if (status != WW_OK)
		return status;
	status = take_best(improvement, row);
	if (status == WW_PENDING)
		improvement->n_picked = known->n_told;
	return status;
}
