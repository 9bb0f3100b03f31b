/* SPDX-License-Identifier: MIT
 *
 * Has a source of randomness of its own, so that no session can be repeated.
 */
#include "warpwright/plugin.h"

static const struct ww_space *zoo_space;

static ww_status
zoo_wander(struct ww_call *call, void *self, const struct ww_budget *budget,
           struct ww_config_sink *sink)
{
	static uint64_t rank; /* shared by all instances */
	uint32_t row[64];
	uint32_t i;

	(void)call;
	(void)self;
	for (i = 0; i < budget->want; i++) {
		ww_status status = zoo_space->at(zoo_space, rank++, row);

		if (status != WW_OK)
			return WW_EXHAUSTED;
		if (sink->push(sink, row, NULL) == WW_STOPPED)
			break;
	}
	return WW_OK;
}

#define ZOO_NAME "restless"
#define ZOO_ASK zoo_wander
#define ZOO_IN_OPEN (zoo_space = space)
#include "tests/zoo/strategy.h"
