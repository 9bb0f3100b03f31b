/* SPDX-License-Identifier: MIT
 *
 * Every configuration of the space, in the space's own order. Made for recording
 * whole spaces, so it remembers nothing but its place and what was refused.
 */
#include <stdlib.h>

#include "plugins/common/points.h"

struct sweep {
	const struct ww_space *space;
	uint64_t next; /* rank */
	uint32_t *row;
	struct ww_points told; /* those of others and of earlier sessions */
};

static void
sweep_close(void *self)
{
	struct sweep *sweep = self;

	ww_points_clear(&sweep->told);
	free(sweep->row);
	free(sweep);
}

static ww_status
sweep_open(struct ww_call *call, const struct ww_host *host,
           const struct ww_space *space, void **self)
{
	struct sweep *sweep;
	int32_t exact = 0;

	(void)host;
	space->count(space, &exact);
	if (!exact)
		return ww_fail(call, WW_E_UNSUPPORTED,
		               "exhaustive: the space is too large to be "
		               "counted, let alone tried as a whole; use "
		               "another strategy");
	sweep = calloc(1, sizeof *sweep);
	if (sweep != NULL)
		sweep->row = calloc((size_t)space->n_slots + 1,
		                    sizeof *sweep->row);
	if (sweep == NULL || sweep->row == NULL) {
		free(sweep);
		return ww_fail(call, WW_E_NO_MEMORY,
		               "exhaustive: out of memory");
	}
	sweep->space = space;
	ww_points_start(&sweep->told, space->n_slots);
	*self = sweep;
	return WW_OK;
}

static ww_status
sweep_ask(struct ww_call *call, void *self, const struct ww_budget *budget,
          struct ww_config_sink *sink)
{
	static const struct ww_proposal_info info = { .size = sizeof info,
		                                      .family = "sweep" };
	struct sweep *sweep = self;
	uint32_t taken = 0;

	while (taken < budget->want) {
		ww_status status = sweep->space->at(sweep->space, sweep->next,
		                                    sweep->row);

		if (status == WW_E_NOT_FOUND)
			return WW_EXHAUSTED;
		if (status != WW_OK)
			return ww_fail(call, status,
			               "exhaustive: the space has no "
			               "configuration number %llu",
			               (unsigned long long)sweep->next);
		if (ww_cancelled(call))
			return ww_fail(call, WW_E_CANCELLED, "cancelled");
		if (ww_points_find(&sweep->told, sweep->row) ==
		    WW_POINT_NONE) {
			status = sink->push(sink, sweep->row, &info);
			if (status == WW_STOPPED)
				return WW_OK;
			if (status < 0 && status != WW_E_DUPLICATE &&
			    status != WW_E_INVALID)
				return status;
			taken += status == WW_OK;
		}
		sweep->next++;
	}
	return WW_OK;
}

/* Only trials ahead of the sweep matter: they are skipped when it gets there. */
static ww_status
sweep_tell(struct ww_call *call, void *self,
           const struct ww_trial *const *trials, uint64_t n)
{
	struct sweep *sweep = self;
	uint64_t i;

	for (i = 0; i < n; i++)
		if (ww_points_tell(&sweep->told, trials[i]) != WW_OK)
			return ww_fail(call, WW_E_NO_MEMORY,
			               "exhaustive: out of memory");
	return WW_OK;
}

static const struct ww_strategy_ops ops = {
	.size = sizeof ops,
	.mode = WW_STRATEGY_CONTINUOUS,
	.open = sweep_open,
	.close = sweep_close,
	.ask = sweep_ask,
	.tell = sweep_tell,
};

WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC,
	.size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR,
	.abi_minor = WW_ABI_MINOR,
	.threads = WW_THREADS_SERIAL,
	.kind = WW_KIND_STRATEGY,
	.name = "exhaustive",
	.version = "0.1.0",
	.summary = "every configuration of the space, in order",
	.license = "MIT",
	.ops = &ops,
};
