/* SPDX-License-Identifier: MIT
 *
 * Results as a Gaussian process wants them: times of a kernel have a long slow
 * tail, which is of no interest but would be most of what there is to explain.
 */
#ifndef WW_PLUGINS_LEVELS_H
#define WW_PLUGINS_LEVELS_H

#include <stddef.h>

/* levels[i]: half where the objective would lie if their ranks were normal,
 * half its logarithm up to the upper quartile. INFINITY is a failure, as bad as
 * what most are better than. At least one objective is finite.
 * 0 if memory is short. */
int ww_levels_make(const double *objectives, size_t n, double *levels);

#endif
