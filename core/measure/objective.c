/* SPDX-License-Identifier: MIT */
#include "core/measure/objective.h"

#include <string.h>

static const struct {
	const char *name;
	const char *unit;
} objectives[WW_N_OBJECTIVES] = {
	[WW_OBJECTIVE_TIME] = { "time", "ms" },
	[WW_OBJECTIVE_ENERGY] = { "energy", "mJ" },
	[WW_OBJECTIVE_EDP] = { "edp", "mJ ms" },
};

uint32_t
ww_objective_parse(const char *name)
{
	uint32_t i;

	for (i = 0; i < WW_N_OBJECTIVES; i++)
		if (strcmp(objectives[i].name, name) == 0)
			break;
	return i;
}

const char *
ww_objective_name(uint32_t objective)
{
	return objectives[objective].name;
}

const char *
ww_objective_unit(uint32_t objective)
{
	return objectives[objective].unit;
}
