/* SPDX-License-Identifier: MIT
 *
 * Likelihood-free Bayesian optimisation alone: a space-filling start, then the
 * surrogate's picks.
 */
#include <stdlib.h>

#include "plugins/common/far.h"
#include "plugins/common/surrogate.h"

struct lfbo {
	struct ww_search search;
	struct ww_surrogate surrogate;
};

static ww_status
next(void *self, const struct ww_budget *budget, uint32_t *row,
     const char **family)
{
	struct lfbo *lfbo = self;
	ww_status status = WW_PENDING;

	*family = "surrogate";
	if (lfbo->search.known.n >= ww_far_count(budget, WW_FAR_USUAL))
		status = ww_surrogate_pick(&lfbo->surrogate, row);
	if (status != WW_PENDING)
		return status;
	*family = "start";
	return ww_far_point(&lfbo->search, row);
}

static void
lfbo_close(void *self)
{
	struct lfbo *lfbo = self;

	ww_surrogate_clear(&lfbo->surrogate);
	ww_search_clear(&lfbo->search);
	free(lfbo);
}

static ww_status
lfbo_open(struct ww_call *call, const struct ww_host *host,
          const struct ww_space *space, void **self)
{
	struct lfbo *lfbo = calloc(1, sizeof *lfbo);
	ww_status status;

	if (lfbo == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "lfbo: out of memory");
	status = ww_search_start(&lfbo->search, call, host, space, "lfbo");
	if (status != WW_OK) {
		free(lfbo);
		return status;
	}
	if (!ww_surrogate_start(&lfbo->surrogate, &lfbo->search)) {
		ww_search_clear(&lfbo->search);
		free(lfbo);
		return ww_fail(call, WW_E_NO_MEMORY, "lfbo: out of memory");
	}
	*self = lfbo;
	return WW_OK;
}

static ww_status
lfbo_ask(struct ww_call *call, void *self, const struct ww_budget *budget,
         struct ww_config_sink *sink)
{
	struct lfbo *lfbo = self;

	return ww_search_ask(&lfbo->search, call, budget, sink, next, NULL,
	                     lfbo);
}

static ww_status
lfbo_tell(struct ww_call *call, void *self,
          const struct ww_trial *const *trials, uint64_t n)
{
	struct lfbo *lfbo = self;
	ww_status status = WW_OK;
	size_t point;
	uint64_t i;

	for (i = 0; i < n && status == WW_OK; i++)
		status = ww_search_tell(&lfbo->search, call, trials[i],
		                        &point);
	return status;
}

static const struct ww_strategy_ops ops = {
	.size = sizeof ops,
	.mode = WW_STRATEGY_CONTINUOUS,
	.open = lfbo_open,
	.close = lfbo_close,
	.ask = lfbo_ask,
	.tell = lfbo_tell,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.threads = WW_THREADS_SERIAL,
	.kind = WW_KIND_STRATEGY,
	.name = "lfbo",
	.version = "0.1.0",
	.summary = "likelihood-free Bayesian optimisation with a random forest",
	.license = "MIT",
	.ops = &ops,
};
