/* SPDX-License-Identifier: MIT
 *
 * Proposes values that are not in the space.
 */
#include "warpwright/plugin.h"

static ww_status
zoo_invent(struct ww_call *call, void *self, const struct ww_budget *budget,
           struct ww_config_sink *sink)
{
	const uint32_t row[64] = { UINT32_MAX };
	uint32_t i;

	(void)call;
	(void)self;
	for (i = 0; i < budget->want; i++)
		if (sink->push(sink, row, NULL) == WW_STOPPED)
			break;
	return WW_OK;
}

#define ZOO_NAME "invents"
#define ZOO_ASK zoo_invent
#include "tests/zoo/strategy.h"
