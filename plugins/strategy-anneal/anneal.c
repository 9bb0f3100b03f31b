/* SPDX-License-Identifier: MIT
 *
 * Simulated annealing on the logarithm of the objective, so that one temperature
 * fits kernels of any duration: at temperature 0.1 a step to something 10 %
 * slower is taken about every third time. The schedule follows the budget.
 */
#include <math.h>
#include <stdlib.h>

#include "plugins/common/search.h"

#define STARTS 8 /* random draws; the chain begins at the best of them */

struct anneal {
	struct ww_search search; /* first */
	double hot, cold;
	uint32_t patience;
	double temperature; /* at the last ask */
	size_t current;     /* point where the chain stands, or none */
	size_t best;
	uint32_t idle;      /* trials since the last best */
};

static void
anneal_close(void *self)
{
	struct anneal *anneal = self;

	ww_search_clear(&anneal->search);
	free(anneal);
}

static ww_status
anneal_open(struct ww_call *call, const struct ww_host *host,
            const struct ww_space *space, void **self)
{
	const struct ww_options *options = host->options;
	struct anneal *anneal = calloc(1, sizeof *anneal);
	ww_status status;

	if (anneal == NULL)
		return ww_fail(call, WW_E_NO_MEMORY, "anneal: out of memory");
	status = ww_search_start(&anneal->search, call, host, space, "anneal");
	if (status != WW_OK) {
		free(anneal);
		return status;
	}
	anneal->hot = options->number(options, "hot");
	anneal->cold = options->number(options, "cold");
	anneal->patience = (uint32_t)options->integer(options, "patience");
	anneal->temperature = anneal->hot;
	anneal->current = anneal->best = WW_POINT_NONE;
	*self = anneal;
	return WW_OK;
}

static ww_status
anneal_next(void *self, const struct ww_budget *budget, uint32_t *row,
            const char **family)
{
	struct anneal *anneal = self;
	struct ww_search *search = &anneal->search;
	double progress = ww_search_progress(budget);

	anneal->temperature =
		anneal->hot * pow(anneal->cold / anneal->hot, progress);
	*family = "random";
	if (search->known.n < STARTS || anneal->current == WW_POINT_NONE)
		return ww_search_fresh(search, row);
	*family = "step";
	if (ww_search_neighbour(search,
	                        ww_points_row(&search->known, anneal->current),
	                        0, row))
		return WW_OK;
	/* Everything around is known: go on from the best place that is not
	 * where the chain stands, or from anywhere. */
	*family = "restart";
	if (anneal->best != anneal->current) {
		anneal->current = anneal->best;
		if (ww_search_neighbour(search,
		                        ww_points_row(&search->known,
		                                      anneal->current),
		                        0, row))
			return WW_OK;
	}
	return ww_search_fresh(search, row);
}

static ww_status
anneal_ask(struct ww_call *call, void *self, const struct ww_budget *budget,
           struct ww_config_sink *sink)
{
	struct anneal *anneal = self;

	return ww_search_ask(&anneal->search, call, budget, sink, anneal_next,
	                     NULL, anneal);
}

static void
consider(struct anneal *anneal, size_t point)
{
	const double *objectives = anneal->search.known.objectives;
	double value = objectives[point];
	double rise;

	anneal->idle++;
	if (!isfinite(value))
		return;
	if (anneal->best == WW_POINT_NONE || value < objectives[anneal->best]) {
		anneal->best = anneal->current = point;
		anneal->idle = 0;
		return;
	}
	rise = log(value / objectives[anneal->current]);
	if (anneal->search.known.n_told > STARTS &&
	    (rise <= 0 ||
	     ww_search_unit(&anneal->search) < exp(-rise / anneal->temperature)))
		anneal->current = point;
	if (anneal->idle >= anneal->patience) {
		anneal->current = anneal->best;
		anneal->idle = 0;
	}
}

static ww_status
anneal_tell(struct ww_call *call, void *self,
            const struct ww_trial *const *trials, uint64_t n)
{
	struct anneal *anneal = self;
	uint64_t i;

	for (i = 0; i < n; i++) {
		size_t point;
		ww_status status = ww_search_tell(&anneal->search, call,
		                                  trials[i], &point);

		if (status != WW_OK)
			return status;
		consider(anneal, point);
	}
	return WW_OK;
}

static const struct ww_option options[] = {
	{ .name = "hot",
	  .default_value = "0.3",
	  .help = "temperature at the beginning, in logarithms of time",
	  .type = WW_OPTION_FLOAT,
	  .minimum = 1e-6,
	  .maximum = 100 },
	{ .name = "cold",
	  .default_value = "0.01",
	  .help = "temperature when the budget is used up",
	  .type = WW_OPTION_FLOAT,
	  .minimum = 1e-6,
	  .maximum = 100 },
	{ .name = "patience",
	  .default_value = "40",
	  .help = "trials without a better one before the chain returns to "
	          "the best",
	  .type = WW_OPTION_INT,
	  .minimum = 1,
	  .maximum = 1000000 },
};

static const struct ww_strategy_ops ops = {
	.size = sizeof ops,
	.mode = WW_STRATEGY_CONTINUOUS,
	.open = anneal_open,
	.close = anneal_close,
	.ask = anneal_ask,
	.tell = anneal_tell,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.threads = WW_THREADS_SERIAL,
	.kind = WW_KIND_STRATEGY,
	.n_options = sizeof options / sizeof options[0],
	.name = "anneal",
	.version = "0.1.0",
	.summary = "simulated annealing over single-parameter moves",
	.license = "MIT",
	.options = options,
	.ops = &ops,
};
