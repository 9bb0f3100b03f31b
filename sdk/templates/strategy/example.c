/* SPDX-License-Identifier: MIT
 *
 * Strategy example: tries valid configurations at random and, as soon as one is
 * known to be good, mostly its neighbours. Replace example_next() by your idea.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <warpwright/plugin.h>

#define MOST_TRIES 1000

struct example {
	const struct ww_host *host;
	const struct ww_space *space;
	uint32_t *best;      /* one index a slot */
	double best_time;    /* NAN: nothing is known yet */
	double neighbours;   /* share of proposals near the best one */
	int every;           /* the space is small: go through all of it */
	uint64_t rank;
	uint32_t *row;
	uint64_t *known;     /* hashes of what was proposed or told */
	size_t n_known;
	size_t room;
};

static void
example_close(void *self)
{
	struct example *example = (struct example *)self;

	free(example->known);
	free(example->best);
	free(example->row);
	free(example);
}

static ww_status
example_open(struct ww_call *call, const struct ww_host *host,
             const struct ww_space *space, void **self)
{
	struct example *example = (struct example *)calloc(1, sizeof *example);
	size_t bytes = (space->n_slots + 1) * sizeof(uint32_t);
	int32_t exact = 0;

	if (example == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	example->host = host;
	example->space = space;
	example->best_time = NAN;
	example->neighbours = host->options->number(host->options,
	                                            "neighbours");
	example->every = space->count(space, &exact) <= MOST_TRIES && exact;
	example->best = (uint32_t *)calloc(1, bytes);
	example->row = (uint32_t *)calloc(1, bytes);
	if (example->best == NULL || example->row == NULL) {
		example_close(example);
		return ww_fail(call, WW_E_NO_MEMORY, "out of memory");
	}
	*self = example;
	return WW_OK;
}

/* Whether the configuration is new; then it is known from now on. */
static int
example_is_new(struct example *example, const uint32_t *row)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	uint64_t *grown;
	size_t i;

	for (i = 0; i < example->space->n_slots; i++)
		hash = (hash ^ row[i]) * UINT64_C(0x100000001b3);
	for (i = 0; i < example->n_known; i++)
		if (example->known[i] == hash)
			return 0;
	if (example->n_known == example->room) {
		example->room = 2 * example->room + 64;
		grown = (uint64_t *)realloc(example->known,
		                            example->room * sizeof *grown);
		if (grown == NULL) {
			example->room = example->n_known;
			return 1; /* the host refuses repeats, too */
		}
		example->known = grown;
	}
	example->known[example->n_known++] = hash;
	return 1;
}

/* Writes the next configuration to example->row. Randomness comes from the host
 * only, so that a session can be repeated. */
static ww_status
example_next(struct example *example)
{
	const struct ww_space *space = example->space;
	const struct ww_random *random = example->host->random;
	uint32_t slot;

	if (example->every)
		return space->at(space, example->rank++, example->row);
	if (isnan(example->best_time) ||
	    ww_random_unit(random) >= example->neighbours)
		return space->sample(space, random, example->row);
	memcpy(example->row, example->best,
	       space->n_slots * sizeof *example->row);
	slot = (uint32_t)ww_random_below(random, space->n_slots);
	example->row[slot] = (uint32_t)ww_random_below(
		random, space->slots[slot].n_values);
	space->canonical(space, example->row);
	return WW_OK;
}

static ww_status
example_ask(struct ww_call *call, void *self, const struct ww_budget *budget,
            struct ww_config_sink *sink)
{
	struct example *example = (struct example *)self;
	struct ww_proposal_info info;
	uint32_t taken = 0;
	uint32_t tries;

	memset(&info, 0, sizeof info);
	info.size = sizeof info;
	info.family = "example";
	for (tries = 0; taken < budget->want && tries < MOST_TRIES; tries++) {
		ww_status status;

		if (ww_cancelled(call))
			return ww_fail(call, WW_E_CANCELLED, "cancelled");
		status = example_next(example);
		if (status == WW_E_NOT_FOUND)
			return WW_EXHAUSTED;
		if (status != WW_OK)
			return ww_fail(call, status, "cannot sample the space");
		/* A neighbour may break a constraint. */
		if (!example->space->valid(example->space, example->row) ||
		    !example_is_new(example, example->row))
			continue;
		status = sink->push(sink, example->row, &info);
		if (status == WW_STOPPED)
			return WW_OK;
		taken += status == WW_OK;
	}
	return WW_OK;
}

static ww_status
example_tell(struct ww_call *call, void *self,
             const struct ww_trial *const *trials, uint64_t n)
{
	struct example *example = (struct example *)self;
	uint64_t i;

	(void)call;
	for (i = 0; i < n; i++) {
		example_is_new(example, trials[i]->indices);
		/* False for every time while best_time is NAN. */
		if (trials[i]->outcome != WW_TRIAL_OK ||
		    trials[i]->objective >= example->best_time)
			continue;
		example->best_time = trials[i]->objective;
		memcpy(example->best, trials[i]->indices,
		       example->space->n_slots * sizeof *example->best);
	}
	return WW_OK;
}

static const struct ww_option options[] = {
	{
		"neighbours", "0.7",
		"Share of proposals that differ from the best in one slot.",
		NULL, 0, 1, WW_OPTION_FLOAT, 0,
	},
};

static const struct ww_strategy_ops ops = {
	sizeof ops, WW_STRATEGY_CONTINUOUS, 0, 0,
	example_open, example_close, example_ask, example_tell,
	NULL,
};

WW_PLUGIN = {
	WW_PLUGIN_MAGIC,
	sizeof(struct ww_plugin),
	WW_ABI_MAJOR,
	WW_ABI_MINOR,
	0, /* the lowest minor it works with */
	WW_THREADS_SERIAL,
	WW_KIND_STRATEGY,
	sizeof options / sizeof options[0],
	0, /* host features it needs */
	"example",
	"0.1",
	"random configurations and neighbours of the best",
	"MIT",
	options,
	&ops,
};
