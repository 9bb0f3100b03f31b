/* SPDX-License-Identifier: MIT
 *
 * Uniform random search without repeats: the control that every other strategy
 * is compared with, and the fallback that always works.
 */
#include <stdlib.h>

#include "plugins/common/draw.h"

struct random_search {
	struct ww_points known;
	struct ww_draw draw;
	uint32_t *indices;
};

static void
search_close(void *self)
{
	struct random_search *search = self;

	ww_draw_clear(&search->draw);
	ww_points_clear(&search->known);
	free(search->indices);
	free(search);
}

static ww_status
search_open(struct ww_call *call, const struct ww_host *host,
            const struct ww_space *space, void **self)
{
	struct random_search *search = calloc(1, sizeof *search);

	if (search == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "random: out of memory");
	ww_points_start(&search->known, space->n_slots);
	search->indices = calloc(space->n_slots + 1, sizeof *search->indices);
	if (search->indices == NULL ||
	    !ww_draw_start(&search->draw, space, host->random,
	                   &search->known)) {
		search_close(search);
		return ww_fail(call, WW_E_NO_MEMORY, "random: out of memory");
	}
	*self = search;
	return WW_OK;
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
		ww_status status = ww_draw_new(&search->draw, search->indices);

		if (ww_cancelled(call))
			return ww_fail(call, WW_E_CANCELLED, "cancelled");
		if (status == WW_OK)
			status = ww_points_push(&search->known, sink,
			                        search->indices, &info,
			                        &taken);
		if (status == WW_STOPPED)
			return WW_OK;
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
