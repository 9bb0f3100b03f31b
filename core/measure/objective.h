/* SPDX-License-Identifier: MIT
 *
 * What a session minimises. The value of a trial is in the objective's unit;
 * samples are always times.
 */
#ifndef WW_CORE_OBJECTIVE_H
#define WW_CORE_OBJECTIVE_H

#include <stdbool.h>
#include <stdint.h>

#define WW_OBJECTIVE_TIME 0u   /* ms a launch */
#define WW_OBJECTIVE_ENERGY 1u /* mJ a launch */
#define WW_OBJECTIVE_EDP 2u    /* their product */
#define WW_N_OBJECTIVES 3u

/* WW_N_OBJECTIVES: no objective has this name. */
uint32_t ww_objective_parse(const char *name);
const char *ww_objective_name(uint32_t objective);
const char *ww_objective_unit(uint32_t objective);

#endif
