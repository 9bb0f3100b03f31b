/* SPDX-License-Identifier: MIT
 *
 * A steady-state genetic algorithm. There are no generations to wait for: each
 * child comes from the best configurations known when it is asked for, so every
 * worker stays busy, and what other strategies found takes part at once.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plugins/common/search.h"

/* Parents are drawn by rank with density falling as (1-x)^1.5: the best often,
 * none never. */
#define RANK_POWER 2.5
#define MOST_POPULATION 1000

struct genetic {
	struct ww_search search; /* first */
	uint32_t population;
	double mutation;         /* expected number of changed slots */
	size_t *best;            /* numbers of the population, best first */
	size_t n_best;
	int stale;               /* `best` must be found again */
};

static void
genetic_close(void *self)
{
	struct genetic *genetic = self;

	ww_search_clear(&genetic->search);
	free(genetic->best);
	free(genetic);
}

static ww_status
genetic_open(struct ww_call *call, const struct ww_host *host,
             const struct ww_space *space, void **self)
{
	struct genetic *genetic = calloc(1, sizeof *genetic);
	ww_status status;

	if (genetic == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "genetic: out of memory");
	status = ww_search_start(&genetic->search, call, host, space,
	                         "genetic");
	if (status != WW_OK) {
		free(genetic);
		return status;
	}
	genetic->population = (uint32_t)host->options->integer(host->options,
	                                                       "population");
	genetic->mutation = host->options->number(host->options, "mutation");
	genetic->best = calloc(genetic->population, sizeof *genetic->best);
	if (genetic->best == NULL) {
		genetic_close(genetic);
		return ww_fail(call, WW_E_NO_MEMORY, "genetic: out of memory");
	}
	*self = genetic;
	return WW_OK;
}

static const uint32_t *
draw_parent(struct genetic *genetic)
{
	double unit = ww_search_unit(&genetic->search);
	double share = 1.0 - pow(1.0 - unit, 1.0 / RANK_POWER);
	size_t rank = (size_t)(share * (double)genetic->n_best);

	return ww_points_row(&genetic->search.known, genetic->best[rank]);
}

/* Slots of one list parameter belong together and come from one parent. */
static void
cross(struct genetic *genetic, const uint32_t *a, const uint32_t *b,
      uint32_t *child)
{
	const struct ww_space *space = genetic->search.space;
	const uint32_t *from = a;
	uint32_t i;

	for (i = 0; i < space->n_slots; i++) {
		if (i == 0 ||
		    space->slots[i].group != space->slots[i - 1].group)
			from = ww_search_below(&genetic->search, 2) ? a : b;
		child[i] = from[i];
	}
}

/* A small step as often as a jump: on an ordered scale both find something. */
static void
mutate(struct genetic *genetic, uint32_t *child)
{
	struct ww_search *search = &genetic->search;
	double chance = genetic->mutation / (search->n_varying + 1e-9);
	uint32_t i;

	for (i = 0; i < search->n_varying; i++) {
		uint32_t at = search->varying[i];
		uint32_t n = search->space->slots[at].n_values;

		if (ww_search_unit(search) >= chance)
			continue;
		if ((search->space->slots[at].flags & WW_SLOT_ORDERED) != 0 &&
		    ww_search_below(search, 2) == 0) {
			int up = child[at] == 0 ||
			         (child[at] + 1 < n &&
			          ww_search_below(search, 2) == 0);

			child[at] = up ? child[at] + 1 : child[at] - 1;
		} else {
			child[at] = ww_search_below(search, n);
		}
	}
}

static ww_status
genetic_next(void *self, const struct ww_budget *budget, uint32_t *row,
             const char **family)
{
	struct genetic *genetic = self;
	struct ww_search *search = &genetic->search;

	(void)budget;
	*family = "random";
	if (search->known.n < genetic->population || search->known.n_good < 2 ||
	    search->n_varying == 0)
		return ww_search_fresh(search, row);
	if (genetic->stale)
		genetic->n_best = ww_points_best(&search->known, genetic->best,
		                                 genetic->population);
	genetic->stale = 0;
	cross(genetic, draw_parent(genetic), draw_parent(genetic), row);
	mutate(genetic, row);
	if (!ww_search_repair(search, row))
		return ww_search_fresh(search, row);
	*family = "child";
	return WW_OK;
}

static ww_status
genetic_ask(struct ww_call *call, void *self, const struct ww_budget *budget,
            struct ww_config_sink *sink)
{
	struct genetic *genetic = self;

	return ww_search_ask(&genetic->search, call, budget, sink, genetic_next,
	                     NULL, genetic);
}

static ww_status
genetic_tell(struct ww_call *call, void *self,
             const struct ww_trial *const *trials, uint64_t n)
{
	struct genetic *genetic = self;
	ww_status status = WW_OK;
	size_t point;
	uint64_t i;

	genetic->stale = 1;
	for (i = 0; i < n && status == WW_OK; i++)
		status = ww_search_tell(&genetic->search, call, trials[i],
		                        &point);
	return status;
}

static const struct ww_option options[] = {
	{ .name = "population",
	  .default_value = "20",
	  .help = "the best so many configurations are parents",
	  .type = WW_OPTION_INT,
	  .minimum = 2,
	  .maximum = MOST_POPULATION },
	{ .name = "mutation",
	  .default_value = "0.7",
	  .help = "expected number of parameters that mutate in a child",
	  .type = WW_OPTION_FLOAT,
	  .minimum = 0,
	  .maximum = 100 },
};

static const struct ww_strategy_ops ops = {
	.size = sizeof ops,
	.mode = WW_STRATEGY_CONTINUOUS,
	.open = genetic_open,
	.close = genetic_close,
	.ask = genetic_ask,
	.tell = genetic_tell,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.threads = WW_THREADS_SERIAL,
	.kind = WW_KIND_STRATEGY,
	.n_options = sizeof options / sizeof options[0],
	.name = "genetic",
	.version = "0.1.0",
	.summary = "steady-state genetic algorithm that respects constraints",
	.license = "MIT",
	.options = options,
	.ops = &ops,
};
