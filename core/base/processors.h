/* SPDX-License-Identifier: MIT
 *
 * How many processors this process may use: a batch system or `taskset` often
 * gives it a few of a large machine.
 */
#ifndef WW_CORE_PROCESSORS_H
#define WW_CORE_PROCESSORS_H

/* At least 1. */
int ww_processors(void);

#endif
