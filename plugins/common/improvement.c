/* SPDX-License-Identifier: MIT */
#include "plugins/common/improvement.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/candidates.h"
#include "plugins/common/levels.h"

/* Results, told or outstanding, up to which this is worth its time. */
#define MOST_RESULTS 1024
/* Results that the process learns from at most. */
#define MOST_EXAMPLES 448
/* Where there are more, so many of the best are kept, and with a spread of the
 * others so many in all; newer ones join them until there are too many again. */
#define KEPT_BEST 160
#define KEPT 320
/* Outstanding ones that are foreseen, the newest. */
#define MOST_OUTSTANDING 64
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
	ww_basins_start(&improvement->basins, search);
	if (!ww_gaussian_start(&improvement->process, search->space))
		return 0;
	improvement->kept = calloc(KEPT, sizeof *improvement->kept);
	if (improvement->kept != NULL &&
	    ww_moves_start(&improvement->moves, search->space,
	                   &search->known) &&
	    ww_moves_start(&improvement->turns, search->space, &search->known))
		return 1;
	ww_improvement_clear(improvement);
	return 0;
}

void
ww_improvement_clear(struct ww_improvement *improvement)
{
	ww_gaussian_clear(&improvement->process);
	ww_moves_clear(&improvement->moves);
	ww_moves_clear(&improvement->turns);
	ww_basins_clear(&improvement->basins);
	free(improvement->kept);
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

/* What a pick is to be better than, and where. */
struct aim {
	double level;
	int outside; /* of the closed basins only */
};

struct lesson {
	const uint32_t *rows[MOST_EXAMPLES + MOST_OUTSTANDING];
	double levels[MOST_EXAMPLES + MOST_OUTSTANDING];
	double objectives[MOST_EXAMPLES];
	size_t n;      /* told */
	size_t n_all;  /* and outstanding */
};

static unsigned
count_steps(struct ww_improvement *improvement)
{
	unsigned steps = improvement->n_learnt > 0 ? LATER_STEPS : FIRST_STEPS;
	size_t n = improvement->search->known.n_told;

	if ((double)n < LEARN_AGAIN * (double)improvement->n_learnt)
		return 0;
	improvement->n_learnt = n;
	return steps;
}

static int
is_told(const struct ww_points *known, size_t i)
{
	return !isnan(known->objectives[i]);
}

/* Chooses anew which results are kept. */
static void
choose_kept(struct ww_improvement *improvement)
{
	const struct ww_points *known = &improvement->search->known;
	size_t *kept = improvement->kept;
	size_t n = ww_points_best(known, kept, KEPT_BEST);
	double last = n > 0 ? known->objectives[kept[n - 1]] : -INFINITY;
	size_t others = known->n_told - n, seen = 0, i;

	for (i = 0; i < known->n && n < KEPT; i++) {
		size_t share = KEPT - KEPT_BEST;

		if (!is_told(known, i) || known->objectives[i] <= last)
			continue;
		if (seen++ * share % others < share)
			kept[n++] = i;
	}
	improvement->n_kept = n;
	improvement->kept_until = known->n;
}

static size_t
count_newer(const struct ww_improvement *improvement)
{
	const struct ww_points *known = &improvement->search->known;
	size_t i, n = 0;

	for (i = improvement->kept_until; i < known->n; i++)
		n += is_told(known, i) ? 1 : 0;
	return n;
}

static void
take(struct lesson *lesson, const struct ww_points *known, size_t i)
{
	lesson->rows[lesson->n] = ww_points_row(known, i);
	lesson->objectives[lesson->n++] = known->objectives[i];
}

static int
read_results(struct ww_improvement *improvement, struct lesson *lesson)
{
	const struct ww_points *known = &improvement->search->known;
	size_t i;

	if (improvement->n_kept + count_newer(improvement) > MOST_EXAMPLES)
		choose_kept(improvement);
	for (i = 0; i < improvement->n_kept; i++)
		take(lesson, known, improvement->kept[i]);
	for (i = improvement->kept_until; i < known->n; i++)
		if (is_told(known, i))
			take(lesson, known, i);
	lesson->n_all = lesson->n;
	return ww_levels_make(lesson->objectives, lesson->n, lesson->levels);
}

static void
expect_outstanding(const struct ww_improvement *improvement,
                   struct lesson *lesson)
{
	const struct ww_points *known = &improvement->search->known;
	size_t left = known->n - known->n_told;
	size_t i;

	for (i = 0; i < known->n && left > 0; i++) {
		const uint32_t *row = ww_points_row(known, i);

		if (is_told(known, i) || left-- > MOST_OUTSTANDING)
			continue;
		lesson->rows[lesson->n_all] = row;
		lesson->levels[lesson->n_all++] =
			ww_gaussian_mean(&improvement->process, row);
	}
}

/* The aims of a pick anywhere and of one outside the closed basins. */
static void
set_aims(const struct ww_improvement *improvement, const struct lesson *lesson,
         struct aim *anywhere, struct aim *outside)
{
	size_t i;

	anywhere->level = outside->level = INFINITY;
	for (i = 0; i < lesson->n; i++) {
		double level = lesson->levels[i];

		anywhere->level = fmin(anywhere->level, level);
		if (level < outside->level &&
		    ww_basins_outside(&improvement->basins, lesson->rows[i]))
			outside->level = level;
	}
	outside->outside = isfinite(outside->level);
	if (!outside->outside)
		*outside = *anywhere;
}

static ww_status
learn(struct ww_improvement *improvement, struct aim *anywhere,
      struct aim *outside)
{
	struct lesson lesson = { .n = 0 };
	ww_status status;

	if (!read_results(improvement, &lesson))
		return WW_E_NO_MEMORY;
	set_aims(improvement, &lesson, anywhere, outside);
	status = ww_gaussian_fit(&improvement->process, lesson.rows,
	                         lesson.levels, lesson.n,
	                         count_steps(improvement));
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

static int
is_hunting(const struct ww_improvement *improvement)
{
	return improvement->basins.closed.n > 0;
}

static ww_status
gather(struct ww_improvement *improvement)
{
	size_t best[WW_CANDIDATES_CENTRES];
	ww_status status = ww_candidates_gather(&improvement->moves,
	                                        improvement->search, 0);

	if (status == WW_OK && is_hunting(improvement))
		status = ww_candidates_around(
			&improvement->moves, improvement->search, best,
			ww_basins_best(&improvement->basins, best,
		                       WW_CANDIDATES_CENTRES));
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

/* Scores of -INFINITY are not in question. */
static ww_status
score(struct ww_improvement *improvement, const struct aim *aim)
{
	const struct ww_points *found = &improvement->moves.found;
	double *scores;
	ww_status status;
	size_t i;

	if (!reserve(improvement, found->n + WW_GAUSSIAN_BLOCK))
		return WW_E_NO_MEMORY;
	scores = improvement->scores;
	status = ww_gaussian_look(&improvement->process, scores,
	                          improvement->variances);
	for (i = 0; i < found->n && status == WW_OK; i++) {
		if (aim->outside &&
		    !ww_basins_outside(&improvement->basins,
		                       ww_points_row(found, i)))
			scores[i] = -INFINITY;
		else
			scores[i] = expected(aim->level, scores[i],
			                     improvement->variances[i]);
	}
	return status;
}

/* Whether candidate number i goes before the best so far, if there is one. */
static int
is_better(const struct ww_improvement *improvement, size_t i, size_t best)
{
	double least = best == WW_POINT_NONE ? -INFINITY
	                                     : improvement->scores[best];

	return improvement->scores[i] > least;
}

/* Number of the best candidate that has not climbed yet, or WW_POINT_NONE. */
static size_t
find_climber(const struct ww_improvement *improvement, size_t n)
{
	size_t best = WW_POINT_NONE;
	size_t i;

	for (i = 0; i < n; i++)
		if (!improvement->climbed[i] && is_better(improvement, i, best))
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
renew(struct ww_improvement *improvement, const struct aim *anywhere,
      const struct aim *outside, uint32_t *scratch)
{
	ww_status status = gather(improvement);
	int i;

	if (improvement->capacity > 0)
		memset(improvement->climbed, 0, improvement->capacity);
	for (i = 0; i < CLIMBS && status == WW_OK; i++) {
		status = score(improvement, anywhere);
		if (status == WW_OK)
			status = climb(improvement, scratch);
		if (status != WW_OK || !is_hunting(improvement))
			continue;
		status = score(improvement, outside);
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
		if (is_better(improvement, i, best) &&
		    ww_points_find(known, ww_points_row(found, i)) ==
		            WW_POINT_NONE)
			best = i;
	if (best == WW_POINT_NONE)
		return WW_PENDING;
	memcpy(row, ww_points_row(found, best), found->n_slots * sizeof *row);
	improvement->n_picked++;
	return WW_OK;
}

/* A bottom with two sides exchanged: where a hunt may begin that nothing learnt
 * would lead to. WW_PENDING: all are known. */
static ww_status
turn(struct ww_improvement *improvement, uint32_t *row)
{
	const struct ww_points *closed = &improvement->basins.closed;
	const struct ww_points *found = &improvement->turns.found;
	size_t i;

	ww_moves_empty(&improvement->turns);
	for (i = closed->n; i-- > 0 && found->n == 0;)
		if (ww_moves_exchange(&improvement->turns,
		                      ww_points_row(closed, i)) != WW_OK)
			return WW_E_NO_MEMORY;
	if (found->n == 0)
		return WW_PENDING;
	memcpy(row, ww_points_row(found, 0), found->n_slots * sizeof *row);
	return WW_OK;
}

ww_status
ww_improvement_pick(struct ww_improvement *improvement, uint32_t *row)
{
	const struct ww_points *known = &improvement->search->known;
	struct aim anywhere = { .outside = 0 }, outside = { .outside = 0 };
	const struct aim *aim = &anywhere;
	size_t best;
	ww_status status;
	int changed;

	if (known->n_good < 2)
		return WW_PENDING;
	status = ww_basins_update(&improvement->basins, &changed);
	if (changed)
		improvement->n_picked = known->n_told; /* all are used up */
	if (status == WW_OK)
		status = turn(improvement, row);
	if (status != WW_PENDING)
		return status;
	status = learn(improvement, &anywhere, &outside);
	if (status == WW_OK && is_used_up(improvement)) {
		ww_points_best(known, &best, 1);
		improvement->best = known->objectives[best];
		status = renew(improvement, &anywhere, &outside, row);
	}
	if (is_hunting(improvement) && known->n % 2 == 0)
		aim = &outside;
	if (status == WW_OK)
		status = score(improvement, aim);
	if (status != WW_OK)
		return status;
	status = take_best(improvement, row);
	if (status == WW_PENDING)
		improvement->n_picked = known->n_told;
	return status;
}
