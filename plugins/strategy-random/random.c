/* SPDX-License-Identifier: MIT
 *
 * Uniform random search without repeats: the control that every other strategy
 * is compared with, and the fallback that always works.
 */
#include <stdlib.h>

#include "plugins/common/search.h"

static ww_status
next(void *self, const struct ww_budget *budget, uint32_t *row,
     const char **family)
{
	(void)budget;
	*family = "random";
	return ww_search_fresh(self, row);
}

static void
random_close(void *self)
{
	ww_search_clear(self);
	free(self);
}

static ww_status
random_open(struct ww_call *call, const struct ww_host *host,
            const struct ww_space *space, void **self)
{
	struct ww_search *search = calloc(1, sizeof *search);
	ww_status status;

	if (search == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "random: out of memory");
	status = ww_search_start(search, call, host, space, "random");
	if (status == WW_OK)
		*self = search;
	else
		free(search);
	return status;
}

static ww_status
random_ask(struct ww_call *call, void *self, const struct ww_budget *budget,
           struct ww_config_sink *sink)
{
	return ww_search_ask(self, call, budget, sink, next, NULL, self);
}

static ww_status
random_tell(struct ww_call *call, void *self,
            const struct ww_trial *const *trials, uint64_t n)
{
	ww_status status = WW_OK;
	size_t point;
	uint64_t i;

	for (i = 0; i < n && status == WW_OK; i++)
		status = ww_search_tell(self, call, trials[i], &point);
	return status;
}

static const struct ww_strategy_ops ops = {
	.size = sizeof ops,
	.mode = WW_STRATEGY_CONTINUOUS,
	.open = random_open,
	.close = random_close,
	.ask = random_ask,
	.tell = random_tell,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.threads = WW_THREADS_SERIAL,
	.kind = WW_KIND_STRATEGY,
	.name = "random",
	.version = "0.1.0",
	.summary = "uniform random configurations without repeats",
	.license = "MIT",
	.ops = &ops,
};
