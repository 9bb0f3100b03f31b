/* SPDX-License-Identifier: MIT
 *
 * Does not hear that it is cancelled.
 */
#include <time.h>

#include "warpwright/plugin.h"

static const struct ww_space *zoo_space;

static ww_status
zoo_dawdle(struct ww_call *call, void *self, const struct ww_budget *budget,
           struct ww_config_sink *sink)
{
	const struct timespec nap = { 0, 100000000 };
	uint32_t row[64];
	int i;

	(void)call;
	(void)self;
	(void)budget;
	if (zoo_space->at(zoo_space, budget->evaluations_used, row) == WW_OK)
		sink->push(sink, row, NULL);
	for (i = 0; i < 70 && budget->want > 1000; i++)
		nanosleep(&nap, NULL);
	return WW_OK;
}

#define ZOO_NAME "deaf"
#define ZOO_ASK zoo_dawdle
#define ZOO_IN_OPEN (zoo_space = space)
#include "tests/zoo/strategy.h"
