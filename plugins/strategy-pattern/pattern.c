/* SPDX-License-Identifier: MIT
 *
 * Pattern search: a space-filling start, then the complete neighbourhoods of
 * the best configurations, several at a time. A neighbourhood is all moves of
 * one parameter. When one is used up, its centre is a local optimum, and a new
 * start is sent to an empty region. Joint steps of related parameters are tried
 * around the best of all, once its own neighbourhood is used up; they are many,
 * so they get a share only.
 */
#include <stdlib.h>
#include <string.h>

#include "plugins/common/far.h"
#include "plugins/common/moves.h"

/* Centres that are worked on at once. The best gets half of the proposals, the
 * next a quarter, and so on. */
#define CENTRES 4
/* The best told points among which centres are looked for; by the time so many
 * are used up, new starts find better ones. */
#define RANKED 64

#define JOINT_SHARE 0.2

struct centre {
	size_t point;   /* WW_POINT_NONE: free */
	uint32_t *rows; /* its neighbourhood, in the order of use */
	size_t n;
	size_t next;
};

struct pattern {
	struct ww_search search;
	struct ww_moves moves;
	struct centre centres[CENTRES];
	struct centre joint;    /* steps of two parameters around the best */
	unsigned char *used_up; /* points whose neighbourhood is */
	size_t n_used_up;       /* length of that list */
	uint32_t restarts;      /* new starts owed */
};

static void
free_centre(struct centre *centre)
{
	free(centre->rows);
	memset(centre, 0, sizeof *centre);
	centre->point = WW_POINT_NONE;
}

static int
is_used_up(const struct pattern *pattern, size_t point)
{
	return point < pattern->n_used_up && pattern->used_up[point];
}

static ww_status
mark_used_up(struct pattern *pattern, size_t point)
{
	if (point >= pattern->n_used_up) {
		size_t n = point * 2 + 64;
		unsigned char *grown = realloc(pattern->used_up, n);

		if (grown == NULL)
			return WW_E_NO_MEMORY;
		memset(grown + pattern->n_used_up, 0, n - pattern->n_used_up);
		pattern->used_up = grown;
		pattern->n_used_up = n;
	}
	pattern->used_up[point] = 1;
	return WW_OK;
}

typedef ww_status move_kind(struct ww_moves *moves, const uint32_t *from);

static ww_status
list_neighbours(struct pattern *pattern, struct centre *centre, size_t point,
                move_kind *list)
{
	const uint32_t *from = ww_points_row(&pattern->search.known, point);
	struct ww_moves *moves = &pattern->moves;
	ww_status status;
	size_t bytes;

	ww_moves_empty(moves);
	status = list(moves, from);
	ww_moves_shuffle(moves, 0, pattern->search.host->random);
	bytes = moves->found.n * moves->space->n_slots * sizeof *centre->rows;
	centre->rows = malloc(bytes + 1);
	if (status != WW_OK || centre->rows == NULL)
		return WW_E_NO_MEMORY;
	if (bytes > 0)
		memcpy(centre->rows, moves->found.rows, bytes);
	centre->point = point;
	centre->n = moves->found.n;
	centre->next = 0;
	return WW_OK;
}

static struct centre *
find_centre(struct pattern *pattern, size_t point)
{
	int i;

	for (i = 0; i < CENTRES; i++)
		if (pattern->centres[i].point == point)
			return &pattern->centres[i];
	return NULL;
}

/* The centres are the best points that are not used up; what is no longer among
 * them gives up its place. Returns how many; order[] from best to worst. */
static int
choose_centres(struct pattern *pattern, struct centre **order)
{
	size_t best[RANKED], wanted[CENTRES];
	size_t n = ww_points_best(&pattern->search.known, best, RANKED);
	size_t i;
	int k, n_wanted = 0;

	for (i = 0; i < n && n_wanted < CENTRES; i++)
		if (!is_used_up(pattern, best[i]))
			wanted[n_wanted++] = best[i];
	for (i = 0; i < CENTRES; i++) {
		struct centre *centre = &pattern->centres[i];

		for (k = 0; k < n_wanted; k++)
			if (wanted[k] == centre->point)
				break;
		if (k == n_wanted)
			free_centre(centre);
	}
	for (k = 0; k < n_wanted; k++) {
		order[k] = find_centre(pattern, wanted[k]);
		if (order[k] != NULL)
			continue;
		order[k] = find_centre(pattern, WW_POINT_NONE);
		if (list_neighbours(pattern, order[k], wanted[k],
		                    ww_moves_any) != WW_OK) {
			free_centre(order[k]);
			return -1;
		}
	}
	return n_wanted;
}

/* The next unknown neighbour of a centre; 0 if it has none left. */
static int
take_neighbour(struct pattern *pattern, struct centre *centre, uint32_t *row)
{
	const struct ww_space *space = pattern->search.space;

	for (; centre->next < centre->n; centre->next++) {
		const uint32_t *next = centre->rows +
		                       centre->next * space->n_slots;

		if (ww_points_find(&pattern->search.known, next) !=
		    WW_POINT_NONE)
			continue;
		memcpy(row, next, space->n_slots * sizeof *row);
		return 1;
	}
	return 0;
}

/* Rank of the centre that is served now: halves. */
static int
draw_rank(struct pattern *pattern, int n)
{
	uint64_t bits = pattern->search.host->random->next(
		pattern->search.host->random);
	int rank = 0;

	while (rank + 1 < n && (bits & 1) != 0) {
		rank++;
		bits >>= 1;
	}
	return rank;
}

/* A joint step around the best point, if it is a local optimum and it is the
 * turn of these. */
static ww_status
joint_step(struct pattern *pattern, uint32_t *row)
{
	size_t best;

	if (ww_points_best(&pattern->search.known, &best, 1) == 0 ||
	    !is_used_up(pattern, best) ||
	    ww_search_unit(&pattern->search) >= JOINT_SHARE)
		return WW_PENDING;
	if (pattern->joint.point != best) {
		free_centre(&pattern->joint);
		if (list_neighbours(pattern, &pattern->joint, best,
		                    ww_moves_joint) != WW_OK) {
			free_centre(&pattern->joint);
			return WW_E_NO_MEMORY;
		}
	}
	return take_neighbour(pattern, &pattern->joint, row) ? WW_OK
	                                                     : WW_PENDING;
}

static ww_status
next(void *self, const struct ww_budget *budget, uint32_t *row,
     const char **family)
{
	struct pattern *pattern = self;
	struct centre *order[CENTRES];
	ww_status status;
	int n;

	*family = "start";
	if (pattern->search.known.n < ww_far_count(budget, WW_FAR_USUAL) ||
	    pattern->search.known.n_good == 0)
		return ww_far_point(&pattern->search, row);
	*family = "joint";
	status = joint_step(pattern, row);
	if (status != WW_PENDING)
		return status;
	while (pattern->restarts == 0 &&
	       (n = choose_centres(pattern, order)) != 0) {
		struct centre *centre;

		if (n < 0)
			return WW_E_NO_MEMORY;
		centre = order[draw_rank(pattern, n)];
		if (take_neighbour(pattern, centre, row)) {
			*family = "neighbour";
			return WW_OK;
		}
		if (mark_used_up(pattern, centre->point) != WW_OK)
			return WW_E_NO_MEMORY;
		pattern->restarts++;
	}
	if (pattern->restarts > 0)
		pattern->restarts--;
	*family = "restart";
	return ww_far_point(&pattern->search, row);
}

static void
pattern_close(void *self)
{
	struct pattern *pattern = self;
	int i;

	for (i = 0; i < CENTRES; i++)
		free_centre(&pattern->centres[i]);
	free_centre(&pattern->joint);
	ww_moves_clear(&pattern->moves);
	ww_search_clear(&pattern->search);
	free(pattern->used_up);
	free(pattern);
}

static ww_status
pattern_open(struct ww_call *call, const struct ww_host *host,
             const struct ww_space *space, void **self)
{
	struct pattern *pattern = calloc(1, sizeof *pattern);
	ww_status status;
	int i;

	if (pattern == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "pattern: out of memory");
	for (i = 0; i < CENTRES; i++)
		pattern->centres[i].point = WW_POINT_NONE;
	pattern->joint.point = WW_POINT_NONE;
	status = ww_search_start(&pattern->search, call, host, space,
	                         "pattern");
	if (status != WW_OK) {
		free(pattern);
		return status;
	}
	if (!ww_moves_start(&pattern->moves, space, &pattern->search.known)) {
		pattern_close(pattern);
		return ww_fail(call, WW_E_NO_MEMORY, "pattern: out of memory");
	}
	*self = pattern;
	return WW_OK;
}

static ww_status
pattern_ask(struct ww_call *call, void *self, const struct ww_budget *budget,
            struct ww_config_sink *sink)
{
	struct pattern *pattern = self;

	return ww_search_ask(&pattern->search, call, budget, sink, next, NULL,
	                     pattern);
}

static ww_status
pattern_tell(struct ww_call *call, void *self,
             const struct ww_trial *const *trials, uint64_t n)
{
	struct pattern *pattern = self;
	ww_status status = WW_OK;
	size_t point;
	uint64_t i;

	for (i = 0; i < n && status == WW_OK; i++)
		status = ww_search_tell(&pattern->search, call, trials[i],
		                        &point);
	return status;
}

static const struct ww_strategy_ops ops = {
	.size = sizeof ops,
	.mode = WW_STRATEGY_CONTINUOUS,
	.open = pattern_open,
	.close = pattern_close,
	.ask = pattern_ask,
	.tell = pattern_tell,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.threads = WW_THREADS_SERIAL,
	.kind = WW_KIND_STRATEGY,
	.name = "pattern",
	.version = "0.1.0",
	.summary = "complete neighbourhoods of the best, from several starts",
	.license = "MIT",
	.ops = &ops,
};
