/* SPDX-License-Identifier: MIT
 *
 * Uniform random search without repeats. While at most half of the space is
 * known, drawing until something new comes up is cheap and exactly uniform;
 * beyond that the rest is listed once and drawn from.
 */
#include <stdlib.h>
#include <string.h>

#include "plugins/common/points.h"

/* Draws in vain before a space whose size is not known counts as used up. */
#define MOST_MISSES 100000

struct random_search {
	const struct ww_host *host;
	const struct ww_space *space;
	struct ww_points known;
	double count;
	int32_t exact;
	uint64_t *rest; /* ranks that were new when the list was made, or null */
	uint64_t n_rest;
	uint32_t *draw;
};

static void
search_close(void *self)
{
	struct random_search *search = self;

	ww_points_clear(&search->known);
	free(search->rest);
	free(search->draw);
	free(search);
}

static ww_status
search_open(struct ww_call *call, const struct ww_host *host,
            const struct ww_space *space, void **self)
{
	struct random_search *search = calloc(1, sizeof *search);

	if (search == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "random: out of memory");
	search->host = host;
	search->space = space;
	search->count = space->count(space, &search->exact);
	ww_points_start(&search->known, space->n_slots);
	search->draw = calloc(space->n_slots + 1, sizeof *search->draw);
	if (search->draw == NULL) {
		search_close(search);
		return ww_fail(call, WW_E_NO_MEMORY, "random: out of memory");
	}
	*self = search;
	return WW_OK;
}

static ww_status
list_rest(struct random_search *search)
{
	const struct ww_space *space = search->space;
	uint64_t n = (uint64_t)search->count;
	uint64_t rank;

	search->rest = malloc((size_t)(n + 1) * sizeof *search->rest);
	if (search->rest == NULL)
		return WW_E_NO_MEMORY;
	for (rank = 0; rank < n; rank++)
		if (space->at(space, rank, search->draw) == WW_OK &&
		    ww_points_find(&search->known, search->draw) ==
		            WW_POINT_NONE)
			search->rest[search->n_rest++] = rank;
	return WW_OK;
}

/* Draws from the list until something unknown comes up: trials of others may
 * have made its entries known since. */
static ww_status
draw_from_rest(struct random_search *search)
{
	const struct ww_space *space = search->space;

	while (search->n_rest > 0) {
		uint64_t k = ww_random_below(search->host->random,
		                             search->n_rest);
		uint64_t rank = search->rest[k];

		search->rest[k] = search->rest[--search->n_rest];
		search->rest[search->n_rest] = rank;
		if (space->at(space, rank, search->draw) == WW_OK &&
		    ww_points_find(&search->known, search->draw) ==
		            WW_POINT_NONE)
			return WW_OK;
	}
	return WW_EXHAUSTED;
}

/* The configuration just drawn was not taken after all. */
static void
put_back(struct random_search *search)
{
	if (search->rest != NULL)
		search->n_rest++;
}

/* Puts an unknown configuration into search->draw. */
static ww_status
draw_new(struct random_search *search)
{
	const struct ww_space *space = search->space;
	uint32_t misses;

	if (search->rest == NULL && search->exact &&
	    (double)search->known.n * 2 >= search->count) {
		ww_status status = list_rest(search);

		if (status != WW_OK)
			return status;
	}
	if (search->rest != NULL)
		return draw_from_rest(search);
	for (misses = 0; misses < MOST_MISSES; misses++) {
		if (space->sample(space, search->host->random, search->draw) !=
		    WW_OK)
			return WW_EXHAUSTED;
		if (ww_points_find(&search->known, search->draw) ==
		    WW_POINT_NONE)
			return WW_OK;
	}
	return WW_EXHAUSTED;
}

static ww_status
search_ask(struct ww_call *call, void *self, const struct ww_budget *budget,
           struct ww_config_sink *sink)
{
	static const struct ww_proposal_info info = {
		.size = sizeof info,
		.family = "random",
	};
	struct random_search *search = self;
	uint32_t taken = 0;

	while (taken < budget->want) {
		ww_status status = draw_new(search);

		if (status == WW_EXHAUSTED)
			return WW_EXHAUSTED;
		if (ww_cancelled(call))
			return ww_fail(call, WW_E_CANCELLED, "cancelled");
		if (status == WW_OK)
			status = ww_points_push(&search->known, sink,
			                        search->draw, &info, &taken);
		if (status == WW_STOPPED) {
			put_back(search);
			return WW_OK;
		}
		if (status == WW_E_NO_MEMORY)
			return ww_fail(call, status, "random: out of memory");
		if (status != WW_OK)
			return status;
	}
	return WW_OK;
}

static ww_status
search_tell(struct ww_call *call, void *self,
            const struct ww_trial *const *trials, uint64_t n)
{
	struct random_search *search = self;
	uint64_t i;

	for (i = 0; i < n; i++)
		if (ww_points_tell(&search->known, trials[i]) != WW_OK)
			return ww_fail(call, WW_E_NO_MEMORY,
			               "random: out of memory");
	return WW_OK;
}

static const struct ww_strategy_ops ops = {
	.size = sizeof ops,
	.mode = WW_STRATEGY_CONTINUOUS,
	.open = search_open,
	.close = search_close,
	.ask = search_ask,
	.tell = search_tell,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.threads = WW_THREADS_SERIAL,
	.kind = WW_KIND_STRATEGY,
	.name = "random",
	.version = "1.0",
	.summary = "uniform random configurations without repeats",
	.license = "MIT",
	.ops = &ops,
};
