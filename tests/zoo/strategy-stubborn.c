/* SPDX-License-Identifier: MIT
 *
 * Goes on after the sink has had enough.
 */
#include "warpwright/plugin.h"

static const struct ww_space *zoo_space;

static ww_status
zoo_insist(struct ww_call *call, void *self, const struct ww_budget *budget,
           struct ww_config_sink *sink)
{
	uint32_t row[64];
	uint64_t i;

	(void)call;
	(void)self;
	for (i = 0; i < budget->evaluations_used + 2 * budget->want; i++)
		if (zoo_space->at(zoo_space, i, row) == WW_OK)
			sink->push(sink, row, NULL);
	return WW_OK;
}

#define ZOO_NAME "stubborn"
#define ZOO_ASK zoo_insist
#define ZOO_IN_OPEN (zoo_space = space)
#include "tests/zoo/strategy.h"
