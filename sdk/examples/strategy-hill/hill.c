/* SPDX-License-Identifier: MIT
 *
 * Strategy hill: climbs from the best configuration to a better neighbour, and
 * looks elsewhere when there is none.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <warpwright/plugin.h>

struct hill {
	const struct ww_host *host;
	const struct ww_space *space;
	uint32_t top[64]; /* where it stands */
	uint32_t row[64];
	double height;    /* time at the top; NAN: it stands nowhere */
	int tired;        /* steps since it last got higher */
	char seen[65536]; /* by hash: what was proposed or told */
};

static ww_status
hill_open(struct ww_call *call, const struct ww_host *host,
          const struct ww_space *space, void **self)
{
	struct hill *hill = calloc(1, sizeof *hill);

	if (space->n_slots > 64 || hill == NULL) {
		free(hill);
		return ww_fail(call, WW_E_UNSUPPORTED, "more than 64 slots");
	}
	hill->host = host;
	hill->space = space;
	hill->height = NAN;
	*self = hill;
	return WW_OK;
}

/* Two configurations may share a mark; then one of them is not tried. */
static char *
mark(struct hill *hill, const uint32_t *row)
{
	uint32_t hash = 1, i;

	for (i = 0; i < hill->space->n_slots; i++)
		hash = (hash ^ row[i]) * 16777619u;
	return &hill->seen[hash >> 16];
}

/* A step up or down in one slot; anywhere when it is tired or lost. */
static ww_status
step(struct hill *hill)
{
	const struct ww_random *random = hill->host->random;
	uint32_t slot = (uint32_t)ww_random_below(random, hill->space->n_slots);
	uint32_t n = hill->space->slots[slot].n_values;

	if (isnan(hill->height) || ++hill->tired > 30)
		return hill->space->sample(hill->space, random, hill->row);
	memcpy(hill->row, hill->top, sizeof hill->row);
	hill->row[slot] = (hill->row[slot] +
	                   (ww_random_below(random, 2) ? 1 : n - 1)) % n;
	hill->space->canonical(hill->space, hill->row);
	return WW_OK;
}

static ww_status
hill_ask(struct ww_call *call, void *self, const struct ww_budget *budget,
         struct ww_config_sink *sink)
{
	struct hill *hill = self;
	int tries = 1000; /* neighbours may be known or forbidden */

	(void)budget;
	while (tries-- > 0 && !ww_cancelled(call)) {
		if (step(hill) != WW_OK)
			return WW_EXHAUSTED;
		if (*mark(hill, hill->row) ||
		    !hill->space->valid(hill->space, hill->row))
			continue;
		*mark(hill, hill->row) = 1;
		if (sink->push(sink, hill->row, NULL) == WW_STOPPED)
			break;
	}
	return WW_OK;
}

static ww_status
hill_tell(struct ww_call *call, void *self,
          const struct ww_trial *const *trials, uint64_t n)
{
	struct hill *hill = self;

	(void)call;
	for (; n-- > 0; trials++) {
		*mark(hill, (*trials)->indices) = 1;
		if ((*trials)->outcome != WW_TRIAL_OK ||
		    (*trials)->objective >= hill->height)
			continue;
		hill->height = (*trials)->objective;
		hill->tired = 0;
		memcpy(hill->top, (*trials)->indices,
		       hill->space->n_slots * sizeof hill->top[0]);
	}
	return WW_OK;
}

static const struct ww_strategy_ops ops = {
	.size = sizeof ops, .mode = WW_STRATEGY_CONTINUOUS,
	.open = hill_open, .close = free, .ask = hill_ask, .tell = hill_tell,
};
WW_PLUGIN = {
	.magic = WW_PLUGIN_MAGIC, .size = sizeof(struct ww_plugin),
	.abi_major = WW_ABI_MAJOR, .abi_minor = WW_ABI_MINOR,
	.kind = WW_KIND_STRATEGY, .name = "hill", .version = "1.0",
	.summary = "hill climbing with restarts", .license = "MIT", .ops = &ops,
};
