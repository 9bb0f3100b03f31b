/* SPDX-License-Identifier: MIT
 *
 * Percentile bootstrap over seeds, with a stream of its own so that the same
 * runs give the same intervals.
 */
#ifndef WW_CORE_BOOTSTRAP_H
#define WW_CORE_BOOTSTRAP_H

#include <stddef.h>
#include <stdint.h>

#define WW_RESAMPLES 400

/* A statistic of the seeds picked[0 … n-1] (with repetition). */
typedef double ww_statistic(void *context, const uint32_t *picked, uint32_t n);

/* The statistic over all seeds, and the 2.5th and 97.5th percentile of it over
 * resampled ones. NaN values of a resample are left out. */
void ww_bootstrap(ww_statistic *statistic, void *context, uint32_t n_seeds,
                  double *value, double *low, double *high);

#endif
